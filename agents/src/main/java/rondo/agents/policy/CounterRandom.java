package rondo.agents.policy;

import rondo.ann.HotPath;

/**
 * Random numbers without state: a draw is a hash of what it is for, so that any decision can be made again from its log row. The mixing is the
 * SplitMix64 finaliser (Steele, Lea, Flood, OOPSLA 2014), applied once for each part of the key.
 */
public final class CounterRandom {
    private CounterRandom() {}

    /**
     * A number in [0, 1), uniform over keys.
     *
     * @param seed   of the data directory.
     * @param key    the request, or whatever else the draw belongs to.
     * @param stream which of several draws for that key.
     */
    @HotPath
    public static double uniform(long seed, long key, long stream) {
        return (bits(seed, key, stream) >>> 11) * 0x1.0p-53;
    }

    /** Sixty-four random bits for the same key. */
    @HotPath
    public static long bits(long seed, long key, long stream) {
        return mix(mix(mix(seed + 0x9E3779B97F4A7C15L) + key) + stream * 0xD1B54A32D192ED03L);
    }

    private static long mix(long z) {
        long a = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ a >>> 27) * 0x94D049BB133111EBL;
        return b ^ b >>> 31;
    }
}
