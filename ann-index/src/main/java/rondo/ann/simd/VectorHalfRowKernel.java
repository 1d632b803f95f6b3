package rondo.ann.simd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import rondo.ann.HotPath;

/** Four rows of halves by one query: a word of a row holds two values, and a shift or a mask makes a float of either. */
final class VectorHalfRowKernel implements RowKernel {
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_PREFERRED.length() > RowFormat.WORDS
            ? IntVector.SPECIES_512
            : IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED.length() > RowFormat.WORDS
            ? FloatVector.SPECIES_512
            : FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();
    private static final int UPPER = 0xFFFF_0000;

    private final boolean isDistance;

    VectorHalfRowKernel(boolean isDistance) {
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
        FloatVector sumA = FloatVector.zero(FLOATS);
        FloatVector sumB = sumA;
        FloatVector sumC = sumA;
        FloatVector sumE = sumA;
        for (int d = 0; d < padded; d += 2 * RowFormat.WORDS) {
            for (int w = 0; w < RowFormat.WORDS; w += LANES) {
                FloatVector lower = FloatVector.fromArray(FLOATS, query, d + w);
                FloatVector upper = FloatVector.fromArray(FLOATS, query, d + RowFormat.WORDS + w);
                long by = (long) d * Short.BYTES + (long) w * Integer.BYTES;
                IntVector wordsA = load(rows, a + by);
                IntVector wordsB = load(rows, b + by);
                IntVector wordsC = load(rows, c + by);
                IntVector wordsE = load(rows, e + by);
                sumA = upper(wordsA).fma(upper, lower(wordsA).fma(lower, sumA));
                sumB = upper(wordsB).fma(upper, lower(wordsB).fma(lower, sumB));
                sumC = upper(wordsC).fma(upper, lower(wordsC).fma(lower, sumC));
                sumE = upper(wordsE).fma(upper, lower(wordsE).fma(lower, sumE));
            }
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
        FloatVector sumA = FloatVector.zero(FLOATS);
        FloatVector sumB = sumA;
        FloatVector sumC = sumA;
        FloatVector sumE = sumA;
        for (int d = 0; d < padded; d += 2 * RowFormat.WORDS) {
            for (int w = 0; w < RowFormat.WORDS; w += LANES) {
                FloatVector lower = FloatVector.fromArray(FLOATS, query, d + w);
                FloatVector upper = FloatVector.fromArray(FLOATS, query, d + RowFormat.WORDS + w);
                long by = (long) d * Short.BYTES + (long) w * Integer.BYTES;
                sumA = addSquares(load(rows, a + by), lower, upper, sumA);
                sumB = addSquares(load(rows, b + by), lower, upper, sumB);
                sumC = addSquares(load(rows, c + by), lower, upper, sumC);
                sumE = addSquares(load(rows, e + by), lower, upper, sumE);
            }
        }
        scores[at] = -sumA.reduceLanes(VectorOperators.ADD);
        scores[at + 1] = -sumB.reduceLanes(VectorOperators.ADD);
        scores[at + 2] = -sumC.reduceLanes(VectorOperators.ADD);
        scores[at + 3] = -sumE.reduceLanes(VectorOperators.ADD);
    }

    private static FloatVector addSquares(IntVector words, FloatVector lower, FloatVector upper, FloatVector sum) {
        FloatVector first = lower(words).sub(lower);
        FloatVector second = upper(words).sub(upper);
        return second.fma(second, first.fma(first, sum));
    }

    private static IntVector load(MemorySegment rows, long at) {
        return IntVector.fromMemorySegment(SPECIES, rows, at, ByteOrder.LITTLE_ENDIAN);
    }

    private static FloatVector lower(IntVector words) {
        return words.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
    }

    private static FloatVector upper(IntVector words) {
        return words.and(UPPER).reinterpretAsFloats();
    }
}
