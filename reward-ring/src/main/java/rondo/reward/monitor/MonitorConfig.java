package rondo.reward.monitor;

/**
 * What the hardened monitors judge by.
 *
 * @param epochRequests       requests that make an epoch; every test is made at its end.
 * @param entropyMin          normalised entropy of the logged policy below which convergence must be justified.
 * @param contradiction       standard errors by which another action must have proved better to contradict convergence. No separation of the favoured
 *                            action is asked for: an honest learner is often surer than any bound that holds for ever.
 * @param errorMax            standard deviations of uncertainty about another action beyond which convergence has nothing to stand on.
 * @param harmlessGap         by how many standard deviations of the reward another action may be better without harm, so that a policy may close
 *                            on either of two equals.
 * @param pullsMin            expected draws of every action per epoch below which exploration counts as halted.
 * @param falseAlarmsPerEpoch chance that any test of dependence errs in one epoch.
 * @param dependenceMin       correlation of exploration residuals too small to act on.
 * @param divergenceMax       standardised local less standardised global reward, in standard deviations, since the reference.
 * @param deviations          standard errors that a change of a mean or spread must stand above noise.
 * @param diversityMin        intra-list distance as a share of that of random slates: alarm below.
 * @param diversityClear      and cleared above.
 * @param randomDistance      intra-list distance of random slates of the catalogue, in (0, 1].
 * @param alphaMin            α's schedule: α_min + (α_max − α_min)·exp(−volatility / alphaScale).
 */
public record MonitorConfig(
        int epochRequests,
        double entropyMin,
        double contradiction,
        double errorMax,
        double harmlessGap,
        double pullsMin,
        double falseAlarmsPerEpoch,
        double dependenceMin,
        double divergenceMax,
        double deviations,
        double diversityMin,
        double diversityClear,
        double randomDistance,
        double alphaMin,
        double alphaMax,
        double alphaScale) {
    /** Requests of a pair below which nothing is said of it. */
    static final int EPOCH_MIN = 200;

    public MonitorConfig {
        if (epochRequests < EPOCH_MIN) {
            throw new IllegalArgumentException(
                    "an epoch has at least " + EPOCH_MIN + " requests: epochRequests=" + epochRequests);
        }
        if (!(randomDistance > 0 && randomDistance <= 1)) {
            throw new IllegalArgumentException("randomDistance outside (0, 1]: randomDistance=" + randomDistance);
        }
        if (!(falseAlarmsPerEpoch > 0 && falseAlarmsPerEpoch < 1)) {
            throw new IllegalArgumentException(
                    "falseAlarmsPerEpoch outside (0, 1): falseAlarmsPerEpoch=" + falseAlarmsPerEpoch);
        }
    }

    /** The same with another schedule of α. */
    public MonitorConfig withAlpha(double min, double max) {
        return new MonitorConfig(
                epochRequests,
                entropyMin,
                contradiction,
                errorMax,
                harmlessGap,
                pullsMin,
                falseAlarmsPerEpoch,
                dependenceMin,
                divergenceMax,
                deviations,
                diversityMin,
                diversityClear,
                randomDistance,
                min,
                max,
                alphaScale);
    }

    /**
     * The defaults: epochs of 1,000 requests, the article's thresholds where they can be kept.
     *
     * @param randomDistance intra-list distance of random slates of the catalogue.
     */
    public static MonitorConfig standard(double randomDistance) {
        return new MonitorConfig(
                1_000, 0.3, 3, 0.25, 0.04, 2, 1e-6, 0.1, 0.25, 7, 0.30, 0.40, randomDistance, 0.2, 0.8, 0.05);
    }
}
