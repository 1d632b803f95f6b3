package rondo.agents.policy;

import rondo.agents.Segment;

/**
 * {@link LinearThompson} with a constant, a feature for each class of users and one for each of the caller's labels: all segments are learnt together. Its
 * parameter sets are drawn anew with every {@link #TICK_REWARDS}th reward.
 */
public final class SegmentedLinearThompson implements AgentLearner {
    /** Drawing is dear: 64 parameter sets per action. */
    static final int TICK_REWARDS = 100;

    private static final int DIMENSION = 1 + Segment.BUCKET_COUNT + Segment.HINT_COUNT;
    private static final double RIDGE = 20;

    /** The standard deviation of a reward in [0, 1] that is mostly 0. */
    private static final double SPREAD = 0.3;

    private final LinearThompson regressions;
    private final long seed;
    private final double[] context = new double[DIMENSION];
    private long rewards;

    /** Believes nothing yet. */
    public SegmentedLinearThompson(int actionCount, long seed) {
        this.regressions = new LinearThompson(actionCount, DIMENSION, RIDGE, SPREAD, seed);
        this.seed = seed;
        context[0] = 1;
    }

    private void mark(int segment, double value) {
        context[1 + Segment.bucket(segment)] = value;
        context[1 + Segment.BUCKET_COUNT + Segment.hint(segment)] = value;
    }

    @Override
    public void learn(int segment, int action, double reward, double expected) {
        mark(segment, 1);
        regressions.learn(context, action, reward);
        mark(segment, 0);
        if (++rewards % TICK_REWARDS == 0) {
            regressions.tick(seed, rewards);
        }
    }

    @Override
    public void want(int segment, double[] out) {
        mark(segment, 1);
        regressions.choose(context, 0);
        mark(segment, 0);
        for (int a = 0; a < out.length; a++) {
            out[a] = regressions.probability(a);
        }
    }
}
