package rondo.agents.closure;

/**
 * What a module must show to be promoted. Part of the evidence, so that a verdict says under which rules it was reached.
 *
 * <p>One threshold with two meanings would be a trap: {@code passMark} is what one iteration must score, {@code requiredRate} is how often. A scorer of
 * mean 0.90 and deviation 0.05 passes the mark 0.85 in 84 % of iterations, and so does not reach the rate 0.85.
 *
 * @param passMark        s*: an iteration succeeds when its score is at least this, in (0, 1].
 * @param requiredRate    p*: the lower bound on the success rate must exceed this, in (0, 1).
 * @param iterations      n: held-out iterations.
 * @param delta           chance of promoting a module whose true rate is p*, at most.
 * @param contextCount    contexts on which every action is tried.
 * @param distinctShare   share of contexts on which two actions must act differently to count as two.
 * @param valueGapMin     what the values of two actions must differ by in some stratum to count as two: the minimal detectable effect.
 * @param perturbations   times the state is disturbed.
 * @param stepsMax        corrective steps after each; the last quarter of them must stay at the fixed point.
 * @param contractionMin  κ: share of the distance that the first step must take away.
 * @param contractionRate share of perturbations that must be corrected, by the same lower bound.
 * @param tolerance       distance at which the fixed point counts as reached; a perturbation must go beyond twice this.
 * @param criteriaVersion number of this set of rules; raised whenever a rule changes its meaning.
 */
public record ClosureSpec(
        double passMark,
        double requiredRate,
        int iterations,
        double delta,
        int contextCount,
        double distinctShare,
        double valueGapMin,
        int perturbations,
        int stepsMax,
        double contractionMin,
        double contractionRate,
        double tolerance,
        int criteriaVersion) {
    /** The rules as they are now. */
    public static final int CRITERIA_VERSION = 1;

    public ClosureSpec {
        inside("passMark", passMark, true);
        inside("requiredRate", requiredRate, false);
        inside("delta", delta, false);
        inside("distinctShare", distinctShare, true);
        inside("valueGapMin", valueGapMin, true);
        inside("contractionMin", contractionMin, true);
        inside("contractionRate", contractionRate, false);
        inside("tolerance", tolerance, true);
        positive("iterations", iterations, 1);
        positive("contextCount", contextCount, 2);
        positive("perturbations", perturbations, 1);
        positive("stepsMax", stepsMax, 4);
    }

    private static void inside(String name, double value, boolean mayBeOne) {
        if (!(value > 0 && (value < 1 || (mayBeOne && value == 1)))) {
            throw new IllegalArgumentException(
                    name + " outside (0, 1" + (mayBeOne ? "]" : ")") + ": " + name + "=" + value);
        }
    }

    private static void positive(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ": " + name + "=" + value);
        }
    }

    /** The rules in force: 10,000 iterations, rate above 0.85 with 99.9 % confidence, pass mark 0.85. */
    public static ClosureSpec standard() {
        return new ClosureSpec(
                0.85, 0.85, 10_000, 0.001, 1_000, 0.01, 0.01, 300, 24, 0.05, 0.95, 0.05, CRITERIA_VERSION);
    }

    /** The same rules with another number of iterations, for trying things out. */
    public ClosureSpec withIterations(int count) {
        return new ClosureSpec(
                passMark,
                requiredRate,
                count,
                delta,
                contextCount,
                distinctShare,
                valueGapMin,
                perturbations,
                stepsMax,
                contractionMin,
                contractionRate,
                tolerance,
                criteriaVersion);
    }

    /** What the true success rate exceeds with confidence 1 − δ (Clopper–Pearson, one-sided) after {@code successes} of {@code trials}. */
    public double lowerBound(int successes, int trials) {
        return BinomialBound.lower(successes, trials, delta);
    }

    /** The decision rule of independent evaluability, on the count of successes in {@link #iterations()}. */
    public boolean isEvaluable(int successes) {
        return lowerBound(successes, iterations) > requiredRate;
    }
}
