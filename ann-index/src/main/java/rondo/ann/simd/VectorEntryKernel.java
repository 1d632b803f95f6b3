package rondo.ann.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import rondo.ann.HotPath;

/** Levels lie across lanes. */
final class VectorEntryKernel implements EntryKernel {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED.length() > LEVELS / 2
            ? FloatVector.SPECIES_512
            : FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    @Override
    @HotPath
    public void entries(float[] levels, int from, int to, float[] query, float shift, float[] out, int at) {
        for (int lane = 0; lane < LEVELS; lane += LANES) {
            FloatVector sum = FloatVector.broadcast(SPECIES, shift);
            for (int c = from; c < to; c++) {
                sum = FloatVector.fromArray(SPECIES, levels, c * LEVELS + lane)
                        .fma(FloatVector.broadcast(SPECIES, query[c]), sum);
            }
            sum.intoArray(out, at + lane);
        }
    }
}
