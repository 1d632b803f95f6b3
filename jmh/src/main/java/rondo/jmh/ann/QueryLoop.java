package rondo.jmh.ann;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One thread's asking of all queries, again and again. Each query counts with its quickest answer: a disturbance of the machine is not the index's.
 *
 * <p>Several loops run side by side until the last has made its passes, so that none is ever measured alone: what searchers take from each other shows, what
 * other programs take from them does not.
 */
final class QueryLoop {
    private static final int PASSES = 3;

    /** The first pass ends here, and the others ask no more queries than it did: a slow index is known by fewer. */
    private static final long FIRST_PASS_NS = 1_500_000_000;

    private final AnnData data;
    private final Engine.Finder finder;
    private final int k;
    private final long leastNs;
    private final int first;
    private final int[] found;
    private final int[] counts;
    private final double[] bestUs;
    private int asked;

    /**
     * @param leastNs so long at least.
     * @param first   the query to begin with, so that loops side by side do not ask the same.
     */
    private QueryLoop(AnnData data, Engine.Finder finder, int k, long leastNs, int first) {
        this.data = data;
        this.finder = finder;
        this.k = k;
        this.leastNs = leastNs;
        this.first = first;
        this.found = new int[data.queryCount() * k];
        this.counts = new int[data.queryCount()];
        this.bestUs = new double[data.queryCount()];
        Arrays.fill(bestUs, Double.POSITIVE_INFINITY);
    }

    /** Measures one searcher on this thread, or several on a thread each. */
    static AnnBench.Figures measure(AnnData data, List<Engine.Finder> finders, int k, int filter, long leastNs)
            throws Exception {
        List<QueryLoop> loops = new ArrayList<>();
        for (Engine.Finder finder : finders) {
            loops.add(new QueryLoop(data, finder, k, leastNs, loops.size() * data.queryCount() / finders.size()));
        }
        AtomicInteger running = new AtomicInteger(loops.size());
        if (loops.size() == 1) {
            loops.getFirst().run(running);
        } else {
            try (ExecutorService threads = Executors.newFixedThreadPool(loops.size())) {
                List<Future<Boolean>> futures = new ArrayList<>();
                for (QueryLoop loop : loops) {
                    futures.add(threads.submit(() -> loop.run(running)));
                }
                for (Future<Boolean> future : futures) {
                    future.get();
                }
            }
        }
        return figures(loops, filter);
    }

    private boolean run(AtomicInteger running) throws Exception {
        try {
            int count = data.queryCount();
            int[] out = new int[k];
            float[] query = new float[data.dimension()];
            long startNs = System.nanoTime();
            boolean isDone = false;
            asked = count;
            for (int i = 0; !isDone || running.get() > 0; i++) {
                int q = (first + i % asked) % count;
                data.query(q, query);
                long askedNs = System.nanoTime();
                counts[q] = finder.find(query, out);
                long answeredNs = System.nanoTime();
                bestUs[q] = Math.min(bestUs[q], (answeredNs - askedNs) / 1e3);
                System.arraycopy(out, 0, found, q * k, counts[q]);
                long lastedNs = answeredNs - startNs;
                if (i + 1 < asked && lastedNs > FIRST_PASS_NS) {
                    asked = i + 1;
                }
                if (!isDone && i + 1 >= PASSES * asked && lastedNs >= leastNs) {
                    isDone = true;
                    running.decrementAndGet();
                }
            }
            return true;
        } catch (Exception | Error e) {
            // The others must not wait for this one.
            running.set(0);
            throw e;
        }
    }

    private static AnnBench.Figures figures(List<QueryLoop> loops, int filter) {
        double recall = 0;
        double qps = 0;
        double[] all = new double[0];
        for (QueryLoop loop : loops) {
            double[] bestUs = new double[loop.asked];
            int at = all.length;
            all = Arrays.copyOf(all, at + loop.asked);
            for (int i = 0; i < loop.asked; i++) {
                bestUs[i] = loop.bestUs[(loop.first + i) % loop.bestUs.length];
                all[at + i] = bestUs[i];
            }
            AnnBench.Figures figures = AnnBench.Figures.of(
                    loop.data.recall(filter, loop.k, loop.found, loop.counts, loop.first, loop.asked), bestUs);
            recall += figures.recall() / loops.size();
            qps += figures.qps();
        }
        AnnBench.Figures figures = AnnBench.Figures.of(recall, all);
        return new AnnBench.Figures(recall, qps, figures.p50Us(), figures.p99Us());
    }
}
