package rondo.reward;

import java.util.Arrays;
import rondo.agents.Segment;

/**
 * The most weight that one agent's local reward deserves as a stand-in for the global one, in [0, 1]: what makes the sum of both the best estimate of what
 * an action is worth.
 *
 * <p>The global reward of an action is unbiased and, being rare, noisy; the local one is less noisy and biased by as much as it prefers other actions. With
 * v the noise of either after {@link #HORIZON} plays, c what the two share of it, and b the mean square of the bias, the squared error is least for
 *
 * <pre>
 * weight = (v_global − c) / (v_global + v_local − 2c + b)
 * </pre>
 *
 * (Green and Strawderman, A James-Stein type estimator for combining unbiased and possibly biased estimators, JASA 1991.) How biased a surrogate is,
 * earlier comparisons of actions tell (Tripuraneni et al., Choosing a proxy metric from past experiments, KDD 2024); here all actions are compared. What the
 * luck of their plays adds to the square is taken off by the method of moments (DerSimonian and Laird, 1986), and the estimate is weighed against a
 * supposition until enough is known.
 *
 * <p>Means are merits: rewards over what was to be expected of segment and user at that time, whatever was chosen. To be that, the expectation is learnt
 * from rewards divided by the merit of the action played. Within a segment actions are drawn by chance alone, so that differences of merits are caused
 * by actions; without the division, a policy that moves while rewards rise or fall would look like one that raised or lowered them.
 *
 * <p>One thread; a pure function of what it was given, in its order.
 */
final class SurrogateWeight {
    /** Rewards between two looks. */
    static final int LOOK_REWARDS = 50;

    /** Plays of its own after which what an action earned has faded to 1/e; an action that rests is not forgotten. */
    private static final double FADE = 1 - 1.0 / 5_000;

    /** Of the way to what a look says: learners take a jump of α for a change of the audience. */
    private static final double STEP = 0.2;

    /** Plays that a learner has to judge an action by, before the audience changes or its mind is made up. */
    private static final double HORIZON = 350;

    /** The bias supposed before anything is known, mean square of differences of merits, and its own standard deviation. */
    private static final double BIAS_START = 0.3;

    private static final double START = 0.4;

    /** Successes at merit 1 that each action borrows. */
    private static final double BORROWED = 4;

    /** Variance of merits between actions that weights assume: beyond a noise as small as this, more plays make an action no weightier. */
    private static final double VARIANCE_BETWEEN = 0.1;

    /** Squares of merits that are rounding errors. */
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
    private double weight = START;
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

        /** The mean merit of what was played: rewards tell merits and expectations only up to a factor. */
        double level() {
            double earnedSum = BORROWED;
            double exposureSum = BORROWED;
            for (int a = 0; a < earned.length; a++) {
                earnedSum += earned[a];
                exposureSum += exposures[a];
            }
            return earnedSum / exposureSum;
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

    SurrogateWeight(int actionCount) {
        this.plays = new double[actionCount];
        this.global = new Rewards(actionCount);
        this.local = new Rewards(actionCount);
    }

    /** The most that α may be, in [0, 1]. */
    double weight() {
        return weight;
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
            weight += STEP * (look() - weight);
        }
    }

    private double look() {
        double globalMean = global.sum / count;
        double localMean = local.sum / count;
        double globalVariance = Math.max(0, global.squares / count - globalMean * globalMean);
        double localVariance = Math.max(0, local.squares / count - localMean * localMean);
        double covariance = products / count - globalMean * localMean;
        double globalNoise = globalVariance / (globalMean * globalMean) / HORIZON;
        double localNoise = localVariance / (localMean * localMean) / HORIZON;
        double sharedNoise = covariance / (globalMean * localMean) / HORIZON;
        double error = globalNoise + localNoise - 2 * sharedNoise + bias(globalVariance, localVariance, covariance);
        // Where both say the same, neither is the better guide.
        return error < NOTHING ? weight : Math.max(0, Math.min(1, (globalNoise - sharedNoise) / error));
    }

    /** The mean square of the difference between an action's two merits, weighed against what was supposed of it. */
    private double bias(double globalVariance, double localVariance, double covariance) {
        double globalLevel = global.level();
        double localLevel = local.level();
        double[] weights = new double[plays.length];
        double[] differences = new double[plays.length];
        double weightSum = 0;
        double centre = 0;
        for (int a = 0; a < weights.length; a++) {
            if (plays[a] > 0) {
                double leverage = global.leverage(a) / globalLevel;
                weights[a] = 1 / (VARIANCE_BETWEEN + globalVariance * plays[a] * leverage * leverage);
                differences[a] = local.merit(a) / localLevel - global.merit(a) / globalLevel;
                weightSum += weights[a];
                centre += weights[a] * differences[a];
            }
        }
        centre /= weightSum;
        double seen = 0;
        double variance = NOTHING;
        for (int a = 0; a < weights.length; a++) {
            double share = weights[a] / weightSum;
            double globalLeverage = global.leverage(a) / globalLevel;
            double localLeverage = local.leverage(a) / localLevel;
            double noise = plays[a]
                    * (globalVariance * globalLeverage * globalLeverage
                            + localVariance * localLeverage * localLeverage
                            - 2 * covariance * globalLeverage * localLeverage);
            double above = differences[a] - centre;
            seen += share * (above * above - (1 - share) * noise);
            variance += share * share * noise * (4 * above * above + 2 * noise);
        }
        double known = 1 / variance;
        double supposed = 1 / (BIAS_START * BIAS_START);
        return Math.max(0, (seen * known + BIAS_START * supposed) / (known + supposed));
    }
}
