package rondo.agents.model;

import java.util.Arrays;

/**
 * Finds a good configuration within a budget (successive halving: Jamieson and Talwalkar, Non-stochastic best arm identification and hyperparameter
 * optimization, AISTATS 2016): all are trained a little, the better half goes on with twice as much each, until one is left.
 *
 * <p>With n configurations there are ⌈log₂ n⌉ rungs; at each, those that are left share budget / rungs evenly. Whoever trains asks for {@link #next},
 * trains that configuration until it has had {@link #resource} units in all, and says its loss.
 *
 * <p>A pure state machine on one thread; {@link #learn} allocates nothing.
 */
public final class SuccessiveHalving {
    /** Most configurations of a search. */
    public static final int CONFIGURATIONS_MAX = 1_000;

    private final int[] left;
    private final double[] losses;
    private final int rungs;
    private final int budget;
    private int count;
    private int position;
    private int resource;
    private int spent;

    /**
     * @param configurationCount in [1, 1000].
     * @param budget             units of training in all; enough for one unit of each configuration at each rung.
     */
    public SuccessiveHalving(int configurationCount, int budget) {
        if (configurationCount < 1 || configurationCount > CONFIGURATIONS_MAX) {
            throw new IllegalArgumentException(
                    "configurations outside [1, 1000]: configurationCount=" + configurationCount);
        }
        this.rungs = 32 - Integer.numberOfLeadingZeros(configurationCount - 1);
        if (budget < configurationCount * rungs) {
            throw new IllegalArgumentException("budget below one unit per configuration and rung: budget=" + budget
                    + ", configurationCount=" + configurationCount + ", rungs=" + rungs);
        }
        this.budget = budget;
        this.left = new int[configurationCount];
        this.losses = new double[configurationCount];
        this.count = configurationCount;
        for (int i = 0; i < configurationCount; i++) {
            left[i] = i;
        }
        if (rungs > 0) {
            resource = share();
        }
    }

    /** Units that each configuration gets at this rung. */
    private int share() {
        return budget / rungs / count;
    }

    /** True when one configuration is left. */
    public boolean isFinished() {
        return count == 1;
    }

    /** The configuration to train now; when finished, the winner. */
    public int next() {
        return left[position];
    }

    /** Units of training that {@link #next} shall have had in all. */
    public int resource() {
        return resource;
    }

    /** Units of training asked for and done so far; never more than the budget. */
    public int spent() {
        return spent;
    }

    /**
     * Learns the loss of the configuration that was {@link #next}, and goes on to the one after it.
     *
     * @param loss lower is better; infinite when training failed.
     */
    public void learn(int configuration, double loss) {
        if (isFinished()) {
            throw new IllegalStateException("the search is finished: winner=" + left[0]);
        }
        if (configuration != next() || Double.isNaN(loss)) {
            throw new IllegalArgumentException("the loss of another configuration, or no number: configuration="
                    + configuration + ", next=" + next() + ", loss=" + loss);
        }
        spent += share();
        // Sorted in, best first; of equals the one that came first stays before.
        int at = position;
        while (at > 0 && losses[at - 1] > loss) {
            at--;
        }
        System.arraycopy(left, at, left, at + 1, position - at);
        System.arraycopy(losses, at, losses, at + 1, position - at);
        left[at] = configuration;
        losses[at] = loss;
        position++;
        if (position == count) {
            position = 0;
            count = (count + 1) / 2;
            if (count > 1) {
                Arrays.sort(left, 0, count);
                resource += share();
            }
        }
    }
}
