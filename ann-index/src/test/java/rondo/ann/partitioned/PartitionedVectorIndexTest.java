package rondo.ann.partitioned;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import rondo.ann.RowFilter;
import rondo.ann.Similarity;
import rondo.ann.TopK;
import rondo.ann.flat.FlatVectorIndex;

/** The partitioned index against the exact one. */
class PartitionedVectorIndexTest {
    private static final long SEED = 20261127;

    /** Rows around a few centres, of different lengths. */
    private static float[] rows(int count, int dimension, SplittableRandom random) {
        float[] centres = new float[20 * dimension];
        for (int i = 0; i < centres.length; i++) {
            centres[i] = (float) random.nextGaussian();
        }
        float[] rows = new float[count * dimension];
        for (int row = 0; row < count; row++) {
            int centre = random.nextInt(20);
            double length = Math.pow(1 - random.nextDouble(), -1.0 / 6);
            for (int d = 0; d < dimension; d++) {
                rows[row * dimension + d] =
                        (float) (length * (centres[centre * dimension + d] + 0.6 * random.nextGaussian()));
            }
        }
        return rows;
    }

    private static float[] query(float[] rows, int dimension, SplittableRandom random) {
        float[] query = new float[dimension];
        int row = random.nextInt(rows.length / dimension);
        for (int d = 0; d < dimension; d++) {
            query[d] = (float) (rows[row * dimension + d] + 0.5 * random.nextGaussian());
        }
        return query;
    }

    private static Set<Integer> rowsOf(TopK top) {
        Set<Integer> rows = new HashSet<>();
        for (int i = 0; i < top.count(); i++) {
            assertTrue(rows.add(top.row(i)), "twice: row=" + top.row(i));
        }
        return rows;
    }

    @Test
    void shouldFindWhatTheExactIndexFindsWhenItReadsEverything() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (Similarity similarity : Similarity.values()) {
            for (int dimension : new int[] {1, 3, 16, 33, 100}) {
                for (int count : new int[] {1, 63, 64, 65, 3_000}) {
                    float[] rows = rows(count, dimension, random);
                    try (FlatVectorIndex flat = FlatVectorIndex.build(rows, dimension, similarity);
                            PartitionedVectorIndex index =
                                    PartitionedVectorIndex.build(rows, dimension, similarity, SEED, 2)) {
                        for (double share : new double[] {1, 0.5, 0.1, 0.005}) {
                            RowFilter filter = new RowFilter(count);
                            if (share < 1) {
                                filter.clearAll();
                                for (int row = 0; row < count; row++) {
                                    if (random.nextDouble() < share) {
                                        filter.set(row);
                                    }
                                }
                            }
                            RowFilter inIndex = new RowFilter(count);
                            for (int row = 0; row < count; row++) {
                                if (!filter.passes(index.sourceOf(row))) {
                                    inIndex.clear(row);
                                }
                            }
                            float[] query = query(rows, dimension, random);
                            TopK exact = new TopK(20);
                            TopK found = new TopK(20);
                            flat.newSearcher(20).search(query, 20, filter, exact);
                            index.newPartitionedSearcher(20)
                                    .search(query, 20, inIndex, Float.POSITIVE_INFINITY, count, found);
                            String what = similarity + " " + dimension + " " + count + " " + share;
                            assertEquals(exact.count(), found.count(), what);
                            for (int row : rowsOf(found)) {
                                assertTrue(inIndex.passes(row), what);
                            }
                            for (int i = 0; i < exact.count(); i++) {
                                assertEquals(
                                        exact.score(i),
                                        found.score(i),
                                        1e-4 * (1 + Math.abs(exact.score(i))),
                                        what + ": i=" + i);
                            }
                        }
                    }
                }
            }
        }
    }
}
