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
 * <p>Each hypothesis says when merits last changed and holds both sums per action since then. A reward multiplies each hypothesis' weight by its
 * predictive probability; each step moves a little weight, the hazard, to a fresh hypothesis; the lightest is merged into its neighbour. Nothing has to
 * be tuned to how fast the audience changes.
 *
 * <pre>
 * hypothesis h, oldest first: weight, then per action: sum of rewards, sum of expectations (prior included)
 * </pre>
 *
 * <p>A pure state machine on one thread: the same rewards in the same order give the same beliefs, bit for bit. {@link #learn} allocates nothing.
 */
public final class ChangePointThompson {
    /** Hypotheses kept. */
    public static final int HYPOTHESES_MAX = 30;

    private static final double HAZARD = 2e-4;

    /** Hypotheses lighter than this do not take part in the probabilities. */
    private static final double NEGLIGIBLE = 1e-3;

    private static final int GRID = 96;

    /** What a fresh hypothesis holds of each action: merit 1, with the weight of two successes. */
    private static final double PRIOR = 2;

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
    private double rewardMean = MEAN_START;
    private double dispersion = 1;
    private int count = 1;
    private long steps;

    /** Believes every action equally good. */
    public ChangePointThompson(int actionCount) {
        this.actionCount = actionCount;
        this.stride = stride(actionCount);
        this.state = new double[HYPOTHESES_MAX * stride];
        reset(0);
        state[0] = 1;
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
        double weightSum = 0;
        double likelihoodSum = 0;
        double predicted = 0;
        for (int h = 0; h < count; h++) {
            int at = h * stride;
            double rewards = state[at + 1 + 2 * action];
            double expectations = state[at + 2 + 2 * action];
            double mean = Math.max(PREDICTION_MIN, Math.min(PREDICTION_MAX, expected * rewards / expectations));
            double likelihood = reward == 1
                    ? mean
                    : reward == 0 ? 1 - mean : Math.pow(mean, reward) * Math.pow(1 - mean, 1 - reward);
            predicted += state[at] * mean;
            weightSum += state[at];
            state[at] *= likelihood;
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
        steps++;
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

    /**
     * Sums of rewards and of expectations per action, averaged over the hypotheses: what the {@link #bestProbabilities} of another learner may borrow.
     */
    public void sums(double[] rewards, double[] expectations) {
        Arrays.fill(rewards, 0);
        Arrays.fill(expectations, 0);
        double total = 0;
        for (int h = 0; h < count; h++) {
            total += state[h * stride];
        }
        for (int h = 0; h < count; h++) {
            double weight = state[h * stride] / total;
            for (int a = 0; a < actionCount; a++) {
                rewards[a] += weight * state[h * stride + 1 + 2 * a];
                expectations[a] += weight * state[h * stride + 2 + 2 * a];
            }
        }
    }

    /** As below, with nothing borrowed. */
    public void bestProbabilities(double[] out) {
        double[] nothing = new double[actionCount];
        bestProbabilities(out, nothing, nothing);
    }

    /**
     * The probability of each action of being the best, over all hypotheses, by numerical integration with each posterior replaced by the normal
     * distribution of the same mean and variance.
     *
     * @param moreRewards sums borrowed from a broader learner, added to every hypothesis; {@code moreExpectations} likewise.
     */
    public void bestProbabilities(double[] out, double[] moreRewards, double[] moreExpectations) {
        Arrays.fill(out, 0);
        double[] merits = new double[actionCount];
        double[] deviations = new double[actionCount];
        for (int h = 0; h < count; h++) {
            double weight = state[h * stride];
            if (weight < NEGLIGIBLE) {
                continue;
            }
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (int a = 0; a < actionCount; a++) {
                double rewards = state[h * stride + 1 + 2 * a] + moreRewards[a];
                double expectations = state[h * stride + 2 + 2 * a] + moreExpectations[a];
                merits[a] = rewards / expectations;
                // A reward near 1 cannot vary as a Poisson count does.
                double failing = Math.max(0.05, 1 - Math.min(0.95, merits[a] * rewardMean));
                deviations[a] = Math.sqrt(rewards * dispersion * failing) / expectations;
                low = Math.min(low, merits[a] - 4 * deviations[a]);
                high = Math.max(high, merits[a] + 4 * deviations[a]);
            }
            integrate(weight, low, high, merits, deviations, out);
        }
        double sum = 0;
        for (double p : out) {
            sum += p;
        }
        for (int a = 0; a < actionCount; a++) {
            out[a] = sum > 0 ? out[a] / sum : 1.0 / actionCount;
        }
    }

    private void integrate(double weight, double low, double high, double[] merits, double[] deviations, double[] out) {
        double[] below = new double[actionCount];
        double[] next = new double[actionCount];
        for (int a = 0; a < actionCount; a++) {
            below[a] = normalCdf((low - merits[a]) / deviations[a]);
        }
        double step = (high - low) / GRID;
        for (int g = 1; g <= GRID; g++) {
            double x = low + g * step;
            for (int a = 0; a < actionCount; a++) {
                next[a] = normalCdf((x - merits[a]) / deviations[a]);
            }
            for (int a = 0; a < actionCount; a++) {
                double others = next[a] - below[a];
                for (int b = 0; b < actionCount && others > 0; b++) {
                    others *= b == a ? 1 : 0.5 * (next[b] + below[b]);
                }
                out[a] += weight * others;
            }
            System.arraycopy(next, 0, below, 0, actionCount);
        }
    }

    /** Abramowitz and Stegun 26.2.17, absolute error below 7.5e-8. */
    private static double normalCdf(double z) {
        double x = Math.abs(z);
        if (x > 8) {
            return z > 0 ? 1 : 0;
        }
        double t = 1 / (1 + 0.2316419 * x);
        double tail = 0.3989422804014327
                * Math.exp(-x * x / 2)
                * t
                * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return z > 0 ? 1 - tail : tail;
    }

    /** Bytes that {@link #write} takes for so many actions. */
    public static int encodedLength(int actionCount) {
        return Integer.BYTES + Long.BYTES + 2 * Double.BYTES + HYPOTHESES_MAX * stride(actionCount) * Double.BYTES;
    }

    /** Writes the beliefs, exactly. */
    public void write(ByteBuffer out) {
        out.putInt(count).putLong(steps).putDouble(rewardMean).putDouble(dispersion);
        for (double value : state) {
            out.putDouble(value);
        }
    }

    /** Takes over beliefs that {@link #write} wrote for as many actions. */
    public void read(ByteBuffer in) {
        count = in.getInt();
        steps = in.getLong();
        rewardMean = in.getDouble();
        dispersion = in.getDouble();
        for (int i = 0; i < state.length; i++) {
            state[i] = in.getDouble();
        }
    }
}
