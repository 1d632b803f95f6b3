package rondo.ann.simd;

import java.lang.foreign.MemorySegment;

/**
 * Scores rows that lie anywhere, each of them whole cache lines: floats in order, then zeros. An instance belongs to one searcher.
 */
public interface RowKernel {
    /** Rows scored at once: their cache misses overlap, and their sums. */
    int TOGETHER = 4;

    /** Floats in a cache line. */
    int LINE = 16;

    /** Floats that a row takes, and a query. */
    static int padded(int dimension) {
        return (dimension + LINE - 1) / LINE * LINE;
    }

    /** Bytes of a row. */
    static long rowLength(int dimension) {
        return (long) padded(dimension) * Float.BYTES;
    }

    /**
     * Scores {@link #TOGETHER} rows: inner products, or negative squared distances.
     *
     * @param rows    all rows.
     * @param offsets bytes from the start of {@code rows} to each; from {@code at} on.
     * @param query   {@code padded} floats.
     * @param scores  receives the scores, from {@code at} on.
     */
    void score(MemorySegment rows, long[] offsets, float[] query, int padded, float[] scores, int at);

    /** The fastest kernel that this JVM has. */
    static RowKernel of(boolean isDistance) {
        return Simd.isAvailable() ? new VectorRowKernel(isDistance) : new ScalarRowKernel(isDistance);
    }
}
