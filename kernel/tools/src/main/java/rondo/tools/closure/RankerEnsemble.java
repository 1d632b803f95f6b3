package rondo.tools.closure;

import rondo.agents.ranking.RankingAgent;

/** The serving path's own ranker: which of its weight vectors orders candidates best differs by stratum, and its own NDCG tells. */
final class RankerEnsemble extends ChoosingModule {
    private static final int CANDIDATES = 60;
    static final int PLACES = 10;

    private final HeldOutAudience audience;
    private final RankingAgent ranker = new RankingAgent(CANDIDATES);
    private final float[] retrieval = new float[CANDIDATES];
    private final float[] popularity = new float[CANDIDATES];
    private final float[] taste = new float[CANDIDATES];
    private final float[] scores = new float[CANDIDATES];
    private final int[] order = new int[CANDIDATES];
    private final int[] items = new int[CANDIDATES];

    /** The case whose candidates the arrays hold; −1 for none. */
    private long retrieved = -1;

    RankerEnsemble(HeldOutAudience audience, long seed) {
        super("ranker-ensemble", "NDCG@10 of 60 candidates", PLACES, audience);
        this.audience = audience;
        settle(seed);
    }

    /** Candidates as retrieval hands them over: the better of two items met by chance, best first by a noisy score. */
    private void retrieve(long input, HeldOutAudience.User user) {
        if (retrieved == input) {
            return;
        }
        retrieved = input;
        double[] noisy = new double[CANDIDATES];
        int[] met = new int[CANDIDATES];
        double[] places = new double[CANDIDATES];
        for (int i = 0; i < CANDIDATES; i++) {
            met[i] = (audience.draw(input, 700, HeldOutAudience.ITEMS) + i * 5) % HeldOutAudience.ITEMS;
            noisy[i] = audience.similarity(user, met[i]) + 0.1 * audience.normal(input, 701 + i);
        }
        Gains.top(noisy, CANDIDATES, places);
        for (int i = 0; i < CANDIDATES; i++) {
            int at = (int) places[i];
            items[i] = met[at];
            retrieval[i] = (float) noisy[at];
            popularity[i] = (float) StrictMath.expm1(5 * audience.popularity(items[i]));
            taste[i] = (float) user.share(audience.category(items[i]));
        }
    }

    @Override
    public int count() {
        return ranker.decisionSpace().size();
    }

    @Override
    public int casesPerIteration() {
        return 4;
    }

    @Override
    public void act(int action, long input, double[] output) {
        retrieve(input, audience.user(input));
        ranker.rank(action, ranker.groups(action), retrieval, popularity, taste, CANDIDATES, order, scores);
        for (int i = 0; i < PLACES; i++) {
            output[i] = order[i];
        }
    }

    @Override
    public double value(double[] output, long input) {
        return Gains.share(output, PLACES, relevance(input));
    }

    private double[] relevance(long input) {
        HeldOutAudience.User user = audience.user(input);
        retrieve(input, user);
        double[] relevance = new double[CANDIDATES];
        for (int i = 0; i < CANDIDATES; i++) {
            relevance[i] = audience.relevance(user, items[i]);
        }
        return relevance;
    }

    /**
     * The score of the same choice on a log of production: users could consume only what this very ranker had shown them, so that all else counts as not
     * wanted.
     */
    double productionScore(long input) {
        double[] output = new double[PLACES];
        act(preferred(input), input, output);
        double[] seen = new double[CANDIDATES];
        double[] relevance = relevance(input);
        for (double shown : output) {
            seen[(int) shown] = relevance[(int) shown];
        }
        return Gains.share(output, PLACES, seen);
    }
}
