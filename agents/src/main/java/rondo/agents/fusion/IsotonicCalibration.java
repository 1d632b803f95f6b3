package rondo.agents.fusion;

import java.util.Arrays;

/**
 * Turns scores into probabilities that come true, without changing their order: isotonic regression by pooling adjacent violators (Ayer et al., Annals of
 * Mathematical Statistics 1955; Zadrozny and Elkan, KDD 2002). Scores are kept as counts in {@link #CELLS} cells, so learning costs the same however much
 * was learnt. Every second outcome is held out; the calibration error before and after (ECE: Naeini, Cooper and Hauskrecht, AAAI 2015) is measured on those.
 *
 * <p>A pure state machine on one thread; nothing allocates after construction.
 */
public final class IsotonicCalibration {
    /** How finely scores are told apart. */
    public static final int CELLS = 1_000;

    private static final int ERROR_BINS = 20;

    private final Half fitted = new Half();
    private final Half heldOut = new Half();
    private final double[] map = new double[CELLS];
    private final double[] blockMeans = new double[CELLS];
    private final double[] blockCounts = new double[CELLS];
    private final int[] blockEnds = new int[CELLS];
    private boolean isFitted;
    private boolean isHeldOut;
    private double errorBefore = Double.NaN;
    private double errorAfter = Double.NaN;

    /** Counts and sums by cell. */
    private static final class Half {
        private final double[] counts = new double[CELLS];
        private final double[] scores = new double[CELLS];
        private final double[] outcomes = new double[CELLS];

        void add(int cell, double score, double outcome) {
            counts[cell]++;
            scores[cell] += score;
            outcomes[cell] += outcome;
        }

        void clear() {
            Arrays.fill(counts, 0);
            Arrays.fill(scores, 0);
            Arrays.fill(outcomes, 0);
        }
    }

    private static int cell(double score) {
        if (!(score >= 0 && score <= 1)) {
            throw new IllegalArgumentException("score outside [0, 1]: score=" + score);
        }
        return Math.min(CELLS - 1, (int) (score * CELLS));
    }

    /** The probability that goes with a score in [0, 1]; before the first {@link #refit} the score itself. */
    public double calibrated(double score) {
        int cell = cell(score);
        return isFitted ? map[cell] : score;
    }

    /**
     * Learns from one outcome.
     *
     * @param score   in [0, 1].
     * @param outcome in [0, 1]; 1 for a success.
     */
    public void learn(double score, double outcome) {
        int cell = cell(score);
        if (!(outcome >= 0 && outcome <= 1)) {
            throw new IllegalArgumentException("outcome outside [0, 1]: outcome=" + outcome);
        }
        (isHeldOut ? heldOut : fitted).add(cell, score, outcome);
        isHeldOut = !isHeldOut;
    }

    /** Fits the map to what was learnt since the last fit, measures it, and starts to collect anew. Does nothing when there is no outcome to fit. */
    public void refit() {
        int blocks = pool();
        if (blocks == 0) {
            return;
        }
        int from = 0;
        for (int block = 0; block < blocks; block++) {
            Arrays.fill(map, from, blockEnds[block], blockMeans[block]);
            from = blockEnds[block];
        }
        // Scores above the highest that was seen.
        Arrays.fill(map, from, CELLS, blockMeans[blocks - 1]);
        isFitted = true;
        errorBefore = calibrationError(false);
        errorAfter = calibrationError(true);
        fitted.clear();
        heldOut.clear();
        isHeldOut = false;
    }

    /** Merges neighbours until the means rise; an empty cell belongs to the next one that is not. */
    private int pool() {
        int blocks = 0;
        for (int cell = 0; cell < CELLS; cell++) {
            if (fitted.counts[cell] == 0) {
                continue;
            }
            blockCounts[blocks] = fitted.counts[cell];
            blockMeans[blocks] = fitted.outcomes[cell] / fitted.counts[cell];
            blockEnds[blocks] = cell + 1;
            while (blocks > 0 && blockMeans[blocks - 1] >= blockMeans[blocks]) {
                double count = blockCounts[blocks - 1] + blockCounts[blocks];
                blockMeans[blocks - 1] =
                        (blockMeans[blocks - 1] * blockCounts[blocks - 1] + blockMeans[blocks] * blockCounts[blocks])
                                / count;
                blockCounts[blocks - 1] = count;
                blockEnds[blocks - 1] = blockEnds[blocks];
                blocks--;
            }
            blocks++;
        }
        return blocks;
    }

    /** Twenty bins of predictions, each one's gap between mean prediction and mean outcome, weighted by how many fell into it. */
    private double calibrationError(boolean isCalibrated) {
        double total = 0;
        double error = 0;
        for (int bin = 0; bin < ERROR_BINS; bin++) {
            double predictions = 0;
            double outcomes = 0;
            for (int cell = 0; cell < CELLS; cell++) {
                double count = heldOut.counts[cell];
                if (count == 0) {
                    continue;
                }
                double prediction = isCalibrated ? map[cell] : heldOut.scores[cell] / count;
                if (Math.min(ERROR_BINS - 1, (int) (prediction * ERROR_BINS)) == bin) {
                    total += count;
                    predictions += count * prediction;
                    outcomes += heldOut.outcomes[cell];
                }
            }
            error += Math.abs(predictions - outcomes);
        }
        return error / total;
    }

    /** Calibration error of the raw scores on what the last fit held out, in [0, 1]; NaN before. */
    public double errorBefore() {
        return errorBefore;
    }

    /** Calibration error of the calibrated ones on the same outcomes; NaN before the first fit. */
    public double errorAfter() {
        return errorAfter;
    }
}
