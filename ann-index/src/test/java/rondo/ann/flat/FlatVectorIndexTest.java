package rondo.ann.flat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import rondo.ann.RowFilter;
import rondo.ann.Similarity;
import rondo.ann.TopK;
import rondo.ann.VectorSearcher;

/** The exact index against brute force in double, in every similarity, at several filters and ragged sizes. */
class FlatVectorIndexTest {
    private static final long SEED = 20261124;

    private static double oracle(Similarity similarity, float[] rows, int row, float[] query) {
        int dimension = query.length;
        double sum = 0;
        double rowNorm = 0;
        double queryNorm = 0;
        for (int d = 0; d < dimension; d++) {
            rowNorm += Math.pow(rows[row * dimension + d], 2);
            queryNorm += Math.pow(query[d], 2);
        }
        for (int d = 0; d < dimension; d++) {
            double value = rows[row * dimension + d];
            if (similarity == Similarity.COSINE) {
                sum += (double) (float) (value / Math.sqrt(rowNorm)) * (float) (query[d] / Math.sqrt(queryNorm));
            } else if (similarity == Similarity.L2) {
                sum -= (value - query[d]) * (value - query[d]);
            } else {
                sum += value * query[d];
            }
        }
        return sum;
    }

    @Test
    void shouldReturnWhatBruteForceReturns() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (Similarity similarity : Similarity.values()) {
            for (int dimension : new int[] {1, 2, 7, 16, 33, 64, 130}) {
                for (int count : new int[] {1, 15, 16, 17, 333, 2000}) {
                    float[] rows = new float[count * dimension];
                    for (int i = 0; i < rows.length; i++) {
                        rows[i] = (float) random.nextGaussian();
                    }
                    float[] query = new float[dimension];
                    for (int d = 0; d < dimension; d++) {
                        query[d] = (float) random.nextGaussian();
                    }
                    for (double share : new double[] {1, 0.5, 0.02}) {
                        RowFilter filter = new RowFilter(count);
                        for (int row = 0; row < count; row++) {
                            if (random.nextDouble() >= share) {
                                filter.clear(row);
                            }
                        }
                        check(similarity, rows, dimension, query, filter);
                    }
                }
            }
        }
    }

    private static void check(Similarity similarity, float[] rows, int dimension, float[] query, RowFilter filter) {
        int count = filter.count();
        int[] expected = IntStream.range(0, count)
                .filter(filter::passes)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(row -> -oracle(similarity, rows, row, query))
                        .thenComparing(row -> row))
                .limit(50)
                .mapToInt(Integer::intValue)
                .toArray();
        try (FlatVectorIndex index = FlatVectorIndex.build(rows, dimension, similarity)) {
            TopK found = new TopK(50);
            int size = index.newSearcher(50).search(query, 50, filter, found);
            int[] actual = new int[size];
            for (int i = 0; i < size; i++) {
                actual[i] = found.row(i);
            }
            assertEquals(
                    Arrays.toString(expected),
                    Arrays.toString(actual),
                    similarity + ", dimension=" + dimension + ", count=" + count + ", seed=" + SEED);
        }
    }

    @Test
    void shouldPreferTheSmallerRowAmongEqualScores() {
        float[] rows = new float[1000 * 4];
        Arrays.fill(rows, 0.5f);
        try (FlatVectorIndex index = FlatVectorIndex.build(rows, 4, Similarity.INNER_PRODUCT)) {
            TopK found = new TopK(10);
            index.newSearcher(10).search(new float[] {1, 1, 1, 1}, 10, new RowFilter(1000), found);
            for (int i = 0; i < 10; i++) {
                assertEquals(i, found.row(i));
            }
        }
    }

    @Test
    void shouldAllocateNothingOnceWarm() {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] rows = new float[4000 * 64];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) random.nextGaussian();
        }
        try (FlatVectorIndex index = FlatVectorIndex.build(rows, 64, Similarity.INNER_PRODUCT)) {
            VectorSearcher searcher = index.newSearcher(100);
            TopK found = new TopK(100);
            RowFilter filter = new RowFilter(4000);
            float[] query = Arrays.copyOf(rows, 64);
            ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long bytes = Long.MAX_VALUE;
            // The compiler decides when the code is warm; a round without a byte shows that it is.
            for (int round = 0; round < 50 && bytes > 0; round++) {
                long before = bean.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 500; i++) {
                    searcher.search(query, 100, filter, found);
                }
                bytes = bean.getCurrentThreadAllocatedBytes() - before;
            }
            assertEquals(0, bytes, "bytes allocated by 500 warm searches");
        }
    }

    @Test
    void shouldRefuseWhatIsNoVector() {
        float[] bad = {1, 2, Float.NaN, 4};
        Throwable refusal =
                assertThrows(IllegalArgumentException.class, () -> FlatVectorIndex.build(bad, 2, Similarity.L2));
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.contains("row=1"), message);
        assertThrows(IllegalArgumentException.class, () -> FlatVectorIndex.build(new float[3], 2, Similarity.L2));
        assertThrows(IllegalArgumentException.class, () -> FlatVectorIndex.build(new float[2], 2, Similarity.COSINE));
        assertThrows(IllegalArgumentException.class, () -> FlatVectorIndex.build(new float[2], 0, Similarity.L2));
    }
}
