package rondo.ann.partitioned;

import org.agrona.UnsafeApi;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;
import rondo.ann.store.NativeMemory;
import rondo.ann.store.SharedFile;

/** An index's rows beside each other: in memory, or in a file that is read row by row. Immutable once they are written. */
final class RowStore implements AutoCloseable {
    private final @Nullable NativeMemory memory;
    private final @Nullable SharedFile file;

    /** Of row 0: an address, or bytes from the start of the file. */
    private final long start;

    private final long rowLength;

    private RowStore(@Nullable NativeMemory memory, @Nullable SharedFile file, long start, long rowLength) {
        this.memory = memory;
        this.file = file;
        this.start = start;
        this.rowLength = rowLength;
    }

    static RowStore of(NativeMemory memory, long rowLength) {
        return new RowStore(memory, null, memory.address(), rowLength);
    }

    static RowStore of(SharedFile file, long offset, long rowLength) {
        return new RowStore(null, file, offset, rowLength);
    }

    boolean isInMemory() {
        return memory != null;
    }

    /** Where a row lies, when rows are in memory. */
    @HotPath
    long address(int row) {
        return start + row * rowLength;
    }

    /**
     * Puts a row where there is room for it.
     *
     * @throws java.io.UncheckedIOException when rows are in a file that was cut short.
     */
    @HotPath
    void load(int row, long to) {
        if (file != null) {
            file.read(start + row * rowLength, to, rowLength);
        } else {
            UnsafeApi.copyMemory(address(row), to, rowLength);
        }
    }

    /** The memory they are in. */
    NativeMemory memory() {
        if (memory == null) {
            throw new IllegalStateException("the rows are in a file");
        }
        return memory;
    }

    /** Bytes of memory. */
    long length() {
        return memory == null ? 0 : memory.length();
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
        if (file != null) {
            file.close();
        }
    }
}
