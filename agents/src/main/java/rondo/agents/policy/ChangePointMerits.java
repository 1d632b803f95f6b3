package rondo.agents.policy;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Merits of actions that change all at once (Bayesian online change-point detection, Adams and MacKay, 2007): each hypothesis says when that last was and
 * holds, for every action, the sums of rewards and of expectations since then. A reward multiplies each hypothesis' weight by its predictive probability,
 * a little weight, the hazard, moves to a fresh hypothesis, and the lightest is merged into its neighbour.
 *
 * <pre>
 * slot      0 … HYPOTHESES_MAX − 1; its weight, 0 when it is empty; weights sum to 1
 * order     slots from the oldest hypothesis to the newest, then the empty ones
 * sums      action-major: all slots of action 0, of action 1, …: one reward is a pass over neighbouring numbers
 * </pre>
 *
 * <p>A pure state machine on one thread that allocates nothing after construction.
 */
public final class ChangePointMerits {
    /** Hypotheses kept; a multiple of {@link #LANES}. */
    static final int HYPOTHESES_MAX = 16;

    /** Sums are made of so many partial sums, which do not wait for each other. */
    private static final int LANES = 4;

    /** Chance per reward that all merits change. */
    private static final double HAZARD = 2e-4;

    /** What a fresh hypothesis holds of each action: merit 1, with the weight of two successes. */
    private static final double PRIOR = 2;

    private static final double PREDICTION_MIN = 0.002;
    private static final double PREDICTION_MAX = 0.98;

    private final int actionCount;
    private final double[] weights = new double[HYPOTHESES_MAX];
    private final int[] order = new int[HYPOTHESES_MAX];
    private final double[] rewards;
    private final double[] expectations;
    private final double[] predictions = new double[HYPOTHESES_MAX];
    private int count = 1;
    private double predicted;

    /** Believes every action equally good. */
    public ChangePointMerits(int actionCount) {
        this.actionCount = actionCount;
        this.rewards = new double[actionCount * HYPOTHESES_MAX];
        this.expectations = new double[actionCount * HYPOTHESES_MAX];
        Arrays.fill(rewards, PRIOR);
        Arrays.fill(expectations, PRIOR);
        Arrays.setAll(order, slot -> slot);
        weights[0] = 1;
    }

    /**
     * Learns from one reward and returns how probable it was.
     *
     * @param reward   in [0, 1].
     * @param expected what was to be expected whatever the action, in (0, 1].
     */
    public double learn(int action, double reward, double expected) {
        int at = action * HYPOTHESES_MAX;
        for (int s = 0; s < HYPOTHESES_MAX; s++) {
            predictions[s] = success(expected * rewards[at + s] / expectations[at + s]);
            rewards[at + s] += reward;
            expectations[at + s] += expected;
        }
        predicted = predictedSum();
        for (int s = 0; s < HYPOTHESES_MAX; s++) {
            weights[s] *= Bernoulli.probability(predictions[s], reward);
        }
        double after = weightSum();
        for (int s = 0; s < HYPOTHESES_MAX; s++) {
            weights[s] *= (1 - HAZARD) / after;
        }
        if (count == HYPOTHESES_MAX) {
            mergeLightest();
        }
        int fresh = order[count++];
        weights[fresh] = HAZARD;
        for (int i = fresh; i < rewards.length; i += HYPOTHESES_MAX) {
            rewards[i] = PRIOR;
            expectations[i] = PRIOR;
        }
        return after;
    }

    /** A predicted reward within bounds, so that no single outcome can rule a hypothesis out. */
    static double success(double mean) {
        return Math.max(PREDICTION_MIN, Math.min(PREDICTION_MAX, mean));
    }

    /** What was predicted of the reward that was learnt last. */
    double predicted() {
        return predicted;
    }

    /** Folds the lightest hypothesis, never the newest, into its older neighbour; the heavier of the two keeps its sums. */
    private void mergeLightest() {
        int lightest = 1;
        double least = Double.POSITIVE_INFINITY;
        double older = weights[order[0]];
        for (int h = 1; h < count; h++) {
            double weight = weights[order[h]];
            if (weight + older < least) {
                least = weight + older;
                lightest = h;
            }
            older = weight;
        }
        int younger = order[lightest];
        int elder = order[lightest - 1];
        int kept = weights[younger] > weights[elder] ? younger : elder;
        int freed = younger + elder - kept;
        weights[kept] = least;
        weights[freed] = 0;
        order[lightest - 1] = kept;
        System.arraycopy(order, lightest + 1, order, lightest, count - lightest - 1);
        order[--count] = freed;
    }

    /** Sums of rewards and of expectations per action, averaged over the hypotheses: what another learner may borrow. */
    public void sums(double[] rewardSums, double[] expectationSums) {
        for (int a = 0; a < actionCount; a++) {
            double rewardSum = 0;
            double expectationSum = 0;
            for (int s = 0; s < HYPOTHESES_MAX; s++) {
                rewardSum += weights[s] * rewards[a * HYPOTHESES_MAX + s];
                expectationSum += weights[s] * expectations[a * HYPOTHESES_MAX + s];
            }
            rewardSums[a] = rewardSum;
            expectationSums[a] = expectationSum;
        }
    }

    /** The mean merit of each action over the hypotheses; those that weigh less than {@code negligible} are left out. */
    void merits(double[] out, double negligible) {
        Arrays.fill(out, 0, actionCount, 0);
        double share = 0;
        for (int s = 0; s < HYPOTHESES_MAX; s++) {
            if (weights[s] < negligible) {
                continue;
            }
            share += weights[s];
            for (int a = 0, i = s; a < actionCount; a++, i += HYPOTHESES_MAX) {
                out[a] += weights[s] * rewards[i] / expectations[i];
            }
        }
        for (int a = 0; a < actionCount; a++) {
            out[a] /= share;
        }
    }

    int count() {
        return count;
    }

    /** The slot of a hypothesis; 0 is the oldest. */
    int slot(int hypothesis) {
        return order[hypothesis];
    }

    /** The probability of the hypothesis in a slot. */
    double weight(int slot) {
        return weights[slot];
    }

    double rewards(int action, int slot) {
        return rewards[action * HYPOTHESES_MAX + slot];
    }

    double expectations(int action, int slot) {
        return expectations[action * HYPOTHESES_MAX + slot];
    }

    private double predictedSum() {
        double first = 0;
        double second = 0;
        double third = 0;
        double fourth = 0;
        for (int s = 0; s < HYPOTHESES_MAX; s += LANES) {
            first += weights[s] * predictions[s];
            second += weights[s + 1] * predictions[s + 1];
            third += weights[s + 2] * predictions[s + 2];
            fourth += weights[s + 3] * predictions[s + 3];
        }
        return first + second + (third + fourth);
    }

    private double weightSum() {
        double first = 0;
        double second = 0;
        double third = 0;
        double fourth = 0;
        for (int s = 0; s < HYPOTHESES_MAX; s += LANES) {
            first += weights[s];
            second += weights[s + 1];
            third += weights[s + 2];
            fourth += weights[s + 3];
        }
        return first + second + (third + fourth);
    }

    static int encodedLength(int actionCount) {
        return Integer.BYTES + HYPOTHESES_MAX * (Integer.BYTES + Double.BYTES + 2 * actionCount * Double.BYTES);
    }

    void write(ByteBuffer out) {
        out.putInt(count);
        for (int slot : order) {
            out.putInt(slot);
        }
        put(out, weights);
        put(out, rewards);
        put(out, expectations);
    }

    void read(ByteBuffer in) {
        count = in.getInt();
        for (int h = 0; h < HYPOTHESES_MAX; h++) {
            order[h] = in.getInt();
        }
        get(in, weights);
        get(in, rewards);
        get(in, expectations);
    }

    static void put(ByteBuffer out, double[] values) {
        for (double value : values) {
            out.putDouble(value);
        }
    }

    static void get(ByteBuffer in, double[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = in.getDouble();
        }
    }
}
