package rondo.reward.monitor;

/**
 * Of two agents: whether they explore together, and whether doing so pays them at the cost of all.
 *
 * <p>What an agent draws, less the probability it drew it with, is zero in expectation whatever the context was, and so is the product of two such
 * residuals when each agent draws for itself. Sums of such products are martingales; Freedman's inequality (Annals of Probability, 1975) bounds them, for
 * policies that change as they learn too. Products with a reward tell a joint effect: the interaction term of a regression on both choices.
 */
final class PairWatch {
    /** Kept per epoch, so that about the last three count. */
    private static final double FADE = 0.7;

    /** Joint effects are bounded by the variance seen, which itself is noisy; this much more of it is supposed. */
    private static final double VARIANCE_MARGIN = 1.3;

    /** Standard errors by which the global reward must fall with what pays the pair; the pair's own gain is held to the full bound. */
    private static final double LOSS_DEVIATIONS = 3.5;

    private final int columns;
    private final double[] products;
    private final double[] variances;
    private final double[] scales;
    private final double[] gains;
    private final double[] gainSquares;
    private final double[] losses;
    private final double[] lossSquares;
    private double count;
    private int strongest;

    PairWatch(int actionsFirst, int actionsSecond) {
        int cells = actionsFirst * actionsSecond;
        this.columns = actionsSecond;
        this.products = new double[cells];
        this.variances = new double[cells];
        this.scales = new double[cells];
        this.gains = new double[cells];
        this.gainSquares = new double[cells];
        this.losses = new double[cells];
        this.lossSquares = new double[cells];
    }

    int cells() {
        return products.length;
    }

    /**
     * One request that both took part in.
     *
     * @param first  residuals of the first agent; {@code firstDeviations} their standard deviations under its policy.
     * @param local  what both earned themselves, above the usual, in [−1, 1].
     * @param global what all earned, above the usual, in [−1, 1].
     */
    void record(
            double[] first,
            double[] firstDeviations,
            double[] second,
            double[] secondDeviations,
            double local,
            double global) {
        count++;
        for (int k = 0, cell = 0; cell < products.length; k++) {
            for (int l = 0; l < columns; l++, cell++) {
                double product = first[k] * second[l];
                double scale = firstDeviations[k] * secondDeviations[l];
                double gain = product * local;
                double loss = product * global;
                products[cell] += product;
                scales[cell] += scale;
                variances[cell] += scale * scale;
                gains[cell] += gain;
                gainSquares[cell] += gain * gain;
                losses[cell] += loss;
                lossSquares[cell] += loss * loss;
            }
        }
    }

    double count() {
        return count;
    }

    /** The sum that stands furthest above its bound, as a multiple of the bound; {@code logInverse} is ln(2 / error). */
    double dependence(double logInverse) {
        double most = 0;
        for (int cell = 0; cell < products.length; cell++) {
            double bound = freedman(variances[cell], logInverse);
            double ratio = Math.abs(products[cell]) / bound;
            if (ratio > most) {
                most = ratio;
                strongest = cell;
            }
        }
        return most;
    }

    /** Correlation of the residuals in the strongest cell: positive for drawing together, negative for drawing apart. */
    double correlation() {
        return scales[strongest] > 0 ? products[strongest] / scales[strongest] : 0;
    }

    /** As {@link #dependence}, for the pair's joint gain in cells where the whole loses; 0 when there is none. */
    double jointGain(double logInverse) {
        double most = 0;
        for (int cell = 0; cell < gains.length; cell++) {
            // What pays may be to do something together or to avoid it; a loss is a loss in the same direction.
            double direction = Math.signum(gains[cell]);
            double loss = -direction * losses[cell];
            if (loss > LOSS_DEVIATIONS * Math.sqrt(VARIANCE_MARGIN * lossSquares[cell])) {
                double bound = freedman(VARIANCE_MARGIN * gainSquares[cell], logInverse);
                most = Math.max(most, Math.abs(gains[cell]) / bound);
            }
        }
        return most;
    }

    private static double freedman(double variance, double logInverse) {
        return Math.sqrt(2 * variance * logInverse) + logInverse / 3;
    }

    void nextEpoch() {
        count *= FADE;
        for (int cell = 0; cell < products.length; cell++) {
            products[cell] *= FADE;
            scales[cell] *= FADE;
            gains[cell] *= FADE;
            losses[cell] *= FADE;
            // Weights are below one, and squared in a variance.
            variances[cell] *= FADE * FADE;
            gainSquares[cell] *= FADE * FADE;
            lossSquares[cell] *= FADE * FADE;
        }
    }
}
