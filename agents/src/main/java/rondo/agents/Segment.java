package rondo.agents;

import rondo.ann.HotPath;

/**
 * The part of the audience that a request belongs to: the caller's label crossed with how much is known of the user. Agents hold one policy per
 * segment; there are {@link #COUNT} of them, a fixed array index each.
 */
public final class Segment {
    /** Segments there are. */
    public static final int COUNT = 64;

    /** Labels a caller may give, from 0. */
    public static final int HINT_COUNT = 16;

    /** Classes of users: cold, warm, regular and heavy. */
    public static final int BUCKET_COUNT = COUNT / HINT_COUNT;

    private static final int WARM = 5;
    private static final int REGULAR = 40;
    private static final int HEAVY = 200;

    private Segment() {}

    /**
     * The segment of a user.
     *
     * @param hint        the caller's label, in [0, {@link #HINT_COUNT}).
     * @param historySize items the user has consumed.
     */
    @HotPath
    public static int of(int hint, int historySize) {
        int bucket = historySize < WARM ? 0 : historySize < REGULAR ? 1 : historySize < HEAVY ? 2 : 3;
        return hint * BUCKET_COUNT + bucket;
    }

    /** The caller's label in a segment. */
    public static int hint(int segment) {
        return segment / BUCKET_COUNT;
    }

    /** The class of its users, in [0, {@link #BUCKET_COUNT}), from those of whom least is known. */
    public static int bucket(int segment) {
        return segment % BUCKET_COUNT;
    }

    /** A name for people: {@code 3/heavy}. */
    public static String name(int segment) {
        String[] buckets = {"cold", "warm", "regular", "heavy"};
        return hint(segment) + "/" + buckets[bucket(segment)];
    }
}
