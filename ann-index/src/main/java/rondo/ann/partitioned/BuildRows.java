package rondo.ann.partitioned;

import rondo.ann.Similarity;

/**
 * The rows that an index is built from, each as a length and a direction: under inner product the norm and the unit vector, under cosine 1 and the unit
 * vector, under L2 1 and the row less the mean of all.
 */
final class BuildRows {
    private final RowSource rows;
    private final int dimension;
    private final int count;
    private final float[] lengths;
    private final float[] scales;
    private final float[] origin;
    private final boolean isUnit;

    /**
     * @throws IllegalArgumentException naming the row, for a value that is not finite or a zero row under cosine.
     */
    BuildRows(RowSource rows, int dimension, Similarity similarity) {
        this.rows = rows;
        this.isUnit = similarity == Similarity.COSINE;
        this.dimension = dimension;
        this.count = rows.count();
        this.lengths = new float[count];
        this.scales = new float[count];
        this.origin = new float[dimension];
        double[] sums = new double[dimension];
        float[] values = new float[dimension];
        for (int row = 0; row < count; row++) {
            rows.copy(row, values);
            double square = 0;
            for (int d = 0; d < dimension; d++) {
                float value = values[d];
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException(
                            "a vector holds finite values only: row=" + row + ", dimension=" + d + ", value=" + value);
                }
                square += (double) value * value;
                sums[d] += value;
            }
            double norm = Math.sqrt(square);
            if (similarity == Similarity.COSINE && norm == 0) {
                throw new IllegalArgumentException("a zero vector has no direction under cosine: row=" + row);
            }
            lengths[row] = similarity == Similarity.INNER_PRODUCT ? (float) norm : 1f;
            scales[row] = similarity == Similarity.L2 || norm == 0 ? 1f : (float) (1 / norm);
        }
        if (similarity == Similarity.L2) {
            for (int d = 0; d < dimension; d++) {
                origin[d] = (float) (sums[d] / Math.max(1, count));
            }
        }
    }

    int count() {
        return count;
    }

    int dimension() {
        return dimension;
    }

    /** What is subtracted from rows and queries: the mean under L2, zeros otherwise. */
    float[] origin() {
        return origin;
    }

    float length(int row) {
        return lengths[row];
    }

    /** What the index's user calls a row. */
    long id(int row) {
        return rows.id(row);
    }

    /** Writes a row as the index keeps it: the unit vector under cosine, as it is otherwise. */
    void stored(int row, float[] out) {
        rows.copy(row, out);
        if (isUnit) {
            for (int d = 0; d < dimension; d++) {
                out[d] *= scales[row];
            }
        }
    }

    /** Writes the direction of a row. */
    void direction(int row, float[] out) {
        rows.copy(row, out);
        float scale = scales[row];
        for (int d = 0; d < dimension; d++) {
            out[d] = (out[d] - origin[d]) * scale;
        }
    }
}
