package rondo.agents.policy;

/**
 * Contextual bandit by inverse-gap weighting (Foster and Rakhlin, Beyond UCB: optimal and efficient contextual bandits with regression oracles, ICML
 * 2020): an action is drawn the more rarely the further its predicted reward lies below the best one's. The oracle is one ridge regression per stratum
 * and action, kept up by recursive least squares.
 *
 * <p>With K actions, predictions y and the best action b, an action a other than b has probability 1 / (K + γ (y(b) − y(a))), and b has the rest. γ is
 * 10 √n with n the rewards learnt in the stratum, so a stratum without any plays all actions alike.
 *
 * <pre>
 * models   stratum s, action a: weights[dimension], then the inverse of (ridge I + sum of x xᵀ), dimension²
 * </pre>
 *
 * <p>A pure state machine on one thread; {@link #choose} and {@link #learn} allocate nothing.
 */
public final class SquareCb {
    private static final double GAMMA = 10;

    private final int stratumCount;
    private final int actionCount;
    private final int dimension;
    private final int stride;
    private final double[] models;
    private final long[] steps;
    private final double[] probabilities;
    private final double[] scratch;
    private double propensity;

    /**
     * Predicts 0 everywhere.
     *
     * @param ridge weight of the belief that all weights are 0, in rows; above 0.
     */
    public SquareCb(int stratumCount, int actionCount, int dimension, double ridge) {
        if (stratumCount < 1 || actionCount < 1 || dimension < 1 || !(ridge > 0 && ridge < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("counts below 1, or ridge not above 0: stratumCount=" + stratumCount
                    + ", actionCount=" + actionCount + ", dimension=" + dimension + ", ridge=" + ridge);
        }
        this.stratumCount = stratumCount;
        this.actionCount = actionCount;
        this.dimension = dimension;
        this.stride = dimension + dimension * dimension;
        this.models = new double[stratumCount * actionCount * stride];
        this.steps = new long[stratumCount];
        this.probabilities = new double[actionCount];
        this.scratch = new double[dimension];
        for (int at = dimension; at < models.length; at += stride) {
            for (int i = 0; i < dimension; i++) {
                models[at + i * (dimension + 1)] = 1 / ridge;
            }
        }
    }

    /**
     * Draws an action; {@link #propensity} and {@link #probability} then speak of this draw.
     *
     * @param context read only, not kept.
     * @param uniform in [0, 1).
     */
    public int choose(int stratum, double[] context, double uniform) {
        ContextRule.checkIndex("stratum", stratum, stratumCount);
        ContextRule.check(context, dimension);
        ContextRule.checkUniform(uniform);
        weighGaps(stratum, context);
        int action = 0;
        double sum = probabilities[0];
        while (action < actionCount - 1 && uniform >= sum) {
            sum += probabilities[++action];
        }
        propensity = probabilities[action];
        return action;
    }

    private void weighGaps(int stratum, double[] context) {
        int best = 0;
        for (int a = 0; a < actionCount; a++) {
            probabilities[a] = predict(stratum, a, context);
            if (probabilities[a] > probabilities[best]) {
                best = a;
            }
        }
        double gamma = GAMMA * Math.sqrt((double) steps[stratum]);
        double highest = probabilities[best];
        double others = 0;
        for (int a = 0; a < actionCount; a++) {
            if (a != best) {
                probabilities[a] = 1 / (actionCount + gamma * (highest - probabilities[a]));
                others += probabilities[a];
            }
        }
        probabilities[best] = 1 - others;
    }

    /** The reward that an action is thought to earn, in [0, 1]. */
    public double predict(int stratum, int action, double[] context) {
        ContextRule.checkIndex("stratum", stratum, stratumCount);
        ContextRule.checkIndex("action", action, actionCount);
        ContextRule.check(context, dimension);
        return Math.max(0, Math.min(1, product(at(stratum, action), context)));
    }

    /** The probability with which the last {@link #choose} chose what it chose. */
    public double propensity() {
        return propensity;
    }

    /** The probability that an action had at the last {@link #choose}. */
    public double probability(int action) {
        return probabilities[action];
    }

    /** Rewards learnt in a stratum. */
    public long steps(int stratum) {
        return steps[stratum];
    }

    /**
     * Learns what an action earned.
     *
     * @param reward in [0, 1].
     */
    public void learn(int stratum, double[] context, int action, double reward) {
        ContextRule.checkIndex("stratum", stratum, stratumCount);
        ContextRule.checkIndex("action", action, actionCount);
        ContextRule.check(context, dimension);
        ContextRule.checkReward(reward);
        int model = at(stratum, action);
        int inverse = model + dimension;
        double scale = 1;
        for (int i = 0; i < dimension; i++) {
            double sum = 0;
            for (int j = 0; j < dimension; j++) {
                sum += models[inverse + i * dimension + j] * context[j];
            }
            scratch[i] = sum;
            scale += sum * context[i];
        }
        double error = reward - product(model, context);
        for (int i = 0; i < dimension; i++) {
            double gain = scratch[i] / scale;
            models[model + i] += gain * error;
            // Both triangles are written from one product, so that rounding cannot make the inverse lopsided.
            for (int j = 0; j <= i; j++) {
                double value = models[inverse + i * dimension + j] - gain * scratch[j];
                models[inverse + i * dimension + j] = value;
                models[inverse + j * dimension + i] = value;
            }
        }
        steps[stratum]++;
    }

    private int at(int stratum, int action) {
        return (stratum * actionCount + action) * stride;
    }

    private double product(int model, double[] context) {
        double sum = 0;
        for (int i = 0; i < dimension; i++) {
            sum += models[model + i] * context[i];
        }
        return sum;
    }
}
