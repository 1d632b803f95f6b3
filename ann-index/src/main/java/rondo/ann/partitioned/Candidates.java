package rondo.ann.partitioned;

import java.util.Arrays;
import rondo.ann.HotPath;

/**
 * The rows whose estimates may be among the R best so far, and the threshold below which none is: the lower edge of the histogram bin that the R-th
 * best lies in. One thread.
 */
final class Candidates {
    private static final int BINS = 2048;
    private static final int CAPACITY = 16_384;

    private final int[] histogram = new int[BINS];
    private int[] rows = new int[CAPACITY];
    private float[] estimates = new float[CAPACITY];
    private int size;
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

    /** Adds a row whose estimate is above the threshold. */
    @HotPath
    void add(int row, float estimate) {
        if (size == rows.length) {
            shrink();
        }
        rows[size] = row;
        estimates[size++] = estimate;
        int at = Math.max(0, Math.min(BINS - 1, (int) ((estimate - lowest) * perBin)));
        histogram[at]++;
        above++;
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
