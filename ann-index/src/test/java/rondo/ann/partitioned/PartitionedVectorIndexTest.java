package rondo.ann.partitioned;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import rondo.ann.RowFilter;
import rondo.ann.SearchPlan;
import rondo.ann.Similarity;
import rondo.ann.TopK;
import rondo.ann.flat.FlatVectorIndex;
import rondo.ann.simd.RowFormat;

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
                                if (!filter.passes((int) index.id(row))) {
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

    @Test
    void shouldReachTheRecallThatItWasFittedForOnQueriesItHasNotSeen() {
        SplittableRandom random = new SplittableRandom(SEED);
        int dimension = 24;
        int count = 20_000;
        float[] rows = rows(count, dimension, random);
        float[] probes = new float[400 * dimension];
        for (int at = 0; at < probes.length; at += dimension) {
            System.arraycopy(query(rows, dimension, random), 0, probes, at, dimension);
        }
        for (Similarity similarity : Similarity.values()) {
            try (FlatVectorIndex flat = FlatVectorIndex.build(rows, dimension, similarity);
                    PartitionedVectorIndex index = PartitionedVectorIndex.build(rows, dimension, similarity, SEED, 2)) {
                SearchPlans plans = index.fit(probes, new double[] {0.95}, 2).getFirst();
                index.plan(plans);
                for (int k : new int[] {10, 100}) {
                    PartitionedSearcher searcher = index.newPartitionedSearcher(k);
                    TopK exact = new TopK(k);
                    TopK found = new TopK(k);
                    int hits = 0;
                    for (int i = 0; i < 300; i++) {
                        float[] query = query(rows, dimension, random);
                        flat.newSearcher(k).search(query, k, new RowFilter(count), exact);
                        searcher.search(query, k, new RowFilter(count), found);
                        Set<Integer> wanted = rowsOf(exact);
                        for (int j = 0; j < found.count(); j++) {
                            hits += wanted.contains((int) index.id(found.row(j))) ? 1 : 0;
                        }
                    }
                    String what = similarity + " k=" + k + " " + plans.of(k);
                    assertTrue(hits > 0.93 * 300 * k, what + ": recall=" + hits / (300.0 * k));
                    assertTrue(
                            searcher.rowsScored() < 300L * count / 4,
                            "vacuous, " + what + ": " + searcher.rowsScored());
                }
            }
        }
    }

    @Test
    void shouldReachTheRecallThatItWasBuiltForWithoutProbes() {
        SplittableRandom random = new SplittableRandom(SEED);
        int dimension = 24;
        int count = 20_000;
        float[] rows = rows(count, dimension, random);
        for (Similarity similarity : Similarity.values()) {
            for (RowFormat format : RowFormat.values()) {
                try (FlatVectorIndex flat = FlatVectorIndex.build(rows, dimension, similarity);
                        PartitionedVectorIndex index = PartitionedVectorIndex.build(
                                rows, dimension, similarity, format, SEED, 2, 0.9, new float[0], BuildProgress.NONE)) {
                    assertEquals(format, index.rowFormat());
                    for (int k : new int[] {10, 30, 60, 100, 250, 500, 1_000}) {
                        PartitionedSearcher searcher = index.newPartitionedSearcher(k);
                        TopK exact = new TopK(k);
                        TopK found = new TopK(k);
                        int hits = 0;
                        for (int i = 0; i < 200; i++) {
                            float[] query = query(rows, dimension, random);
                            flat.newSearcher(k).search(query, k, new RowFilter(count), exact);
                            searcher.search(query, k, new RowFilter(count), found);
                            Set<Integer> wanted = rowsOf(exact);
                            for (int j = 0; j < found.count(); j++) {
                                hits += wanted.contains((int) index.id(found.row(j))) ? 1 : 0;
                            }
                        }
                        SearchPlans.Plan plan = index.plans().of(k);
                        String what = similarity + " " + format + " " + plan;
                        assertTrue(k <= plan.k(), what);
                        assertTrue(plan.recall() >= 0.9, what);
                        assertTrue(hits > 0.88 * 200 * k, what + ": recall=" + hits / (200.0 * k));
                        assertTrue(
                                searcher.rowsScored() < 200L * count / 2,
                                "vacuous, " + what + ": " + searcher.rowsScored());
                    }
                }
            }
        }
    }

    @Test
    void shouldFindOnlyRowsWhoseIdsLieInARange() {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] rows = rows(3_000, 8, random);
        try (PartitionedVectorIndex index = PartitionedVectorIndex.build(rows, 8, Similarity.L2, SEED, 2)) {
            RowFilter range = index.idRange(100, 150);
            assertEquals(50, range.cardinality());
            TopK found = new TopK(60);
            assertEquals(50, index.newSearcher(60).search(query(rows, 8, random), 60, range, found));
            for (int row : rowsOf(found)) {
                assertTrue(index.id(row) >= 100 && index.id(row) < 150);
            }
            assertEquals(0, index.idRange(3_000, Long.MAX_VALUE).cardinality());
        }
    }

    /** Goal: of long rows only those are scored that may still be among the best, and nothing is lost by it. Method: coarse codes, so that plans want many. */
    @Test
    void shouldStopScoringLongRowsWhenNoneCanBeBetter() {
        SplittableRandom random = new SplittableRandom(SEED);
        int dimension = 300;
        int count = 9_000;
        float[] rows = rows(count, dimension, random);
        for (Similarity similarity : Similarity.values()) {
            try (FlatVectorIndex flat = FlatVectorIndex.build(rows, dimension, similarity);
                    PartitionedVectorIndex index =
                            PartitionedVectorIndex.build(rows, dimension, similarity, SEED, 2, 0.9)) {
                index.plan(new SearchPlans(List.of(new SearchPlans.Plan(10, Float.POSITIVE_INFINITY, 60, 1))));
                PartitionedSearcher searcher = index.newPartitionedSearcher(10);
                TopK exact = new TopK(10);
                TopK found = new TopK(10);
                int hits = 0;
                for (int i = 0; i < 100; i++) {
                    float[] query = query(rows, dimension, random);
                    flat.newSearcher(10).search(query, 10, null, exact);
                    searcher.search(query, 10, null, found);
                    Set<Integer> wanted = rowsOf(exact);
                    for (int j = 0; j < 10; j++) {
                        hits += wanted.contains((int) index.id(found.row(j))) ? 1 : 0;
                    }
                }
                assertTrue(hits > 0.97 * 1_000, similarity + ": found=" + hits);
                assertTrue(searcher.rowsScored() < 100 * 600 / 2, similarity + ": scored=" + searcher.rowsScored());
            }
        }
    }

    @Test
    void shouldKnowBeforehandHowLongItWillBe() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int dimension : new int[] {24, 64, 100}) {
            // All directions alike, the longest codes there are; and half of them worth little.
            for (float narrow : new float[] {1f, 0.2f}) {
                float[] rows = new float[20_000 * dimension];
                for (int i = 0; i < rows.length; i++) {
                    rows[i] = (float) random.nextGaussian() * (i % dimension < dimension / 2 ? 1f : narrow);
                }
                for (RowFormat format : RowFormat.values()) {
                    Similarity similarity = Similarity.values()[random.nextInt(3)];
                    float[] some = Arrays.copyOf(rows, 4_000 * dimension);
                    try (PartitionedVectorIndex index = PartitionedVectorIndex.build(
                                    rows,
                                    dimension,
                                    similarity,
                                    format,
                                    SEED,
                                    2,
                                    0.9,
                                    new float[0],
                                    BuildProgress.NONE);
                            PartitionedVectorIndex few =
                                    PartitionedVectorIndex.build(some, dimension, similarity, SEED, 2)) {
                        String what =
                                similarity + " " + dimension + " " + format + " " + narrow + ": " + index.length();
                        double length = index.length();
                        long estimate = PartitionedVectorIndex.estimatedLength(20_000, dimension, similarity, format);
                        assertEquals(1, estimate / length, format == RowFormat.FLOAT32 ? 0.05 : 0.1, what);
                        estimate = PartitionedVectorIndex.estimatedLength(
                                20_000, dimension, similarity, format, few.codeLength());
                        assertEquals(1, estimate / length, 0.05, what);
                    }
                }
            }
        }
    }

    @Test
    void shouldFindEverythingWhenThereAreFewRows() {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] rows = rows(3_000, 8, random);
        try (FlatVectorIndex flat = FlatVectorIndex.build(rows, 8, Similarity.COSINE);
                PartitionedVectorIndex index = PartitionedVectorIndex.build(rows, 8, Similarity.COSINE, SEED, 2)) {
            TopK exact = new TopK(50);
            TopK found = new TopK(50);
            float[] query = query(rows, 8, random);
            flat.newSearcher(50).search(query, 50, new RowFilter(3_000), exact);
            index.newSearcher(50).search(query, 50, new RowFilter(3_000), found);
            assertEquals(1, index.plans().of(50).recall());
            for (int i = 0; i < 50; i++) {
                assertEquals(exact.score(i), found.score(i), 1e-5, "i=" + i);
            }
        }
    }

    @Test
    void shouldKnowTheAnswersOfProbesWithoutScoringAllRows() {
        SplittableRandom random = new SplittableRandom(SEED);
        int k = 100;
        float[] rows = rows(52_000, 12, random);
        for (Similarity similarity : Similarity.values()) {
            try (PartitionedVectorIndex index = PartitionedVectorIndex.build(rows, 12, similarity, SEED, 2);
                    Workers workers = new Workers(2)) {
                Probes probes = Probes.made(index, new BuildRandom(SEED));
                int[] answers = new ProbeAnswers(index, probes, k, workers).find();
                PartitionedSearcher searcher = index.newPartitionedSearcher(k);
                TopK exact = new TopK(k);
                float[] query = new float[12];
                int missed = 0;
                for (int probe = 0; probe < probes.count(); probe += 8) {
                    probes.get(probe, query);
                    searcher.searchExactly(query, k, exact);
                    Set<Integer> wanted = rowsOf(exact);
                    for (int i = 0; i < k; i++) {
                        missed += wanted.contains(answers[probe * k + i]) ? 0 : 1;
                    }
                }
                assertTrue(missed <= 0.002 * k * probes.count() / 8, similarity + ": missed=" + missed);
            }
        }
    }

    @Test
    void shouldBuildTheSameIndexWhateverTheThreads() {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] rows = rows(9_000, 17, random);
        for (Similarity similarity : Similarity.values()) {
            try (PartitionedVectorIndex one = PartitionedVectorIndex.build(rows, 17, similarity, SEED, 1);
                    PartitionedVectorIndex three = PartitionedVectorIndex.build(rows, 17, similarity, SEED, 3)) {
                assertEquals(0, compare(one, three), similarity.name());
                assertEquals(one.plans().plans(), three.plans().plans(), similarity.name());
            }
        }
    }

    /** Bytes of codes and rows in which two indexes differ. */
    private static long compare(PartitionedVectorIndex a, PartitionedVectorIndex b) {
        assertArrayEquals(a.firstRows, b.firstRows);
        assertArrayEquals(a.terms, b.terms);
        assertEquals(a.codes.length(), b.codes.length());
        return Math.max(
                1 + a.codes.segment().mismatch(b.codes.segment()),
                1 + a.rows.memory().segment().mismatch(b.rows.memory().segment()));
    }

    @Test
    void shouldFillKWhateverTheFilterLeaves() {
        SplittableRandom random = new SplittableRandom(SEED);
        int count = 30_000;
        float[] rows = rows(count, 16, random);
        try (PartitionedVectorIndex index = PartitionedVectorIndex.build(rows, 16, Similarity.INNER_PRODUCT, SEED, 2)) {
            PartitionedSearcher searcher = index.newPartitionedSearcher(100);
            TopK found = new TopK(100);
            for (int passing : new int[] {0, 1, 99, 100, 101, 700, 3_000, 29_000}) {
                RowFilter filter = new RowFilter(count);
                filter.clearAll();
                // The worst of all: a stretch of rows, so of few cells.
                for (int row = 500; row < 500 + passing; row++) {
                    filter.set(row);
                }
                // Hardly a reach and no spare candidates: what is found is poor, but it is k rows.
                searcher.search(query(rows, 16, random), 100, filter, 0.1f, 100, found);
                assertEquals(Math.min(100, passing), found.count(), "passing=" + passing);
                for (int row : rowsOf(found)) {
                    assertTrue(filter.passes(row));
                }
            }
        }
    }

    @Test
    void shouldSayHowItWillSearchAndWhy() {
        SplittableRandom random = new SplittableRandom(SEED);
        int count = 10_000;
        float[] rows = rows(count, 8, random);
        try (PartitionedVectorIndex index = PartitionedVectorIndex.build(rows, 8, Similarity.INNER_PRODUCT, SEED, 2)) {
            PartitionedSearcher searcher = index.newPartitionedSearcher(100);
            SearchPlan plan = searcher.plan(100, null);
            assertEquals(SearchPlan.Path.BOUNDED_BLOCKS, plan.path());
            assertTrue(plan.recall() >= 0.95 && plan.candidates() >= 100 && plan.candidates() < count, plan.toString());
            RowFilter few = new RowFilter(count);
            few.clearAll();
            for (int row = 0; row < 70; row++) {
                few.set(row);
            }
            plan = searcher.plan(100, few);
            assertEquals(SearchPlan.Path.EVERY_ROW, plan.path());
            assertEquals(70, plan.candidates());
            assertTrue(plan.why().contains("underfilled"), plan.why());
            index.plan(SearchPlans.EXHAUSTIVE);
            plan = index.newPartitionedSearcher(100).plan(100, null);
            assertEquals(1, plan.recall());
            assertEquals(count, plan.candidates());
        }
    }

    @Test
    void shouldAllocateNothingOnceWarm() {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] rows = rows(20_000, 32, random);
        float[] query = query(rows, 32, random);
        try (PartitionedVectorIndex index = PartitionedVectorIndex.build(rows, 32, Similarity.INNER_PRODUCT, SEED, 2)) {
            PartitionedSearcher searcher = index.newPartitionedSearcher(100);
            TopK found = new TopK(100);
            RowFilter filter = new RowFilter(20_000);
            ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long bytes = Long.MAX_VALUE;
            // The compiler decides when the code is warm; a round without a byte shows that it is.
            for (int round = 0; round < 100 && bytes > 0; round++) {
                long before = bean.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 500; i++) {
                    searcher.search(query, 100, filter, 2f, 200, found);
                }
                bytes = bean.getCurrentThreadAllocatedBytes() - before;
            }
            assertEquals(0, bytes, "bytes allocated by 500 warm searches");
        }
    }

    @Test
    @Timeout(60)
    void shouldLeaveNoThreadBehindWhenItsBuildIsInterrupted() throws InterruptedException {
        float[] rows = rows(60_000, 48, new SplittableRandom(SEED));
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread builder = new Thread(() -> {
            try (PartitionedVectorIndex index =
                    PartitionedVectorIndex.build(rows, 48, Similarity.INNER_PRODUCT, SEED, 2)) {
                end.set(new AssertionError("built: " + index.count()));
            } catch (InterruptedBuildException e) {
                end.set(e);
            }
        });
        builder.start();
        while (buildThreads() == 0) {
            Thread.onSpinWait();
        }
        builder.interrupt();
        builder.join();
        assertInstanceOf(InterruptedBuildException.class, end.get());
        // An executor has ended a moment before its last thread has.
        while (buildThreads() > 0) {
            Thread.onSpinWait();
        }
    }

    private static long buildThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("index-build-"))
                .count();
    }

    @Test
    void shouldRefuseWhatIsNoVectorAndNoQuery() {
        float[] bad = {1, 2, Float.POSITIVE_INFINITY, 4};
        String message = String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> PartitionedVectorIndex.build(bad, 2, Similarity.L2, SEED, 1))
                .getMessage());
        assertTrue(message.contains("row=1"), message);
        for (int dimension : new int[] {0, 3, 4_097}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> PartitionedVectorIndex.build(new float[4], dimension, Similarity.L2, SEED, 1));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> PartitionedVectorIndex.build(new float[0], 2, Similarity.L2, SEED, 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> PartitionedVectorIndex.build(new float[4], 2, Similarity.COSINE, SEED, 1));
        for (double recall : new double[] {0, 1.01, Double.NaN}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> PartitionedVectorIndex.build(new float[4], 2, Similarity.L2, SEED, 1, recall));
        }
        try (PartitionedVectorIndex index =
                PartitionedVectorIndex.build(new float[] {1, 2, 3, 4}, 2, Similarity.L2, SEED, 1)) {
            for (int floats : new int[] {0, 3}) {
                assertThrows(IllegalArgumentException.class, () -> index.fit(new float[floats], new double[] {0.9}, 1));
            }
            assertThrows(IllegalArgumentException.class, () -> index.fit(new float[2], new double[] {0}, 1));
            PartitionedSearcher searcher = index.newPartitionedSearcher(5);
            TopK found = new TopK(5);
            RowFilter filter = new RowFilter(2);
            assertThrows(IllegalArgumentException.class, () -> searcher.search(new float[1], 1, filter, found));
            assertThrows(IllegalArgumentException.class, () -> searcher.search(new float[2], 0, filter, found));
            assertThrows(IllegalArgumentException.class, () -> searcher.search(new float[2], 6, filter, found));
            assertThrows(
                    IllegalArgumentException.class, () -> searcher.search(new float[2], 1, new RowFilter(3), found));
            assertEquals(2, searcher.search(new float[] {3, 4}, 5, filter, found));
            assertEquals(1, index.id(found.row(0)));
        }
    }
}
