package rondo.agents.closure;

import java.util.Arrays;
import rondo.agents.policy.CounterRandom;

/**
 * The loop of a module that comes to prefer what its own metric says is best: exponentiated gradient on the value of its own outputs (Freund and
 * Schapire, 1997), one policy per stratum, over a pool of held-out cases on which every action has been tried.
 *
 * <p>The distance is the share of what is at stake in a stratum, best less worst action, that the policy leaves on the table. Immutable once made.
 *
 * <pre>
 * state: logit per action, then the stratum
 * </pre>
 */
public final class PreferenceLoop implements ClosureModule.Loop {
    /** Cases that one corrective step looks at. */
    private static final int BATCH = 64;

    private static final double STEP = 4;
    private static final double LOGIT_MIN = -8;
    private static final double FLOOR = 0.02;

    /** Share of the stake that a wrong preference must cost to be worth planting. */
    private static final double WRONG_ENOUGH = 0.3;

    private static final int SETTLED_STEPS = 40;

    /** Draws looked through, for each pool case wanted, until a stratum counts as too rare. */
    private static final int PATIENCE = 20;

    private final long seed;
    private final int count;
    private final int poolCount;
    private final double[][] pools;
    private final double[][] means;
    private final int[] strata;

    /**
     * @param poolCount held-out cases per stratum; more make the metric surer and the construction dearer.
     * @param stakeMin  strata in which best and worst action differ by less are left alone.
     * @param seed      of the draws that choose the pool.
     */
    public PreferenceLoop(ClosureModule.Choices choices, long inputCount, int poolCount, double stakeMin, long seed) {
        this.seed = seed;
        this.count = choices.count();
        this.poolCount = poolCount;
        int stratumCount = choices.stratumCount();
        this.pools = new double[stratumCount][poolCount * count];
        this.means = new double[stratumCount][count];
        int[] filled = new int[stratumCount];
        double[] output = new double[choices.outputLength()];
        int open = stratumCount;
        for (long draw = 0; open > 0 && draw < (long) PATIENCE * poolCount * stratumCount; draw++) {
            long input = Long.remainderUnsigned(CounterRandom.bits(seed, draw, 1), inputCount);
            int s = choices.stratum(input);
            if (filled[s] < poolCount) {
                for (int a = 0; a < count; a++) {
                    Arrays.fill(output, 0);
                    choices.act(a, input, output);
                    double value = choices.value(output, input);
                    pools[s][filled[s] * count + a] = value;
                    means[s][a] += value / poolCount;
                }
                open -= ++filled[s] == poolCount ? 1 : 0;
            }
        }
        int[] worthwhile = new int[stratumCount];
        int kept = 0;
        for (int s = 0; s < stratumCount; s++) {
            if (filled[s] == poolCount && stake(s) >= stakeMin) {
                worthwhile[kept++] = s;
            }
        }
        this.strata = Arrays.copyOf(worthwhile, kept);
    }

    private double stake(int stratum) {
        return best(stratum) - worst(stratum);
    }

    private double best(int stratum) {
        double best = Double.NEGATIVE_INFINITY;
        for (double mean : means[stratum]) {
            best = Math.max(best, mean);
        }
        return best;
    }

    private double worst(int stratum) {
        double worst = Double.POSITIVE_INFINITY;
        for (double mean : means[stratum]) {
            worst = Math.min(worst, mean);
        }
        return worst;
    }

    @Override
    public int stateLength() {
        return count + 1;
    }

    @Override
    public void perturb(double[] state, long draw) {
        Arrays.fill(state, 0);
        if (strata.length == 0) {
            // Nothing is at stake anywhere: the distance stays 0, and the gate says that nothing moved.
            state[count] = -1;
            return;
        }
        int stratum = strata[(int) Long.remainderUnsigned(CounterRandom.bits(seed, draw, 2), strata.length)];
        state[count] = stratum;
        int wrong = wrong(stratum, CounterRandom.uniform(seed, draw, 3));
        for (int a = 0; a < count; a++) {
            state[a] = a == wrong ? 0 : -1 - 2 * CounterRandom.uniform(seed, draw, 4 + a);
        }
    }

    /** One of the actions that cost enough, evenly; the worst always does. */
    private int wrong(int stratum, double uniform) {
        int[] wrong = new int[count];
        int wrongCount = 0;
        for (int a = 0; a < count; a++) {
            if (best(stratum) - means[stratum][a] >= WRONG_ENOUGH * stake(stratum)) {
                wrong[wrongCount++] = a;
            }
        }
        return wrong[(int) (uniform * wrongCount)];
    }

    @Override
    public void correct(double[] state, long input) {
        int stratum = (int) state[count];
        if (stratum < 0) {
            return;
        }
        double[] policy = policy(state);
        double[] batch = new double[count];
        for (int i = 0; i < BATCH; i++) {
            int at = (int) Long.remainderUnsigned(CounterRandom.bits(seed, input, 100 + i), poolCount) * count;
            for (int a = 0; a < count; a++) {
                batch[a] += pools[stratum][at + a] / BATCH;
            }
        }
        double expected = 0;
        for (int a = 0; a < count; a++) {
            expected += policy[a] * batch[a];
        }
        double top = Double.NEGATIVE_INFINITY;
        for (int a = 0; a < count; a++) {
            state[a] += STEP * (batch[a] - expected) / stake(stratum);
            top = Math.max(top, state[a]);
        }
        for (int a = 0; a < count; a++) {
            state[a] = Math.max(LOGIT_MIN, state[a] - top);
        }
    }

    @Override
    public double distance(double[] state) {
        int stratum = (int) state[count];
        if (stratum < 0) {
            return 0;
        }
        double[] policy = policy(state);
        double value = 0;
        for (int a = 0; a < count; a++) {
            value += policy[a] * means[stratum][a];
        }
        return Math.max(0, (best(stratum) - value) / stake(stratum));
    }

    /** The probability of each action under a state. */
    private double[] policy(double[] state) {
        double[] policy = new double[count];
        double sum = 0;
        for (int a = 0; a < count; a++) {
            policy[a] = StrictMath.exp(state[a]);
            sum += policy[a];
        }
        for (int a = 0; a < count; a++) {
            policy[a] = FLOOR / count + (1 - FLOOR) * policy[a] / sum;
        }
        return policy;
    }

    /** The policy that the loop comes to in a stratum from indifference; every action keeps a little probability. */
    public double[] settled(int stratum) {
        double[] state = new double[count + 1];
        state[count] = stake(stratum) > 0 ? stratum : -1;
        for (int step = 0; step < SETTLED_STEPS; step++) {
            correct(state, step);
        }
        return policy(state);
    }
}
