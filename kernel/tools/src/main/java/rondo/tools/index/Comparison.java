package rondo.tools.index;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import rondo.ann.TopK;
import rondo.ann.VectorIndex;
import rondo.ann.VectorSearcher;
import rondo.ann.flat.FlatVectorIndex;
import rondo.ann.partitioned.PartitionedVectorIndex;
import rondo.tools.data.Progress;

/** The same queries to an index and to exact search, one after the other so that neither finds the other's data in the caches. One thread. */
final class Comparison {
    /** Searches are warm when they no longer get faster from one such time to the next. */
    private static final long WINDOW_NS = 250_000_000;

    private static final int WARM_SEARCHES = 5_000;
    private static final int WINDOWS_MIN = 2;
    private static final int WINDOWS_MAX = 16;
    private static final double FASTER = 0.9;
    private static final long MEASURED_NS = 700_000_000;
    private static final int DIGITS = 3;

    private final PartitionedVectorIndex index;
    private final FlatVectorIndex exact;
    private final Queries queries;

    /** By row of the vectors: the query that last found it. */
    private final int[] seen;

    private int queriesCounted;

    Comparison(PartitionedVectorIndex index, FlatVectorIndex exact, Queries queries) {
        this.index = index;
        this.exact = exact;
        this.queries = queries;
        this.seen = new int[exact.count()];
    }

    /** Queries, evenly spread over those there are. */
    static final class Queries {
        private final float[] values;
        private final int dimension;
        private final int all;
        private final int count;
        private final boolean areRows;

        private Queries(float[] values, int dimension, int all, int count, boolean areRows) {
            this.values = values;
            this.dimension = dimension;
            this.all = all;
            this.count = count;
            this.areRows = areRows;
        }

        /**
         * @param values  row-major.
         * @param areRows true when they are the vectors that are searched.
         */
        static Queries of(float[] values, int dimension, int countMax, boolean areRows) {
            int all = values.length / dimension;
            return new Queries(values, dimension, all, Math.min(all, countMax), areRows);
        }

        int count() {
            return count;
        }

        private int row(int query) {
            return (int) ((long) query * all / count);
        }

        /** The row that a query is, or −1. */
        int own(int query) {
            return areRows ? row(query) : -1;
        }

        void get(int query, float[] out) {
            System.arraycopy(values, row(query) * dimension, out, 0, dimension);
        }
    }

    /** Microseconds a search. */
    record Times(double meanUs, double p50Us, double p99Us) {
        void write(ObjectNode out) {
            out.put("meanUs", meanUs).put("p50Us", p50Us).put("p99Us", p99Us);
        }
    }

    /** What came of one k. */
    record Row(int k, double recall, Times index, Times exact) {}

    /** Takes what a query found. */
    @FunctionalInterface
    private interface Answers {
        void take(int query, TopK top);
    }

    List<Row> run(int[] ks) {
        List<Row> rows = new ArrayList<>();
        try (Progress progress = new Progress("compare", 2L * ks.length * queries.count())) {
            for (int i = 0; i < ks.length; i++) {
                rows.add(run(ks[i], progress, 2L * i * queries.count()));
            }
        }
        return rows;
    }

    private Row run(int k, Progress progress, long done) {
        int[] nearest = new int[queries.count() * k];
        float[] worst = new float[queries.count()];
        Times exactTimes = search(exact, k, progress, done, (query, top) -> {
            for (int i = 0; i < k; i++) {
                nearest[query * k + i] = top.row(i);
            }
            worst[query] = top.score(k - 1);
        });
        long[] found = new long[2];
        Times indexTimes = search(index, k, progress, done + queries.count(), (query, top) -> {
            long wanted = wanted(query, nearest, k);
            found[0] += Math.min(wanted, found(query, top, worst[query]));
            found[1] += wanted;
        });
        return new Row(k, found[1] == 0 ? 1 : (double) found[0] / found[1], indexTimes, exactTimes);
    }

    /** Marks the rows nearest to a query, and returns how many they are beside itself. */
    private long wanted(int query, int[] nearest, int k) {
        queriesCounted++;
        long wanted = 0;
        for (int i = query * k; i < (query + 1) * k; i++) {
            seen[nearest[i]] = queriesCounted;
            wanted += nearest[i] == queries.own(query) ? 0 : 1;
        }
        return wanted;
    }

    /** How many of those that an index found are among the nearest, or as near as the last of them. */
    private long found(int query, TopK top, float worst) {
        long found = 0;
        for (int i = 0; i < top.count(); i++) {
            int id = (int) index.id(top.row(i));
            boolean isNearest = seen[id] == queriesCounted || top.score(i) >= worst;
            found += isNearest && id != queries.own(query) ? 1 : 0;
        }
        return found;
    }

    /** Searches until the code is compiled, then once for the answers, and on until there are enough times. */
    private Times search(VectorIndex of, int k, Progress progress, long done, Answers answers) {
        VectorSearcher searcher = of.newSearcher(k);
        TopK top = new TopK(k);
        float[] query = new float[of.dimension()];
        warmUp(searcher, k, top, query);
        Histogram times = new Histogram(DIGITS);
        long startNs = System.nanoTime();
        for (boolean isFirst = true; isFirst || System.nanoTime() - startNs < MEASURED_NS; isFirst = false) {
            for (int q = 0; q < queries.count(); q++) {
                queries.get(q, query);
                long fromNs = System.nanoTime();
                searcher.search(query, k, null, top);
                times.recordValue(System.nanoTime() - fromNs);
                if (isFirst) {
                    answers.take(q, top);
                    progress.at(done + q);
                }
            }
        }
        return new Times(
                times.getMean() / 1e3, times.getValueAtPercentile(50) / 1e3, times.getValueAtPercentile(99) / 1e3);
    }

    private void warmUp(VectorSearcher searcher, int k, TopK top, float[] query) {
        double before = Double.MAX_VALUE;
        boolean isFaster = true;
        long all = 0;
        for (int window = 0;
                window < WINDOWS_MIN || (window < WINDOWS_MAX && (isFaster || all < WARM_SEARCHES));
                window++) {
            long startNs = System.nanoTime();
            int searches = 0;
            while (System.nanoTime() - startNs < WINDOW_NS) {
                queries.get(searches % queries.count(), query);
                searcher.search(query, k, null, top);
                searches++;
            }
            all += searches;
            double now = (double) (System.nanoTime() - startNs) / searches;
            isFaster = now < FASTER * before;
            before = now;
        }
    }
}
