package rondo.ann.store;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.agrona.UnsafeApi;
import org.jspecify.annotations.Nullable;

/**
 * A zeroed block of native memory with one owner, who closes it when nobody can read it any more. It is seen through an unbounded segment of the
 * global scope, so that access costs no liveness check and closing stalls no thread.
 */
public final class NativeMemory implements AutoCloseable {
    /** All memory there is: its offsets are addresses. For kernels that read rows of several blocks. */
    public static final MemorySegment EVERYWHERE = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final long HUGE_PAGE_LENGTH = 2L << 20;
    private static final int MADV_HUGEPAGE = 14;
    private static final @Nullable MethodHandle MADVISE = madvise();

    private final long allocation;
    private final long address;
    private final long length;
    private final MemorySegment segment;
    private boolean isClosed;

    /** @param length bytes; aligned to a cache line, or to a huge page when it holds one. */
    public NativeMemory(long length) {
        long alignment = length >= HUGE_PAGE_LENGTH ? HUGE_PAGE_LENGTH : 64;
        this.length = length;
        this.allocation = UnsafeApi.allocateMemory(Math.max(1, length) + alignment);
        this.address = (allocation + alignment - 1) & -alignment;
        this.segment = MemorySegment.ofAddress(address).reinterpret(Math.max(1, length));
        if (alignment == HUGE_PAGE_LENGTH) {
            adviseHugePages();
        }
        segment.fill((byte) 0);
    }

    private static @Nullable MethodHandle madvise() {
        try {
            Linker linker = Linker.nativeLinker();
            return linker.defaultLookup()
                    .find("madvise")
                    .map(symbol -> linker.downcallHandle(
                            symbol,
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT)))
                    .orElse(null);
        } catch (RuntimeException | LinkageError e) {
            return null;
        }
    }

    /** Advice only: without it, or where the host refuses, everything works on small pages. */
    private void adviseHugePages() {
        if (MADVISE == null) {
            return;
        }
        try {
            int ignored = (int) MADVISE.invokeExact(segment, length, MADV_HUGEPAGE);
        } catch (Throwable e) {
            throw new IllegalStateException("madvise could not be called", e);
        }
    }

    /** Bytes. */
    public long length() {
        return length;
    }

    /** Its first byte. */
    public long address() {
        return address;
    }

    /** The whole block; not bounded by this object's life, so it must not outlive {@link #close()}. */
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            UnsafeApi.freeMemory(allocation);
        }
    }
}
