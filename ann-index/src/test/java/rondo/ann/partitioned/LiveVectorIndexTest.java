package rondo.ann.partitioned;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import rondo.ann.RowFilter;
import rondo.ann.Similarity;
import rondo.ann.TopK;
import rondo.ann.simd.RowFormat;

/** An index that changes against what it should hold. */
class LiveVectorIndexTest {
    private static final long SEED = 20261127;
    private static final int DIMENSION = 8;

    /** Reads everything and scores every row whose estimate could matter. */
    private static final SearchPlans EXACT =
            new SearchPlans(List.of(new SearchPlans.Plan(Integer.MAX_VALUE, Float.POSITIVE_INFINITY, 100_000, 1)));

    private static final LiveOptions BY_HAND =
            new LiveOptions(SEED, RowFormat.FLOAT32, 1, 0.5, EXACT, 1e9, Integer.MAX_VALUE, 3);

    /** The vector that an id has for the n-th time. */
    private static float[] vector(long id, int generation) {
        SplittableRandom random = new SplittableRandom((id << 20) + generation);
        float[] vector = new float[DIMENSION];
        double length = 0.5 + random.nextDouble();
        for (int d = 0; d < DIMENSION; d++) {
            vector[d] = (float) (length * random.nextGaussian());
        }
        return vector;
    }

    private static float[] query(SplittableRandom random) {
        float[] query = new float[DIMENSION];
        for (int d = 0; d < DIMENSION; d++) {
            query[d] = (float) random.nextGaussian();
        }
        return query;
    }

    private static LiveVectorIndex build(int count, Similarity similarity, LiveOptions options) {
        long[] ids = new long[count];
        float[] rows = new float[count * DIMENSION];
        for (int i = 0; i < count; i++) {
            ids[i] = i;
            System.arraycopy(vector(i, 0), 0, rows, i * DIMENSION, DIMENSION);
        }
        LiveVectorIndex live = LiveVectorIndex.build(ids, rows, DIMENSION, similarity, options);
        return live;
    }

    private static double score(float[] query, float[] vector, Similarity similarity) {
        double product = 0;
        double querySquare = 0;
        double square = 0;
        double distance = 0;
        for (int d = 0; d < DIMENSION; d++) {
            product += (double) query[d] * vector[d];
            querySquare += (double) query[d] * query[d];
            square += (double) vector[d] * vector[d];
            distance += ((double) query[d] - vector[d]) * ((double) query[d] - vector[d]);
        }
        return switch (similarity) {
            case INNER_PRODUCT -> product;
            case COSINE -> product / Math.sqrt(querySquare * square);
            case L2 -> -distance;
        };
    }

    @Test
    void shouldFindExactlyWhatIsThereAfterAnyChanges() throws InterruptedException {
        for (Similarity similarity : Similarity.values()) {
            SplittableRandom random = new SplittableRandom(SEED);
            int first = 12_000;
            Map<Long, float[]> oracle = new HashMap<>();
            for (long id = 0; id < first; id++) {
                oracle.put(id, vector(id, 0));
            }
            try (LiveVectorIndex live = build(first, similarity, BY_HAND);
                    VectorAppender appender = live.appender();
                    LiveSearcher searcher = live.newSearcher(50)) {
                TopK found = new TopK(50);
                for (int step = 0; step < 6_000; step++) {
                    long id = random.nextInt(2 * first);
                    float[] vector = vector(id, step + 1);
                    boolean isThere = oracle.containsKey(id);
                    assertEquals(isThere, appender.contains(id));
                    if (isThere && random.nextInt(2) == 0) {
                        assertTrue(appender.delete(id));
                        oracle.remove(id);
                    } else if (isThere) {
                        appender.update(id, vector);
                        oracle.put(id, vector);
                    } else {
                        assertFalse(appender.delete(id));
                        appender.insert(id, vector);
                        oracle.put(id, vector);
                    }
                    if (step % 2_000 == 1_999) {
                        assertTrue(appender.merge());
                        appender.awaitMerge();
                        assertEquals(2 + step / 2_000, live.version());
                        assertEquals(0, live.changedCount());
                    }
                    if (step % 50 == 0) {
                        assertEquals(oracle.size(), live.count());
                        boolean isFiltered = random.nextBoolean();
                        RowFilter filter = isFiltered ? live.filter(any -> any % 3 == 0) : null;
                        check(query(random), oracle, isFiltered, searcher, filter, similarity, found);
                    }
                }
            }
        }
    }

    private static void check(
            float[] query,
            Map<Long, float[]> oracle,
            boolean isFiltered,
            LiveSearcher searcher,
            @Nullable RowFilter filter,
            Similarity similarity,
            TopK found) {
        double[] best = oracle.entrySet().stream()
                .filter(row -> !isFiltered || row.getKey() % 3 == 0)
                .mapToDouble(row -> -score(query, row.getValue(), similarity))
                .sorted()
                .limit(50)
                .map(score -> -score)
                .toArray();
        assertEquals(best.length, searcher.search(query, 50, filter, found));
        Set<Long> ids = new HashSet<>();
        for (int i = 0; i < found.count(); i++) {
            long id = searcher.id(found.row(i));
            assertTrue(ids.add(id), "twice: " + id);
            assertEquals(best[i], found.score(i), 1e-4 * (1 + Math.abs(best[i])), similarity + ": i=" + i);
            assertEquals(
                    score(query, Objects.requireNonNull(oracle.get(id)), similarity),
                    found.score(i),
                    1e-4 * (1 + Math.abs(best[i])));
        }
    }

    /**
     * Two readers beside a writer whose changes make merges begin by themselves. A reader looks at every id that was not touched from before its search to
     * after it: it must be found when it is better than the worst row found, with the score of its vector, and not be found when it is gone; and no id twice.
     */
    @Test
    void shouldNeverLoseNorInventARowWhileItChangesAndMerges() throws InterruptedException {
        int universe = 16_000;
        int first = 10_000;
        AtomicIntegerArray begun = new AtomicIntegerArray(universe);
        AtomicIntegerArray done = new AtomicIntegerArray(universe);
        AtomicIntegerArray generation = new AtomicIntegerArray(universe);
        for (int id = first; id < universe; id++) {
            generation.set(id, -1);
        }
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicInteger searches = new AtomicInteger();
        try (LiveVectorIndex live = build(
                first,
                Similarity.INNER_PRODUCT,
                new LiveOptions(SEED, RowFormat.FLOAT32, 1, 0.5, EXACT, 0.2, 1_000, 3))) {
            Thread[] readers = new Thread[2];
            for (int r = 0; r < readers.length; r++) {
                SplittableRandom random = new SplittableRandom(SEED + r);
                readers[r] = new Thread(() -> {
                    try (LiveSearcher searcher = live.newSearcher(20)) {
                        TopK found = new TopK(20);
                        int[] before = new int[universe];
                        while (!isOver.get()) {
                            for (int id = 0; id < universe; id++) {
                                int count = done.get(id);
                                before[id] = begun.get(id) == count ? count : -1;
                            }
                            float[] query = query(random);
                            searcher.search(query, 20, null, found);
                            Map<Long, Float> scores = new HashMap<>();
                            for (int i = 0; i < found.count(); i++) {
                                long id = searcher.id(found.row(i));
                                assertNull(scores.put(id, found.score(i)), "twice: " + id);
                            }
                            assertEquals(20, found.count());
                            checkUntouched(query, before, begun, generation, scores, found.score(19));
                            searches.incrementAndGet();
                        }
                    } catch (Throwable e) {
                        failure.compareAndSet(null, e);
                    }
                });
                readers[r].start();
            }
            SplittableRandom random = new SplittableRandom(SEED);
            try (VectorAppender appender = live.appender()) {
                int changes = 0;
                while (failure.get() == null && (live.version() < 6 || searches.get() < 150)) {
                    int id = random.nextInt(universe);
                    int now = generation.get(id);
                    begun.incrementAndGet(id);
                    if (now < 0) {
                        appender.insert(id, vector(id, ++changes));
                        generation.set(id, changes);
                    } else if (random.nextBoolean()) {
                        appender.update(id, vector(id, ++changes));
                        generation.set(id, changes);
                    } else {
                        appender.delete(id);
                        generation.set(id, -1);
                    }
                    done.incrementAndGet(id);
                }
                appender.awaitMerge();
            } finally {
                isOver.set(true);
            }
            for (Thread reader : readers) {
                reader.join();
            }
            if (failure.get() != null) {
                throw new AssertionError("a reader failed", failure.get());
            }
            assertTrue(live.version() >= 6 && searches.get() >= 150, "vacuous");
        }
    }

    private static void checkUntouched(
            float[] query,
            int[] before,
            AtomicIntegerArray begun,
            AtomicIntegerArray generation,
            Map<Long, Float> scores,
            float worst) {
        for (int id = 0; id < before.length; id++) {
            int now = generation.get(id);
            if (before[id] < 0 || begun.get(id) != before[id]) {
                continue;
            }
            Float score = scores.get((long) id);
            if (now < 0) {
                assertNull(score, "gone, but found: id=" + id);
                continue;
            }
            double own = score(query, vector(id, now), Similarity.INNER_PRODUCT);
            if (score != null) {
                assertEquals(own, score, 1e-4 * (1 + Math.abs(own)), "another vector's score: id=" + id);
            } else {
                assertTrue(own <= worst + 1e-4 * (1 + Math.abs(own)), "vanished: id=" + id);
            }
        }
    }

    @Test
    void shouldNeitherRotNorGrowOverTenTurnovers() throws InterruptedException {
        int count = 10_000;
        SearchPlans plans = new SearchPlans(List.of(new SearchPlans.Plan(Integer.MAX_VALUE, 1.5f, 3, 0.9)));
        LiveOptions options = new LiveOptions(SEED, RowFormat.FLOAT32, 2, 0.9, plans, 0.25, 100, 3);
        try (LiveVectorIndex live = build(count, Similarity.INNER_PRODUCT, options)) {
            long length = live.length();
            double before = recall(live, count, 0);
            try (VectorAppender appender = live.appender()) {
                for (int turnover = 1; turnover <= 10; turnover++) {
                    for (long id = 0; id < count; id++) {
                        assertTrue(appender.delete(id + (long) (turnover - 1) * count));
                        appender.insert(id + (long) turnover * count, vector(id, turnover));
                    }
                }
                appender.awaitMerge();
                double changed = recall(live, count, 10);
                appender.merge();
                appender.awaitMerge();
                double after = recall(live, count, 10);
                assertTrue(before > 0.8, "recall before: " + before);
                assertTrue(changed > before - 0.03, "recall with a tail: " + changed + ", before: " + before);
                assertTrue(after > before - 0.03, "recall after a merge: " + after + ", before: " + before);
                assertEquals(count, live.count());
                assertTrue(live.length() < 1.1 * length, "bytes: " + live.length() + ", before: " + length);
            }
        }
    }

    @Test
    void shouldKeepRowsInHalvesAsTheyAreOverMerges() throws InterruptedException {
        LiveOptions options = new LiveOptions(SEED, RowFormat.BFLOAT16, 1, 0.5, EXACT, 1e9, Integer.MAX_VALUE, 3);
        try (LiveVectorIndex live = build(9_000, Similarity.INNER_PRODUCT, options);
                VectorAppender appender = live.appender();
                LiveSearcher searcher = live.newSearcher(50)) {
            for (int id = 0; id < 400; id++) {
                appender.update(id, vector(id, 1));
            }
            float[] query = query(new SplittableRandom(SEED));
            TopK changed = new TopK(50);
            TopK merged = new TopK(50);
            searcher.search(query, 50, null, changed);
            appender.merge();
            appender.awaitMerge();
            searcher.search(query, 50, null, merged);
            assertEquals(2, live.version());
            for (int i = 0; i < 50; i++) {
                float score = merged.score(i);
                assertEquals(changed.score(i), score);
                long id = searcher.id(merged.row(i));
                double own = score(query, vector(id, id < 400 ? 1 : 0), Similarity.INNER_PRODUCT);
                assertTrue(Math.abs(own - score) < 0.02 * (1 + Math.abs(own)), "own=" + own + ", score=" + score);
            }
        }
    }

    private static double recall(LiveVectorIndex live, int count, int turnover) {
        SplittableRandom random = new SplittableRandom(SEED);
        int hits = 0;
        try (LiveSearcher searcher = live.newSearcher(20)) {
            TopK found = new TopK(20);
            for (int i = 0; i < 50; i++) {
                float[] query = query(random);
                double[] scores = new double[count];
                for (int id = 0; id < count; id++) {
                    scores[id] = score(query, vector(id, turnover), Similarity.INNER_PRODUCT);
                }
                java.util.Arrays.sort(scores);
                searcher.search(query, 20, null, found);
                for (int j = 0; j < found.count(); j++) {
                    hits += found.score(j) >= scores[count - 20] - 1e-5 ? 1 : 0;
                }
            }
        }
        return hits / 1_000.0;
    }

    @Test
    void shouldRefuseAFilterOfAnotherVersionAndWhatIsNoRow() throws InterruptedException {
        try (LiveVectorIndex live = build(100, Similarity.COSINE, BY_HAND);
                VectorAppender appender = live.appender();
                LiveSearcher searcher = live.newSearcher(5)) {
            TopK found = new TopK(5);
            RowFilter filter = live.filter(id -> id < 10);
            searcher.search(vector(3, 0), 5, filter, found);
            assertEquals(3, searcher.id(found.row(0)));
            appender.insert(100, vector(3, 0));
            assertEquals(5, searcher.search(vector(3, 0), 5, filter, found));
            for (int i = 0; i < 5; i++) {
                assertTrue(searcher.id(found.row(i)) < 10, "a row that the filter does not know of");
            }
            assertThrows(IllegalStateException.class, live::appender);
            assertThrows(IllegalArgumentException.class, () -> appender.insert(3, vector(3, 1)));
            assertThrows(IllegalArgumentException.class, () -> appender.update(101, vector(3, 1)));
            assertThrows(IllegalArgumentException.class, () -> appender.insert(101, new float[DIMENSION]));
            assertThrows(IllegalArgumentException.class, () -> appender.insert(101, new float[3]));
            float[] bad = vector(1, 1);
            bad[2] = Float.NaN;
            assertThrows(IllegalArgumentException.class, () -> appender.update(1, bad));
            assertThrows(IllegalArgumentException.class, () -> searcher.search(bad, 5, null, found));
            assertEquals(101, live.count());
            assertTrue(appender.merge());
            appender.awaitMerge();
            assertThrows(StaleFilterException.class, () -> searcher.search(vector(3, 0), 5, filter, found));
            searcher.search(vector(1, 0), 5, live.filter(id -> id < 10), found);
            assertEquals(1, searcher.id(found.row(0)));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> LiveVectorIndex.build(new long[] {7, 7}, new float[2], 1, Similarity.L2, BY_HAND));
    }

    /** A thread that dies in a search must not hold back memory; a live one must. */
    @Test
    void shouldFreeAVersionWhenItsLastReaderHasLeftOrDied() throws InterruptedException {
        try (LiveVectorIndex live = build(100, Similarity.L2, BY_HAND);
                VectorAppender appender = live.appender()) {
            LiveSearcher dying = live.newSearcher(5);
            Thread thread = new Thread(() -> dying.enter());
            thread.start();
            thread.join();
            // Nothing that follows waits for it.
            LiveSearcher reading = live.newSearcher(5);
            IndexVersion held = reading.enter();
            appender.update(1, vector(1, 1));
            appender.update(2, vector(2, 1));
            assertTrue(held.live.isLive(held.index.count - 1) && held.tail.settled() == 0, "settled under a reader");
            appender.merge();
            // The merge waits for the reader: its version is current, the old one's memory is still there.
            while (live.version() == 1) {
                Thread.onSpinWait();
            }
            float[] row = new float[DIMENSION];
            held.copyRow(0, row);
            reading.leave();
            appender.awaitMerge();
            assertFalse(live.isMerging());
        }
    }
}
