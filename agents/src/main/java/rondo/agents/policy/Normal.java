package rondo.agents.policy;

/** The standard normal distribution function from a table, absolute error below 4e-6: the integrations ask for it a thousand times per block. */
final class NormalTable {
    private static final int CELLS = 1024;

    /** Beyond this a value is taken for 0 or 1. */
    private static final double END = 4.5;

    private static final double CELLS_PER_UNIT = CELLS / (2 * END);

    /** One cell more than is asked for, so that the last one needs no special case. */
    private static final double[] VALUES = new double[CELLS + 2];

    static {
        for (int i = 1; i < VALUES.length; i++) {
            double z = i / CELLS_PER_UNIT - END;
            VALUES[i] = z < 0 ? tail(-z) : 1 - tail(z);
        }
    }

    private NormalTable() {}

    /** Abramowitz and Stegun 26.2.17, absolute error below 7.5e-8, for x of 0 or more; StrictMath, so that every machine has the same table. */
    private static double tail(double x) {
        double t = 1 / (1 + 0.2316419 * x);
        return 0.3989422804014327
                * StrictMath.exp(-x * x / 2)
                * t
                * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    }

    /** The probability of a value below {@code z}. No branches: thousands of these overlap. */
    static double cdf(double z) {
        double x = Math.max(0, Math.min(CELLS, (z + END) * CELLS_PER_UNIT));
        int cell = (int) x;
        double value = VALUES[cell];
        return value + (x - cell) * (VALUES[cell + 1] - value);
    }
}
