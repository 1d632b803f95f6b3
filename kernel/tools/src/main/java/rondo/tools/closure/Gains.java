package rondo.tools.closure;

import java.util.Arrays;

/** Discounted cumulative gain (Järvelin and Kekäläinen, 2002), as a share of the best that could have been. */
final class Gains {
    private static final double[] DISCOUNTS = new double[64];

    static {
        for (int i = 0; i < DISCOUNTS.length; i++) {
            DISCOUNTS[i] = StrictMath.log(2) / StrictMath.log(2 + i);
        }
    }

    private Gains() {}

    static double discount(int place) {
        return DISCOUNTS[place];
    }

    /**
     * The gain of the first {@code places} numbers of {@code chosen}, indexes into {@code relevance}, over the gain of the best order.
     *
     * @return in [0, 1]; 0 when nothing is relevant.
     */
    static double share(double[] chosen, int places, double[] relevance) {
        double[] ideal = relevance.clone();
        Arrays.sort(ideal);
        double gain = 0;
        double best = 0;
        for (int i = 0; i < places; i++) {
            gain += DISCOUNTS[i] * relevance[(int) chosen[i]];
            best += DISCOUNTS[i] * ideal[ideal.length - 1 - i];
        }
        return best > 0 ? gain / best : 0;
    }

    /** Writes the indexes of the {@code places} largest scores, best first, equal ones by smaller index. */
    static void top(double[] scores, int places, double[] out) {
        double[] left = scores.clone();
        for (int i = 0; i < places; i++) {
            int best = 0;
            for (int j = 1; j < left.length; j++) {
                best = left[j] > left[best] ? j : best;
            }
            out[i] = best;
            left[best] = Double.NEGATIVE_INFINITY;
        }
    }
}
