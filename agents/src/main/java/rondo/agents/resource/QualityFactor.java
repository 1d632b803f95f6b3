package rondo.agents.resource;

/**
 * How much work a stage may do: a factor that creeps up while the stage is in time and jumps down when it is late, as far as makes it stand still where
 * exactly the target percentile of requests is in time (stochastic approximation of a quantile: Robbins and Monro 1951).
 *
 * <p>In time: factor + δ. Late: factor − δ p / (1 − p), with p the target percentile. The expected step is 0 when a share p is in time. A pure state
 * machine on one thread; nothing allocates.
 */
public final class QualityFactor {
    /** Step up: δ. */
    public static final double STEP = 0.001;

    private final double percentile;
    private final double latencyNsMax;
    private final double min;
    private double factor;

    /**
     * Starts at 1, the most.
     *
     * @param percentile   share of requests, in (0, 1), that shall be in time.
     * @param latencyNsMax what in time means.
     * @param min          least factor, in (0, 1].
     */
    public QualityFactor(double percentile, double latencyNsMax, double min) {
        if (!(percentile > 0 && percentile < 1) || !(latencyNsMax > 0) || !(min > 0 && min <= 1)) {
            throw new IllegalArgumentException("percentile outside (0, 1), latency not above 0 or min outside (0, 1]:"
                    + " percentile=" + percentile + ", latencyNsMax=" + latencyNsMax + ", min=" + min);
        }
        this.percentile = percentile;
        this.latencyNsMax = latencyNsMax;
        this.min = min;
        this.factor = 1;
    }

    /** Share of the full work, in [min, 1]. */
    public double factor() {
        return factor;
    }

    /** Learns how long a request took; what did not finish counts as infinitely long. */
    public void learn(double latencyNs) {
        if (!(latencyNs >= 0)) {
            throw new IllegalArgumentException("latency below 0: latencyNs=" + latencyNs);
        }
        double step = latencyNs <= latencyNsMax ? STEP : -STEP * percentile / (1 - percentile);
        factor = Math.max(min, Math.min(1, factor + step));
    }
}
