package rondo.agents.resource;

import rondo.agents.policy.CounterRandom;

/**
 * Learns how to divide a budget among stages: a softmax over one logit per stage, improved by policy gradient (Williams, REINFORCE, 1992) with natural
 * steps (Kakade, NIPS 2001) of at most {@link #DIVERGENCE_MAX} in Kullback-Leibler divergence (Schulman et al., TRPO, ICML 2015).
 *
 * <p>A window plays the shares with every logit pushed up or down by {@link #PUSH}, each of the 2ⁿ sign vectors with the same probability; the next
 * window plays the opposite signs. The mean reward of the two is the baseline of both (antithetic windows), so what moves the rewards of both, a busy
 * hour for example, cancels. The gradient is (r⁺ − r⁻) / (2 push) · signs; in a softmax the natural step divides it by the shares.
 *
 * <p>Whatever is asked for is projected onto the shares that are allowed: each between {@link #SHARE_MIN} and {@link #SHARE_MAX} and within
 * {@link #EPOCH_CHANGE_MAX} of what it was when the epoch began, sum 1. In overload the shares are played as they are and nothing is learnt. When a stage's
 * p99 stays beyond {@link #LATENCY_RATIO_MAX} times its parent's for {@link #WINDOWS_MAX} windows the parent's shares are restored.
 *
 * <p>A pure state machine on one thread; nothing allocates after construction.
 */
public final class SimplexPolicyGradient {
    /** Least share of a stage: nobody starves its neighbours (requirement C9). */
    public static final double SHARE_MIN = 0.1;

    /** Largest share of a stage. */
    public static final double SHARE_MAX = 0.6;

    /** Most by which a share may move within an epoch, relative to where it began. */
    public static final double EPOCH_CHANGE_MAX = 0.1;

    /** Bound on a step: divergence of the new shares from the old. */
    public static final double DIVERGENCE_MAX = 0.02;

    /** A stage is late when its p99 exceeds its parent's by this factor. */
    public static final double LATENCY_RATIO_MAX = 1.1;

    /** Windows in a row in which any stage is late before the parent's shares are restored. */
    public static final int WINDOWS_MAX = 3;

    /** By how much an exploring window moves a logit. */
    public static final double PUSH = 0.05;

    private final int stageCount;
    private final double learningRate;
    private final double[] parent;
    private final double[] epochStart;
    private final double[] shares;
    private final double[] gradient;
    private final double[] next;
    private int signs;
    private boolean isSecond;
    private boolean isExploring;
    private double firstReward;
    private int lateWindows;
    private long reversionCount;

    /**
     * Starts from the parent's shares.
     *
     * @param parent       shares by stage, each in [0.1, 0.6], sum 1; two to ten stages. Copied.
     * @param learningRate step in logits per unit of reward gained; above 0.
     */
    public SimplexPolicyGradient(double[] parent, double learningRate) {
        this.stageCount = parent.length;
        double sum = 0;
        for (double share : parent) {
            if (!(share >= SHARE_MIN && share <= SHARE_MAX)) {
                throw new IllegalArgumentException("share outside [0.1, 0.6]: share=" + share);
            }
            sum += share;
        }
        if (stageCount < 2 || !(Math.abs(sum - 1) < 1e-9) || !(learningRate > 0 && learningRate < 1e6)) {
            throw new IllegalArgumentException("fewer than two stages, sum not 1 or rate outside (0, 1e6): stages="
                    + stageCount + ", sum=" + sum + ", learningRate=" + learningRate);
        }
        this.learningRate = learningRate;
        this.parent = parent.clone();
        this.epochStart = parent.clone();
        this.shares = parent.clone();
        this.gradient = new double[stageCount];
        this.next = new double[stageCount];
    }

    /** The share of a stage, before any exploring. */
    public double share(int stage) {
        return shares[stage];
    }

    /** How often the parent's shares were restored. */
    public long reversionCount() {
        return reversionCount;
    }

    /** From here on shares may move by a tenth again. */
    public void beginEpoch() {
        System.arraycopy(shares, 0, epochStart, 0, stageCount);
    }

    /**
     * The shares that a window plays.
     *
     * @param isOverloaded true when requests are being refused: then nothing is explored.
     * @param out          receives the shares by stage; sum 1.
     * @return the probability with which these signs were drawn: 1 / 2ⁿ, and 1 for the second window of a pair or in overload.
     */
    public double play(long seed, long window, boolean isOverloaded, double[] out) {
        if (out.length != stageCount) {
            throw new IllegalArgumentException(
                    "one share per stage: length=" + out.length + ", stageCount=" + stageCount);
        }
        isExploring = !isOverloaded;
        if (isOverloaded) {
            isSecond = false;
            System.arraycopy(shares, 0, out, 0, stageCount);
            return 1;
        }
        signs = isSecond ? ~signs : (int) CounterRandom.bits(seed, window, 0);
        for (int i = 0; i < stageCount; i++) {
            gradient[i] = (signs >>> i & 1) != 0 ? PUSH : -PUSH;
        }
        softmax(gradient, 1, out);
        project(out);
        return isSecond ? 1 : Math.scalb(1.0, -stageCount);
    }

    /** Shares times e^(scale · logits), sum 1. */
    private void softmax(double[] logits, double scale, double[] out) {
        double sum = 0;
        for (int i = 0; i < stageCount; i++) {
            out[i] = shares[i] * StrictMath.exp(scale * logits[i]);
            sum += out[i];
        }
        for (int i = 0; i < stageCount; i++) {
            out[i] /= sum;
        }
    }

    /** The nearest allowed shares: what is too much for the simplex is taken off all, then cut to each one's bounds. */
    private void project(double[] point) {
        double low = -1;
        double high = 1;
        for (int step = 0; step < 60; step++) {
            double middle = (low + high) / 2;
            double sum = 0;
            for (int i = 0; i < stageCount; i++) {
                sum += bounded(i, point[i] - middle);
            }
            if (sum > 1) {
                low = middle;
            } else {
                high = middle;
            }
        }
        for (int i = 0; i < stageCount; i++) {
            point[i] = bounded(i, point[i] - high);
        }
    }

    private double bounded(int stage, double share) {
        double least = Math.max(SHARE_MIN, epochStart[stage] * (1 - EPOCH_CHANGE_MAX));
        double most = Math.min(SHARE_MAX, epochStart[stage] * (1 + EPOCH_CHANGE_MAX));
        return Math.max(least, Math.min(most, share));
    }

    /**
     * Learns what the window of the last {@link #play} earned; the shares move after every second window.
     *
     * @param reward in [-1, 1].
     */
    public void learn(double reward) {
        if (!(reward >= -1 && reward <= 1)) {
            throw new IllegalArgumentException("reward outside [-1, 1]: reward=" + reward);
        }
        if (!isExploring) {
            return;
        }
        isExploring = false;
        if (!isSecond) {
            firstReward = reward;
            isSecond = true;
            return;
        }
        isSecond = false;
        for (int i = 0; i < stageCount; i++) {
            // The second window's signs are in force; the first had the opposite ones.
            double sign = (signs >>> i & 1) != 0 ? 1 : -1;
            gradient[i] = learningRate * sign * (reward - firstReward) / (2 * PUSH) / shares[i];
        }
        step();
    }

    /** Halves the step until it is short enough; the projection onto the allowed shares may shorten it further. */
    private void step() {
        double largest = 0;
        for (double g : gradient) {
            largest = Math.max(largest, Math.abs(g));
        }
        // A logit that moves by more than ten is far beyond the bound in any case, and e to its power is no number.
        double scale = largest > 10 ? 10 / largest : 1;
        softmax(gradient, scale, next);
        project(next);
        while (divergence() > DIVERGENCE_MAX) {
            scale /= 2;
            softmax(gradient, scale, next);
            project(next);
        }
        System.arraycopy(next, 0, shares, 0, stageCount);
    }

    private double divergence() {
        double sum = 0;
        for (int i = 0; i < stageCount; i++) {
            sum += next[i] * StrictMath.log(next[i] / shares[i]);
        }
        return sum;
    }

    /**
     * Looks at a window's latencies beside the parent's, which a part of the traffic still uses.
     *
     * @param p99Ns       by stage.
     * @param parentP99Ns by stage, above 0.
     * @return true when the parent's shares were restored.
     */
    public boolean guard(double[] p99Ns, double[] parentP99Ns) {
        if (p99Ns.length != stageCount || parentP99Ns.length != stageCount) {
            throw new IllegalArgumentException("one latency per stage: p99Ns=" + p99Ns.length + ", parentP99Ns="
                    + parentP99Ns.length + ", stageCount=" + stageCount);
        }
        boolean isLate = false;
        for (int i = 0; i < stageCount; i++) {
            if (!(p99Ns[i] >= 0) || !(parentP99Ns[i] > 0)) {
                throw new IllegalArgumentException("latency below 0 or parent's not above 0: stage=" + i + ", p99Ns="
                        + p99Ns[i] + ", parentP99Ns=" + parentP99Ns[i]);
            }
            isLate |= p99Ns[i] > LATENCY_RATIO_MAX * parentP99Ns[i];
        }
        lateWindows = isLate ? lateWindows + 1 : 0;
        if (lateWindows < WINDOWS_MAX) {
            return false;
        }
        lateWindows = 0;
        isSecond = false;
        isExploring = false;
        System.arraycopy(parent, 0, shares, 0, stageCount);
        System.arraycopy(parent, 0, epochStart, 0, stageCount);
        reversionCount++;
        return true;
    }
}
