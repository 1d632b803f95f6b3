package rondo.tools.imports;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.agrona.collections.LongArrayList;
import org.agrona.collections.LongHashSet;
import org.jspecify.annotations.Nullable;
import rondo.tools.data.InputFile;

/** The ids that vectors belong to, in their order: text with one whole number a line, or ivecs, whose records follow one another. */
final class IdFile {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final LongArrayList ids = new LongArrayList();
    private final LongHashSet distinct = new LongHashSet();

    private IdFile() {}

    /** @throws IOException for what is no id, and for one that occurs twice. */
    static long[] read(Path file) throws IOException {
        String type = InputFile.type(file);
        IdFile read = new IdFile();
        switch (type) {
            case "txt", "txt.gz" -> read.text(file);
            case "ivecs" -> read.ivecs(file);
            default -> throw InputFile.unknownType(file, type, "txt, txt.gz, ivecs");
        }
        return read.ids.toLongArray();
    }

    private void text(Path file) throws IOException {
        try (TextFile text = new TextFile(file)) {
            for (@Nullable String line = text.nextLine(); line != null; line = text.nextLine()) {
                try {
                    add(Long.parseLong(line), text.where());
                } catch (NumberFormatException e) {
                    throw new IOException(text.where() + ": an id is a whole number: id=" + line, e);
                }
            }
        }
    }

    private void ivecs(Path file) throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            long length = bytes.byteSize();
            long at = 0;
            while (at < length) {
                long left = (length - at) / Integer.BYTES - 1;
                int count = left < 0 ? 0 : bytes.get(INT, at);
                if (count < 1 || count > left) {
                    throw new IOException(file + ": a record ends beyond the file: offset=" + at + ", ids=" + count
                            + ", found=" + Math.max(0, left));
                }
                at += Integer.BYTES;
                for (int i = 0; i < count; i++, at += Integer.BYTES) {
                    add(bytes.get(INT, at), file.toString());
                }
            }
        }
    }

    private void add(long id, String where) throws IOException {
        if (!distinct.add(id)) {
            throw new IOException(where + ": an id occurs twice: index=" + ids.size() + ", id=" + id);
        }
        ids.addLong(id);
    }
}
