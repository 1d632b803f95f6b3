package rondo.ann.partitioned;

import rondo.ann.simd.RowFormat;

/**
 * The most memory that building an index takes beside the rows it is given: known before it starts, so that a build that cannot end need not begin.
 *
 * @param heapLength   bytes on the heap.
 * @param nativeLength bytes beside it; nearly all of them are the index.
 */
public record BuildMemory(long heapLength, long nativeLength) {
    /** Lengths, scales, cells, worths, squares, sort keys, ids, terms and bounds. */
    private static final long ROW_LENGTH = 60;

    /** What each thread remembers of a row while plans are fitted: the search that found it, and a bit of a filter. */
    private static final long THREAD_ROW_LENGTH = 5;

    /** Values of the sample that the coder is trained on: {@link ResidualCoder} takes no more, but a thousand rows at least. */
    private static final long SAMPLE_VALUES = 8_000_000;

    private static final long SAMPLE_ROWS = 1_000;

    /** Of each value of the sample: residual and direction in double, a coordinate in float. */
    private static final long SAMPLE_VALUE_LENGTH = 8 + 8 + 4;

    /** Matrices of dimension × dimension doubles that are there at a time. */
    private static final long SQUARES = 20;

    /** Bytes of a row's codes, two in each. */
    private static final int CODE_LENGTH_MAX = 64;

    /** Probes and their nearest rows; what searchers and a busy JVM have. */
    private static final long FIXED_LENGTH = 48L << 20;

    /** Native blocks begin at a huge page. */
    private static final long ALIGNMENT_LENGTH = 16L << 20;

    /** What a build of {@code count} rows takes at most. */
    public static BuildMemory of(int count, int dimension, RowFormat rowFormat, int threads) {
        long values = (long) count * dimension;
        long sampled = Math.min(values, Math.max(SAMPLE_ROWS * dimension, SAMPLE_VALUES));
        // There are at most as many cells as four times the square root.
        long centres = (4L * (long) Math.sqrt(count) + 64) * dimension;
        long square = (long) dimension * dimension;
        long heap = FIXED_LENGTH
                + count * (ROW_LENGTH + threads * THREAD_ROW_LENGTH)
                + sampled * SAMPLE_VALUE_LENGTH
                + SQUARES * square * Double.BYTES
                // Centres and means in float, two sets of sums in double.
                + centres * (2 * Float.BYTES + 2 * Double.BYTES);
        long beside = ALIGNMENT_LENGTH
                + count * (rowFormat.rowLength(dimension) + Math.min(CODE_LENGTH_MAX, (dimension + 1) / 2))
                + 3 * centres * Float.BYTES
                + 2 * square * Float.BYTES;
        return new BuildMemory(heap, beside);
    }
}
