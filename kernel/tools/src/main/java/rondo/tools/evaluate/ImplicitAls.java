package rondo.tools.evaluate;

import java.util.SplittableRandom;

/**
 * Matrix factorisation of implicit feedback by alternating least squares (Hu, Koren, Volinsky, ICDM 2008), in the form of Rendle et al. (RecSys 2022):
 * observed pairs have target 1 and weight 1, all pairs have target 0 and weight α0, the regulariser grows with a row's activity.
 */
final class ImplicitAls {
    private static final double UNOBSERVED_WEIGHT = 0.1;
    private static final double REGULARISER = 0.01;
    private static final int EPOCHS = 6;
    private static final long SEED = 1;

    private ImplicitAls() {}

    /**
     * Fits factors; a user or item without a pair gets the zero vector.
     *
     * @return user factors and item factors, row-major.
     */
    static float[][] fit(int[] users, int[] items, int userCount, int itemCount, int dimension) {
        int[][] itemsOf = group(users, items, userCount);
        int[][] usersOf = group(items, users, itemCount);
        double[] userFactors = new double[userCount * dimension];
        double[] itemFactors = new double[itemCount * dimension];
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < itemFactors.length; i++) {
            itemFactors[i] = usersOf[i / dimension].length == 0 ? 0 : random.nextGaussian() * 0.1;
        }
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            solve(userFactors, itemFactors, itemsOf, itemCount, dimension);
            solve(itemFactors, userFactors, usersOf, userCount, dimension);
        }
        return new float[][] {toFloats(userFactors), toFloats(itemFactors)};
    }

    private static int[][] group(int[] keys, int[] values, int keyCount) {
        int[] sizes = new int[keyCount];
        for (int key : keys) {
            sizes[key]++;
        }
        int[][] groups = new int[keyCount][];
        for (int key = 0; key < keyCount; key++) {
            groups[key] = new int[sizes[key]];
        }
        int[] filled = new int[keyCount];
        for (int i = 0; i < keys.length; i++) {
            groups[keys[i]][filled[keys[i]]++] = values[i];
        }
        return groups;
    }

    private static void solve(double[] rows, double[] fixed, int[][] pairs, int fixedCount, int dimension) {
        double[] gram = new double[dimension * dimension];
        for (int j = 0; j < fixedCount; j++) {
            addOuter(gram, fixed, j * dimension, dimension, UNOBSERVED_WEIGHT);
        }
        double[] matrix = new double[dimension * dimension];
        double[] right = new double[dimension];
        for (int row = 0; row < pairs.length; row++) {
            if (pairs[row].length == 0) {
                continue;
            }
            System.arraycopy(gram, 0, matrix, 0, gram.length);
            java.util.Arrays.fill(right, 0);
            for (int j : pairs[row]) {
                addOuter(matrix, fixed, j * dimension, dimension, 1);
                for (int d = 0; d < dimension; d++) {
                    right[d] += fixed[j * dimension + d];
                }
            }
            double ridge = REGULARISER * (pairs[row].length + UNOBSERVED_WEIGHT * fixedCount);
            for (int d = 0; d < dimension; d++) {
                matrix[d * dimension + d] += ridge;
            }
            cholesky(matrix, right, dimension);
            System.arraycopy(right, 0, rows, row * dimension, dimension);
        }
    }

    private static void addOuter(double[] matrix, double[] vectors, int at, int dimension, double weight) {
        for (int a = 0; a < dimension; a++) {
            double scaled = weight * vectors[at + a];
            for (int b = 0; b <= a; b++) {
                matrix[a * dimension + b] += scaled * vectors[at + b];
            }
        }
    }

    /** Solves matrix · x = right in place, the matrix given by its lower triangle. */
    private static void cholesky(double[] m, double[] x, int n) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = m[i * n + j];
                for (int k = 0; k < j; k++) {
                    sum -= m[i * n + k] * m[j * n + k];
                }
                m[i * n + j] = i == j ? Math.sqrt(sum) : sum / m[j * n + j];
            }
        }
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                x[i] -= m[i * n + k] * x[k];
            }
            x[i] /= m[i * n + i];
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int k = i + 1; k < n; k++) {
                x[i] -= m[k * n + i] * x[k];
            }
            x[i] /= m[i * n + i];
        }
    }

    private static float[] toFloats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
