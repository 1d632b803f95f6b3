package rondo.ann.partitioned;

import java.util.Arrays;
import rondo.ann.HotPath;

/**
 * Cells by falling bound, as far as a search needs them: in buckets of like bounds, in a bucket as they were put. Quicker than to sort them. One thread.
 */
final class CellOrder {
    private static final int BUCKETS = 256;
    private static final float WIDTH_MIN = 1e-30f;

    private final int[] cells;
    private final float[] bounds;
    private final int[] sortedCells;
    private final float[] sortedBounds;
    private final int[] buckets;
    private final int[] starts = new int[BUCKETS];

    /** @param count of cells there are. */
    CellOrder(int count) {
        cells = new int[count];
        bounds = new float[count];
        sortedCells = new int[count];
        sortedBounds = new float[count];
        buckets = new int[count];
    }

    @HotPath
    void put(int at, int cell, float bound) {
        cells[at] = cell;
        bounds[at] = bound;
    }

    /**
     * Sorts what was put.
     *
     * @param lowest  the least bound.
     * @param highest the largest.
     * @return how much larger a bound can be than one that comes before it.
     */
    @HotPath
    float sort(int count, float lowest, float highest) {
        float width = highest - lowest;
        // Bounds that are infinite, or as good as the same, are one bucket.
        boolean isSpread = width > WIDTH_MIN && width < Float.POSITIVE_INFINITY;
        float perBucket = isSpread ? (BUCKETS - 1) / width : 0;
        float top = isSpread ? highest : 0;
        Arrays.fill(starts, 0);
        for (int i = 0; i < count; i++) {
            int bucket = (int) ((top - bounds[i]) * perBucket);
            buckets[i] = bucket;
            starts[bucket]++;
        }
        int sum = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            int size = starts[bucket];
            starts[bucket] = sum;
            sum += size;
        }
        for (int i = 0; i < count; i++) {
            int to = starts[buckets[i]]++;
            sortedCells[to] = cells[i];
            sortedBounds[to] = bounds[i];
        }
        return isSpread ? width / (BUCKETS - 2) : Float.POSITIVE_INFINITY;
    }

    @HotPath
    int cell(int at) {
        return sortedCells[at];
    }

    @HotPath
    float bound(int at) {
        return sortedBounds[at];
    }
}
