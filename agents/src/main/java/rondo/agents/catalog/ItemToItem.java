package rondo.agents.catalog;

import java.util.Arrays;
import rondo.ann.HotPath;

/**
 * Item-to-item weights computed over all interactions of a catalogue version; immutable.
 *
 * <p>sim(i,j) = common users / √(n_i·n_j). Each item i keeps its {@link #NEIGHBOURS} most similar items j, equal ones by smaller row;
 * w_ij = sim / Σ sim over those; b_i = n_i/U − Σ_j w_ij·n_j/U. A user's score of i is b_i + Σ w_ij over the user's items j. This is the ItemCF of
 * Deshpande and Karypis (TOIS 2004) with row-normalised weights and a mean bias, as the BARS benchmark runs it.
 *
 * <p>Weights are stored by j, so that a user is scored by adding a few short lists.
 */
public final class ItemToItem {
    /** Neighbours that each item keeps. */
    public static final int NEIGHBOURS = 100;

    final int[] starts;
    final int[] targets;
    final float[] weights;
    final float[] bias;

    ItemToItem(int[] starts, int[] targets, float[] weights, float[] bias) {
        this.starts = starts;
        this.targets = targets;
        this.weights = weights;
        this.bias = bias;
    }

    /**
     * Computes the weights.
     *
     * @param histories item rows of each user, without repeats.
     * @param itemCount rows of the catalogue.
     */
    static ItemToItem build(int[][] histories, int itemCount) {
        int userCount = histories.length;
        int[] popularity = new int[itemCount];
        for (int[] history : histories) {
            for (int row : history) {
                popularity[row]++;
            }
        }
        int[][] usersOf = new int[itemCount][];
        for (int row = 0; row < itemCount; row++) {
            usersOf[row] = new int[popularity[row]];
        }
        int[] filled = new int[itemCount];
        for (int user = 0; user < userCount; user++) {
            for (int row : histories[user]) {
                usersOf[row][filled[row]++] = user;
            }
        }
        int[][] neighbours = new int[itemCount][];
        float[][] neighbourWeights = new float[itemCount][];
        float[] bias = new float[itemCount];
        int[] common = new int[itemCount];
        int[] touched = new int[itemCount];
        int[] inDegree = new int[itemCount + 1];
        for (int i = 0; i < itemCount; i++) {
            int touchedCount = 0;
            for (int user : usersOf[i]) {
                for (int j : histories[user]) {
                    if (j != i && common[j]++ == 0) {
                        touched[touchedCount++] = j;
                    }
                }
            }
            long[] keys = new long[touchedCount];
            double[] similarities = new double[touchedCount];
            for (int t = 0; t < touchedCount; t++) {
                int j = touched[t];
                similarities[t] = common[j] / Math.sqrt((double) popularity[i] * popularity[j]);
                // The similarity's leading bits order almost all; ties in them are settled below on the full value.
                keys[t] = (long) ~Float.floatToRawIntBits((float) similarities[t]) << 32 | t;
                common[j] = 0;
            }
            int kept = Math.min(NEIGHBOURS, touchedCount);
            int[] order = best(keys, similarities, touched, kept);
            double sum = 0;
            for (int n = 0; n < kept; n++) {
                sum += similarities[order[n]];
            }
            neighbours[i] = new int[kept];
            neighbourWeights[i] = new float[kept];
            double expected = 0;
            for (int n = 0; n < kept; n++) {
                int j = touched[order[n]];
                double weight = similarities[order[n]] / sum;
                neighbours[i][n] = j;
                neighbourWeights[i][n] = (float) weight;
                expected += weight * popularity[j] / Math.max(1, userCount);
                inDegree[j + 1]++;
            }
            bias[i] = (float) (popularity[i] / (double) Math.max(1, userCount) - expected);
        }
        return invert(neighbours, neighbourWeights, inDegree, bias);
    }

    private static int[] best(long[] keys, double[] similarities, int[] rows, int kept) {
        Arrays.sort(keys);
        int[] order = new int[kept];
        int boundary = kept;
        while (boundary < keys.length && keys[boundary] >> 32 == keys[Math.max(0, kept - 1)] >> 32) {
            boundary++;
        }
        Integer[] head = new Integer[boundary];
        for (int n = 0; n < boundary; n++) {
            head[n] = (int) keys[n];
        }
        Arrays.sort(head, (a, b) -> {
            int bySimilarity = Double.compare(similarities[b], similarities[a]);
            return bySimilarity != 0 ? bySimilarity : Integer.compare(rows[a], rows[b]);
        });
        for (int n = 0; n < kept; n++) {
            order[n] = head[n];
        }
        return order;
    }

    private static ItemToItem invert(int[][] neighbours, float[][] neighbourWeights, int[] inDegree, float[] bias) {
        int itemCount = neighbours.length;
        int[] starts = inDegree.clone();
        for (int j = 0; j < itemCount; j++) {
            starts[j + 1] += starts[j];
        }
        int[] at = starts.clone();
        int[] targets = new int[starts[itemCount]];
        float[] weights = new float[starts[itemCount]];
        for (int i = 0; i < itemCount; i++) {
            for (int n = 0; n < neighbours[i].length; n++) {
                int slot = at[neighbours[i][n]]++;
                targets[slot] = i;
                weights[slot] = neighbourWeights[i][n];
            }
        }
        return new ItemToItem(starts, targets, weights, bias);
    }

    /** Items it speaks of. */
    public int itemCount() {
        return bias.length;
    }

    /** Sets every score to its item's bias. */
    @HotPath
    public void start(float[] scores) {
        System.arraycopy(bias, 0, scores, 0, bias.length);
    }

    /** Adds what having consumed {@code row} says about every other item. */
    @HotPath
    public void add(int row, float[] scores) {
        for (int n = starts[row]; n < starts[row + 1]; n++) {
            scores[targets[n]] += weights[n];
        }
    }
}
