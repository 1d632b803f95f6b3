package rondo.ann.partitioned;

import rondo.ann.Similarity;

/**
 * Where rows lie: each belongs to the cell whose mean is nearest (Lloyd's algorithm on a sample; on the sphere, where only directions count: Dhillon and
 * Modha, Concept decompositions for large sparse text data using clustering, Machine Learning 42, 2001).
 */
final class Cells {
    /** Rows of the sample per cell. */
    private static final int SAMPLE = 100;

    private static final int ROUNDS = 8;
    private static final int PART = 1024;

    /** Cell by row. */
    final int[] cellOf;

    /** Rows by cell. */
    final int[] counts;

    /** Mean direction of each cell's rows, row-major. */
    final float[] means;

    private Cells(int[] cellOf, int[] counts, float[] means) {
        this.cellOf = cellOf;
        this.counts = counts;
        this.means = means;
    }

    static Cells of(BuildRows rows, Similarity similarity, int cellCount, BuildRandom random, Workers workers) {
        int dimension = rows.dimension();
        int[] sample = new int[(int) Math.min(rows.count(), (long) SAMPLE * cellCount)];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = sample.length == rows.count() ? i : random.nextInt(rows.count());
        }
        boolean isSphere = similarity != Similarity.L2;
        float[] centres = new float[cellCount * dimension];
        float[] direction = new float[dimension];
        for (int cell = 0; cell < cellCount; cell++) {
            rows.direction(sample[random.nextInt(sample.length)], direction);
            System.arraycopy(direction, 0, centres, cell * dimension, dimension);
        }
        int[] cellOf = new int[sample.length];
        for (int round = 0; round < ROUNDS; round++) {
            assign(rows, sample, centres, isSphere, cellOf, workers);
            int[] counts = new int[cellCount];
            double[] sums = sums(rows, sample, cellOf, counts);
            for (int cell = 0; cell < cellCount; cell++) {
                if (counts[cell] == 0) {
                    rows.direction(sample[random.nextInt(sample.length)], direction);
                    System.arraycopy(direction, 0, centres, cell * dimension, dimension);
                    continue;
                }
                double square = 0;
                for (int d = 0; d < dimension; d++) {
                    square += sums[cell * dimension + d] * sums[cell * dimension + d];
                }
                double scale = !isSphere ? 1.0 / counts[cell] : square > 0 ? 1 / Math.sqrt(square) : 1;
                for (int d = 0; d < dimension; d++) {
                    centres[cell * dimension + d] = (float) (sums[cell * dimension + d] * scale);
                }
            }
        }
        int[] all = new int[rows.count()];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
        }
        int[] allCells = new int[rows.count()];
        assign(rows, all, centres, isSphere, allCells, workers);
        int[] counts = new int[cellCount];
        double[] sums = sums(rows, all, allCells, counts);
        float[] means = new float[cellCount * dimension];
        for (int i = 0; i < means.length; i++) {
            means[i] = (float) (sums[i] / Math.max(1, counts[i / dimension]));
        }
        return new Cells(allCells, counts, means);
    }

    private static void assign(
            BuildRows rows, int[] sample, float[] centres, boolean isSphere, int[] out, Workers workers) {
        int dimension = rows.dimension();
        try (Products products = new Products(centres, dimension)) {
            float[] addends = addends(centres, dimension, isSphere);
            workers.run(sample.length, PART, () -> {
                Products.Multiplier multiplier = products.new Multiplier();
                float[] direction = new float[dimension];
                float[] scratch = new float[products.paddedCount()];
                return (from, to) -> {
                    for (int i = from; i < to; i++) {
                        rows.direction(sample[i], direction);
                        out[i] = multiplier.best(direction, addends, scratch);
                    }
                };
            });
        }
    }

    /** What makes the largest product the smallest distance: −‖c‖²/2; nothing on the sphere. */
    static float[] addends(float[] centres, int dimension, boolean isSphere) {
        float[] addends = new float[centres.length / dimension];
        for (int cell = 0; cell < addends.length && !isSphere; cell++) {
            double square = 0;
            for (int d = 0; d < dimension; d++) {
                square += (double) centres[cell * dimension + d] * centres[cell * dimension + d];
            }
            addends[cell] = (float) (-square / 2);
        }
        return addends;
    }

    private static double[] sums(BuildRows rows, int[] sample, int[] cellOf, int[] counts) {
        int dimension = rows.dimension();
        double[] sums = new double[counts.length * dimension];
        float[] direction = new float[dimension];
        for (int i = 0; i < sample.length; i++) {
            rows.direction(sample[i], direction);
            int at = cellOf[i] * dimension;
            counts[cellOf[i]]++;
            for (int d = 0; d < dimension; d++) {
                sums[at + d] += direction[d];
            }
        }
        return sums;
    }
}
