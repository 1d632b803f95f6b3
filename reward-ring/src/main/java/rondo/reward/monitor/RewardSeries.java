package rondo.reward.monitor;

/** One reward by epochs: its mean and spread beside those of a slow reference, and how far it jumps from one epoch to the next. */
final class RewardSeries {
    private static final double REFERENCE_STEP = 1.0 / 50;

    /** Epochs that make the first reference. */
    private static final int WARM = 5;

    private static final double CHANGE_STEP = 1.0 / 50;

    private double sum;
    private double square;
    private double cube;
    private double fourth;
    private int count;

    private double mean;
    private double variance;
    private double shift;
    private double referenceMean;
    private double referenceVariance;
    private double referenceKurtosis;
    private double previousMean;
    private double beforePreviousMean;

    /** Over one epoch and over two, because what falls into the middle of an epoch shows half in each: the change, and the usual one squared. */
    private double change;

    private double change2;
    private double changeSquare;
    private double change2Square;
    private double epochs;
    private int usualEpochs;

    void record(double value) {
        // Moments about the reference, so that powers of a mean far from zero cancel nothing.
        double x = value - referenceMean;
        sum += x;
        square += x * x;
        cube += x * x * x;
        fourth += x * x * x * x;
        count++;
    }

    int count() {
        return count;
    }

    /** Ends an epoch; the questions below then speak of it. */
    void close() {
        double m = sum / count;
        mean = referenceMean + m;
        variance = Math.max(0, square / count - m * m);
        shift = mean - referenceMean;
        change = epochs < 1 ? 0 : mean - previousMean;
        change2 = epochs < 2 ? 0 : mean - beforePreviousMean;
        sum = 0;
        square = 0;
    }

    /** True once there is a reference. */
    boolean isWarm() {
        return usualEpochs >= WARM;
    }

    /** How far the mean is from its reference, in standard deviations of the reward. */
    double standardisedShift() {
        return referenceVariance > 0 ? shift / Math.sqrt(referenceVariance) : 0;
    }

    /** The same in standard errors of an epoch's mean. */
    double shiftErrors() {
        return standardisedShift() * Math.sqrt(count / (1 + REFERENCE_STEP / 2));
    }

    /** ln of the variance over its reference. */
    double logVariance() {
        return variance > 0 && referenceVariance > 0 ? Math.log(variance / referenceVariance) : 0;
    }

    /** The same in standard errors, after the reference's kurtosis; a constant reward has none. */
    double varianceErrors() {
        double kurtosis = Math.max(1.2, referenceKurtosis);
        return logVariance() * Math.sqrt(count / (kurtosis - 1));
    }

    /** The step from the epoch before, or the one before that, in multiples of the usual step, which is never less than sampling gives. */
    double jump() {
        double noise = 2 * referenceVariance / count;
        double one = ratio(change, changeSquare, noise);
        double two = ratio(change2, change2Square, noise);
        return Math.abs(one) >= Math.abs(two) ? one : two;
    }

    private static double ratio(double step, double usualSquare, double noise) {
        double usual = Math.sqrt(Math.max(usualSquare, noise));
        return usual > 0 ? step / usual : 0;
    }

    /** Begins an epoch; the last one becomes part of the reference when {@code isUsual}. */
    void nextEpoch(boolean isUsual) {
        double m = mean - referenceMean;
        double kurtosis = kurtosis(m);
        if (epochs >= 1) {
            double changeStep = Math.max(CHANGE_STEP, 1 / epochs);
            double noise = 2 * variance / count;
            changeSquare += changeStep * (bounded(change, changeSquare, noise) - changeSquare);
            change2Square += changeStep * (bounded(change2, change2Square, noise) - change2Square);
        }
        if (isUsual) {
            double step = Math.max(REFERENCE_STEP, 1.0 / ++usualEpochs);
            referenceVariance += step * (variance - referenceVariance);
            referenceKurtosis += step * (kurtosis - referenceKurtosis);
            referenceMean += step * m;
        }
        beforePreviousMean = previousMean;
        previousMean = mean;
        cube = 0;
        fourth = 0;
        count = 0;
        epochs++;
    }

    /** A jump must not become the usual step at once. */
    private static double bounded(double step, double usualSquare, double noise) {
        return Math.min(step * step, 9 * Math.max(usualSquare, noise));
    }

    private double kurtosis(double m) {
        if (!(variance > 0)) {
            return 3;
        }
        double raw2 = variance + m * m;
        double central = fourth / count - 4 * m * cube / count + 6 * m * m * raw2 - 3 * m * m * m * m;
        return central / (variance * variance);
    }
}
