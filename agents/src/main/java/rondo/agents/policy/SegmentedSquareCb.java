package rondo.agents.policy;

import rondo.agents.Segment;

/**
 * {@link SquareCb} with a stratum for each class of users and a feature for each of the caller's labels beside a constant: what a class has in common is
 * learnt from all labels, and a label departs from it as far as its own rewards say.
 */
public final class SegmentedSquareCb implements AgentLearner {
    private static final int DIMENSION = 1 + Segment.HINT_COUNT;
    private static final double RIDGE = 20;

    private final SquareCb regressions;
    private final double[] context = new double[DIMENSION];

    /** Predicts 0 everywhere. */
    public SegmentedSquareCb(int actionCount) {
        this.regressions = new SquareCb(Segment.BUCKET_COUNT, actionCount, DIMENSION, RIDGE);
        context[0] = 1;
    }

    @Override
    public void learn(int segment, int action, double reward, double expected) {
        int label = 1 + Segment.hint(segment);
        context[label] = 1;
        regressions.learn(Segment.bucket(segment), context, action, reward);
        context[label] = 0;
    }

    @Override
    public void want(int segment, double[] out) {
        int label = 1 + Segment.hint(segment);
        context[label] = 1;
        regressions.choose(Segment.bucket(segment), context, 0);
        context[label] = 0;
        for (int a = 0; a < out.length; a++) {
            out[a] = regressions.probability(a);
        }
    }
}
