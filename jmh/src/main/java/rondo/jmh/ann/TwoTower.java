package rondo.jmh.ann;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import rondo.ann.Similarity;

/**
 * Vectors as a two-tower recommender learns them: items in clusters of a Zipf law, in a space of few true dimensions with noise in the others, with norms that
 * grow with popularity (a Pareto law); users between the clusters they like. One seed, one set.
 */
final class TwoTower {
    private static final int DIMENSION = 64;
    private static final int TRUE_DIMENSIONS = 24;
    private static final int CLUSTERS = 2_000;
    private static final int QUERIES_MAX = 2_000;
    private static final int ROWS_PER_QUERY = 100;
    private static final double ZIPF = 0.8;
    private static final double SPREAD = 0.6;
    private static final double USER_SPREAD = 0.5;
    private static final double NOISE = 0.1;
    private static final double PARETO = 6;
    private static final double NORM_MAX = 4;

    /** Share of the clusters whose items pass the filter that goes with where rows lie. */
    private static final double CORRELATED = 0.1;

    private static final long SEED = 20251122;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final double[] basis = new double[DIMENSION * TRUE_DIMENSIONS];
    private final double[] centres = new double[CLUSTERS * TRUE_DIMENSIONS];
    private final double[] cumulated = new double[CLUSTERS];

    private TwoTower() {
        for (int d = 0; d < DIMENSION; d++) {
            for (int t = 0; t < TRUE_DIMENSIONS; t++) {
                basis[d * TRUE_DIMENSIONS + t] = random.nextGaussian() / Math.sqrt(t + 1) / 8;
            }
        }
        for (int i = 0; i < centres.length; i++) {
            centres[i] = random.nextGaussian();
        }
        double sum = 0;
        for (int c = 0; c < CLUSTERS; c++) {
            sum += Math.pow(c + 1, -ZIPF);
            cumulated[c] = sum;
        }
    }

    private int cluster() {
        double at = random.nextDouble() * cumulated[CLUSTERS - 1];
        int low = 0;
        int high = CLUSTERS - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (cumulated[middle] < at) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** A unit vector around a point of the true space, times a length. */
    private void place(double[] point, double spread, double length, float[] out, int at) {
        double[] vector = new double[DIMENSION];
        for (int t = 0; t < TRUE_DIMENSIONS; t++) {
            point[t] += spread * random.nextGaussian();
        }
        double square = 0;
        for (int d = 0; d < DIMENSION; d++) {
            double sum = NOISE * random.nextGaussian();
            for (int t = 0; t < TRUE_DIMENSIONS; t++) {
                sum += basis[d * TRUE_DIMENSIONS + t] * point[t];
            }
            vector[d] = sum;
            square += sum * sum;
        }
        for (int d = 0; d < DIMENSION; d++) {
            out[at + d] = (float) (vector[d] * length / Math.sqrt(square));
        }
    }

    /** @param isUnit items of length 1: nothing is gained by their norms. */
    static AnnData make(String name, int count, boolean isUnit) {
        TwoTower towers = new TwoTower();
        float[] items = new float[count * DIMENSION];
        int[] clusterOf = new int[count];
        double[] point = new double[TRUE_DIMENSIONS];
        for (int row = 0; row < count; row++) {
            clusterOf[row] = towers.cluster();
            System.arraycopy(towers.centres, clusterOf[row] * TRUE_DIMENSIONS, point, 0, TRUE_DIMENSIONS);
            double norm = Math.min(NORM_MAX, Math.pow(1 - towers.random.nextDouble(), -1 / PARETO));
            towers.place(point, SPREAD, isUnit ? 1 : norm, items, row * DIMENSION);
        }
        int userCount = Math.min(QUERIES_MAX, count / ROWS_PER_QUERY);
        float[] users = new float[userCount * DIMENSION];
        for (int q = 0; q < userCount; q++) {
            int liked = 1 + towers.random.nextInt(3);
            Arrays.fill(point, 0);
            for (int i = 0; i < liked; i++) {
                int cluster = towers.cluster();
                for (int t = 0; t < TRUE_DIMENSIONS; t++) {
                    point[t] += towers.centres[cluster * TRUE_DIMENSIONS + t] / liked;
                }
            }
            towers.place(point, USER_SPREAD, 1, users, q * DIMENSION);
        }
        AnnData data = new AnnData(name, DIMENSION, Similarity.INNER_PRODUCT, items, users);
        data.hashed("tenth", 0.1);
        data.hashed("hundredth", 0.01);
        boolean[] isIn = new boolean[CLUSTERS];
        for (int c = 0; c < CLUSTERS; c++) {
            isIn[c] = towers.random.nextDouble() < CORRELATED;
        }
        BitSet passes = new BitSet();
        for (int row = 0; row < count; row++) {
            passes.set(row, isIn[clusterOf[row]]);
        }
        data.add(new AnnData.Filter("correlated", (double) passes.cardinality() / count, passes));
        return data;
    }
}
