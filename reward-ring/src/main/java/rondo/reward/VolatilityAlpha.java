package rondo.reward;

import java.util.Arrays;

/**
 * Schedules α, the weight of the local reward: high while the audience is stable, low while it changes.
 *
 * <p>Volatility is the Jensen–Shannon divergence (Lin, 1991; base 2, so in [0, 1]) between a short and a long exponentially fading histogram of what
 * is consumed, less what sampling alone would give (Miller and Madow, 1955). α = α_min + (α_max − α_min)·exp(−v/v0), moved by at most
 * {@link #STEP_MAX} a tick and not at all by less than {@link #HYSTERESIS}. A diverse but stable audience is not volatile.
 *
 * <p>One thread; a pure function of the categories it is given, a tick every {@link #EVENTS_PER_TICK} of them.
 */
final class VolatilityAlpha {
    static final int EVENTS_PER_TICK = 50;
    static final double STEP_MAX = 0.15;
    static final double HYSTERESIS = 0.01;

    private static final int CATEGORIES = 65;
    private static final double SHORT_FADE = 1 - 1.0 / 200;
    private static final double LONG_FADE = 1 - 1.0 / 2000;
    private static final double SCALE = 0.05;

    private final double alphaMin;
    private final double alphaMax;
    private final double[] recent = new double[CATEGORIES];
    private final double[] lasting = new double[CATEGORIES];
    private double recentUnit = 1;
    private double lastingUnit = 1;
    private double alpha;
    private double lowest;
    private double highest;
    private double volatility;
    private long events;

    VolatilityAlpha(double alphaMin, double alphaMax) {
        this.alphaMin = alphaMin;
        this.alphaMax = alphaMax;
        this.alpha = (alphaMin + alphaMax) / 2;
        this.lowest = alpha;
        this.highest = alpha;
    }

    /** One consumption in a category, −1 for none. */
    void record(int category) {
        int bin = category < 0 || category >= CATEGORIES - 1 ? CATEGORIES - 1 : category;
        recentUnit /= SHORT_FADE;
        lastingUnit /= LONG_FADE;
        recent[bin] += recentUnit;
        lasting[bin] += lastingUnit;
        if (recentUnit > 1e12) {
            recentUnit = rescale(recent, recentUnit);
        }
        if (lastingUnit > 1e12) {
            lastingUnit = rescale(lasting, lastingUnit);
        }
        if (++events % EVENTS_PER_TICK == 0) {
            tick();
        }
    }

    private static double rescale(double[] counts, double unit) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] /= unit;
        }
        return 1;
    }

    private void tick() {
        double shortSum = Arrays.stream(recent).sum();
        double longSum = Arrays.stream(lasting).sum();
        double divergence = 0;
        int occupied = 0;
        for (int i = 0; i < CATEGORIES; i++) {
            double p = recent[i] / shortSum;
            double q = lasting[i] / longSum;
            double middle = (p + q) / 2;
            occupied += q > 0 ? 1 : 0;
            divergence += half(p, middle) + half(q, middle);
        }
        double shortCount = Math.min((double) events, 2 / (1 - SHORT_FADE));
        double longCount = Math.min((double) events, 2 / (1 - LONG_FADE));
        double bias = (occupied - 1) / (8 * Math.log(2)) * Math.abs(1 / shortCount - 1 / longCount);
        volatility = Math.max(0, divergence - 2 * bias);
        double target = alphaMin + (alphaMax - alphaMin) * Math.exp(-volatility / SCALE);
        double move = Math.max(-STEP_MAX, Math.min(STEP_MAX, target - alpha));
        if (Math.abs(move) >= HYSTERESIS) {
            alpha += move;
            lowest = Math.min(lowest, alpha);
            highest = Math.max(highest, alpha);
        }
    }

    private static double half(double p, double middle) {
        return p > 0 ? 0.5 * p * Math.log(p / middle) / Math.log(2) : 0;
    }

    double alpha() {
        return alpha;
    }

    double lowest() {
        return lowest;
    }

    double highest() {
        return highest;
    }

    /** How often α has been looked at. */
    long ticks() {
        return events / EVENTS_PER_TICK;
    }

    double volatility() {
        return volatility;
    }
}
