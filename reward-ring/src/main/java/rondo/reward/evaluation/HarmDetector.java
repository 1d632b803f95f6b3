package rondo.reward.evaluation;

/**
 * Says when a policy has come to do harm, against a concurrent parent that gets a known share of the same traffic.
 *
 * <p>For each event it forms an e-variable for two proportions (Turner, Ly and Grünwald, Generic e-variables for exact sequential k-sample tests, 2021):
 * the reward's likelihood under "the policy earns the share δ less than its parent" over that under "both earn the same mean". As long as the policy
 * earns no less, its expectation given the past is at most 1, whatever the mean is, and even when the mean moves. The e-variables of several δ are
 * accumulated as a Shiryaev–Roberts e-detector (Shin, Ramdas and Rinaldo, E-detectors, 2022), so that harm may begin at any time; without harm the
 * expected number of events until an alarm is at least {@code eventsPerFalseAlarm}.
 *
 * <p>A reward between 0 and 1 counts as a share of a success. One thread; allocates nothing; a pure function of what it was given.
 */
public final class HarmDetector {
    /** Relative losses that are looked for. */
    private static final double[] LOSSES = {0.05, 0.1, 0.2, 0.4, 0.8};

    private static final double MEAN_MIN = 0.002;
    private static final double MEAN_MAX = 0.95;

    private final double threshold;
    private final double[] detectors = new double[LOSSES.length];

    /** @param eventsPerFalseAlarm at least this many events pass on average before a false alarm. */
    public HarmDetector(double eventsPerFalseAlarm) {
        if (!(eventsPerFalseAlarm >= 1)) {
            throw new IllegalArgumentException(
                    "eventsPerFalseAlarm is at least 1: eventsPerFalseAlarm=" + eventsPerFalseAlarm);
        }
        this.threshold = eventsPerFalseAlarm;
    }

    /**
     * Takes one event.
     *
     * @param isParent    true when the parent served it.
     * @param parentShare probability, before the draw, that the parent would serve it; in (0, 1), otherwise the event says nothing.
     * @param weight      probability, in [0, 1], that the event is one of the policy's or its parent's at all; the rest is what both would have done.
     * @param reward      in [0, 1]; anything else says nothing.
     * @param mean        what was to be expected of the event whoever served it; the closer, the sooner harm is found.
     */
    public void observe(boolean isParent, double parentShare, double weight, double reward, double mean) {
        if (!(reward >= 0 && reward <= 1) || !(parentShare > 0 && parentShare < 1) || !(weight >= 0 && weight <= 1)) {
            return;
        }
        double m = Math.max(MEAN_MIN, Math.min(MEAN_MAX, mean));
        for (int i = 0; i < LOSSES.length; i++) {
            double parentMean = Math.min((1 + MEAN_MAX) / 2, m / (1 - (1 - parentShare) * LOSSES[i]));
            // The pair must keep the mean m, also where the parent's was cut.
            double policyMean = (m - parentShare * parentMean) / (1 - parentShare);
            double own = isParent ? parentMean : policyMean;
            double e = reward * own / m + (1 - reward) * (1 - own) / (1 - m);
            detectors[i] = (detectors[i] + 1) * (1 + weight * (e - 1));
        }
    }

    /** The evidence of harm; below the number of events per false alarm there is none to speak of. */
    public double evidence() {
        double sum = 0;
        for (double detector : detectors) {
            sum += detector / LOSSES.length;
        }
        return sum;
    }

    /** True when the evidence has reached its threshold. */
    public boolean isHarmful() {
        return evidence() >= threshold;
    }

    /** Forgets everything. */
    public void reset() {
        java.util.Arrays.fill(detectors, 0);
    }

    /**
     * Events that any method needs on average to tell a policy from its parent with error δ, when the means are known (Wald; Lai and Robbins, 1985).
     *
     * @param parentShare share of events that the parent serves.
     */
    public static double lowerBound(double parentMean, double policyMean, double parentShare, double delta) {
        double mixed = parentShare * parentMean + (1 - parentShare) * policyMean;
        return Math.log(1 / delta)
                / ((1 - parentShare) * divergence(policyMean, mixed) + parentShare * divergence(parentMean, mixed));
    }

    private static double divergence(double p, double q) {
        return p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    }
}
