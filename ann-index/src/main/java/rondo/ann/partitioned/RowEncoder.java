package rondo.ann.partitioned;

import rondo.ann.Similarity;

/** Where a row that came after an index was built belongs in it, and its code. One thread; not before the first {@link #encode}. */
final class RowEncoder {
    private final PartitionedVectorIndex index;
    private final Products.Multiplier means;
    private final Products.Multiplier querying;
    private final ResidualCoder.Encoder encoder;
    private final float[] stored;
    private final float[] direction;
    private final float[] mean;
    private final float[] scratch;
    private final float[] meanCoordinates;
    private final byte[] code;
    private int cell;
    private float worth;
    private float term;

    RowEncoder(PartitionedVectorIndex index) {
        this.index = index;
        this.means = index.means.new Multiplier();
        this.querying = index.coder.querying().new Multiplier();
        this.encoder = index.coder.new Encoder();
        this.stored = new float[index.dimension];
        this.direction = new float[index.dimension];
        this.mean = new float[index.dimension];
        this.scratch = new float[index.means.paddedCount()];
        this.meanCoordinates = new float[index.coder.querying().paddedCount()];
        this.code = new byte[index.coder.codeCount()];
    }

    /**
     * Finds out all about a row.
     *
     * @throws IllegalArgumentException for a vector of another dimension, a value that is not finite, or a zero vector under cosine.
     */
    void encode(float[] vector) {
        double norm = Math.sqrt(check(vector));
        boolean isUnit = index.similarity == Similarity.COSINE;
        float scale = isUnit ? (float) (1 / norm) : 1;
        float shrink = index.similarity == Similarity.L2 || norm == 0 ? 1 : (float) (1 / norm);
        for (int d = 0; d < stored.length; d++) {
            stored[d] = vector[d] * scale;
            direction[d] = (vector[d] - index.origin[d]) * shrink;
        }
        cell = means.best(direction, index.meanAddends, scratch);
        float residual = 0;
        for (int d = 0; d < mean.length; d++) {
            mean[d] = index.means.value(cell, d);
            direction[d] -= mean[d];
            residual += direction[d] * direction[d];
        }
        encoder.encode(direction, code);
        worth = switch (index.similarity) {
            case INNER_PRODUCT -> (float) norm;
            case COSINE -> 1;
            case L2 -> -residual / 2;
        };
        term = worth;
        if (index.similarity == Similarity.L2) {
            querying.multiply(mean, meanCoordinates);
            term = (float) (worth - encoder.product(meanCoordinates, code));
        }
    }

    /** The squared length of a vector that can be a row. */
    double check(float[] vector) {
        if (vector.length != stored.length) {
            throw new IllegalArgumentException(
                    "a vector has the index's dimension: dimension=" + vector.length + ", expected=" + stored.length);
        }
        double square = 0;
        for (int d = 0; d < vector.length; d++) {
            if (!Float.isFinite(vector[d])) {
                throw new IllegalArgumentException(
                        "a vector holds finite values only: dimension=" + d + ", value=" + vector[d]);
            }
            square += (double) vector[d] * vector[d];
        }
        if (square == 0 && index.similarity == Similarity.COSINE) {
            throw new IllegalArgumentException("a zero vector has no direction under cosine");
        }
        return square;
    }

    /** A value as the index keeps it. */
    float stored(int d) {
        return stored[d];
    }

    int cell() {
        return cell;
    }

    float worth() {
        return worth;
    }

    float term() {
        return term;
    }

    /** Writes the code among those of a block. */
    void putCode(long block, int inBlock) {
        ResidualCoder.put(code, block, inBlock);
    }
}
