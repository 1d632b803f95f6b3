package rondo.ann.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file of numbered sections, written once and whole, in which no flipped bit and no missing byte goes unnoticed.
 *
 * <pre>
 * little endian; what follows begins at a multiple of 64 bytes, zeros between
 *  0  magic          8 bytes  "RONDOANN"
 *  8  formatVersion  int32    1
 * 12  blockLength    int32    65,536
 * then the bytes of each section
 * then for each section
 *  0  code           int64
 *  8  offset         int64
 * 16  length         int64    bytes
 * then crc32c int32 for each block of all that is before; the last block may be shorter
 * then the footer, with which the file ends
 *  0  sectionsOffset int64
 *  8  sectionCount   int32
 * 12  blockCount     int32
 * 16  checksOffset   int64
 * 24  checksCrc      int32    crc32c of the blocks' checks
 * 28  formatVersion  int32
 * 32  magic          8 bytes
 * 40  footerCrc      int32    crc32c of the footer so far
 * 44  zero           int32
 * </pre>
 */
public final class IndexFile {
    private static final byte[] MAGIC = {'R', 'O', 'N', 'D', 'O', 'A', 'N', 'N'};

    /** The format that is written, and the only one that is read. */
    public static final int FORMAT_VERSION = 1;

    private static final int BLOCK_LENGTH = 1 << 16;
    private static final int ALIGNMENT = 64;
    private static final int SECTION_LENGTH = 24;
    private static final int FOOTER_LENGTH = 48;
    private static final int FOOTER_CHECKED = 40;
    private static final int SECTIONS_MAX = 1_000;

    /** No section has this code. */
    private static final long NONE = -1;

    private IndexFile() {}

    /** A run of bytes under a number that says what they are. */
    public record Section(long code, MemorySegment bytes) {}

    /**
     * Writes a file or nothing: beside it under another name, forced, renamed, and the folder forced.
     *
     * @throws IOException when it cannot be written; what was at {@code file} is still there.
     */
    public static void write(Path file, List<Section> sections) throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        // Not a temporary file of the JDK's, which other users cannot read.
        Path temporary = folder.resolve(
                ".tmp-" + ProcessHandle.current().pid() + "-" + Objects.requireNonNull(file.getFileName()));
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                new Writer(channel).write(sections);
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static ByteBuffer direct(int length) {
        return ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static final class Writer {
        private final FileChannel channel;
        private final ByteBuffer block = direct(BLOCK_LENGTH);
        private final CRC32C crc = new CRC32C();
        private ByteBuffer checks = ByteBuffer.allocate(BLOCK_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        private long written;

        Writer(FileChannel channel) {
            this.channel = channel;
        }

        void write(List<Section> sections) throws IOException {
            put(ByteBuffer.allocate(16)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(MAGIC)
                    .putInt(FORMAT_VERSION)
                    .putInt(BLOCK_LENGTH)
                    .flip());
            ByteBuffer table =
                    ByteBuffer.allocate(SECTION_LENGTH * sections.size()).order(ByteOrder.LITTLE_ENDIAN);
            for (Section section : sections) {
                align();
                table.putLong(section.code())
                        .putLong(written)
                        .putLong(section.bytes().byteSize());
                put(section.bytes());
            }
            align();
            long sectionsOffset = written;
            put(table.flip());
            align();
            if (block.position() > 0) {
                flush();
            }
            checks.flip();
            ByteBuffer footer = ByteBuffer.allocate(FOOTER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            footer.putLong(sectionsOffset)
                    .putInt(sections.size())
                    .putInt(checks.limit() / Integer.BYTES)
                    .putLong(written)
                    .putInt(crc32c(checks))
                    .putInt(FORMAT_VERSION)
                    .put(MAGIC);
            footer.putInt(crc32c(footer.duplicate().flip())).putInt(0).flip();
            writeFully(checks);
            writeFully(footer);
        }

        private void align() throws IOException {
            put(ByteBuffer.allocate((int) (-written & (ALIGNMENT - 1))));
        }

        private void put(ByteBuffer bytes) throws IOException {
            put(MemorySegment.ofBuffer(bytes));
        }

        private void put(MemorySegment bytes) throws IOException {
            MemorySegment into = MemorySegment.ofBuffer(block.duplicate().clear());
            long at = 0;
            while (at < bytes.byteSize()) {
                int length = (int) Math.min(block.remaining(), bytes.byteSize() - at);
                MemorySegment.copy(bytes, at, into, block.position(), length);
                block.position(block.position() + length);
                at += length;
                written += length;
                if (!block.hasRemaining()) {
                    flush();
                }
            }
        }

        private void flush() throws IOException {
            block.flip();
            if (!checks.hasRemaining()) {
                checks = ByteBuffer.allocate(2 * checks.capacity())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(checks.flip());
            }
            checks.putInt(crc32c(block));
            writeFully(block);
            block.clear();
        }

        private int crc32c(ByteBuffer bytes) {
            crc.reset();
            crc.update(bytes.duplicate());
            return (int) crc.getValue();
        }

        private void writeFully(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    /**
     * Reads every section into memory of its own, checking every byte.
     *
     * @param sections receives them by code; the caller closes what is there when this returns or throws.
     * @throws IOException naming file, offset, expected and found, when the file is cut short, damaged, of another kind or of a newer format.
     */
    public static void read(Path file, Map<Long, NativeMemory> sections) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            new Reader(file, channel).read(sections, NONE);
        }
    }

    /** A section that was left in its file, which the caller closes. */
    public record LeftSection(SharedFile file, long offset, long length) {}

    /** As {@link #read}, but leaves one section in the file, checked like the others. */
    public static LeftSection readAllBut(long code, Path file, Map<Long, NativeMemory> sections) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            SharedFile shared = SharedFile.open(file);
            try {
                Reader reader = new Reader(file, channel);
                Place left = reader.read(sections, code);
                if (left == null) {
                    throw new IOException(file + ": a section is missing: section=" + code);
                }
                reader.requireSame(shared);
                return new LeftSection(shared, left.offset(), left.length());
            } catch (IOException | RuntimeException | Error e) {
                shared.close();
                throw e;
            }
        }
    }

    /** @param memory where the bytes go; null when they stay. */
    private record Place(long offset, long length, @Nullable NativeMemory memory) {
        long end() {
            return offset + length;
        }

        /** Takes what belongs to it of some bytes that lie so far in the file. */
        void copy(MemorySegment bytes, long at, int count) {
            long from = Math.max(at, offset);
            long to = Math.min(at + count, end());
            if (memory != null && from < to) {
                MemorySegment.copy(bytes, from - at, memory.segment(), from - offset, to - from);
            }
        }
    }

    private static final class Reader {
        private final Path file;
        private final FileChannel channel;
        private final CRC32C crc = new CRC32C();

        Reader(Path file, FileChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        /** Returns the section that was left. */
        @Nullable
        Place read(Map<Long, NativeMemory> sections, long left) throws IOException {
            long length = channel.size();
            if (length < 16 + FOOTER_LENGTH) {
                throw new IOException(file + ": the file is cut short: bytes=" + length + ", expected at least="
                        + (16 + FOOTER_LENGTH));
            }
            checkHeader();
            ByteBuffer footer = readAt(length - FOOTER_LENGTH, FOOTER_LENGTH);
            byte[] magic = new byte[MAGIC.length];
            footer.get(32, magic);
            if (!Arrays.equals(magic, MAGIC)) {
                throw new IOException(
                        file + ": the file does not end with its footer, it is cut short or was added to: offset="
                                + (length - FOOTER_LENGTH + 32) + ", bytes=" + length);
            }
            checkCrc("footer", length - FOOTER_LENGTH, footer.getInt(FOOTER_CHECKED), footer.slice(0, FOOTER_CHECKED));
            if (footer.getInt(44) != 0) {
                throw new IOException(
                        file + ": damaged footer: offset=" + (length - 4) + ", expected=0, found=" + footer.getInt(44));
            }
            long sectionsOffset = footer.getLong(0);
            int sectionCount = footer.getInt(8);
            int blockCount = footer.getInt(12);
            long checksOffset = footer.getLong(16);
            if (checksOffset + (long) blockCount * Integer.BYTES + FOOTER_LENGTH != length
                    || (checksOffset + BLOCK_LENGTH - 1) / BLOCK_LENGTH != blockCount
                    || sectionCount < 0
                    || sectionCount > SECTIONS_MAX
                    || sectionsOffset < 0
                    || sectionsOffset + (long) sectionCount * SECTION_LENGTH > checksOffset) {
                throw new IOException(file + ": the footer does not fit the file: bytes=" + length + ", checksOffset="
                        + checksOffset + ", blockCount=" + blockCount + ", sectionsOffset=" + sectionsOffset
                        + ", sectionCount=" + sectionCount);
            }
            ByteBuffer checks = readAt(checksOffset, blockCount * Integer.BYTES);
            checkCrc("table of checks", checksOffset, footer.getInt(24), checks);
            Place[] places = places(sectionsOffset, sectionCount, checksOffset, sections, left);
            readBlocks(places, checks, checksOffset);
            return Arrays.stream(places)
                    .filter(place -> place.memory() == null)
                    .findFirst()
                    .orElse(null);
        }

        /** Whether a file that was opened by the same name is the one that was read: its footer holds a check of all checks. */
        void requireSame(SharedFile other) throws IOException {
            long at = channel.size() - FOOTER_LENGTH;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment footer = arena.allocate(FOOTER_LENGTH);
                other.read(at, footer.address(), FOOTER_LENGTH);
                if (footer.mismatch(MemorySegment.ofBuffer(readAt(at, FOOTER_LENGTH))) >= 0) {
                    throw new IOException(file + ": the file was replaced while it was opened");
                }
            } catch (UncheckedIOException e) {
                throw new IOException(file + ": the file was replaced while it was opened", e);
            }
        }

        private void checkHeader() throws IOException {
            ByteBuffer header = readAt(0, 16);
            byte[] magic = new byte[MAGIC.length];
            header.get(magic);
            if (!Arrays.equals(magic, MAGIC)) {
                throw new IOException(file + ": this is no index file: offset=0, expected=RONDOANN");
            }
            int version = header.getInt();
            if (version != FORMAT_VERSION) {
                throw new IOException(file + ": the file is of another format: offset=8, expected=" + FORMAT_VERSION
                        + ", found=" + version);
            }
        }

        /** Where the bytes of each section go. The table may still be damaged; its block's check comes when that is read. */
        private Place[] places(long offset, int count, long end, Map<Long, NativeMemory> sections, long left)
                throws IOException {
            ByteBuffer table = readAt(offset, count * SECTION_LENGTH);
            Place[] places = new Place[count];
            long before = 0;
            for (int i = 0; i < count; i++) {
                long code = table.getLong();
                long at = table.getLong();
                long length = table.getLong();
                if (at < before || length < 0 || at > end || length > end - at || sections.containsKey(code)) {
                    throw new IOException(
                            file + ": damaged table of sections: offset=" + (offset + (long) i * SECTION_LENGTH)
                                    + ", code=" + code + ", sectionOffset=" + at + ", sectionLength=" + length
                                    + ", expected within=" + before + " … " + end);
                }
                before = at + length;
                NativeMemory memory = null;
                if (code != left) {
                    memory = new NativeMemory(length);
                    sections.put(code, memory);
                }
                places[i] = new Place(at, length, memory);
            }
            return places;
        }

        private void readBlocks(Place[] places, ByteBuffer checks, long end) throws IOException {
            ByteBuffer block = direct(BLOCK_LENGTH);
            MemorySegment bytes = MemorySegment.ofBuffer(block.duplicate());
            int place = 0;
            for (long at = 0; at < end; at += BLOCK_LENGTH) {
                int length = (int) Math.min(BLOCK_LENGTH, end - at);
                block.clear().limit(length);
                fill(block, at);
                checkCrc("block", at, checks.getInt(), block.flip());
                // Sections lie in order: those before this one are whole.
                while (place < places.length && places[place].end() <= at) {
                    place++;
                }
                for (int p = place; p < places.length && places[p].offset() < at + length; p++) {
                    places[p].copy(bytes, at, length);
                }
            }
        }

        private void checkCrc(String what, long offset, int expected, ByteBuffer bytes) throws IOException {
            crc.reset();
            crc.update(bytes.duplicate());
            if ((int) crc.getValue() != expected) {
                throw new IOException(String.format(
                        Locale.ROOT,
                        "%s: damaged %s: offset=%d, bytes=%d, expected crc32c=%08x, found=%08x",
                        file,
                        what,
                        offset,
                        bytes.remaining(),
                        expected,
                        (int) crc.getValue()));
            }
        }

        private ByteBuffer readAt(long offset, int length) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
            fill(bytes, offset);
            return bytes.flip();
        }

        private void fill(ByteBuffer bytes, long offset) throws IOException {
            int start = bytes.position();
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, offset + bytes.position() - start) < 0) {
                    throw new IOException(file + ": the file is cut short: offset="
                            + (offset + bytes.position() - start) + ", bytes missing=" + bytes.remaining());
                }
            }
        }
    }
}
