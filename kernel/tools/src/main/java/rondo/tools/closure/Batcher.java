package rondo.tools.closure;

/**
 * How many inferences wait for each other. Under little load a long batch is late, under much a short one cannot keep up, so the length is a choice that
 * matters; its own latency tells which way to go.
 *
 * <pre>
 * batch takes 100 µs + 5 µs × length; filling it takes length / rate
 * </pre>
 */
final class Batcher extends ChoosingModule {
    private static final double[] LENGTHS = {1, 8, 32, 128};

    /** Inferences a second, by stratum: a quiet host, a busy one, one near its limit. */
    private static final double[] RATES = {3_000, 30_000, 120_000};

    private static final double FIXED_US = 100;
    private static final double EACH_US = 5;
    private static final double TARGET_US = 400;

    private final HeldOutAudience audience;

    Batcher(HeldOutAudience audience, long seed) {
        super("batcher", "kept latency and saved time over the best length", 1, null);
        this.audience = audience;
        settle(seed);
    }

    private double rate(long input) {
        return RATES[stratum(input)] * (0.85 + 0.3 * audience.uniform(input, 71));
    }

    private static double latencyUs(double length, double rate) {
        return length / rate * 1e6 / 2 + FIXED_US + EACH_US * length;
    }

    private static double worth(double length, double rate) {
        double busy = rate / 1e6 * (FIXED_US / length + EACH_US);
        // A host that cannot keep up serves the share that it can.
        double served = Math.min(1, 1 / busy);
        double late = Math.max(0, latencyUs(length, rate) / TARGET_US - 1);
        return served / (1 + late) * (1 - 0.3 * Math.min(1, busy));
    }

    @Override
    public int count() {
        return LENGTHS.length;
    }

    @Override
    public int stratumCount() {
        return RATES.length;
    }

    @Override
    public int stratum(long input) {
        return audience.draw(input, 70, RATES.length);
    }

    @Override
    public void act(int action, long input, double[] output) {
        output[0] = LENGTHS[action];
    }

    @Override
    public double value(double[] output, long input) {
        double rate = rate(input);
        double best = 0;
        for (double length : LENGTHS) {
            best = Math.max(best, worth(length, rate));
        }
        return worth(output[0], rate) / best;
    }

    @Override
    public Loop loop() {
        return new LengthLoop();
    }

    /** The length thrown off by a factor; the state is the length, then the rate. */
    private final class LengthLoop implements Loop {
        @Override
        public int stateLength() {
            return 2;
        }

        @Override
        public void perturb(double[] state, long draw) {
            double rate = RATES[audience.draw(draw, 72, RATES.length)];
            double right = (TARGET_US - FIXED_US) / (0.5e6 / rate + EACH_US);
            double factor = StrictMath.pow(2, 1 + 2 * audience.uniform(draw, 73));
            state[0] = audience.uniform(draw, 74) < 0.5 ? right * factor : right / factor;
            state[1] = rate;
        }

        @Override
        public void correct(double[] state, long input) {
            double measured = latencyUs(state[0], state[1]) * (1 + 0.01 * audience.normal(input, 75));
            state[0] *= StrictMath.pow(TARGET_US / measured, 0.7);
        }

        @Override
        public double distance(double[] state) {
            return Math.abs(latencyUs(state[0], state[1]) - TARGET_US) / TARGET_US;
        }
    }
}
