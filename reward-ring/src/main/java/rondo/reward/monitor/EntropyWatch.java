package rondo.reward.monitor;

import java.util.Arrays;

/**
 * Of one agent in one segment: how open its logged policy is, and which action its rewards favour.
 *
 * <p>Rewards count as what they were above the lately usual, so that good hours do not speak for the actions chosen in them.
 */
final class EntropyWatch {
    private static final double BASELINE_STEP = 1.0 / 200;

    /** Kept per epoch: what was learnt a hundred epochs ago counts a third. */
    private static final double FADE = 0.99;

    private final int actionCount;
    private final double[] weights;
    private final double[] sums;
    private final double[] squares;
    private final double[] pulls;
    private double baseline = Double.NaN;
    private double entropySum;
    private int count;

    EntropyWatch(int actionCount) {
        this.actionCount = actionCount;
        this.weights = new double[actionCount];
        this.sums = new double[actionCount];
        this.squares = new double[actionCount];
        this.pulls = new double[actionCount];
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
        baseline = Double.isNaN(baseline) ? reward : baseline + BASELINE_STEP * (reward - baseline);
        double above = reward - baseline;
        weights[action]++;
        sums[action] += above;
        squares[action] += above * above;
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

    /** Standard errors by which the favoured action leads the best of the others; −∞ when one of them has not been tried. */
    double separation() {
        int favoured = 0;
        for (int a = 1; a < actionCount; a++) {
            favoured = pulls[a] > pulls[favoured] ? a : favoured;
        }
        double least = Double.POSITIVE_INFINITY;
        for (int a = 0; a < actionCount; a++) {
            if (a != favoured) {
                if (weights[a] < 2 || weights[favoured] < 2) {
                    return Double.NEGATIVE_INFINITY;
                }
                double lead = sums[favoured] / weights[favoured] - sums[a] / weights[a];
                double error = Math.sqrt(variance(favoured) / weights[favoured] + variance(a) / weights[a]);
                least = Math.min(least, error > 0 ? lead / error : Math.signum(lead) * Double.MAX_VALUE);
            }
        }
        return least;
    }

    private double variance(int action) {
        double mean = sums[action] / weights[action];
        return Math.max(0, squares[action] / weights[action] - mean * mean);
    }

    void nextEpoch() {
        entropySum = 0;
        count = 0;
        Arrays.fill(pulls, 0);
        for (int a = 0; a < actionCount; a++) {
            weights[a] *= FADE;
            sums[a] *= FADE;
            squares[a] *= FADE;
        }
    }
}
