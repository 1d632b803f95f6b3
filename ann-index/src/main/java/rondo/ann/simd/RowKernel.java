package rondo.ann.simd;

import java.lang.foreign.MemorySegment;

/** Scores rows that lie anywhere. An instance belongs to one searcher. */
public interface RowKernel {
    /** Rows scored at once: their cache misses overlap, and their sums. */
    int TOGETHER = 4;

    /**
     * Scores {@link #TOGETHER} rows: inner products, or negative squared distances.
     *
     * @param rows    all rows.
     * @param offsets bytes from the start of {@code rows} to each; from {@code at} on.
     * @param query   {@code padded} floats; as many as {@link RowFormat#padded} says.
     * @param scores  receives the scores, from {@code at} on.
     */
    void score(MemorySegment rows, long[] offsets, float[] query, int padded, float[] scores, int at);

    /** The fastest kernel that this JVM has. */
    static RowKernel of(RowFormat format, boolean isDistance) {
        if (!Simd.isAvailable()) {
            return new ScalarRowKernel(format, isDistance);
        }
        return switch (format) {
            case FLOAT32 -> new VectorRowKernel(isDistance);
            case BFLOAT16 -> new VectorHalfRowKernel(isDistance);
        };
    }
}
