package rondo.agents.policy;

/**
 * The probability of a reward that counts as a share of a success, mean^reward · (1 − mean)^(1 − reward). Logarithms and powers come from tables with
 * straight lines between, relative error below 1e-5: a tenth of what Math.pow costs, and the same bits on every machine, which Math.pow does not promise.
 */
final class Bernoulli {
    private static final int CELLS = 256;
    private static final int CELL_BITS = 44;
    private static final double LOG2_E = 1.4426950408889634;
    private static final double[] LOG2 = new double[CELLS + 1];

    /** One cell more: a hair below a whole number, what is above its floor rounds to 1. */
    private static final double[] EXP2 = new double[CELLS + 2];

    static {
        for (int i = 0; i <= CELLS; i++) {
            LOG2[i] = StrictMath.log(1 + (double) i / CELLS) * LOG2_E;
        }
        for (int i = 0; i < EXP2.length; i++) {
            EXP2[i] = StrictMath.pow(2, (double) i / CELLS);
        }
    }

    private Bernoulli() {}

    /** @param mean strictly between 0 and 1; {@code reward} in [0, 1]. */
    static double probability(double mean, double reward) {
        if (reward == 1) {
            return mean;
        }
        return reward == 0 ? 1 - mean : (1 - mean) * exp2(reward * log2(mean / (1 - mean)));
    }

    /** The probability that an event of a rate per step has happened within so many steps, 1 − e^(−rate · steps). */
    static double happened(double rate, long steps) {
        double x = rate * steps;
        // The series, where the difference from 1 would lose digits.
        return x < 0.1 ? x * (1 - x / 2 * (1 - x / 3 * (1 - x / 4))) : 1 - exp2(Math.max(-1_000, -x * LOG2_E));
    }

    /** For normal positive numbers: the exponent, and a table for the mantissa. */
    private static double log2(double x) {
        long bits = Double.doubleToRawLongBits(x);
        int cell = (int) (bits >>> CELL_BITS) & CELLS - 1;
        double rest = (bits & (1L << CELL_BITS) - 1) * 0x1p-44;
        return (int) (bits >>> 52) - 1023 + LOG2[cell] + rest * (LOG2[cell + 1] - LOG2[cell]);
    }

    /** For |x| up to 1,000: the whole part into the exponent, and a table for the rest. */
    private static double exp2(double x) {
        double whole = Math.floor(x);
        double scaled = (x - whole) * CELLS;
        int cell = (int) scaled;
        double value = EXP2[cell] + (scaled - cell) * (EXP2[cell + 1] - EXP2[cell]);
        return value * Double.longBitsToDouble((long) (whole + 1023) << 52);
    }
}
