package rondo.tools.index;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import rondo.kernel.cli.UsageException;

/**
 * Memory that work takes at most.
 *
 * @param heapLength   bytes on the heap.
 * @param nativeLength bytes beside it.
 */
record MemoryNeed(long heapLength, long nativeLength) {
    /**
     * Memory that there is.
     *
     * @param heapLength bytes that the heap may grow to.
     * @param freeLength bytes that this machine or container has for all of it.
     */
    record Limit(long heapLength, long freeLength) {
        static Limit here() {
            long total = ManagementFactory.getOperatingSystemMXBean()
                            instanceof com.sun.management.OperatingSystemMXBean system
                    ? system.getTotalMemorySize()
                    : Long.MAX_VALUE;
            return new Limit(Runtime.getRuntime().maxMemory(), Math.min(total, available()));
        }

        /** What the kernel would give without swapping; without end where it does not say. */
        private static long available() {
            try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
                return lines.filter(line -> line.startsWith("MemAvailable:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                        .findFirst()
                        .orElse(Long.MAX_VALUE);
            } catch (IOException | RuntimeException e) {
                return Long.MAX_VALUE;
            }
        }
    }

    MemoryNeed plus(long heap, long beside) {
        return new MemoryNeed(heapLength + heap, nativeLength + beside);
    }

    /**
     * Refuses what does not fit.
     *
     * @param whose what the work is on.
     */
    void require(Limit limit, String whose) {
        if (heapLength > limit.heapLength()) {
            throw new UsageException(String.format(
                    Locale.ROOT,
                    "%s: the work takes up to %d MB on the heap, which has no more than %d MB; RONDO_OPTS=-Xmx%dg gives it enough",
                    whose,
                    megabytes(heapLength),
                    megabytes(limit.heapLength()),
                    (heapLength >> 30) + 1));
        }
        if (heapLength + nativeLength > limit.freeLength()) {
            throw new UsageException(String.format(
                    Locale.ROOT,
                    "%s: the work takes up to %d MB of memory, and only %d MB are free",
                    whose,
                    megabytes(heapLength + nativeLength),
                    megabytes(limit.freeLength())));
        }
    }

    private static long megabytes(long length) {
        return (length + 999_999) / 1_000_000;
    }

    @Override
    public String toString() {
        return megabytes(heapLength + nativeLength) + " MB, " + megabytes(heapLength) + " MB of them on the heap";
    }
}
