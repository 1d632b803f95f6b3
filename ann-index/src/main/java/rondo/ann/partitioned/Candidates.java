package rondo.ann.partitioned;

import java.util.Arrays;
import rondo.ann.HotPath;
import rondo.ann.simd.TableKernel;

/**
 * The rows whose estimates may be among the R best so far, and the threshold below which none is: the lower edge of the histogram bin that the R-th
 * best lies in. One thread.
 */
final class Candidates {
    private static final int BINS = 512;
    private static final int CAPACITY = 16_384;

    private final int[] histogram = new int[BINS];
    private int[] rows = new int[CAPACITY];
    private float[] estimates = new float[CAPACITY];
    private int size;
    private int added;
    private int wanted;

    /** The bin of the threshold, and how many candidates lie in it or above. */
    private int bin;

    private int above;
    private float lowest;
    private float perBin;
    private float binWidth;
    private float threshold;

    /**
     * Forgets all.
     *
     * @param count   R.
     * @param low     estimates below count as this.
     * @param high    estimates above count as this.
     */
    @HotPath
    void clear(int count, float low, float high) {
        Arrays.fill(histogram, 0);
        size = 0;
        wanted = count;
        bin = 0;
        above = 0;
        lowest = low;
        float width = Math.max(high - low, Float.MIN_NORMAL * BINS);
        perBin = BINS / width;
        binWidth = width / BINS;
        threshold = Float.NEGATIVE_INFINITY;
    }

    /** Estimates at or below are of no interest. */
    float threshold() {
        return threshold;
    }

    int size() {
        return size;
    }

    int row(int i) {
        return rows[i];
    }

    float estimate(int i) {
        return estimates[i];
    }

    /**
     * Adds rows of a block whose estimates {@code base + step × sum} are above the threshold. What a row costs here is much of what a search costs: there are
     * no branches to mispredict, and the threshold is raised once for all.
     *
     * @param hits  bit i set for row {@code first + i}.
     * @param first row of the block.
     */
    @HotPath
    void add(long hits, int first, short[] sums, float base, float step) {
        int end = room();
        float least = threshold;
        int[] to = rows;
        float[] values = estimates;
        for (long left = hits; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            float estimate = base + step * sums[i];
            to[end] = first + i;
            values[end] = estimate;
            end += estimate > least ? 1 : 0;
        }
        count(end);
    }

    /** As {@link #add}, with estimates {@code (base + step × sum) × terms[row]}. */
    @HotPath
    void addTimes(long hits, int first, short[] sums, float base, float step, float[] terms) {
        int end = room();
        float least = threshold;
        int[] to = rows;
        float[] values = estimates;
        for (long left = hits; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            float estimate = (base + step * sums[i]) * terms[first + i];
            to[end] = first + i;
            values[end] = estimate;
            end += estimate > least ? 1 : 0;
        }
        count(end);
    }

    /** As {@link #add}, with estimates {@code base + step × sum + terms[row]}. */
    @HotPath
    void addPlus(long hits, int first, short[] sums, float base, float step, float[] terms) {
        int end = room();
        float least = threshold;
        int[] to = rows;
        float[] values = estimates;
        for (long left = hits; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            float estimate = base + step * sums[i] + terms[first + i];
            to[end] = first + i;
            values[end] = estimate;
            end += estimate > least ? 1 : 0;
        }
        count(end);
    }

    /** Begins to add rows one by one, at most a block of them before {@link #end}. */
    @HotPath
    void begin() {
        added = room();
    }

    /** Adds a row if its estimate is above the threshold. */
    @HotPath
    void put(int row, float estimate) {
        rows[added] = row;
        estimates[added] = estimate;
        added += estimate > threshold ? 1 : 0;
    }

    /** Raises the threshold for what was added. */
    @HotPath
    void end() {
        count(added);
    }

    /** Where the next go, with room for a block and one more. */
    @HotPath
    private int room() {
        if (size > rows.length - TableKernel.ROWS - 1) {
            shrink();
        }
        return size;
    }

    /** Counts the rows from the last on, and raises the threshold. */
    @HotPath
    private void count(int end) {
        float low = lowest;
        float scale = perBin;
        for (int i = size; i < end; i++) {
            int at = (int) ((estimates[i] - low) * scale);
            histogram[Math.max(0, Math.min(BINS - 1, at))]++;
        }
        above += end - size;
        size = end;
        if (above - histogram[bin] >= wanted) {
            do {
                above -= histogram[bin++];
            } while (above - histogram[bin] >= wanted);
            threshold = lowest + bin * binWidth;
        }
    }

    /** Drops what has come to lie below the threshold. */
    @HotPath
    void shrink() {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            rows[kept] = rows[i];
            estimates[kept] = estimates[i];
            kept += estimates[i] >= threshold ? 1 : 0;
        }
        size = kept;
        if (size > rows.length / 2) {
            grow();
        }
    }

    /** Once for the largest R there was; nothing is allocated after that. */
    private void grow() {
        rows = Arrays.copyOf(rows, 2 * rows.length);
        estimates = Arrays.copyOf(estimates, 2 * estimates.length);
    }
}
