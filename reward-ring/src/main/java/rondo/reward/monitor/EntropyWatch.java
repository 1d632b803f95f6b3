package rondo.reward.monitor;

import java.util.Arrays;

/**
 * Of one agent in one segment: how open its logged policy is, and which action its rewards favour.
 *
 * <p>Two actions are compared within each epoch and the differences pooled, each weighted by how well the epoch tells it (as Mantel and Haenszel pool
 * strata, 1959), so that neither good hours nor what the other agents do meanwhile speak for the actions chosen then.
 */
final class EntropyWatch {
    /** Kept per epoch: what was learnt a hundred epochs ago counts a third. */
    private static final double FADE = 0.99;

    private final int actionCount;

    /** Of the epoch at hand, by action: draws, sums of rewards, sums of propensities. */
    private final double[] draws;

    private final double[] sums;
    private final double[] pulls;
    private double squares;
    private double entropySum;
    private int count;

    /** By pair of actions: weighted differences of their means, and the weights. */
    private final double[] differences;

    private final double[] weights;
    private double varianceSum;
    private double varianceCount;

    EntropyWatch(int actionCount) {
        this.actionCount = actionCount;
        this.draws = new double[actionCount];
        this.sums = new double[actionCount];
        this.pulls = new double[actionCount];
        this.differences = new double[actionCount * actionCount];
        this.weights = new double[actionCount * actionCount];
    }

    void record(int action, float[] probabilities, double reward) {
        double entropy = 0;
        for (int a = 0; a < actionCount; a++) {
            double p = probabilities[a];
            entropy -= p > 0 ? p * Math.log(p) : 0;
            pulls[a] += p;
        }
        entropySum += entropy;
        count++;
        draws[action]++;
        sums[action] += reward;
        squares += reward * reward;
    }

    int count() {
        return count;
    }

    /** Mean normalised entropy of the epoch; 1 with a single action, which has nothing to collapse to. */
    double entropy() {
        return actionCount < 2 || count == 0 ? 1 : entropySum / count / Math.log(actionCount);
    }

    /** Expected draws of the least likely action. */
    double pullsLeast() {
        double least = Double.POSITIVE_INFINITY;
        for (double p : pulls) {
            least = Math.min(least, p);
        }
        return actionCount < 2 ? Double.POSITIVE_INFINITY : least;
    }

    /** Takes the epoch's rewards into what is known of the actions. */
    void close() {
        double within = squares;
        for (int a = 0; a < actionCount; a++) {
            within -= draws[a] > 0 ? sums[a] * sums[a] / draws[a] : 0;
            for (int b = 0; b < actionCount; b++) {
                if (draws[a] > 0 && draws[b] > 0) {
                    double weight = draws[a] * draws[b] / (draws[a] + draws[b]);
                    differences[a * actionCount + b] += weight * (sums[a] / draws[a] - sums[b] / draws[b]);
                    weights[a * actionCount + b] += weight;
                }
            }
        }
        varianceSum += Math.max(0, within);
        varianceCount += count;
    }

    /**
     * Whether nothing seen justifies the preference for the favoured action: another one has proved better, or too little is known of another one, and the
     * favoured does not clearly lead it.
     *
     * @param harmlessGap   standard deviations by which another may be better without harm.
     * @param contradiction standard errors that prove it better still.
     * @param errorMax      standard deviations of uncertainty beyond which too little is known.
     */
    boolean isUnjustified(double harmlessGap, double contradiction, double errorMax) {
        int favoured = 0;
        for (int a = 1; a < actionCount; a++) {
            favoured = pulls[a] > pulls[favoured] ? a : favoured;
        }
        double deviation = varianceCount > 0 ? Math.sqrt(varianceSum / varianceCount) : 0;
        for (int a = 0; a < actionCount; a++) {
            int pair = favoured * actionCount + a;
            if (a != favoured) {
                if (!(weights[pair] > 0)) {
                    return true;
                }
                double lead = differences[pair] / weights[pair];
                double error = deviation / Math.sqrt(weights[pair]);
                boolean isContradicted = lead + harmlessGap * deviation < -contradiction * error;
                boolean isUnknown = error > errorMax * deviation && lead < error;
                if (isContradicted || isUnknown) {
                    return true;
                }
            }
        }
        return false;
    }

    void nextEpoch() {
        entropySum = 0;
        squares = 0;
        count = 0;
        Arrays.fill(draws, 0);
        Arrays.fill(sums, 0);
        Arrays.fill(pulls, 0);
        varianceSum *= FADE;
        varianceCount *= FADE;
        for (int pair = 0; pair < weights.length; pair++) {
            differences[pair] *= FADE;
            weights[pair] *= FADE;
        }
    }
}
