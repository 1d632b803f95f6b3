package rondo.ann.simd;

import java.lang.foreign.MemorySegment;
import org.agrona.UnsafeApi;
import rondo.ann.HotPath;

/** The reference of the vector kernels, and what runs where there is no Vector API. */
final class ScalarKernel implements BlockKernel {
    private final boolean isDistance;

    ScalarKernel(boolean isDistance) {
        this.isDistance = isDistance;
    }

    @Override
    @HotPath
    public int score(MemorySegment blocks, long offset, float[] query, int dimension, float threshold, float[] scores) {
        long base = blocks.address() + offset;
        int mask = 0;
        for (int row = 0; row < ROWS; row++) {
            float sum = 0f;
            for (int d = 0; d < dimension; d++) {
                float value = UnsafeApi.getFloat(base + ((long) d * ROWS + row) * Float.BYTES);
                sum = isDistance ? sum - (value - query[d]) * (value - query[d]) : sum + value * query[d];
            }
            scores[row] = sum;
            if (sum >= threshold) {
                mask |= 1 << row;
            }
        }
        return mask;
    }
}
