package rondo.ann.simd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import rondo.ann.HotPath;

/** Four rows by one query: each load of the query serves four of the rows. */
final class VectorRowKernel implements RowKernel {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED.length() > RowFormat.WORDS
            ? FloatVector.SPECIES_512
            : FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    private final boolean isDistance;

    VectorRowKernel(boolean isDistance) {
        this.isDistance = isDistance;
    }

    @Override
    @HotPath
    public void score(MemorySegment rows, long[] offsets, float[] query, int padded, float[] scores, int at) {
        if (isDistance) {
            distances(rows, offsets, query, padded, scores, at);
        } else {
            products(rows, offsets, query, padded, scores, at);
        }
    }

    @HotPath
    private static void products(
            MemorySegment rows, long[] offsets, float[] query, int padded, float[] scores, int at) {
        long a = offsets[at];
        long b = offsets[at + 1];
        long c = offsets[at + 2];
        long e = offsets[at + 3];
        FloatVector sumA = FloatVector.zero(SPECIES);
        FloatVector sumB = sumA;
        FloatVector sumC = sumA;
        FloatVector sumE = sumA;
        for (int d = 0; d < padded; d += LANES) {
            FloatVector q = FloatVector.fromArray(SPECIES, query, d);
            long by = (long) d * Float.BYTES;
            sumA = load(rows, a + by).fma(q, sumA);
            sumB = load(rows, b + by).fma(q, sumB);
            sumC = load(rows, c + by).fma(q, sumC);
            sumE = load(rows, e + by).fma(q, sumE);
        }
        scores[at] = sumA.reduceLanes(VectorOperators.ADD);
        scores[at + 1] = sumB.reduceLanes(VectorOperators.ADD);
        scores[at + 2] = sumC.reduceLanes(VectorOperators.ADD);
        scores[at + 3] = sumE.reduceLanes(VectorOperators.ADD);
    }

    @HotPath
    private static void distances(
            MemorySegment rows, long[] offsets, float[] query, int padded, float[] scores, int at) {
        long a = offsets[at];
        long b = offsets[at + 1];
        long c = offsets[at + 2];
        long e = offsets[at + 3];
        FloatVector sumA = FloatVector.zero(SPECIES);
        FloatVector sumB = sumA;
        FloatVector sumC = sumA;
        FloatVector sumE = sumA;
        for (int d = 0; d < padded; d += LANES) {
            FloatVector q = FloatVector.fromArray(SPECIES, query, d);
            long by = (long) d * Float.BYTES;
            FloatVector differenceA = load(rows, a + by).sub(q);
            FloatVector differenceB = load(rows, b + by).sub(q);
            FloatVector differenceC = load(rows, c + by).sub(q);
            FloatVector differenceE = load(rows, e + by).sub(q);
            sumA = differenceA.fma(differenceA, sumA);
            sumB = differenceB.fma(differenceB, sumB);
            sumC = differenceC.fma(differenceC, sumC);
            sumE = differenceE.fma(differenceE, sumE);
        }
        scores[at] = -sumA.reduceLanes(VectorOperators.ADD);
        scores[at + 1] = -sumB.reduceLanes(VectorOperators.ADD);
        scores[at + 2] = -sumC.reduceLanes(VectorOperators.ADD);
        scores[at + 3] = -sumE.reduceLanes(VectorOperators.ADD);
    }

    private static FloatVector load(MemorySegment rows, long at) {
        return FloatVector.fromMemorySegment(SPECIES, rows, at, ByteOrder.LITTLE_ENDIAN);
    }
}
