package rondo.ann.simd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import rondo.ann.HotPath;

/** Inner products through the Vector API: rows lie across lanes, so there is no horizontal sum. Two chains hide the latency of the fused add. */
final class VectorProductKernel implements BlockKernel {
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
        FloatVector even = FloatVector.zero(SPECIES);
        FloatVector odd = FloatVector.zero(SPECIES);
        int d = 0;
        long at = offset;
        for (; d + 1 < dimension; d += 2) {
            FloatVector a = FloatVector.fromMemorySegment(SPECIES, blocks, at, ByteOrder.LITTLE_ENDIAN);
            FloatVector b =
                    FloatVector.fromMemorySegment(SPECIES, blocks, at + ROWS * Float.BYTES, ByteOrder.LITTLE_ENDIAN);
            even = a.fma(FloatVector.broadcast(SPECIES, query[d]), even);
            odd = b.fma(FloatVector.broadcast(SPECIES, query[d + 1]), odd);
            at += 2L * ROWS * Float.BYTES;
        }
        if (d < dimension) {
            FloatVector a = FloatVector.fromMemorySegment(SPECIES, blocks, at, ByteOrder.LITTLE_ENDIAN);
            even = a.fma(FloatVector.broadcast(SPECIES, query[d]), even);
        }
        FloatVector sum = even.add(odd);
        sum.intoArray(scores, lane);
        return (int) sum.compare(VectorOperators.GE, threshold).toLong();
    }
}
