package rondo.agents.model;

import java.util.Arrays;
import rondo.agents.catalog.Audience;
import rondo.agents.catalog.Catalog;
import rondo.ann.HotPath;

/** The taste model behind the ranking score: which share of a user's newest items lies in each category. One profile belongs to one thread. */
public final class TasteProfile {
    private final int[] history = new int[ModelAgent.WINDOW_MAX];
    private final float[] shares = new float[Long.SIZE];

    /**
     * Reads a user's history.
     *
     * @param window newest items to look at, at most {@link ModelAgent#WINDOW_MAX}; see {@link ModelAgent#window}.
     */
    @HotPath
    public void read(Catalog catalog, Audience audience, long userId, int window) {
        int count = Math.min(window, audience.history(userId, history));
        Arrays.fill(shares, 0f);
        for (int i = 0; i < count; i++) {
            long bits = catalog.categories(history[i]);
            float share = 1f / (count * Math.max(1, Long.bitCount(bits)));
            for (long left = bits; left != 0; left &= left - 1) {
                shares[Long.numberOfTrailingZeros(left)] += share;
            }
        }
    }

    /** The share, in [0, 1], that lies in a candidate's categories; 0 for a user without a history. */
    @HotPath
    public float of(long categories) {
        float sum = 0f;
        for (long left = categories; left != 0; left &= left - 1) {
            sum += shares[Long.numberOfTrailingZeros(left)];
        }
        return Math.min(1f, sum);
    }
}
