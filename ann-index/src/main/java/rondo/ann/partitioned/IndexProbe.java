package rondo.ann.partitioned;

import java.util.Arrays;
import rondo.ann.TopK;

/** Queries kept with an index, and the rows nearest to them: whoever opens it can measure what it finds. Immutable. */
final class IndexProbe {
    private static final int K = 100;

    /** Runs that answers are usually found in. */
    private static final int RUNS = 3;

    final float[] queries;
    final int k;

    /** {@code query × k} rows; −1 for the row that a query is, which finding says nothing. */
    final int[] nearest;

    IndexProbe(float[] queries, int k, int[] nearest) {
        this.queries = queries;
        this.k = k;
        this.nearest = nearest;
    }

    static IndexProbe of(PartitionedVectorIndex index, Probes probes, int threads, BuildProgress progress) {
        int k = Math.min(K, index.count);
        float[] queries = new float[probes.count() * index.dimension];
        float[] query = new float[index.dimension];
        int[] nearest;
        try (Workers workers = new Workers(threads, progress)) {
            workers.stage(0, 1, RUNS);
            nearest = new ProbeAnswers(index, probes, k, workers).find();
        }
        for (int probe = 0; probe < probes.count(); probe++) {
            probes.get(probe, query);
            System.arraycopy(query, 0, queries, probe * index.dimension, index.dimension);
            for (int i = probe * k; i < (probe + 1) * k; i++) {
                nearest[i] = nearest[i] == probes.own(probe) ? -1 : nearest[i];
            }
        }
        return new IndexProbe(queries, k, nearest);
    }

    /** Recall@k of searches by the index's plans. */
    double recall(PartitionedVectorIndex index) {
        PartitionedSearcher searcher = index.newPartitionedSearcher(k);
        TopK top = new TopK(k);
        float[] query = new float[index.dimension];
        int[] seen = new int[index.count];
        int found = 0;
        int wanted = 0;
        for (int probe = 0; probe < queries.length / query.length; probe++) {
            System.arraycopy(queries, probe * query.length, query, 0, query.length);
            searcher.search(query, k, null, top);
            for (int i = 0; i < top.count(); i++) {
                seen[top.row(i)] = probe + 1;
            }
            for (int row : Arrays.copyOfRange(nearest, probe * k, (probe + 1) * k)) {
                wanted += row >= 0 ? 1 : 0;
                found += row >= 0 && seen[row] == probe + 1 ? 1 : 0;
            }
        }
        return wanted == 0 ? 1 : (double) found / wanted;
    }
}
