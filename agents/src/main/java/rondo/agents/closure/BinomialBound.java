package rondo.agents.closure;

/**
 * The exact one-sided confidence bound on a share (Clopper and Pearson, Biometrika 1934), in arithmetic that is the same on every JVM.
 */
final class BinomialBound {
    /** From here on, four terms of the asymptotic series give the logarithm of the gamma function to the last bits. */
    private static final double SERIES_FROM = 15;

    private static final double TINY = 1e-300;
    private static final int TERMS_MAX = 100_000;
    private static final int HALVINGS = 60;

    private BinomialBound() {}

    /**
     * The largest share that {@code successes} of {@code trials} rule out from below: were the true share smaller, so many successes or more would
     * come up with probability below {@code delta}.
     *
     * @return in [0, 1); 0 without a success or a trial.
     */
    static double lower(int successes, int trials, double delta) {
        if (successes < 0 || successes > trials || !(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("successes outside [0, trials] or delta outside (0, 1): successes="
                    + successes + ", trials=" + trials + ", delta=" + delta);
        }
        if (successes == 0) {
            return 0;
        }
        double low = 0;
        double high = (double) successes / trials;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (atLeast(successes, trials, middle) < delta) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** P(X ≥ successes) for X binomial: the regularised incomplete beta function I_share(successes, trials − successes + 1). */
    static double atLeast(int successes, int trials, double share) {
        if (successes <= 0) {
            return 1;
        }
        if (share <= 0 || share >= 1) {
            return share <= 0 ? 0 : 1;
        }
        double a = successes;
        double b = trials - successes + 1.0;
        double front = StrictMath.exp(
                logGamma(a + b) - logGamma(a) - logGamma(b) + a * StrictMath.log(share) + b * StrictMath.log1p(-share));
        // The fraction converges fast on one side of the mean only; the other side is its mirror.
        return share < (a + 1) / (a + b + 2)
                ? front * fraction(a, b, share) / a
                : 1 - front * fraction(b, a, 1 - share) / b;
    }

    /** The continued fraction of the incomplete beta function (DLMF 8.17.22), by the modified Lentz method. */
    private static double fraction(double a, double b, double x) {
        double c = 1;
        double d = 1 / away(1 - (a + b) * x / (a + 1));
        double h = d;
        for (int m = 1; m < TERMS_MAX; m++) {
            double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / away(1 + even * d);
            c = away(1 + even / c);
            h *= d * c;
            double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / away(1 + odd * d);
            c = away(1 + odd / c);
            double factor = d * c;
            h *= factor;
            if (Math.abs(factor - 1) < 1e-15) {
                break;
            }
        }
        return h;
    }

    private static double away(double value) {
        return Math.abs(value) < TINY ? TINY : value;
    }

    /** Stirling's series, after the argument is moved up by the recurrence. */
    private static double logGamma(double x) {
        double shift = 0;
        double z = x;
        while (z < SERIES_FROM) {
            shift += StrictMath.log(z);
            z += 1;
        }
        double square = 1 / (z * z);
        double series = (1 / 12.0 - square * (1 / 360.0 - square * (1 / 1260.0 - square / 1680.0))) / z;
        return (z - 0.5) * StrictMath.log(z) - z + 0.5 * StrictMath.log(2 * Math.PI) + series - shift;
    }
}
