package rondo.agents.policy;

import java.util.Arrays;

/**
 * The probability of each action of having the highest merit, when each merit is a mixture of normal distributions, by numerical integration. Scratch
 * of one thread; allocates nothing after construction.
 *
 * <pre>
 * P(a is best) = ∫ f_a(x) · Π_{b ≠ a} F_b(x) dx        F on the cell borders x_0 … x_n, products of cell means
 * </pre>
 *
 * <p>Half of the cells lie where the leading action's merit is, since that is where the others are overtaken; the other half share the rest.
 */
final class BestAction {
    /** The most cells that an integration may ask for. */
    static final int CELLS_MAX = 64;

    /** Standard deviations on either side beyond which a distribution is taken for nothing. */
    private static final double SPAN = 3.5;

    /** The least share of an action's mixture that can make its term the leading one. */
    private static final double LEADING = 0.3;

    private static final double LEADING_SPAN = 3;

    private final int actionCount;
    private final int termsMax;
    private final double[] weights;
    private final double[] merits;
    private final double[] precisions;
    private final int[] counts;
    private final int[] rivals;
    private final double[] highs;
    private final double[] borders = new double[CELLS_MAX + 1];
    private final double[] below;
    private final double[] before = new double[CELLS_MAX];
    private final double[][] masses;
    private final double[][] means;
    private final double[][] products;
    private double low;
    private double high;

    /** @param termsMax normal distributions that one action's merit may be mixed from. */
    BestAction(int actionCount, int termsMax) {
        this.actionCount = actionCount;
        this.termsMax = termsMax;
        this.weights = new double[actionCount * termsMax];
        this.merits = new double[actionCount * termsMax];
        this.precisions = new double[actionCount * termsMax];
        this.counts = new int[actionCount];
        this.rivals = new int[actionCount];
        this.highs = new double[actionCount];
        this.below = new double[actionCount * termsMax * (CELLS_MAX + 1)];
        this.masses = new double[actionCount][CELLS_MAX];
        this.means = new double[actionCount][CELLS_MAX + 1];
        this.products = new double[actionCount][CELLS_MAX];
    }

    /** Forgets all terms. */
    void clear() {
        Arrays.fill(counts, 0);
    }

    /**
     * Adds a term to an action's mixture.
     *
     * @param weight    relative to the action's other terms.
     * @param precision inverse of the standard deviation.
     */
    void term(int action, double weight, double merit, double precision) {
        int at = action * termsMax + counts[action]++;
        weights[at] = weight;
        merits[at] = merit;
        precisions[at] = precision;
    }

    /** Adds {@code share} times the probability of being the best to {@code out}. */
    void addTo(double[] out, double share, int cells) {
        int leading = reach();
        // The best is no worse than the highest of the lower ends, so an action that cannot reach it has no part in
        // this.
        int rivalCount = 0;
        for (int a = 0; a < actionCount; a++) {
            if (highs[a] > low) {
                rivals[rivalCount++] = a;
            }
        }
        if (rivalCount == 1) {
            out[rivals[0]] += share;
            return;
        }
        placeBorders(cells, leading);
        distribute(rivalCount, cells);
        Arrays.fill(products[rivalCount - 1], 0, cells, 1);
        for (int r = rivalCount - 2; r >= 0; r--) {
            multiply(products[r], products[r + 1], means[r + 1], cells);
        }
        Arrays.fill(before, 0, cells, 1);
        double total = 0;
        for (int r = 0; r < rivalCount; r++) {
            double sum = 0;
            for (int c = 0; c < cells; c++) {
                sum += masses[r][c] * before[c] * products[r][c];
            }
            multiply(before, before, means[r], cells);
            highs[r] = sum;
            total += sum;
        }
        for (int r = 0; r < rivalCount; r++) {
            out[rivals[r]] += total > 0 ? share * highs[r] / total : share / rivalCount;
        }
    }

    /** Finds between which merits the best lies, and each action's upper end; returns the leading term, or −1. */
    private int reach() {
        low = 0;
        high = Double.NEGATIVE_INFINITY;
        int leading = -1;
        for (int a = 0; a < actionCount; a++) {
            double actionLow = Double.POSITIVE_INFINITY;
            double actionHigh = Double.NEGATIVE_INFINITY;
            double sum = 0;
            int from = a * termsMax;
            int to = from + counts[a];
            for (int i = from; i < to; i++) {
                double reach = SPAN / precisions[i];
                actionLow = Math.min(actionLow, merits[i] - reach);
                actionHigh = Math.max(actionHigh, merits[i] + reach);
                sum += weights[i];
            }
            for (int i = from; i < to; i++) {
                weights[i] /= sum;
                if (weights[i] > LEADING && (leading < 0 || merits[i] > merits[leading])) {
                    leading = i;
                }
            }
            low = Math.max(low, actionLow);
            high = Math.max(high, actionHigh);
            highs[a] = actionHigh;
        }
        return leading;
    }

    private void placeBorders(int cells, int leading) {
        double from = low;
        double to = high;
        if (leading >= 0) {
            from = Math.max(low, merits[leading] - LEADING_SPAN / precisions[leading]);
            to = Math.min(high, merits[leading] + LEADING_SPAN / precisions[leading]);
        }
        double outside = from - low + (high - to);
        int outer = outside > 0 && from < to ? cells / 2 : 0;
        int left = outside > 0 ? (int) Math.ceil(outer * (from - low) / outside) : 0;
        if (outer == 0) {
            from = low;
            to = high;
        }
        int at = place(0, left, low, from);
        at = place(at, cells - outer, from, to);
        place(at, outer - left, to, high);
        borders[cells] = high;
    }

    /** Lower borders of so many equal cells; returns the next cell. */
    private int place(int at, int cells, double from, double to) {
        for (int c = 0; c < cells; c++) {
            borders[at + c] = from + (to - from) * c / cells;
        }
        return at + cells;
    }

    /**
     * Each rival's distribution function on the cell borders, from which the masses and the means follow. All terms of all rivals go through one long loop,
     * which the compiler vectorises.
     */
    private void distribute(int rivalCount, int cells) {
        int stride = cells + 1;
        int end = 0;
        for (int r = 0; r < rivalCount; r++) {
            int from = rivals[r] * termsMax;
            for (int i = from; i < from + counts[rivals[r]]; i++) {
                double merit = merits[i];
                double precision = precisions[i];
                for (int c = 0; c < stride; c++) {
                    below[end + c] = (borders[c] - merit) * precision;
                }
                end += stride;
            }
        }
        for (int i = 0; i < end; i++) {
            below[i] = Normal.cdf(below[i]);
        }
        int at = 0;
        for (int r = 0; r < rivalCount; r++) {
            double[] mass = masses[r];
            double[] mean = means[r];
            int from = rivals[r] * termsMax;
            for (int c = 0; c < stride; c++) {
                mean[c] = weights[from] * below[at + c];
            }
            at += stride;
            for (int i = from + 1; i < from + counts[rivals[r]]; i++) {
                double weight = weights[i];
                for (int c = 0; c < stride; c++) {
                    mean[c] += weight * below[at + c];
                }
                at += stride;
            }
            for (int c = 0; c < cells; c++) {
                mass[c] = Math.max(0, mean[c + 1] - mean[c]);
                mean[c] = 0.5 * (mean[c + 1] + mean[c]);
            }
        }
    }

    private static void multiply(double[] out, double[] a, double[] b, int cells) {
        for (int c = 0; c < cells; c++) {
            out[c] = a[c] * b[c];
        }
    }
}
