package rondo.agents.policy;

/** The standard normal distribution function from a table, absolute error below 4e-7: the integrations ask for it thousands of times per block. */
final class NormalTable {
    private static final int CELLS = 2048;
    private static final double END = 6;
    private static final double CELLS_PER_UNIT = CELLS / END;

    private static final double[] VALUES = new double[CELLS + 1];

    static {
        for (int i = 0; i <= CELLS; i++) {
            VALUES[i] = 1 - tail(i / CELLS_PER_UNIT);
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

    /** The probability of a value below {@code z}. */
    static double cdf(double z) {
        double x = Math.abs(z) * CELLS_PER_UNIT;
        if (x >= CELLS) {
            return z > 0 ? 1 : 0;
        }
        int cell = (int) x;
        double value = VALUES[cell] + (x - cell) * (VALUES[cell + 1] - VALUES[cell]);
        return z > 0 ? value : 1 - value;
    }
}
