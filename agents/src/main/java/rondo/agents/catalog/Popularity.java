package rondo.agents.catalog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import rondo.ann.HotPath;

/**
 * Consumption counts that fade, and the lists of the most consumed items, over all and by category.
 *
 * <p>Forward decay (Cormode et al., ICDE 2009): an event at time t weighs 2^((t − t0)/halfLife), so no count is ever touched to let it fade; when
 * weights grow large all are scaled down together.
 *
 * <pre>
 * field     written by   mode      read by    mode
 * counts    writer       opaque    readers    opaque
 * lists     writer       volatile  readers    volatile   immutable arrays once published
 * </pre>
 *
 * <p>One writer. Lists are made anew every {@link #REFRESH_EVENTS} events, so that replaying the events makes the same lists.
 */
public final class Popularity {
    /** Events between two refreshes of the lists. */
    public static final int REFRESH_EVENTS = 64;

    private static final int OVERALL_MAX = 8192;
    private static final int CATEGORY_MAX = 512;
    private static final double WEIGHT_MAX = 0x1.0p60;
    private static final VarHandle FLOATS = MethodHandles.arrayElementVarHandle(float[].class);

    private final Catalog catalog;
    private final double halfLifeMs;
    private final float[] counts;
    private volatile Lists lists;
    private double unit = 1;
    private long lastMs = Long.MIN_VALUE;
    private int sinceRefresh;

    private static final class Lists {
        final int[] overall;
        final int[][] byCategory;
        final double unit;

        Lists(int[] overall, int[][] byCategory, double unit) {
            this.overall = overall;
            this.byCategory = byCategory;
            this.unit = unit;
        }
    }

    /**
     * Starts from the catalogue's own order.
     *
     * @param halfLifeMs after which an event weighs half.
     */
    public Popularity(Catalog catalog, long halfLifeMs) {
        this.catalog = catalog;
        this.halfLifeMs = halfLifeMs;
        this.counts = new float[catalog.itemCount()];
        this.lists = new Lists(new int[0], new int[64][], 1);
        refresh();
    }

    /** Counts one consumption; a time before an earlier event's counts as that event's. Writer thread only. */
    public void record(int row, long timeMs) {
        if (lastMs == Long.MIN_VALUE) {
            lastMs = timeMs;
        } else if (timeMs > lastMs) {
            unit *= Math.pow(2, (timeMs - lastMs) / halfLifeMs);
            lastMs = timeMs;
        }
        if (unit > WEIGHT_MAX) {
            rescale();
        }
        FLOATS.setOpaque(counts, row, counts[row] + (float) unit);
        if (++sinceRefresh >= REFRESH_EVENTS) {
            refresh();
        }
    }

    /** Counts one imported consumption whose time is not known; {@link #refresh} afterwards. Writer thread only. */
    public void count(int row) {
        FLOATS.setOpaque(counts, row, counts[row] + (float) unit);
    }

    private void rescale() {
        for (int row = 0; row < counts.length; row++) {
            FLOATS.setOpaque(counts, row, (float) (counts[row] / unit));
        }
        unit = 1;
        // The lists' unit is the one from before, by which the counts must not be divided again.
        refresh();
    }

    /** Makes the lists anew. Writer thread only. */
    public void refresh() {
        sinceRefresh = 0;
        int count = counts.length;
        long[] keys = new long[count];
        for (int row = 0; row < count; row++) {
            keys[row] = (long) ~Float.floatToRawIntBits(counts[row]) << 32 | row;
        }
        Arrays.sort(keys);
        int[] overall = new int[Math.min(OVERALL_MAX, count)];
        int[][] byCategory = new int[64][];
        int[] filled = new int[64];
        int full = 0;
        int categoryCount = catalog.categoryNames().size();
        for (int i = 0; i < count && (i < overall.length || full < categoryCount); i++) {
            int row = (int) keys[i];
            if (i < overall.length) {
                overall[i] = row;
            }
            for (long left = catalog.categories(row); left != 0; left &= left - 1) {
                int category = Long.numberOfTrailingZeros(left);
                if (byCategory[category] == null) {
                    byCategory[category] = new int[CATEGORY_MAX];
                }
                if (filled[category] < CATEGORY_MAX) {
                    byCategory[category][filled[category]++] = row;
                    full += filled[category] == CATEGORY_MAX ? 1 : 0;
                }
            }
        }
        for (int category = 0; category < 64; category++) {
            byCategory[category] =
                    byCategory[category] == null ? new int[0] : Arrays.copyOf(byCategory[category], filled[category]);
        }
        lists = new Lists(overall, byCategory, unit);
    }

    /** Rows by falling popularity, at most 8,192; never changed, so it may be read for as long as it is held. */
    @HotPath
    public int[] overall() {
        return lists.overall;
    }

    /** Rows of one category by falling popularity, at most 512. */
    @HotPath
    public int[] ofCategory(int category) {
        return lists.byCategory[category];
    }

    /** The row's faded count, in events of the time of the last refresh. */
    @HotPath
    public float score(int row) {
        return (float) ((float) FLOATS.getOpaque(counts, row) / lists.unit);
    }
}
