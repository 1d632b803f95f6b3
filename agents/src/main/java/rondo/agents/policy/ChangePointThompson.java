package rondo.agents.policy;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What one agent believes about its actions in one segment: Thompson sampling over change-point hypotheses (Adams and MacKay, Bayesian online
 * change-point detection, 2007; Mellor and Shapiro, Thompson sampling in switching environments, AISTATS 2013), on merits instead of means.
 *
 * <p>An action's merit is its reward as a multiple of what was to be expected there and then, whatever was chosen: the caller says what that is, with
 * each reward. Audiences and hours in which everything earns more, or less, then tell nothing about actions, and their noise is gone (a baseline, or
 * control variate: Greensmith, Bartlett and Baxter, JMLR 2004). Rewards are a quasi-Poisson count with the expectation as exposure, so a merit has
 * a Gamma posterior, rewards over expectations; its spread follows the dispersion that is seen (McCullagh and Nelder, Generalized linear models,
 * chapter 9).
 *
 * <p>Two models of change are weighed against each other by how well each predicts. <em>Together</em>: all merits change at once; each hypothesis says
 * when that last was and holds both sums per action since then. <em>Alone</em>: every action's merit changes by itself; each action has hypotheses of its
 * own, which age while the action is not played, so an action that was given up is tried again. In either, a reward multiplies each hypothesis' weight by
 * its predictive probability, a little weight, the hazard, moves to a fresh hypothesis, and the lightest is merged into its neighbour. The models' weights
 * move by their predictive probabilities too and are drawn slowly back to where they began (fixed share: Herbster and Warmuth, Tracking the best expert,
 * 1998). Where nothing changes, the model with the larger hazard predicts worse, loses its weight, and with it the exploring that it asks for. Nothing
 * has to be tuned to how fast, or in which way, the audience changes.
 *
 * <pre>
 * together  hypothesis h, oldest first: weight, then per action: sum of rewards, sum of expectations (prior included)
 * alone     action a, hypothesis i, oldest first: weight, sum of rewards, sum of expectations (prior included)
 * </pre>
 *
 * <p>A pure state machine on one thread: the same rewards in the same order give the same beliefs, bit for bit. {@link #learn} and
 * {@link #bestProbabilities} allocate nothing.
 */
public final class ChangePointThompson {
    /** Hypotheses kept that all merits changed together. */
    public static final int HYPOTHESES_MAX = 30;

    /** Hypotheses kept for each action that it changed alone. */
    public static final int ALONE_MAX = 8;

    /** Chance per reward that all merits change. */
    private static final double HAZARD = 2e-4;

    /** Chance per reward, whichever action it is for, that one action's merit changes. */
    private static final double ALONE_HAZARD = 1e-3;

    /** Weight of the model of lone changes before anything was seen, and where {@link #SHARE} draws it to. */
    private static final double ALONE_START = 0.4;

    private static final double SHARE = 1e-4;

    /** Hypotheses lighter than this do not take part in the probabilities. */
    private static final double NEGLIGIBLE = 1e-3;

    private static final double ALONE_NEGLIGIBLE = 1e-4;

    /** Steps of the integration for a heavy hypothesis; a light one takes a third of them. */
    private static final int GRID = 48;

    private static final double HEAVY = 0.05;

    /** Standard deviations on either side beyond which a posterior is taken for nothing. */
    private static final double SPAN = 4;

    /** What a fresh hypothesis holds of each action: merit 1, with the weight of two successes. */
    private static final double PRIOR = 2;

    /** The same for a hypothesis of one action: half as much, since most of them are soon given up and what they claim should not outlast what was seen. */
    private static final double ALONE_PRIOR = 1;

    /** Bounds on a predicted reward, so that no single outcome can rule a hypothesis out. */
    private static final double PREDICTION_MIN = 0.002;

    private static final double PREDICTION_MAX = 0.98;
    private static final double DISPERSION_MIN = 0.02;
    private static final double DISPERSION_STEP = 1.0 / 500;
    private static final double MEAN_STEP = 1.0 / 100;
    private static final double MEAN_START = 0.3;

    private final int actionCount;
    private final int stride;
    private final double[] state;
    private final double[] alone;
    private final int[] aloneCounts;
    private final long[] aloneSteps;
    private double aloneWeight = ALONE_START;
    private double rewardMean = MEAN_START;
    private double dispersion = 1;
    private int count = 1;
    private long steps;

    // Scratch of bestProbabilities: each action's posterior is a mixture of terms, normal distributions with a weight,
    // a merit and an inverse deviation.
    private static final int TERMS_MAX = ALONE_MAX + 1;
    private final double[] nothing;
    private final double[] termWeights;
    private final double[] termMerits;
    private final double[] termPrecisions;
    private final int[] termCounts;
    private final int[] rivals;
    private final double[] highs;
    private final double[] below;
    private final double[] next;
    private final double[] after;
    private final double[] parts;

    /** Believes every action equally good. */
    public ChangePointThompson(int actionCount) {
        this.actionCount = actionCount;
        this.stride = stride(actionCount);
        this.state = new double[HYPOTHESES_MAX * stride];
        this.alone = new double[actionCount * ALONE_MAX * 3];
        this.aloneCounts = new int[actionCount];
        this.aloneSteps = new long[actionCount];
        this.nothing = new double[actionCount];
        this.termWeights = new double[actionCount * TERMS_MAX];
        this.termMerits = new double[actionCount * TERMS_MAX];
        this.termPrecisions = new double[actionCount * TERMS_MAX];
        this.termCounts = new int[actionCount];
        this.rivals = new int[actionCount];
        this.highs = new double[actionCount];
        this.below = new double[actionCount];
        this.next = new double[actionCount];
        this.after = new double[actionCount];
        this.parts = new double[actionCount];
        reset(0);
        state[0] = 1;
        for (int a = 0; a < actionCount; a++) {
            appendAlone(a, 1);
        }
    }

    private static int stride(int actionCount) {
        return 1 + 2 * actionCount;
    }

    private void reset(int hypothesis) {
        Arrays.fill(state, hypothesis * stride + 1, (hypothesis + 1) * stride, PRIOR);
    }

    /** Rewards learnt from. */
    public long steps() {
        return steps;
    }

    /** How much the model of lone changes is believed, in [0, 1]. */
    public double aloneWeight() {
        return aloneWeight;
    }

    /**
     * Learns from one reward.
     *
     * @param reward   in [0, 1]; between the ends it counts as a share of a success.
     * @param expected what was to be expected before anybody knew the action, in (0, 1]; constant where nothing is known.
     */
    public void learn(int action, double reward, double expected) {
        if (!(reward >= 0 && reward <= 1) || !(expected > 0 && expected <= 1) || action < 0 || action >= actionCount) {
            throw new IllegalArgumentException("reward outside [0, 1], expected outside (0, 1] or action outside [0, "
                    + actionCount + "): reward=" + reward + ", expected=" + expected + ", action=" + action);
        }
        steps++;
        double together = learnTogether(action, reward, expected);
        double lone = aloneWeight * learnAlone(action, reward, expected);
        double weight = lone / (lone + (1 - aloneWeight) * together);
        aloneWeight = weight + SHARE * (ALONE_START - weight);
    }

    /** Returns the reward's predictive probability. */
    private double learnTogether(int action, double reward, double expected) {
        double weightSum = 0;
        double likelihoodSum = 0;
        double predicted = 0;
        for (int h = 0; h < count; h++) {
            int at = h * stride;
            double rewards = state[at + 1 + 2 * action];
            double expectations = state[at + 2 + 2 * action];
            double mean = prediction(expected * rewards / expectations);
            predicted += state[at] * mean;
            weightSum += state[at];
            state[at] *= likelihood(mean, reward);
            likelihoodSum += state[at];
            state[at + 1 + 2 * action] = rewards + reward;
            state[at + 2 + 2 * action] = expectations + expected;
        }
        for (int h = 0; h < count; h++) {
            state[h * stride] *= (1 - HAZARD) / likelihoodSum;
        }
        predicted /= weightSum;
        double surprise = (reward - predicted) * (reward - predicted) / (predicted * (1 - predicted));
        dispersion = Math.max(DISPERSION_MIN, dispersion + DISPERSION_STEP * (surprise - dispersion));
        rewardMean += MEAN_STEP * (reward - rewardMean);
        if (count == HYPOTHESES_MAX) {
            mergeLightest();
        }
        state[count * stride] = HAZARD;
        reset(count);
        count++;
        return likelihoodSum / weightSum;
    }

    /** Folds the lightest hypothesis, never the newest, into its older neighbour; the heavier of the two keeps its counts. */
    private void mergeLightest() {
        int lightest = 1;
        double least = Double.POSITIVE_INFINITY;
        for (int h = 1; h < count; h++) {
            double pair = state[h * stride] + state[(h - 1) * stride];
            if (pair < least) {
                least = pair;
                lightest = h;
            }
        }
        int into = lightest - 1;
        if (state[lightest * stride] > state[into * stride]) {
            System.arraycopy(state, lightest * stride + 1, state, into * stride + 1, stride - 1);
        }
        state[into * stride] = least;
        System.arraycopy(state, (lightest + 1) * stride, state, lightest * stride, (count - lightest - 1) * stride);
        count--;
    }

    /** As {@link #learnTogether}, in the hypotheses of one action. */
    private double learnAlone(int action, double reward, double expected) {
        double fresh = agedShare(action);
        aloneSteps[action] = steps;
        if (aloneCounts[action] == ALONE_MAX) {
            mergeLightestAlone(action);
        }
        int from = aloneAt(action, 0);
        for (int at = from; at < from + 3 * aloneCounts[action]; at += 3) {
            alone[at] *= 1 - fresh;
        }
        appendAlone(action, fresh);
        int to = from + 3 * aloneCounts[action];
        double sum = 0;
        for (int at = from; at < to; at += 3) {
            alone[at] *= likelihood(prediction(expected * alone[at + 1] / alone[at + 2]), reward);
            sum += alone[at];
            alone[at + 1] += reward;
            alone[at + 2] += expected;
        }
        for (int at = from; at < to; at += 3) {
            alone[at] /= sum;
        }
        return sum;
    }

    /** The probability that an action's merit changed since it was last played. */
    private double agedShare(int action) {
        return -StrictMath.expm1(-ALONE_HAZARD * (steps - aloneSteps[action]));
    }

    private static int aloneAt(int action, int hypothesis) {
        return (action * ALONE_MAX + hypothesis) * 3;
    }

    private void appendAlone(int action, double weight) {
        int at = aloneAt(action, aloneCounts[action]++);
        alone[at] = weight;
        alone[at + 1] = ALONE_PRIOR;
        alone[at + 2] = ALONE_PRIOR;
    }

    /** As {@link #mergeLightest}. */
    private void mergeLightestAlone(int action) {
        int end = aloneAt(action, aloneCounts[action]);
        int lightest = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int at = aloneAt(action, 1); at < end; at += 3) {
            double pair = alone[at] + alone[at - 3];
            if (pair < least) {
                least = pair;
                lightest = at;
            }
        }
        if (alone[lightest] > alone[lightest - 3]) {
            alone[lightest - 2] = alone[lightest + 1];
            alone[lightest - 1] = alone[lightest + 2];
        }
        alone[lightest - 3] = least;
        System.arraycopy(alone, lightest + 3, alone, lightest, end - lightest - 3);
        aloneCounts[action]--;
    }

    private static double prediction(double mean) {
        return Math.max(PREDICTION_MIN, Math.min(PREDICTION_MAX, mean));
    }

    private static double likelihood(double mean, double reward) {
        return reward == 1 ? mean : reward == 0 ? 1 - mean : Math.pow(mean, reward) * Math.pow(1 - mean, 1 - reward);
    }

    /**
     * Sums of rewards and of expectations per action, averaged over the hypotheses that merits change together: what the {@link #bestProbabilities} of
     * another learner may borrow.
     */
    public void sums(double[] rewards, double[] expectations) {
        Arrays.fill(rewards, 0);
        Arrays.fill(expectations, 0);
        double total = weightSum();
        for (int h = 0; h < count; h++) {
            double weight = state[h * stride] / total;
            for (int a = 0; a < actionCount; a++) {
                rewards[a] += weight * state[h * stride + 1 + 2 * a];
                expectations[a] += weight * state[h * stride + 2 + 2 * a];
            }
        }
    }

    private double weightSum() {
        double total = 0;
        for (int h = 0; h < count; h++) {
            total += state[h * stride];
        }
        return total;
    }

    /** As below, with nothing borrowed. */
    public void bestProbabilities(double[] out) {
        bestProbabilities(out, nothing, nothing);
    }

    /**
     * The probability of each action of being the best, over all hypotheses of both models, by numerical integration with each posterior replaced by the
     * normal distribution of the same mean and variance.
     *
     * @param moreRewards sums borrowed from a broader learner, added to every hypothesis; {@code moreExpectations} likewise.
     */
    public void bestProbabilities(double[] out, double[] moreRewards, double[] moreExpectations) {
        Arrays.fill(out, 0);
        double total = weightSum();
        for (int h = 0; h < count; h++) {
            int at = h * stride;
            double weight = state[at] / total * (1 - aloneWeight);
            if (weight >= NEGLIGIBLE) {
                for (int a = 0; a < actionCount; a++) {
                    termCounts[a] = 0;
                    term(a, 1, state[at + 1 + 2 * a] + moreRewards[a], state[at + 2 + 2 * a] + moreExpectations[a]);
                }
                integrate(weight, weight < HEAVY ? GRID / 3 : GRID, out);
            }
        }
        if (aloneWeight >= NEGLIGIBLE) {
            for (int a = 0; a < actionCount; a++) {
                aloneTerms(a, moreRewards[a], moreExpectations[a]);
            }
            integrate(aloneWeight, 2 * GRID, out);
        }
        double sum = 0;
        for (double p : out) {
            sum += p;
        }
        for (int a = 0; a < actionCount; a++) {
            out[a] = sum > 0 ? out[a] / sum : 1.0 / actionCount;
        }
    }

    private void aloneTerms(int action, double moreRewards, double moreExpectations) {
        termCounts[action] = 0;
        double fresh = agedShare(action);
        double kept = 0;
        for (int i = 0; i < aloneCounts[action]; i++) {
            int at = aloneAt(action, i);
            double weight = alone[at] * (1 - fresh);
            if (weight >= ALONE_NEGLIGIBLE) {
                term(action, weight, alone[at + 1] + moreRewards, alone[at + 2] + moreExpectations);
                kept += weight;
            }
        }
        if (fresh >= ALONE_NEGLIGIBLE) {
            term(action, fresh, ALONE_PRIOR + moreRewards, ALONE_PRIOR + moreExpectations);
            kept += fresh;
        }
        for (int i = 0; i < termCounts[action]; i++) {
            termWeights[action * TERMS_MAX + i] /= kept;
        }
    }

    private void term(int action, double weight, double rewards, double expectations) {
        int at = action * TERMS_MAX + termCounts[action]++;
        double merit = rewards / expectations;
        // A reward near 1 cannot vary as a Poisson count does.
        double failing = Math.max(0.05, 1 - Math.min(0.95, merit * rewardMean));
        termWeights[at] = weight;
        termMerits[at] = merit;
        termPrecisions[at] = expectations / Math.sqrt(rewards * dispersion * failing);
    }

    /** Adds {@code weight} times the probability of being the best under the terms at hand. */
    private void integrate(double weight, int grid, double[] out) {
        double low = Double.NEGATIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int a = 0; a < actionCount; a++) {
            double actionLow = Double.POSITIVE_INFINITY;
            double actionHigh = Double.NEGATIVE_INFINITY;
            int from = a * TERMS_MAX;
            for (int i = from; i < from + termCounts[a]; i++) {
                double reach = SPAN / termPrecisions[i];
                actionLow = Math.min(actionLow, termMerits[i] - reach);
                actionHigh = Math.max(actionHigh, termMerits[i] + reach);
            }
            low = Math.max(low, actionLow);
            high = Math.max(high, actionHigh);
            highs[a] = actionHigh;
        }
        // The best is no worse than the highest of the lower ends, so an action that cannot reach it has no part in
        // this.
        int rivalCount = 0;
        for (int a = 0; a < actionCount; a++) {
            if (highs[a] > low) {
                below[rivalCount] = 0;
                parts[rivalCount] = 0;
                rivals[rivalCount++] = a;
            }
        }
        double step = (high - low) / grid;
        double sum = 0;
        for (int g = 1; g <= grid && rivalCount > 1; g++) {
            sum += cell(low + g * step, rivalCount);
        }
        for (int r = 0; r < rivalCount; r++) {
            out[rivals[r]] += rivalCount == 1 ? weight : sum > 0 ? weight * parts[r] / sum : 0;
        }
    }

    /** One step of the integration: adds each rival's probability of lying in the cell that ends at {@code x} with all others below it. */
    private double cell(double x, int rivalCount) {
        double product = 1;
        for (int r = rivalCount - 1; r >= 0; r--) {
            next[r] = mixtureCdf(rivals[r], x);
            after[r] = product;
            product *= 0.5 * (next[r] + below[r]);
        }
        double before = 1;
        double sum = 0;
        for (int r = 0; r < rivalCount; r++) {
            double part = (next[r] - below[r]) * before * after[r];
            parts[r] += part;
            sum += part;
            before *= 0.5 * (next[r] + below[r]);
            below[r] = next[r];
        }
        return sum;
    }

    private double mixtureCdf(int action, double x) {
        int from = action * TERMS_MAX;
        int to = from + termCounts[action];
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += termWeights[i] * NormalTable.cdf((x - termMerits[i]) * termPrecisions[i]);
        }
        return sum;
    }

    /** Bytes that {@link #write} takes for so many actions. */
    public static int encodedLength(int actionCount) {
        return Integer.BYTES
                + Long.BYTES
                + 3 * Double.BYTES
                + HYPOTHESES_MAX * stride(actionCount) * Double.BYTES
                + actionCount * (Integer.BYTES + Long.BYTES + ALONE_MAX * 3 * Double.BYTES);
    }

    /** Writes the beliefs, exactly. */
    public void write(ByteBuffer out) {
        out.putInt(count)
                .putLong(steps)
                .putDouble(rewardMean)
                .putDouble(dispersion)
                .putDouble(aloneWeight);
        for (double value : state) {
            out.putDouble(value);
        }
        for (int a = 0; a < actionCount; a++) {
            out.putInt(aloneCounts[a]).putLong(aloneSteps[a]);
        }
        for (double value : alone) {
            out.putDouble(value);
        }
    }

    /** Takes over beliefs that {@link #write} wrote for as many actions. */
    public void read(ByteBuffer in) {
        count = in.getInt();
        steps = in.getLong();
        rewardMean = in.getDouble();
        dispersion = in.getDouble();
        aloneWeight = in.getDouble();
        for (int i = 0; i < state.length; i++) {
            state[i] = in.getDouble();
        }
        for (int a = 0; a < actionCount; a++) {
            aloneCounts[a] = in.getInt();
            aloneSteps[a] = in.getLong();
        }
        for (int i = 0; i < alone.length; i++) {
            alone[i] = in.getDouble();
        }
    }
}
