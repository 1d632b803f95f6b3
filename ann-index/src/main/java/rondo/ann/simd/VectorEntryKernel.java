package rondo.ann.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
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
    public void entries(float[] levels, int from, int to, float[] query, float[] out, int at, float[] range) {
        FloatVector least = FloatVector.broadcast(SPECIES, Float.POSITIVE_INFINITY);
        FloatVector most = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int lane = 0; lane < LEVELS; lane += LANES) {
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int c = from; c < to; c++) {
                sum = FloatVector.fromArray(SPECIES, levels, c * LEVELS + lane)
                        .fma(FloatVector.broadcast(SPECIES, query[c]), sum);
            }
            sum.intoArray(out, at + lane);
            least = least.min(sum);
            most = most.max(sum);
        }
        range[0] = least.reduceLanes(VectorOperators.MIN);
        range[1] = most.reduceLanes(VectorOperators.MAX);
    }
}
