package rondo.reward.evaluation;

/**
 * Where the running mean of a stream of numbers lies, at all times at once: with probability {@code 1 − error} it never leaves the interval, however often
 * one looks (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Time-uniform central limit theory and asymptotic confidence sequences, Annals of Statistics
 * 2024, the two-sided form of their theorem 2.2). Asymptotic, so it says nothing until
 * thirty numbers as good as make up what is seen, (Σx²)² / Σx⁴: rare large numbers look like none until some of them came.
 *
 * <p>With n numbers of variance v and a parameter ρ the half-width is √(v · 2(nρ² + 1)/(n²ρ²) · ln(√(nρ² + 1)/error)); ρ makes it least near
 * {@code tightAt} numbers. One thread; allocates nothing; a pure function of what it was given.
 */
public final class ConfidenceSequence {
    private static final double EFFECTIVE_MIN = 30;

    private final double error;
    private final double rhoSquared;
    private long count;
    private double mean;
    private double squares;
    private double rawSquares;
    private double rawFourths;

    /**
     * @param error   probability that it is ever wrong, in (0, 1).
     * @param tightAt number count for which it is narrowest, at least 1.
     */
    public ConfidenceSequence(double error, long tightAt) {
        if (!(error > 0 && error < 1) || tightAt < 1) {
            throw new IllegalArgumentException(
                    "error outside (0, 1) or tightAt below 1: error=" + error + ", tightAt=" + tightAt);
        }
        this.error = error;
        double twice = -2 * Math.log(error);
        this.rhoSquared = (twice + Math.log(twice + 1)) / tightAt;
    }

    /** Takes one number; what is not finite says nothing. */
    public void add(double x) {
        if (!Double.isFinite(x)) {
            return;
        }
        count++;
        double before = x - mean;
        mean += before / count;
        squares += before * (x - mean);
        rawSquares += x * x;
        rawFourths += x * x * x * x;
    }

    /** Numbers taken. */
    public long count() {
        return count;
    }

    /** Their mean; 0 before the first. */
    public double mean() {
        return mean;
    }

    /** Half the width of the interval; infinite while it cannot be told. */
    public double radius() {
        if (squares <= 0 || rawSquares * rawSquares < EFFECTIVE_MIN * rawFourths) {
            return Double.POSITIVE_INFINITY;
        }
        double scaled = count * rhoSquared + 1;
        double variance = squares / count;
        return Math.sqrt(variance * 2 * scaled / (count * (count * rhoSquared)) * Math.log(Math.sqrt(scaled) / error));
    }

    /** The lower end. */
    public double lower() {
        return mean - radius();
    }

    /** The upper end. */
    public double upper() {
        return mean + radius();
    }
}
