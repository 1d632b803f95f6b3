package rondo.tools.closure;

import java.util.Arrays;
import rondo.agents.closure.ClosureModule;
import rondo.agents.policy.CounterRandom;

/** Keys to buckets. Its salts put keys into other buckets and are worth the same; nothing in it can be corrected. */
final class HashEncoder implements ClosureModule.Choices {
    private static final int SALTS = 4;
    private static final int KEYS = 32;
    private static final int BUCKETS = 1 << 12;

    private final long seed;

    private HashEncoder(long seed) {
        this.seed = seed;
    }

    static ClosureModule of(long seed) {
        HashEncoder encoder = new HashEncoder(seed);
        double[] output = new double[KEYS];
        return new FixedModule(
                "hash-encoder",
                "share of keys in a bucket of their own",
                ClosureModule.Origin.HELD_OUT,
                Long.MAX_VALUE,
                input -> {
                    encoder.act(0, input, output);
                    return encoder.value(output, input);
                },
                encoder,
                null,
                null);
    }

    @Override
    public int count() {
        return SALTS;
    }

    @Override
    public int outputLength() {
        return KEYS;
    }

    @Override
    public void act(int action, long input, double[] output) {
        for (int i = 0; i < KEYS; i++) {
            long key = CounterRandom.bits(seed, input, i);
            output[i] = CounterRandom.bits(action, key, 1) >>> 32 & (BUCKETS - 1);
        }
    }

    @Override
    public double value(double[] output, long input) {
        double[] sorted = output.clone();
        Arrays.sort(sorted);
        int alone = 0;
        for (int i = 0; i < KEYS; i++) {
            boolean isShared = (i > 0 && sorted[i] == sorted[i - 1]) || (i < KEYS - 1 && sorted[i] == sorted[i + 1]);
            alone += isShared ? 0 : 1;
        }
        return (double) alone / KEYS;
    }

    @Override
    public double propensity(int action, long input) {
        return 1.0 / SALTS;
    }
}
