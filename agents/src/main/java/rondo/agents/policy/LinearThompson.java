package rondo.agents.policy;

/**
 * Contextual Thompson sampling with linear payoffs (Agrawal and Goyal, ICML 2013), one ridge regression per action. At each {@link #tick} a fixed number
 * of parameter sets is drawn from the posterior; a decision takes one of them at random and plays the action that is best under it. So the propensity is
 * no estimate: it is the share of the sets under which that action is best.
 *
 * <p>The precision ridge I + sum of x xᵀ is kept as its Cholesky factor L, brought up to date by one rank (Gill, Golub, Murray and Saunders, Methods for
 * modifying matrix factorizations, 1974); a parameter vector is mean + spread · L⁻ᵀ z with z standard normal.
 *
 * <p>A pure state machine on one thread: draws depend on the seed and the tick alone. No method allocates.
 */
public final class LinearThompson {
    /** Parameter sets drawn at a tick: propensities are multiples of one over this. */
    public static final int DRAWS = 64;

    private final int actionCount;
    private final int dimension;
    private final double spread;
    private final double[] factors;
    private final double[] targets;
    private final double[] thetas;
    private final double[] scratch;
    private final int[] votes;
    private double propensity;

    /**
     * Believes nothing yet, and has ticked once with key 0.
     *
     * @param ridge  weight of the belief that all weights are 0, in rows; above 0.
     * @param spread standard deviation of a reward around its prediction, times how much wider to explore; above 0.
     */
    public LinearThompson(int actionCount, int dimension, double ridge, double spread, long seed) {
        if (actionCount < 1 || dimension < 1 || !(ridge > 0 && ridge < 1e9) || !(spread > 0 && spread < 1e9)) {
            throw new IllegalArgumentException("counts below 1, or ridge or spread outside (0, 1e9): actionCount="
                    + actionCount + ", dimension=" + dimension + ", ridge=" + ridge + ", spread=" + spread);
        }
        this.actionCount = actionCount;
        this.dimension = dimension;
        this.spread = spread;
        this.factors = new double[actionCount * dimension * dimension];
        this.targets = new double[actionCount * dimension];
        this.thetas = new double[actionCount * DRAWS * dimension];
        this.scratch = new double[dimension];
        this.votes = new int[actionCount];
        for (int a = 0; a < actionCount; a++) {
            for (int i = 0; i < dimension; i++) {
                factors[factorAt(a, i, i)] = Math.sqrt(ridge);
            }
        }
        tick(seed, 0);
    }

    private int factorAt(int action, int row, int column) {
        return (action * dimension + row) * dimension + column;
    }

    private int thetaAt(int action, int draw) {
        return (action * DRAWS + draw) * dimension;
    }

    /** Draws new parameter sets from what was learnt so far; until the next tick, what is learnt changes no decision. */
    public void tick(long seed, long key) {
        for (int a = 0; a < actionCount; a++) {
            solveForward(a);
            for (int draw = 0; draw < DRAWS; draw++) {
                int at = thetaAt(a, draw);
                for (int i = 0; i < dimension; i++) {
                    thetas[at + i] = scratch[i] + spread * normal(seed, key, at + i);
                }
                solveBackward(a, at);
            }
        }
    }

    /** L y = target: the mean is L⁻ᵀ y, so noise and mean share one solution backward. */
    private void solveForward(int action) {
        for (int i = 0; i < dimension; i++) {
            double sum = targets[action * dimension + i];
            for (int j = 0; j < i; j++) {
                sum -= factors[factorAt(action, i, j)] * scratch[j];
            }
            scratch[i] = sum / factors[factorAt(action, i, i)];
        }
    }

    private void solveBackward(int action, int at) {
        for (int i = dimension - 1; i >= 0; i--) {
            double sum = thetas[at + i];
            for (int j = i + 1; j < dimension; j++) {
                sum -= factors[factorAt(action, j, i)] * thetas[at + j];
            }
            thetas[at + i] = sum / factors[factorAt(action, i, i)];
        }
    }

    /** Box and Muller 1958; StrictMath, so that every machine draws the same. */
    private static double normal(long seed, long key, long index) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - CounterRandom.uniform(seed, key, 2 * index)));
        return radius * StrictMath.cos(2 * Math.PI * CounterRandom.uniform(seed, key, 2 * index + 1));
    }

    /**
     * Draws an action; {@link #propensity} and {@link #probability} then speak of this draw.
     *
     * @param context read only, not kept.
     * @param uniform in [0, 1).
     */
    public int choose(double[] context, double uniform) {
        ContextRule.check(context, dimension);
        ContextRule.checkUniform(uniform);
        for (int a = 0; a < actionCount; a++) {
            votes[a] = 0;
        }
        int chosenDraw = (int) (uniform * DRAWS);
        int chosen = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            int best = bestOf(draw, context);
            votes[best]++;
            if (draw == chosenDraw) {
                chosen = best;
            }
        }
        propensity = probability(chosen);
        return chosen;
    }

    private int bestOf(int draw, double[] context) {
        int best = 0;
        double highest = Double.NEGATIVE_INFINITY;
        for (int a = 0; a < actionCount; a++) {
            int at = thetaAt(a, draw);
            double value = 0;
            for (int i = 0; i < dimension; i++) {
                value += thetas[at + i] * context[i];
            }
            if (value > highest) {
                highest = value;
                best = a;
            }
        }
        return best;
    }

    /** The probability with which the last {@link #choose} chose what it chose; exact. */
    public double propensity() {
        return propensity;
    }

    /** The probability that an action had at the last {@link #choose}; exact. */
    public double probability(int action) {
        return (double) votes[action] / DRAWS;
    }

    /**
     * Learns what an action earned.
     *
     * @param reward in [0, 1].
     */
    public void learn(double[] context, int action, double reward) {
        ContextRule.checkIndex("action", action, actionCount);
        ContextRule.check(context, dimension);
        ContextRule.checkReward(reward);
        for (int i = 0; i < dimension; i++) {
            targets[action * dimension + i] += reward * context[i];
            scratch[i] = context[i];
        }
        for (int k = 0; k < dimension; k++) {
            double diagonal = factors[factorAt(action, k, k)];
            double grown = Math.sqrt(diagonal * diagonal + scratch[k] * scratch[k]);
            double cosine = grown / diagonal;
            double sine = scratch[k] / diagonal;
            factors[factorAt(action, k, k)] = grown;
            for (int i = k + 1; i < dimension; i++) {
                double value = (factors[factorAt(action, i, k)] + sine * scratch[i]) / cosine;
                factors[factorAt(action, i, k)] = value;
                scratch[i] = cosine * scratch[i] - sine * value;
            }
        }
    }

    /** Element of the Cholesky factor. */
    double factor(int action, int row, int column) {
        return factors[factorAt(action, row, column)];
    }
}
