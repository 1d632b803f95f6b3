package rondo.ann;

/**
 * A score and an index in one long: rising keys are falling scores, and among equal scores rising indexes, so that {@link LongSort} ranks them. Any
 * score but NaN; index not negative.
 */
public final class ScoreKey {
    private ScoreKey() {}

    @HotPath
    public static long of(float score, int index) {
        return (long) ~ordered(Float.floatToRawIntBits(score)) << 32 | index;
    }

    @HotPath
    public static int index(long key) {
        return (int) key;
    }

    @HotPath
    public static float score(long key) {
        return Float.intBitsToFloat(ordered(~(int) (key >> 32)));
    }

    /** Turns the bits of a float into an int that orders as the float does, and back. */
    private static int ordered(int bits) {
        return bits ^ (bits >> 31 & 0x7FFF_FFFF);
    }
}
