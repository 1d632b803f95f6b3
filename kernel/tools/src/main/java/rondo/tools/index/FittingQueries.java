package rondo.tools.index;

import java.io.IOException;
import rondo.tools.data.VectorFile;

/** The queries that a user gives for building: some for plans to be fitted on, and others, if there are enough, to measure by. Immutable. */
final class FittingQueries {
    static final FittingQueries NONE = new FittingQueries(new float[0], new float[0], 1, false);

    /** With fewer queries all are needed to fit plans, and the probe is of the same: others would say something else of an index that is whole. */
    private static final int SPLIT_COUNT = 300;

    /** More queries would say nothing new, and take time. */
    private static final int USED_MAX = 1_536;

    /** Each third one is kept to measure by. */
    private static final int SHARES = 3;

    private final float[] fitted;
    private final float[] probed;
    private final int dimension;
    private final boolean areHeldOut;

    private FittingQueries(float[] fitted, float[] probed, int dimension, boolean areHeldOut) {
        this.fitted = fitted;
        this.probed = probed;
        this.dimension = dimension;
        this.areHeldOut = areHeldOut;
    }

    /**
     * Reads queries, and divides those that are used, which lie evenly over the file.
     *
     * @throws IOException when there are none, or they have another dimension than the vectors.
     */
    static FittingQueries of(VectorFile file, int dimension) throws IOException {
        float[] values = values(file, dimension);
        int count = file.count();
        if (count < SPLIT_COUNT) {
            return new FittingQueries(values, values, dimension, false);
        }
        int used = Math.min(count, USED_MAX);
        int probedCount = used / SHARES;
        float[] fitted = new float[(used - probedCount) * dimension];
        float[] probed = new float[probedCount * dimension];
        int fittedCount = 0;
        int keptCount = 0;
        for (int i = 0; i < used; i++) {
            int query = (int) ((long) i * count / used);
            boolean isKept = i % SHARES == SHARES - 1;
            int at = isKept ? keptCount++ : fittedCount++;
            System.arraycopy(values, query * dimension, isKept ? probed : fitted, at * dimension, dimension);
        }
        return new FittingQueries(fitted, probed, dimension, true);
    }

    /** The values of queries for vectors of a dimension. */
    static float[] values(VectorFile file, int dimension) throws IOException {
        if (file.dimension() != dimension) {
            throw new IOException(file.file() + ": queries have the dimension of the vectors: dimension="
                    + file.dimension() + ", expected=" + dimension);
        }
        if (file.count() == 0) {
            throw new IOException(file.file() + ": there are no queries: rows=0");
        }
        return file.values();
    }

    /** Row-major. */
    float[] fitted() {
        return fitted;
    }

    int fittedCount() {
        return fitted.length / dimension;
    }

    /** Row-major. */
    float[] probed() {
        return probed;
    }

    int probedCount() {
        return probed.length / dimension;
    }

    /** True when no plan is fitted on the queries that are measured by. */
    boolean areHeldOut() {
        return areHeldOut;
    }

    /** Bytes. */
    long length() {
        return (long) (fitted.length + probed.length) * Float.BYTES;
    }
}
