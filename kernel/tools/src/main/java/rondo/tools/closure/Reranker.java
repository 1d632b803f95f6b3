package rondo.tools.closure;

import java.util.Arrays;
import rondo.agents.filter.FilterAgent;
import rondo.ann.RowFilter;

/** The serving path's own diversification: users who tire of a category want more of it than users who do not, and the slate's own gain tells. */
final class Reranker extends ChoosingModule {
    private static final int CANDIDATES = 50;
    private static final int PLACES = 10;

    private final HeldOutAudience audience;
    private final FilterAgent filter = new FilterAgent(CANDIDATES);
    private final RowFilter everything = new RowFilter(HeldOutAudience.ITEMS);
    private final int[] rows = new int[CANDIDATES];
    private final long[] categories = new long[CANDIDATES];
    private final int[] order = new int[CANDIDATES];
    private final float[] scores = new float[CANDIDATES];
    private final int[] selected = new int[PLACES];

    /** The case whose candidates the arrays hold; −1 for none. */
    private long ranked = -1;

    Reranker(HeldOutAudience audience, long seed) {
        super("mmr-reranker", "gain of the slate under fatigue over the greedy best", PLACES, audience);
        this.audience = audience;
        settle(seed);
    }

    /** Candidates as ranking leaves them: best first by relevance. */
    private void rank(long input, HeldOutAudience.User user) {
        if (ranked == input) {
            return;
        }
        ranked = input;
        double[] relevance = new double[CANDIDATES];
        double[] places = new double[CANDIDATES];
        int start = audience.draw(input, 800, HeldOutAudience.ITEMS);
        for (int i = 0; i < CANDIDATES; i++) {
            relevance[i] = audience.relevance(user, (start + i * 7) % HeldOutAudience.ITEMS);
        }
        Gains.top(relevance, CANDIDATES, places);
        for (int i = 0; i < CANDIDATES; i++) {
            int at = (int) places[i];
            rows[i] = (start + at * 7) % HeldOutAudience.ITEMS;
            categories[i] = 1L << audience.category(rows[i]);
            order[i] = i;
            scores[i] = (float) relevance[at];
        }
    }

    @Override
    public int count() {
        return filter.decisionSpace().size();
    }

    @Override
    public int casesPerIteration() {
        return 4;
    }

    @Override
    public void act(int action, long input, double[] output) {
        rank(input, audience.user(input));
        filter.select(action, rows, categories, order, scores, CANDIDATES, everything, PLACES, selected);
        for (int i = 0; i < PLACES; i++) {
            output[i] = selected[i];
        }
    }

    @Override
    public double value(double[] output, long input) {
        HeldOutAudience.User user = audience.user(input);
        rank(input, user);
        double keep = 1 - audience.fatigue(user);
        double[] appetite = new double[HeldOutAudience.CATEGORIES];
        Arrays.fill(appetite, 1);
        double gain = 0;
        for (int place = 0; place < PLACES; place++) {
            gain += take((int) output[place], place, appetite, keep);
        }
        Arrays.fill(appetite, 1);
        boolean[] taken = new boolean[CANDIDATES];
        double best = 0;
        for (int place = 0; place < PLACES; place++) {
            int top = -1;
            for (int i = 0; i < CANDIDATES; i++) {
                if (!taken[i] && (top < 0 || worth(i, appetite) > worth(top, appetite))) {
                    top = i;
                }
            }
            taken[top] = true;
            best += take(top, place, appetite, keep);
        }
        return Math.min(1, gain / best);
    }

    private double worth(int candidate, double[] appetite) {
        return scores[candidate] * appetite[audience.category(rows[candidate])];
    }

    private double take(int candidate, int place, double[] appetite, double keep) {
        double gain = Gains.discount(place) * worth(candidate, appetite);
        appetite[audience.category(rows[candidate])] *= keep;
        return gain;
    }
}
