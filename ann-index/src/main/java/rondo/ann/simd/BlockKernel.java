package rondo.ann.simd;

import java.lang.foreign.MemorySegment;
import rondo.ann.store.NativeMemory;

/** Scores the sixteen rows of one block; an instance belongs to one searcher. */
public interface BlockKernel {
    /** Rows in a block. */
    int ROWS = 16;

    /**
     * Scores a block of {@code dimension × 16} floats, dimension by dimension.
     *
     * @param offset    bytes from the start of {@code blocks}.
     * @param threshold smallest score of interest.
     * @param scores    receives sixteen scores when the result is not 0.
     * @return bit i set when row i reaches the threshold.
     */
    int score(MemorySegment blocks, long offset, float[] query, int dimension, float threshold, float[] scores);

    /** The fastest kernel that this JVM has. */
    static BlockKernel of(boolean isDistance) {
        boolean hasVectors = Simd.isAvailable();
        if (isDistance) {
            return hasVectors ? new VectorDistanceKernel() : new ScalarKernel(true);
        }
        return hasVectors ? new VectorProductKernel() : new ScalarKernel(false);
    }

    /** Bytes of one block. */
    static long blockLength(int dimension) {
        return (long) dimension * ROWS * Float.BYTES;
    }

    /** Bytes from the start of the blocks to one value. */
    static long valueOffset(int dimension, int row, int d) {
        return (row / ROWS) * blockLength(dimension) + ((long) d * ROWS + row % ROWS) * Float.BYTES;
    }

    /** Address of one value. */
    static long address(NativeMemory memory, int dimension, int row, int d) {
        return memory.address() + valueOffset(dimension, row, d);
    }
}
