package rondo.ann.simd;

import rondo.ann.HotPath;

/** The reference of {@link VectorEntryKernel}, and what runs where there is no Vector API. */
final class ScalarEntryKernel implements EntryKernel {
    @Override
    @HotPath
    public void entries(float[] levels, int from, int to, float[] query, float[] out, int at, float[] range) {
        range[0] = Float.POSITIVE_INFINITY;
        range[1] = Float.NEGATIVE_INFINITY;
        for (int level = 0; level < LEVELS; level++) {
            float sum = 0f;
            for (int c = from; c < to; c++) {
                sum += query[c] * levels[c * LEVELS + level];
            }
            out[at + level] = sum;
            range[0] = Math.min(range[0], sum);
            range[1] = Math.max(range[1], sum);
        }
    }
}
