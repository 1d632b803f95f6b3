package rondo.ann.simd;

import rondo.ann.HotPath;

/** The reference of {@link VectorEntryKernel}, and what runs where there is no Vector API. */
final class ScalarEntryKernel implements EntryKernel {
    @Override
    @HotPath
    public void entries(float[] levels, int from, int to, float[] query, float shift, float[] out, int at) {
        for (int level = 0; level < LEVELS; level++) {
            float sum = shift;
            for (int c = from; c < to; c++) {
                sum += query[c] * levels[c * LEVELS + level];
            }
            out[at + level] = sum;
        }
    }
}
