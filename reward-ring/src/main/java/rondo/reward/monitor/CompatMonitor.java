package rondo.reward.monitor;

/**
 * The source article's monitor to the letter, for comparison and for those who have thresholds of their own on its figures. Known for its faults: two
 * independent series of five correlate beyond 0.75 in 14 % of cases, rewards on unlike scales always diverge, two frozen agents never show.
 *
 * <p>History is a ring of fixed length; one thread.
 */
public final class CompatMonitor {
    private static final int HISTORY = 1_000;
    private static final int DIVERGENCE_LENGTH = 10;
    private static final int SERIES_MIN = 5;
    private static final double CORRELATION_MAX = 0.75;
    private static final double DIVERSITY_MIN = 0.30;

    private final double divergenceMax;
    private final double entropyMin;
    private final double[] locals = new double[HISTORY];
    private final double[] globals = new double[HISTORY];
    private long count;

    /** The article's thresholds: divergence 0.25, entropy 0.3. */
    public CompatMonitor() {
        this(0.25, 0.3);
    }

    public CompatMonitor(double divergenceMax, double entropyMin) {
        this.divergenceMax = divergenceMax;
        this.entropyMin = entropyMin;
    }

    /** One pair of rewards. */
    public void record(double local, double global) {
        int at = (int) (count++ % HISTORY);
        locals[at] = local;
        globals[at] = global;
    }

    /** −Σ p ln p / ln K; NaN when there is one action only. */
    public static double normalisedEntropy(double[] probabilities) {
        double sum = 0;
        for (double p : probabilities) {
            sum -= p > 0 ? p * Math.log(p) : 0;
        }
        return sum / Math.log(probabilities.length);
    }

    /** Exploration halted: normalised entropy below its threshold. */
    public boolean isExplorationHalted(double[] probabilities) {
        return normalisedEntropy(probabilities) < entropyMin;
    }

    /** Mean |local − global| of the last ten pairs; 0 while there are fewer. */
    public double divergence() {
        if (count < DIVERGENCE_LENGTH) {
            return 0;
        }
        double sum = 0;
        for (long i = count - DIVERGENCE_LENGTH; i < count; i++) {
            int at = (int) (i % HISTORY);
            sum += Math.abs(locals[at] - globals[at]);
        }
        return sum / DIVERGENCE_LENGTH;
    }

    public boolean isDecoupled() {
        return divergence() > divergenceMax;
    }

    /** Pearson's correlation; NaN when a series is constant, or they are shorter than five or of unequal length. */
    public static double correlation(double[] a, double[] b) {
        if (a.length != b.length || a.length < SERIES_MIN) {
            return Double.NaN;
        }
        double meanA = 0;
        double meanB = 0;
        for (int i = 0; i < a.length; i++) {
            meanA += a[i];
            meanB += b[i];
        }
        meanA /= a.length;
        meanB /= a.length;
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }
        return ab / Math.sqrt(aa * bb);
    }

    /** Collusion: |r| above 0.75. */
    public static boolean isColluding(double[] a, double[] b) {
        return Math.abs(correlation(a, b)) > CORRELATION_MAX;
    }

    /** Popularity collapse: intra-list distance below 0.30. */
    public static boolean isCollapsed(double intraListDistance) {
        return intraListDistance < DIVERSITY_MIN;
    }
}
