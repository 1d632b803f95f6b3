package rondo.agents.fusion;

/**
 * Learns how to weigh the scores of several sources against each other: logistic regression by FTRL-proximal (McMahan et al., Ad click prediction: a view
 * from the trenches, KDD 2013), with the weights it started from as the point that its regulariser draws to. The weights in force follow the learnt ones
 * at the end of each epoch, by {@link #CHANGE_MAX} in all at most.
 *
 * <p>A pure state machine on one thread; nothing allocates after construction.
 */
public final class FusionWeights {
    /** Most by which the weights in force move in an epoch, absolute changes added up. */
    public static final double CHANGE_MAX = 0.1;

    /** Largest magnitude of a source's score. */
    public static final double SCORE_MAX = 10;

    // α, β and λ₂ of the paper; its λ₁ is 0, since a source is left out by the retrieval agent and not by chance.
    private static final double RATE = 0.1;
    private static final double RATE_START = 1;
    private static final double RIDGE = 1;

    private final int sourceCount;
    private final double[] start;
    private final double[] inForce;
    private final double[] gradients;
    private final double[] squares;

    /** @param start weights by source, finite; copied. A constant score of 1 makes its weight an intercept. */
    public FusionWeights(double[] start) {
        for (double weight : start) {
            if (!(Math.abs(weight) < 1e6)) {
                throw new IllegalArgumentException("weight outside (-1e6, 1e6): weight=" + weight);
            }
        }
        this.sourceCount = start.length;
        this.start = start.clone();
        this.inForce = start.clone();
        this.gradients = new double[sourceCount];
        this.squares = new double[sourceCount];
    }

    /** A source's weight in force. */
    public double weight(int source) {
        return inForce[source];
    }

    /** A source's weight as learnt so far. */
    public double learnt(int source) {
        double precision = (RATE_START + Math.sqrt(squares[source])) / RATE + RIDGE;
        return start[source] - gradients[source] / precision;
    }

    /** The probability of a success with the weights in force, in (0, 1). */
    public double predict(double[] scores) {
        check(scores);
        double sum = 0;
        for (int i = 0; i < sourceCount; i++) {
            sum += inForce[i] * scores[i];
        }
        return logistic(sum);
    }

    private static double logistic(double margin) {
        // Beyond 30 the answer would round to 0 or 1, which no outcome could correct.
        return 1 / (1 + StrictMath.exp(-Math.max(-30, Math.min(30, margin))));
    }

    private void check(double[] scores) {
        if (scores.length != sourceCount) {
            throw new IllegalArgumentException(
                    "one score per source: length=" + scores.length + ", sourceCount=" + sourceCount);
        }
        for (double score : scores) {
            if (!(Math.abs(score) <= SCORE_MAX)) {
                throw new IllegalArgumentException("score outside [-10, 10]: score=" + score);
            }
        }
    }

    /**
     * Learns from one outcome.
     *
     * @param scores  by source, each in [-10, 10]; read only.
     * @param outcome in [0, 1]; 1 for a success.
     */
    public void learn(double[] scores, double outcome) {
        check(scores);
        if (!(outcome >= 0 && outcome <= 1)) {
            throw new IllegalArgumentException("outcome outside [0, 1]: outcome=" + outcome);
        }
        double margin = 0;
        for (int i = 0; i < sourceCount; i++) {
            margin += learnt(i) * scores[i];
        }
        double error = logistic(margin) - outcome;
        for (int i = 0; i < sourceCount; i++) {
            double gradient = error * scores[i];
            double grown = squares[i] + gradient * gradient;
            double sharpened = (Math.sqrt(grown) - Math.sqrt(squares[i])) / RATE;
            gradients[i] += gradient - sharpened * (learnt(i) - start[i]);
            squares[i] = grown;
        }
    }

    /**
     * Moves the weights in force towards the learnt ones.
     *
     * @return by how much they moved, absolute changes added up.
     */
    public double endEpoch() {
        double distance = 0;
        for (int i = 0; i < sourceCount; i++) {
            distance += Math.abs(learnt(i) - inForce[i]);
        }
        double share = distance <= CHANGE_MAX ? 1 : CHANGE_MAX / distance;
        for (int i = 0; i < sourceCount; i++) {
            inForce[i] += share * (learnt(i) - inForce[i]);
        }
        return share * distance;
    }
}
