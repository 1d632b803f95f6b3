package rondo.ann.partitioned;

import java.util.Arrays;
import rondo.ann.Similarity;

/** Queries whose answers are compared with the exact ones. Immutable. */
final class Probes {
    /** Made from the rows. */
    private static final int COUNT = 512;

    /** Rows that a probe made for inner products lies between. */
    private static final int BETWEEN = 3;

    /** What probes between rows may be easier than queries are; they are harder where it was measured. */
    private static final double DOUBT_BETWEEN = 0.005;

    /** What rows may be easier than queries are: on GloVe a plan reaches up to 0.013 less on words that are no rows. */
    private static final double DOUBT_ROW = 0.014;

    private final float[] queries;
    private final int dimension;
    private final int[] own;
    private final double doubt;

    private Probes(float[] queries, int dimension, int[] own, double doubt) {
        this.queries = queries;
        this.dimension = dimension;
        this.own = own;
        this.doubt = doubt;
    }

    /** @param queries row-major. */
    static Probes given(float[] queries, int dimension) {
        int[] none = new int[queries.length / dimension];
        Arrays.fill(none, -1);
        return new Probes(queries, dimension, none, 0);
    }

    /**
     * Probes where there are no queries yet. Under cosine and L2, where queries lie where rows do: some of the rows, and that they find themselves does not
     * count. Under inner product users are queries, and these lie between the items that they like: sums of the directions of rows. (On the users of Gowalla
     * a plan that was fitted on rows falls short by up to 0.03; the more rows are summed, the harder it is to find what is nearest.)
     */
    static Probes made(PartitionedVectorIndex index, BuildRandom random) {
        int dimension = index.dimension;
        int between = index.similarity == Similarity.INNER_PRODUCT ? BETWEEN : 1;
        int[] own = new int[Math.min(COUNT, index.count)];
        Arrays.fill(own, -1);
        float[] queries = new float[own.length * dimension];
        float[] values = new float[dimension];
        for (int probe = 0; probe < own.length; probe++) {
            for (int i = 0; i < between; i++) {
                int row = random.nextInt(index.count);
                index.copyRow(row, values);
                double square = 0;
                for (float value : values) {
                    square += (double) value * value;
                }
                float scale = between == 1 || square == 0 ? 1 : (float) (1 / Math.sqrt(square));
                for (int d = 0; d < dimension; d++) {
                    queries[probe * dimension + d] += values[d] * scale;
                }
                own[probe] = between == 1 ? row : -1;
            }
        }
        return new Probes(queries, dimension, own, between == 1 ? DOUBT_ROW : DOUBT_BETWEEN);
    }

    int count() {
        return own.length;
    }

    /** The row that a probe is, or −1. */
    int own(int probe) {
        return own[probe];
    }

    /** What a plan should reach more on these than on queries. */
    double doubt() {
        return doubt;
    }

    void get(int probe, float[] out) {
        System.arraycopy(queries, probe * dimension, out, 0, dimension);
    }
}
