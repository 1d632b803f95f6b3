package rondo.ann.simd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import rondo.ann.HotPath;

/** Negative squared distances through the Vector API. */
final class VectorDistanceKernel implements BlockKernel {
    private static final VectorSpecies<Float> SPECIES =
            FloatVector.SPECIES_PREFERRED.length() > ROWS ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    @Override
    @HotPath
    public int score(MemorySegment blocks, long offset, float[] query, int dimension, float threshold, float[] scores) {
        int mask = 0;
        for (int lane = 0; lane < ROWS; lane += LANES) {
            mask |= part(blocks, offset + (long) lane * Float.BYTES, query, dimension, threshold, scores, lane) << lane;
        }
        return mask;
    }

    @HotPath
    private static int part(
            MemorySegment blocks,
            long offset,
            float[] query,
            int dimension,
            float threshold,
            float[] scores,
            int lane) {
        FloatVector sum = FloatVector.zero(SPECIES);
        long at = offset;
        for (int d = 0; d < dimension; d++) {
            FloatVector difference = FloatVector.fromMemorySegment(SPECIES, blocks, at, ByteOrder.LITTLE_ENDIAN)
                    .sub(FloatVector.broadcast(SPECIES, query[d]));
            sum = difference.fma(difference, sum);
            at += (long) ROWS * Float.BYTES;
        }
        FloatVector score = sum.neg();
        score.intoArray(scores, lane);
        return (int) score.compare(VectorOperators.GE, threshold).toLong();
    }
}
