package rondo.reward;

import java.util.Arrays;
import rondo.agents.Segment;

/**
 * How far one agent's local reward may stand in for the global one: the correlation of both over the agent's actions, in [0, 1]. The schedule's α is
 * multiplied by it, so a local reward that prefers other actions than the global one loses its weight, below α_min if need be.
 *
 * <p>A surrogate is worth its smaller noise as far as actions that raise it raise what it stands for (Prentice, Surrogate endpoints in clinical trials,
 * Statistics in Medicine, 1989); how far that is, earlier comparisons of actions tell (Tripuraneni et al., Choosing a proxy metric from past
 * experiments, KDD 2024). Here every pair of actions is such a comparison. What counts is the covariance between actions: an action's two means share
 * the luck of its plays, and that is taken off by the method of moments, from variances and covariance alike (DerSimonian and Laird, 1986).
 *
 * <p>Means are merits: rewards over what was to be expected of segment and user at that time, whatever was chosen. To be that, the expectation is learnt
 * from rewards divided by the merit of the action played. Within a segment actions are drawn by chance alone, so that differences of merits are caused
 * by actions; without the division, a policy that moves while rewards rise or fall would look like one that raised or lowered them.
 *
 * <p>What is used is the covariance's upper bound, {@link #ERRORS} standard errors above the estimate: noise does not take trust away, disagreement that
 * stands clear of it does.
 *
 * <p>One thread; a pure function of what it was given, in its order.
 */
final class LocalTrust {
    /** Rewards between two looks. */
    static final int LOOK_REWARDS = 50;

    /** Plays of its own after which what an action earned has faded to 1/e; an action that rests is not forgotten. */
    private static final double FADE = 1 - 1.0 / 5_000;

    /** Of the way to what a look says: learners take a jump of α for a change of the audience. */
    private static final double STEP = 0.2;

    private static final double ERRORS = 2;

    /** Successes at merit 1 that each action borrows. */
    private static final double BORROWED = 4;

    /** Variance of merits between actions that weights assume: beyond a noise as small as this, more plays make an action no weightier. */
    private static final double VARIANCE_BETWEEN = 0.1;

    /** Products of merits that are rounding errors: one action, or all alike. */
    private static final double NOTHING = 1e-9;

    private static final double EXPECTED_START = 0.3;
    private static final double EXPECTED_STEP = 1.0 / 100;
    private static final double EXPECTED_MIN = 0.003;

    private final double[] plays;
    private final Rewards global;
    private final Rewards local;

    /** Sums over all plays, fading alike: of 1, and of the product of both rewards. */
    private double count;

    private double products;
    private double trust = 1;
    private long rewards;

    /** One kind of reward: what actions earned of it, and what was to be expected. */
    private static final class Rewards {
        private final double[] earned;
        private final double[] exposures;
        private final double[] expected = new double[Segment.COUNT];
        private double sum;
        private double squares;

        Rewards(int actionCount) {
            this.earned = new double[actionCount];
            this.exposures = new double[actionCount];
            Arrays.fill(expected, EXPECTED_START);
        }

        double merit(int action) {
            return (earned[action] + BORROWED) / (exposures[action] + BORROWED);
        }

        /** What one play moves the merit by, for each unit of its reward. */
        double leverage(int action) {
            return 1 / (exposures[action] + BORROWED);
        }

        void record(int action, double reward, int segment, double userRatio) {
            earned[action] = earned[action] * FADE + reward;
            exposures[action] = exposures[action] * FADE + Math.max(EXPECTED_MIN, expected[segment] * userRatio);
            expected[segment] += EXPECTED_STEP * (reward / userRatio / merit(action) - expected[segment]);
            sum = sum * FADE + reward;
            squares = squares * FADE + reward * reward;
        }
    }

    LocalTrust(int actionCount) {
        this.plays = new double[actionCount];
        this.global = new Rewards(actionCount);
        this.local = new Rewards(actionCount);
    }

    /** What α is to be multiplied by, in [0, 1]; 1 until something speaks against it. */
    double trust() {
        return trust;
    }

    /**
     * An action earned so much.
     *
     * @param localReward on any scale.
     * @param userRatio   how the user lately did against what was to be expected of the segment, above 0.
     */
    void record(int action, double localReward, double globalReward, int segment, double userRatio) {
        plays[action] = plays[action] * FADE + 1;
        global.record(action, globalReward, segment, userRatio);
        local.record(action, localReward, segment, userRatio);
        count = count * FADE + 1;
        products = products * FADE + localReward * globalReward;
        if (++rewards % LOOK_REWARDS == 0 && global.sum > 0 && local.sum > 0) {
            trust += STEP * (look() - trust);
        }
    }

    private double look() {
        double globalMean = global.sum / count;
        double localMean = local.sum / count;
        double globalVariance = Math.max(0, global.squares / count - globalMean * globalMean);
        double localVariance = Math.max(0, local.squares / count - localMean * localMean);
        double covariance = products / count - globalMean * localMean;
        double[] weights = new double[plays.length];
        double weightSum = 0;
        double globalCentre = 0;
        double localCentre = 0;
        for (int a = 0; a < weights.length; a++) {
            if (plays[a] > 0) {
                double noise = globalVariance * plays[a] / (global.exposures[a] * global.exposures[a]);
                weights[a] = 1 / (VARIANCE_BETWEEN + noise);
                weightSum += weights[a];
                globalCentre += weights[a] * global.merit(a);
                localCentre += weights[a] * local.merit(a);
            }
        }
        globalCentre /= weightSum;
        localCentre /= weightSum;
        double globalBetween = 0;
        double localBetween = 0;
        double shared = 0;
        double sharedVariance = 0;
        for (int a = 0; a < weights.length; a++) {
            double weight = weights[a] / weightSum;
            double globalNoise = globalVariance * plays[a] * global.leverage(a) * global.leverage(a);
            double localNoise = localVariance * plays[a] * local.leverage(a) * local.leverage(a);
            double sharedNoise = covariance * plays[a] * global.leverage(a) * local.leverage(a);
            double globalAbove = global.merit(a) - globalCentre;
            double localAbove = local.merit(a) - localCentre;
            globalBetween += weight * (globalAbove * globalAbove - (1 - weight) * globalNoise);
            localBetween += weight * (localAbove * localAbove - (1 - weight) * localNoise);
            shared += weight * (globalAbove * localAbove - (1 - weight) * sharedNoise);
            sharedVariance +=
                    weight * weight * (localAbove * localAbove * globalNoise + globalAbove * globalAbove * localNoise);
        }
        double agreement = shared + ERRORS * Math.sqrt(sharedVariance);
        double most = Math.sqrt(Math.max(0, globalBetween) * Math.max(0, localBetween));
        if (Math.abs(agreement) < NOTHING) {
            return 1;
        }
        return agreement < 0 ? 0 : agreement < most ? agreement / most : 1;
    }
}
