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
 * <p>A pure state machine on one thread: the same rewards in the same order give the same beliefs, bit for bit. {@link #learn},
 * {@link #merits} and {@link #bestProbabilities} allocate nothing.
 */
public final class ChangePointThompson {
    /** Weight of the model of lone changes before anything was seen, and where {@link #SHARE} draws it to. */
    private static final double ALONE_START = 0.4;

    private static final double SHARE = 3e-5;

    /** Neighbouring hypotheses are taken for one, the heaviest, until they weigh this much: the probabilities move by half a percent. */
    private static final double GROUPED = 0.1;

    private static final double ALONE_GROUPED = 0.1;

    /** What weighs less than this does not take part in the probabilities. */
    private static final double NEGLIGIBLE = 5e-3;

    private static final double ALONE_NEGLIGIBLE = 1e-3;

    private static final double HEAVY = 0.05;

    /** Cells of the integration: for a light group of hypotheses, for a heavy one, and for the mixtures of lone changes. */
    private static final int LIGHT_CELLS = 8;

    private static final int HEAVY_CELLS = 12;
    private static final int ALONE_CELLS = 16;

    /**
     * What the posteriors' deviations are divided by. Sharper ones explore less, and earn more in all environments of experiments E1 and E2 but one, Cavenaghi's
     * second (posterior reshaping: Chapelle and Li, An empirical evaluation of Thompson sampling, NIPS 2011).
     */
    static final double SHARPNESS = 1.75;

    private static final double DISPERSION_MIN = 0.02;
    private static final double DISPERSION_STEP = 1.0 / 500;
    private static final double MEAN_STEP = 1.0 / 100;
    private static final double MEAN_START = 0.3;

    private final int actionCount;
    private final ChangePointMerits together;
    private final LoneMerits alone;
    private double aloneWeight = ALONE_START;
    private double expectedMean = MEAN_START;
    private double dispersion = 1;
    private long steps;

    // Scratch of bestProbabilities.
    private final BestAction best;
    private final double[] nothing;
    private double[] moreRewards;
    private double[] moreExpectations;
    private final LoneMerits.Visitor aloneTerm = this::term;

    /** Believes every action equally good. */
    public ChangePointThompson(int actionCount) {
        this.actionCount = actionCount;
        this.together = new ChangePointMerits(actionCount);
        this.alone = new LoneMerits(actionCount);
        this.best = new BestAction(actionCount, LoneMerits.HYPOTHESES_MAX + 1);
        this.nothing = new double[actionCount];
        this.moreRewards = nothing;
        this.moreExpectations = nothing;
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
        double joint = (1 - aloneWeight) * together.learn(action, reward, expected);
        double lone = aloneWeight * alone.learn(action, reward, expected, steps);
        double weight = lone / (lone + joint);
        aloneWeight = weight + SHARE * (ALONE_START - weight);
        double predicted = together.predicted();
        double surprise = (reward - predicted) * (reward - predicted) / (predicted * (1 - predicted));
        dispersion = Math.max(DISPERSION_MIN, dispersion + DISPERSION_STEP * (surprise - dispersion));
        expectedMean += MEAN_STEP * (expected - expectedMean);
    }

    /**
     * The mean merit of each action over all hypotheses of both models but the negligible ones. Cheap: no posterior is integrated.
     *
     * @param out at least as long as there are actions; what is beyond them is left alone.
     */
    public void merits(double[] out) {
        together.merits(out, NEGLIGIBLE);
        if (aloneWeight >= NEGLIGIBLE) {
            for (int a = 0; a < actionCount; a++) {
                out[a] += aloneWeight * (alone.merit(a, steps) - out[a]);
            }
        }
    }

    /** As below, with nothing borrowed. */
    public void bestProbabilities(double[] out) {
        bestProbabilities(out, nothing, nothing);
    }

    /**
     * The probability of each action of being the best, over all hypotheses of both models, by numerical integration with each posterior replaced by the
     * normal distribution of the same mean and variance.
     *
     * @param borrowedRewards sums borrowed from a broader learner, added to every hypothesis; {@code borrowedExpectations} likewise.
     */
    public void bestProbabilities(double[] out, double[] borrowedRewards, double[] borrowedExpectations) {
        moreRewards = borrowedRewards;
        moreExpectations = borrowedExpectations;
        Arrays.fill(out, 0);
        double share = 0;
        int heaviest = -1;
        for (int h = 0; h < together.count(); h++) {
            int slot = together.slot(h);
            share += together.weight(slot) * (1 - aloneWeight);
            if (heaviest < 0 || together.weight(slot) > together.weight(heaviest)) {
                heaviest = slot;
            }
            if (share >= GROUPED || h == together.count() - 1) {
                if (share >= NEGLIGIBLE) {
                    addTogether(out, share, heaviest);
                }
                share = 0;
                heaviest = -1;
            }
        }
        if (aloneWeight >= NEGLIGIBLE) {
            best.clear();
            for (int a = 0; a < actionCount; a++) {
                alone.visit(a, steps, ALONE_GROUPED, ALONE_NEGLIGIBLE, aloneTerm);
            }
            best.addTo(out, aloneWeight, ALONE_CELLS);
        }
        double sum = 0;
        for (double p : out) {
            sum += p;
        }
        for (int a = 0; a < actionCount; a++) {
            out[a] = sum > 0 ? out[a] / sum : 1.0 / actionCount;
        }
        moreRewards = nothing;
        moreExpectations = nothing;
    }

    private void addTogether(double[] out, double share, int slot) {
        best.clear();
        for (int a = 0; a < actionCount; a++) {
            term(a, 1, together.rewards(a, slot), together.expectations(a, slot));
        }
        best.addTo(out, share, share < HEAVY ? LIGHT_CELLS : HEAVY_CELLS);
    }

    private void term(int action, double weight, double rewards, double expectations) {
        double rewardSum = rewards + moreRewards[action];
        double expectationSum = expectations + moreExpectations[action];
        double merit = rewardSum / expectationSum;
        // A reward near 1 cannot vary as a Poisson count does.
        double failing = Math.max(0.05, 1 - merit * expectedMean);
        best.term(action, weight, merit, SHARPNESS * expectationSum / Math.sqrt(rewardSum * dispersion * failing));
    }

    /** Bytes that {@link #write} takes for so many actions. */
    public static int encodedLength(int actionCount) {
        return Long.BYTES
                + 3 * Double.BYTES
                + ChangePointMerits.encodedLength(actionCount)
                + LoneMerits.encodedLength(actionCount);
    }

    /** Writes the beliefs, exactly. */
    public void write(ByteBuffer out) {
        out.putLong(steps).putDouble(expectedMean).putDouble(dispersion).putDouble(aloneWeight);
        together.write(out);
        alone.write(out);
    }

    /** Takes over beliefs that {@link #write} wrote for as many actions. */
    public void read(ByteBuffer in) {
        steps = in.getLong();
        expectedMean = in.getDouble();
        dispersion = in.getDouble();
        aloneWeight = in.getDouble();
        together.read(in);
        alone.read(in);
    }
}
