package rondo.ann.simd;

import java.lang.foreign.MemorySegment;
import rondo.ann.HotPath;

/** The reference of the other row kernels, and what runs where there is no Vector API. */
final class ScalarRowKernel implements RowKernel {
    private final RowFormat format;
    private final boolean isDistance;

    ScalarRowKernel(RowFormat format, boolean isDistance) {
        this.format = format;
        this.isDistance = isDistance;
    }

    @Override
    @HotPath
    public void score(MemorySegment rows, long[] offsets, float[] query, int padded, float[] scores, int at) {
        for (int i = at; i < at + TOGETHER; i++) {
            long row = rows.address() + offsets[i];
            float sum = 0f;
            for (int d = 0; d < padded; d++) {
                float value = format.get(row, d);
                sum = isDistance ? sum - (value - query[d]) * (value - query[d]) : sum + value * query[d];
            }
            scores[i] = sum;
        }
    }
}
