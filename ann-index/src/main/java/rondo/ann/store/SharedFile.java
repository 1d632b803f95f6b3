package rondo.ann.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import rondo.ann.HotPath;

/**
 * A file that any number of threads read by position, into native memory. A {@link java.nio.channels.FileChannel} is closed for all when one of its
 * threads is interrupted; a mapped file ends the process when somebody truncates it. Here a read fails, and says where.
 */
public final class SharedFile implements AutoCloseable {
    private static final int READ_ONLY = 0;
    private static final int CLOSE_ON_EXEC = 0x80000;

    /** The calls of the system's library. */
    private record Calls(MethodHandle open, MethodHandle read, MethodHandle close) {
        static final Calls ALL = find();

        private static Calls find() {
            Linker linker = Linker.nativeLinker();
            return new Calls(
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("open"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                            Linker.Option.firstVariadicArg(2)),
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("pread"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG)),
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("close"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)));
        }
    }

    private final Path file;
    private final int descriptor;
    private boolean isClosed;

    private SharedFile(Path file, int descriptor) {
        this.file = file;
        this.descriptor = descriptor;
    }

    /** @throws IOException when the file cannot be opened to be read. */
    public static SharedFile open(Path file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(file.toAbsolutePath().toString());
            int descriptor = (int) Calls.ALL.open().invokeExact(path, READ_ONLY | CLOSE_ON_EXEC);
            if (descriptor < 0) {
                throw new IOException(file + ": the file cannot be opened");
            }
            return new SharedFile(file, descriptor);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("open could not be called", e);
        }
    }

    /**
     * Reads bytes; any thread, not after {@link #close}.
     *
     * @param to native address that has room for them.
     * @throws UncheckedIOException naming file and offset when there are fewer, or they cannot be read.
     */
    @HotPath
    public void read(long offset, long to, long length) {
        long done = 0;
        while (done < length) {
            long count = readOnce(offset + done, to + done, length - done);
            if (count <= 0) {
                throw new UncheckedIOException(new IOException(file
                        + (count == 0 ? ": the file was cut short while it was open" : ": the file cannot be read")
                        + ": offset=" + (offset + done) + ", bytes missing=" + (length - done)));
            }
            done += count;
        }
    }

    private long readOnce(long offset, long to, long length) {
        try {
            return (long) Calls.ALL.read().invokeExact(descriptor, to, length, offset);
        } catch (Throwable e) {
            throw new IllegalStateException("pread could not be called", e);
        }
    }

    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        try {
            int ignored = (int) Calls.ALL.close().invokeExact(descriptor);
        } catch (Throwable e) {
            throw new IllegalStateException("close could not be called", e);
        }
    }
}
