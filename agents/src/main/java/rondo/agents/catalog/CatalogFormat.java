package rondo.agents.catalog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import rondo.ann.partitioned.PartitionedVectorIndex;

/**
 * The file of a catalogue version, {@code catalog/<version>/catalog.rondo}.
 *
 * <pre>
 * little endian
 *  0  magic          8 bytes  "RONDOCAT"
 *  8  formatVersion  int32    1
 * 12  sectionCount   int32
 * then for each section
 *  0  code           int32    see Section
 *  4  crc32c         int32    over the section's bytes
 *  8  length         int64    bytes
 * 16  bytes
 *
 * META           version int64, itemCount int32, dimension int32
 * ITEM_IDS       int64 per item
 * TITLES         per item: length int32, UTF-8
 * CATEGORY_NAMES count int32, per name: length int32, UTF-8
 * CATEGORIES     int64 per item, bit c = category c
 * ATTRIBUTES     count int32, per column: name, kind uint8 (0 number, 1 text);
 *                number: float64 per item (NaN = absent); text: dictionary as CATEGORY_NAMES, then int32 per item (−1 = absent)
 * ITEM_VECTORS   float32 per item and dimension, row-major; absent without vectors
 * USERS          count int32, int64 per user
 * USER_VECTORS   float32 per user and dimension; absent without
 * HISTORIES      userCount int32, per user: id int64, count int32, row int32 each, oldest first
 * VECTOR_INDEX   empty: item vectors lie in the index file beside this one, row by row; absent with ITEM_VECTORS
 * ITEM_TO_ITEM   itemCount int32, pairCount int32, starts int32 × (itemCount+1), targets int32, weights float32, bias float32; absent without
 * </pre>
 *
 * A reader refuses another magic, a newer format, a section that ends beyond the file or whose bytes do not give its checksum, and what {@link Catalog}
 * cannot be made of.
 */
final class CatalogFormat {
    static final String FILE_NAME = "catalog.rondo";

    /** The index over the item vectors, where there are too many to compare all with each query. */
    static final String INDEX_NAME = "vectors.index";

    /** Threads that build and measure an index. */
    static final int BUILD_THREADS = Runtime.getRuntime().availableProcessors();

    private static final byte[] MAGIC = {'R', 'O', 'N', 'D', 'O', 'C', 'A', 'T'};
    private static final int FORMAT_VERSION = 1;
    private static final int FILE_HEADER_LENGTH = 16;
    private static final int SECTION_HEADER_LENGTH = 16;
    private static final int PIECE_LENGTH = 1 << 20;

    enum Section {
        META(1),
        ITEM_IDS(2),
        TITLES(3),
        CATEGORY_NAMES(4),
        CATEGORIES(5),
        ATTRIBUTES(6),
        ITEM_VECTORS(7),
        USERS(8),
        USER_VECTORS(9),
        HISTORIES(10),
        ITEM_TO_ITEM(11),
        VECTOR_INDEX(12);

        final int code;

        Section(int code) {
            this.code = code;
        }
    }

    private CatalogFormat() {}

    /**
     * Writes a new version or nothing: into a directory beside it whose name is no version, forced, renamed, and the parent forced. A process that dies
     * half-way leaves that directory behind, which no reader takes for a version.
     */
    static void write(Path directory, Map<Section, ByteBuffer> sections, @Nullable PartitionedVectorIndex index)
            throws IOException {
        if (Files.exists(directory)) {
            throw new FileAlreadyExistsException(
                    directory.toString(), null, "a catalogue version is written once and never changed");
        }
        Path parent = Objects.requireNonNull(directory.toAbsolutePath().getParent());
        Files.createDirectories(parent);
        Path temporary = Files.createTempDirectory(parent, ".tmp-");
        // One level deeper, because the temporary directory itself is closed to other users and the version must not
        // be.
        Path made = temporary.resolve(directory.getFileName());
        try {
            Files.createDirectory(made);
            writeFile(made.resolve(FILE_NAME), sections);
            if (index != null) {
                index.save(made.resolve(INDEX_NAME), BUILD_THREADS);
            }
            force(made);
            Files.move(made, directory, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(made.resolve(FILE_NAME));
            Files.deleteIfExists(made.resolve(INDEX_NAME));
            Files.deleteIfExists(made);
            Files.deleteIfExists(temporary);
        }
        force(parent);
    }

    private static void writeFile(Path file, Map<Section, ByteBuffer> sections) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer head = ByteBuffer.allocate(FILE_HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            head.put(MAGIC).putInt(FORMAT_VERSION).putInt(sections.size()).flip();
            writeFully(channel, head);
            for (Map.Entry<Section, ByteBuffer> section : sections.entrySet()) {
                ByteBuffer bytes = section.getValue();
                CRC32C crc = new CRC32C();
                crc.update(bytes.duplicate());
                ByteBuffer header = ByteBuffer.allocate(SECTION_HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
                header.putInt(section.getKey().code)
                        .putInt((int) crc.getValue())
                        .putLong(bytes.remaining())
                        .flip();
                writeFully(channel, header);
                writeFully(channel, bytes.duplicate());
            }
            channel.force(true);
        }
    }

    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** In pieces, because the channel copies a heap buffer into a direct one of its size. */
    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        int end = bytes.limit();
        while (bytes.position() < end) {
            bytes.limit(Math.min(end, bytes.position() + PIECE_LENGTH));
            channel.write(bytes);
        }
    }

    /** Reads and checks every section; each buffer is little endian and starts at its first byte. */
    static Map<Section, ByteBuffer> read(Path directory) throws IOException {
        Path file = directory.resolve(FILE_NAME);
        Map<Section, ByteBuffer> sections = new EnumMap<>(Section.class);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer head = readAt(channel, file, 0, FILE_HEADER_LENGTH);
            byte[] magic = new byte[MAGIC.length];
            head.get(magic);
            if (!Arrays.equals(magic, MAGIC)) {
                throw new IOException(
                        file + ": is not a catalogue: offset=0, expected=RONDOCAT, found=" + Arrays.toString(magic));
            }
            int version = head.getInt();
            if (version != FORMAT_VERSION) {
                throw new IOException(
                        file + ": unknown format: offset=8, expected=" + FORMAT_VERSION + ", found=" + version);
            }
            int count = head.getInt();
            long at = FILE_HEADER_LENGTH;
            for (int i = 0; i < count; i++) {
                ByteBuffer header = readAt(channel, file, at, SECTION_HEADER_LENGTH);
                int code = header.getInt();
                int expected = header.getInt();
                long length = header.getLong();
                if (length < 0 || length > Integer.MAX_VALUE || at + SECTION_HEADER_LENGTH + length > channel.size()) {
                    throw new IOException(file + ": a section ends beyond the file: offset=" + at + ", section=" + code
                            + ", length=" + length + ", fileLength=" + channel.size());
                }
                ByteBuffer bytes = readAt(channel, file, at + SECTION_HEADER_LENGTH, (int) length);
                CRC32C crc = new CRC32C();
                crc.update(bytes.duplicate());
                if ((int) crc.getValue() != expected) {
                    throw new IOException(file + ": a section is damaged: offset=" + at + ", section=" + code
                            + ", expected crc32c=" + Integer.toHexString(expected) + ", found="
                            + Integer.toHexString((int) crc.getValue()));
                }
                if (sections.put(section(file, at, code), bytes) != null) {
                    throw new IOException(file + ": a section occurs twice: offset=" + at + ", section=" + code);
                }
                at += SECTION_HEADER_LENGTH + length;
            }
            if (at != channel.size()) {
                throw new IOException(file + ": the file goes on behind its last section: offset=" + at
                        + ", fileLength=" + channel.size());
            }
        }
        return sections;
    }

    private static Section section(Path file, long at, int code) throws IOException {
        for (Section section : Section.values()) {
            if (section.code == code) {
                return section;
            }
        }
        throw new IOException(file + ": unknown section: offset=" + at + ", found=" + code);
    }

    private static ByteBuffer readAt(FileChannel channel, Path file, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.position() < length) {
            bytes.limit(Math.min(length, bytes.position() + PIECE_LENGTH));
            int count = channel.read(bytes, offset + bytes.position());
            if (count < 0) {
                throw new IOException(file + ": is cut short: offset=" + (offset + bytes.position())
                        + ", expected bytes=" + (length - bytes.position()) + ", found=0");
            }
        }
        return bytes.flip();
    }
}
