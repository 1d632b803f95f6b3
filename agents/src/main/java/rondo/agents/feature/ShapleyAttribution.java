package rondo.agents.feature;

import java.util.function.IntToDoubleFunction;
import rondo.agents.policy.CounterRandom;

/**
 * How much each feature group contributes to a value: Shapley values by sampled permutations (Castro, Gómez and Tejada, Computers and Operations Research
 * 2009), each followed by its reverse, so that what one order overstates the other understates (antithetic pairs: Mitchell, Cooper, Frank and Holmes,
 * Sampling permutations for Shapley value estimation, JMLR 2022).
 *
 * <p>Each permutation hands out exactly v(all) − v(none), so the contributions add up to it whatever was sampled; {@link #efficiencyGap} shows it.
 */
public final class ShapleyAttribution {
    private final int groupCount;
    private final double[] values;
    private final double[] squares;
    private final int[] order;
    private final double[] marginals;
    private double total;
    private int pairCount;

    /** @param groupCount players, in [1, 24]. */
    public ShapleyAttribution(int groupCount) {
        if (groupCount < 1 || groupCount > SubsetSearch.GROUPS_MAX) {
            throw new IllegalArgumentException("groups outside [1, 24]: groupCount=" + groupCount);
        }
        this.groupCount = groupCount;
        this.values = new double[groupCount];
        this.squares = new double[groupCount];
        this.order = new int[groupCount];
        this.marginals = new double[groupCount];
    }

    /**
     * Attributes anew.
     *
     * @param value the value of a set of groups, given as bits; asked 2 (groupCount − 1) times a pair, and twice more.
     * @param pairs permutations with their reverses, at least 1.
     */
    public void attribute(IntToDoubleFunction value, int pairs, long seed) {
        if (pairs < 1) {
            throw new IllegalArgumentException("pairs below 1: pairs=" + pairs);
        }
        int all = (1 << groupCount) - 1;
        double none = value.applyAsDouble(0);
        double everything = value.applyAsDouble(all);
        total = everything - none;
        pairCount = pairs;
        for (int g = 0; g < groupCount; g++) {
            values[g] = 0;
            squares[g] = 0;
        }
        for (int pair = 0; pair < pairs; pair++) {
            shuffle(seed, pair);
            for (int g = 0; g < groupCount; g++) {
                marginals[g] = 0;
            }
            walk(value, none, everything, false);
            walk(value, none, everything, true);
            for (int g = 0; g < groupCount; g++) {
                double mean = marginals[g] / 2;
                double before = mean - values[g];
                values[g] += before / (pair + 1);
                squares[g] += before * (mean - values[g]);
            }
        }
    }

    /** Fisher and Yates. */
    private void shuffle(long seed, int pair) {
        for (int i = 0; i < groupCount; i++) {
            int j = (int) (CounterRandom.uniform(seed, pair, i) * (i + 1));
            order[i] = order[j];
            order[j] = i;
        }
    }

    private void walk(IntToDoubleFunction value, double none, double everything, boolean isReversed) {
        int set = 0;
        double before = none;
        for (int i = 0; i < groupCount; i++) {
            int group = order[isReversed ? groupCount - 1 - i : i];
            set |= 1 << group;
            double with = i == groupCount - 1 ? everything : value.applyAsDouble(set);
            marginals[group] += with - before;
            before = with;
        }
    }

    /** What a group contributes. */
    public double value(int group) {
        return values[group];
    }

    /** Standard error of {@link #value}, from the spread between pairs; NaN after a single pair. */
    public double error(int group) {
        return Math.sqrt(squares[group] / (pairCount - 1) / pairCount);
    }

    /** Sum of all contributions less (v(all) − v(none)): 0 but for rounding. */
    public double efficiencyGap() {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum - total;
    }
}
