package rondo.agents.catalog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import rondo.ann.HotPath;

/**
 * Items consumed close together, counted as it happens: for each item a fixed number of slots with its heaviest partners, kept by the space-saving
 * rule (Metwally, Agrawal, El Abbadi, ICDT 2005): a newcomer takes the lightest slot and inherits its weight.
 *
 * <pre>
 * field    written by   mode     read by    mode
 * slots    writer       opaque   readers    opaque   partner row and weight in one long, so never torn
 * totals   writer       opaque   readers    opaque
 * </pre>
 *
 * <p>One writer, any number of readers, who may see one pair newer than another.
 */
public final class CoVisits {
    /** Partners kept for each item. */
    public static final int SLOTS = 128;

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle FLOATS = MethodHandles.arrayElementVarHandle(float[].class);
    private static final long EMPTY = 0L;

    private final long[][] slots;
    private final float[] totals;

    /** For a catalogue of {@code itemCount} rows; an item's slots take memory from its first partner on. */
    public CoVisits(int itemCount) {
        this.slots = new long[itemCount][];
        this.totals = new float[itemCount];
    }

    /**
     * Counts one consumption against what the user consumed before it. Writer thread only.
     *
     * @param history rows before it, newest first; row at place p weighs 1/(1 + p/10).
     */
    public void record(int row, int[] history, int historyCount) {
        FLOATS.setOpaque(totals, row, totals[row] + 1f);
        for (int p = 0; p < historyCount; p++) {
            int other = history[p];
            if (other != row) {
                float weight = 1f / (1f + p / 10f);
                add(row, other, weight);
                add(other, row, weight);
            }
        }
    }

    private void add(int row, int partner, float weight) {
        long[] own = slots[row];
        if (own == null) {
            own = new long[SLOTS];
            slots[row] = own;
        }
        int lightest = 0;
        float least = Float.POSITIVE_INFINITY;
        for (int s = 0; s < SLOTS; s++) {
            long pair = own[s];
            if (pair == EMPTY) {
                lightest = s;
                least = 0f;
                break;
            }
            float held = weight(pair);
            if (partner(pair) == partner) {
                LONGS.setOpaque(own, s, pair(partner, held + weight));
                return;
            }
            if (held < least) {
                least = held;
                lightest = s;
            }
        }
        LONGS.setOpaque(own, lightest, pair(partner, least + weight));
    }

    /**
     * Adds {@code factor · weight / √(total · total)} to the score of each partner of {@code row}.
     *
     * @param touched receives the partners whose score was 0 before; rows of {@code scores} that are not 0 are already in it.
     * @return the number of touched rows after this call.
     */
    @HotPath
    public int accumulate(int row, float factor, float[] scores, int[] touched, int touchedCount) {
        long[] own = slots[row];
        if (own == null) {
            return touchedCount;
        }
        float total = Math.max(1f, (float) FLOATS.getOpaque(totals, row));
        for (int s = 0; s < SLOTS; s++) {
            long pair = (long) LONGS.getOpaque(own, s);
            if (pair == EMPTY) {
                break;
            }
            int partner = partner(pair);
            float partnerTotal = Math.max(1f, (float) FLOATS.getOpaque(totals, partner));
            if (scores[partner] == 0f) {
                touched[touchedCount++] = partner;
            }
            scores[partner] += factor * weight(pair) / (float) Math.sqrt(total * partnerTotal);
        }
        return touchedCount;
    }

    private static long pair(int partner, float weight) {
        return (long) Float.floatToRawIntBits(weight) << 32 | partner;
    }

    private static int partner(long pair) {
        return (int) pair;
    }

    private static float weight(long pair) {
        return Float.intBitsToFloat((int) (pair >>> 32));
    }
}
