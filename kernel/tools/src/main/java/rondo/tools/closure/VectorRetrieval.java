package rondo.tools.closure;

import java.util.Arrays;
import rondo.ann.RowFilter;
import rondo.ann.Similarity;
import rondo.ann.TopK;
import rondo.ann.VectorSearcher;
import rondo.ann.flat.FlatVectorIndex;

/**
 * Nearest items to a query, from the real exact index. How the query is made is a choice that matters differently by
 * stratum, and the relevance of its own result tells which to prefer.
 */
final class VectorRetrieval extends ChoosingModule {
    private static final int K = 20;
    private static final int HISTORY = 5;
    private static final int MET = 16;
    private static final int QUERIES = 4;
    private static final double STORED_VECTOR_NOISE = 0.2;

    private final HeldOutAudience audience;
    private final FlatVectorIndex index;
    private final VectorSearcher searcher;
    private final RowFilter everything = new RowFilter(HeldOutAudience.ITEMS);
    private final TopK top = new TopK(K);
    private final float[] query = new float[HeldOutAudience.DIMENSION];

    VectorRetrieval(HeldOutAudience audience, long seed) {
        super("ann-retrieval", "relevance of the top 20 over the best 20", K, audience);
        this.audience = audience;
        float[] rows = new float[HeldOutAudience.ITEMS * HeldOutAudience.DIMENSION];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) audience.component(i / HeldOutAudience.DIMENSION, i % HeldOutAudience.DIMENSION);
        }
        this.index = FlatVectorIndex.build(rows, HeldOutAudience.DIMENSION, Similarity.COSINE);
        this.searcher = index.newSearcher(K);
        settle(seed);
    }

    /** Frees the index. */
    void close() {
        index.close();
    }

    @Override
    public int count() {
        return QUERIES;
    }

    @Override
    public int casesPerIteration() {
        return 4;
    }

    /** Query: the last item, the mean of the history, the stored vector, both together. */
    @Override
    public void act(int action, long input, double[] output) {
        HeldOutAudience.User user = audience.user(input);
        double[] wanted = new double[HeldOutAudience.DIMENSION];
        int from = action == 0 ? HISTORY - 1 : 0;
        for (int h = from; h < HISTORY && action != 2; h++) {
            int item = consumed(user, input, h);
            for (int d = 0; d < wanted.length; d++) {
                wanted[d] += audience.component(item, d) / HISTORY;
            }
        }
        for (int d = 0; d < wanted.length && action >= 2; d++) {
            wanted[d] += user.taste(d) + STORED_VECTOR_NOISE * audience.normal(input, 300 + d);
        }
        search(wanted);
        for (int i = 0; i < K; i++) {
            output[i] = top.row(i);
        }
    }

    /** What a user consumed: the most relevant of some items met by chance. */
    private int consumed(HeldOutAudience.User user, long input, int place) {
        int best = -1;
        double most = -1;
        for (int i = 0; i < MET; i++) {
            int item = audience.draw(input, 400 + place * MET + i, HeldOutAudience.ITEMS);
            double relevance = audience.relevance(user, item);
            if (relevance > most) {
                most = relevance;
                best = item;
            }
        }
        return best;
    }

    private void search(double[] wanted) {
        for (int d = 0; d < query.length; d++) {
            query[d] = (float) wanted[d];
        }
        searcher.search(query, K, everything, top);
    }

    @Override
    public double value(double[] output, long input) {
        HeldOutAudience.User user = audience.user(input);
        double[] relevance = new double[HeldOutAudience.ITEMS];
        for (int i = 0; i < relevance.length; i++) {
            relevance[i] = audience.relevance(user, i);
        }
        double found = 0;
        for (double row : output) {
            found += relevance[(int) row];
        }
        Arrays.sort(relevance);
        double best = 0;
        for (int i = 0; i < K; i++) {
            best += relevance[relevance.length - 1 - i];
        }
        return found / best;
    }
}
