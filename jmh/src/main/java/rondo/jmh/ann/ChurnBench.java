package rondo.jmh.ann;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import rondo.ann.TopK;
import rondo.ann.partitioned.LiveOptions;
import rondo.ann.partitioned.LiveSearcher;
import rondo.ann.partitioned.LiveVectorIndex;
import rondo.ann.partitioned.PartitionedVectorIndex;
import rondo.ann.partitioned.VectorAppender;
import rondo.ann.simd.RowFormat;

/**
 * Question: what do searches take while rows come and go, and while a merge runs? One searcher, one writer who inserts the newest row and deletes the oldest at a
 * rate, merges on a thread of their own. Baseline: the same searches while nothing changes. Every search is measured, disturbed or not; every row found is
 * checked to have been there at some time during its search, with the score of its own vector.
 */
public final class ChurnBench {
    private static final int K = 500;
    private static final int WARM_SEARCHES = 20_000;
    private static final long PACE_NS = 100_000;

    private final AnnData data;
    private final int seconds;
    private final int ratePerSecond;
    private final LiveVectorIndex live;
    private final LiveSearcher searcher;
    private final TopK found = new TopK(K);
    private final float[] query;
    private int next;
    private long wrong;

    /** Ids that are there: from the one up to the other. Raised after a deletion and before an insertion. */
    private volatile long oldest;

    private volatile long newest;

    /**
     * @param itemCount     rows, generated.
     * @param seconds       of each measurement.
     * @param ratePerSecond rows that come, and as many that go, in a second.
     */
    public ChurnBench(int itemCount, int seconds, int ratePerSecond) {
        this.data = TwoTower.make("two-tower", itemCount, false);
        this.seconds = seconds;
        this.ratePerSecond = ratePerSecond;
        long[] ids = new long[itemCount];
        Arrays.setAll(ids, row -> row);
        newest = itemCount;
        // Merges begin when this says so.
        LiveOptions options = new LiveOptions(
                1, RowFormat.FLOAT32, 1, PartitionedVectorIndex.RECALL_DEFAULT, null, 1e9, Integer.MAX_VALUE, 1);
        this.live = LiveVectorIndex.build(ids, data.base(), data.dimension(), data.similarity(), options);
        this.searcher = live.newSearcher(K);
        this.query = new float[data.dimension()];
    }

    /** Measures, and adds a row for each state of the index. */
    public void run(ObjectNode json, ArrayNode rows) throws InterruptedException {
        try (live) {
            Histogram times = new Histogram(3);
            for (int i = 0; i < WARM_SEARCHES; i++) {
                search(times);
            }
            write(rows, "search, nothing changes", true, measure(null), "");
            AtomicReference<Throwable> failure = new AtomicReference<>();
            try (VectorAppender appender = live.appender()) {
                Thread writer = new Thread(() -> change(appender, failure), "churn-writer");
                writer.start();
                try {
                    write(
                            rows,
                            "search, " + ratePerSecond + " rows come and go a second",
                            false,
                            measure(null),
                            changed());
                    long startNs = System.nanoTime();
                    appender.merge();
                    Histogram merging = measure(live);
                    write(
                            rows,
                            "the same while a merge runs",
                            false,
                            merging,
                            String.format(Locale.ROOT, "%.1f s, %s", (System.nanoTime() - startNs) / 1e9, changed()));
                    appender.awaitMerge();
                    write(rows, "the same after the merge", false, measure(null), changed());
                } finally {
                    writer.interrupt();
                    writer.join();
                }
            }
            if (failure.get() != null) {
                throw new IllegalStateException("the writer failed", failure.get());
            }
            json.put("wrongRows", wrong);
        }
    }

    private String changed() {
        return String.format(
                Locale.ROOT,
                "%d rows changed since version %d was built, %d wrong rows found",
                live.changedCount(),
                live.version(),
                wrong);
    }

    private void change(VectorAppender appender, AtomicReference<Throwable> failure) {
        try {
            float[] vector = new float[data.dimension()];
            long first = newest;
            long startNs = System.nanoTime();
            for (long done = 0; !Thread.currentThread().isInterrupted(); done++) {
                while (System.nanoTime() - startNs < done * 1e9 / ratePerSecond
                        && !Thread.currentThread().isInterrupted()) {
                    LockSupport.parkNanos(PACE_NS);
                }
                long id = first + done;
                row(id, vector);
                newest = id + 1;
                appender.insert(id, vector);
                appender.delete(done);
                oldest = done + 1;
            }
        } catch (RuntimeException | Error e) {
            failure.set(e);
        }
    }

    private void row(long id, float[] out) {
        System.arraycopy(data.base(), (int) (id % data.count()) * data.dimension(), out, 0, data.dimension());
    }

    /** @param merging measured while it merges; null for so many seconds. */
    private Histogram measure(@Nullable LiveVectorIndex merging) {
        Histogram times = new Histogram(3);
        long endNs = System.nanoTime() + seconds * 1_000_000_000L;
        while (merging == null ? System.nanoTime() < endNs : merging.isMerging()) {
            search(times);
        }
        return times;
    }

    private void search(Histogram times) {
        data.query(next, query);
        next = (next + 1) % data.queryCount();
        long oldestBefore = oldest;
        long startNs = System.nanoTime();
        int count = searcher.search(query, K, null, found);
        times.recordValue(System.nanoTime() - startNs);
        long newestAfter = newest;
        wrong += count == K ? 0 : 1;
        float[] vector = new float[data.dimension()];
        for (int i = 0; i < count; i++) {
            long id = searcher.id(found.row(i));
            row(id, vector);
            double product = 0;
            for (int d = 0; d < query.length; d++) {
                product += (double) query[d] * vector[d];
            }
            boolean isRight = id >= oldestBefore && id < newestAfter && Math.abs(product - found.score(i)) < 1e-3;
            wrong += isRight ? 0 : 1;
        }
    }

    private static void write(ArrayNode rows, String name, boolean isRival, Histogram times, String note) {
        rows.addObject()
                .put("name", name)
                .put("rival", isRival)
                .put("p50Us", times.getValueAtPercentile(50) / 1e3)
                .put("p99Us", times.getValueAtPercentile(99) / 1e3)
                .put("p999Us", times.getValueAtPercentile(99.9) / 1e3)
                .put("maxUs", times.getMaxValue() / 1e3)
                .put("perSecond", times.getTotalCount() / (times.getMean() * times.getTotalCount() / 1e9))
                .put("note", note);
    }
}
