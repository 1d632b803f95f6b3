package rondo.agents.policy;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What one agent believes about its actions in one segment: Thompson sampling over change-point hypotheses (Adams and MacKay, Bayesian online
 * change-point detection, 2007; Mellor and Shapiro, Thompson sampling in switching environments, AISTATS 2013).
 *
 * <p>Each hypothesis says when the rewards last changed and holds Beta counts per action since then. A reward multiplies each hypothesis' weight by
 * its predictive probability; each step moves a little weight, the hazard, to a fresh hypothesis; the lightest is merged into its neighbour. Nothing
 * has to be tuned to how fast the audience changes.
 *
 * <pre>
 * hypothesis h, oldest first: weight, then per action: successes, failures (prior included)
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
    private static final double PRIOR_WEIGHT_MIN = 4;
    private static final double PRIOR_WEIGHT_MAX = 40;
    private static final double MEAN_STEP = 1.0 / 200;
    private static final double MEAN_MARGIN = 0.02;

    private final int actionCount;
    private final int stride;
    private final double[] state;
    private double rewardMean;
    private int count = 1;
    private long steps;

    /**
     * Believes every action equally good.
     *
     * @param priorMean expected reward of an action nobody has tried, in (0, 1).
     */
    public ChangePointThompson(int actionCount, double priorMean) {
        this.actionCount = actionCount;
        this.stride = 1 + 2 * actionCount;
        this.state = new double[HYPOTHESES_MAX * stride];
        this.rewardMean = priorMean;
        reset(0);
        state[0] = 1;
    }

    /**
     * A fresh hypothesis expects of every action what was earned lately, with the weight of two successes or so: enough that a rare reward does not
     * look like a change, little enough that a few outcomes overrule it.
     */
    private void reset(int hypothesis) {
        int at = hypothesis * stride;
        double weight = Math.max(PRIOR_WEIGHT_MIN, Math.min(PRIOR_WEIGHT_MAX, 2 / (rewardMean * (1 - rewardMean))));
        for (int a = 0; a < actionCount; a++) {
            state[at + 1 + 2 * a] = rewardMean * weight;
            state[at + 2 + 2 * a] = (1 - rewardMean) * weight;
        }
    }

    /** Rewards learnt from. */
    public long steps() {
        return steps;
    }

    /**
     * Learns from one reward.
     *
     * @param reward in [0, 1]; between the ends it counts as a share of a success.
     */
    public void learn(int action, double reward) {
        if (!(reward >= 0 && reward <= 1) || action < 0 || action >= actionCount) {
            throw new IllegalArgumentException("reward outside [0, 1] or action outside [0, " + actionCount
                    + "): reward=" + reward + ", action=" + action);
        }
        double sum = 0;
        for (int h = 0; h < count; h++) {
            int at = h * stride;
            double successes = state[at + 1 + 2 * action];
            double failures = state[at + 2 + 2 * action];
            double mean = successes / (successes + failures);
            double likelihood = reward == 1
                    ? mean
                    : reward == 0 ? 1 - mean : Math.pow(mean, reward) * Math.pow(1 - mean, 1 - reward);
            state[at] *= likelihood;
            sum += state[at];
            state[at + 1 + 2 * action] = successes + reward;
            state[at + 2 + 2 * action] = failures + 1 - reward;
        }
        for (int h = 0; h < count; h++) {
            state[h * stride] *= (1 - HAZARD) / sum;
        }
        rewardMean += MEAN_STEP * (reward - rewardMean);
        rewardMean = Math.max(MEAN_MARGIN, Math.min(1 - MEAN_MARGIN, rewardMean));
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

    /** Expected reward of an action, over all hypotheses. */
    public double mean(int action) {
        double mean = 0;
        double weight = 0;
        for (int h = 0; h < count; h++) {
            int at = h * stride;
            double successes = state[at + 1 + 2 * action];
            mean += state[at] * successes / (successes + state[at + 2 + 2 * action]);
            weight += state[at];
        }
        return mean / weight;
    }

    /**
     * Expected counts per action, over all hypotheses: what {@link #bestProbabilities(double[], double[], double[])} of another learner may borrow.
     */
    public void expectedCounts(double[] successes, double[] failures) {
        Arrays.fill(successes, 0);
        Arrays.fill(failures, 0);
        double total = 0;
        for (int h = 0; h < count; h++) {
            total += state[h * stride];
        }
        for (int h = 0; h < count; h++) {
            double weight = state[h * stride] / total;
            for (int a = 0; a < actionCount; a++) {
                successes[a] += weight * state[h * stride + 1 + 2 * a];
                failures[a] += weight * state[h * stride + 2 + 2 * a];
            }
        }
    }

    /** As below, with nothing borrowed. */
    public void bestProbabilities(double[] out) {
        double[] nothing = new double[actionCount];
        bestProbabilities(out, nothing, nothing);
    }

    /**
     * The probability of each action of being the best, over all hypotheses, by numerical integration with each Beta posterior replaced by the
     * normal distribution of the same mean and variance.
     *
     * @param moreSuccesses counts borrowed from a broader learner, added to every hypothesis; {@code moreFailures} likewise.
     */
    public void bestProbabilities(double[] out, double[] moreSuccesses, double[] moreFailures) {
        Arrays.fill(out, 0);
        double[] means = new double[actionCount];
        double[] deviations = new double[actionCount];
        for (int h = 0; h < count; h++) {
            double weight = state[h * stride];
            if (weight < NEGLIGIBLE) {
                continue;
            }
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (int a = 0; a < actionCount; a++) {
                double successes = state[h * stride + 1 + 2 * a] + moreSuccesses[a];
                double failures = state[h * stride + 2 + 2 * a] + moreFailures[a];
                double n = successes + failures;
                means[a] = successes / n;
                deviations[a] = Math.sqrt(successes * failures / (n * n * (n + 1)));
                low = Math.min(low, means[a] - 4 * deviations[a]);
                high = Math.max(high, means[a] + 4 * deviations[a]);
            }
            integrate(weight, low, high, means, deviations, out);
        }
        double sum = 0;
        for (double p : out) {
            sum += p;
        }
        for (int a = 0; a < actionCount; a++) {
            out[a] = sum > 0 ? out[a] / sum : 1.0 / actionCount;
        }
    }

    private void integrate(double weight, double low, double high, double[] means, double[] deviations, double[] out) {
        double[] below = new double[actionCount];
        double[] next = new double[actionCount];
        for (int a = 0; a < actionCount; a++) {
            below[a] = normalCdf((low - means[a]) / deviations[a]);
        }
        double step = (high - low) / GRID;
        for (int g = 1; g <= GRID; g++) {
            double x = low + g * step;
            for (int a = 0; a < actionCount; a++) {
                next[a] = normalCdf((x - means[a]) / deviations[a]);
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

    /** Bytes that {@link #write} takes. */
    public int encodedLength() {
        return Integer.BYTES + Long.BYTES + Double.BYTES + state.length * Double.BYTES;
    }

    /** Writes the beliefs, exactly. */
    public void write(ByteBuffer out) {
        out.putInt(count).putLong(steps).putDouble(rewardMean);
        for (double value : state) {
            out.putDouble(value);
        }
    }

    /** Takes over beliefs that {@link #write} wrote for as many actions. */
    public void read(ByteBuffer in) {
        count = in.getInt();
        steps = in.getLong();
        rewardMean = in.getDouble();
        for (int i = 0; i < state.length; i++) {
            state[i] = in.getDouble();
        }
    }
}
