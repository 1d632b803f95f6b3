package rondo.ann.flat;

import org.agrona.UnsafeApi;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;
import rondo.ann.LongSort;
import rondo.ann.RowFilter;
import rondo.ann.ScoreKey;
import rondo.ann.SearchPlan;
import rondo.ann.Similarity;
import rondo.ann.TopK;
import rondo.ann.VectorIndex;
import rondo.ann.VectorSearcher;
import rondo.ann.simd.BlockKernel;
import rondo.ann.store.NativeMemory;

/**
 * Exact search over float rows. The answer is the one that double-precision arithmetic gives, equal scores by smaller row.
 *
 * <pre>
 * block b: rows 16b … 16b+15, dimension by dimension
 *   dim 0: row 0, row 1, … row 15    64 bytes
 *   dim 1: row 0, row 1, … row 15
 *   …
 * </pre>
 *
 * The scan is in float and keeps more rows than asked for; the survivors are scored again in double. An error bound on the float sums (Higham,
 * Accuracy and Stability of Numerical Algorithms, §3.1) shows that no row outside them could belong to the answer; where it cannot show that, the
 * whole index is scored in double.
 */
public final class FlatVectorIndex implements VectorIndex {
    /** Largest dimension there can be. */
    public static final int DIMENSION_MAX = 4096;

    private static final double UNIT_ROUNDOFF = 0x1.0p-24;

    /** Rows scored at once in double. */
    private static final int TOGETHER = 4;

    private final NativeMemory memory;
    private final int count;
    private final int dimension;
    private final Similarity similarity;
    private final double normMax;

    private FlatVectorIndex(NativeMemory memory, int count, int dimension, Similarity similarity, double normMax) {
        this.memory = memory;
        this.count = count;
        this.dimension = dimension;
        this.similarity = similarity;
        this.normMax = normMax;
    }

    /**
     * Builds an index over rows of floats.
     *
     * @param rows      row-major, {@code count × dimension}; copied.
     * @param dimension in [1, {@link #DIMENSION_MAX}].
     * @throws IllegalArgumentException naming the row, for a value that is not finite or a zero row under cosine.
     */
    public static FlatVectorIndex build(float[] rows, int dimension, Similarity similarity) {
        if (dimension < 1 || dimension > DIMENSION_MAX) {
            throw new IllegalArgumentException("dimension outside [1, " + DIMENSION_MAX + "]: dimension=" + dimension);
        }
        if (rows.length % dimension != 0) {
            throw new IllegalArgumentException(
                    "rows are not a multiple of the dimension: floats=" + rows.length + ", dimension=" + dimension);
        }
        int count = rows.length / dimension;
        int blocks = (count + BlockKernel.ROWS - 1) / BlockKernel.ROWS;
        NativeMemory memory = new NativeMemory(blocks * BlockKernel.blockLength(dimension));
        double normMax = 0;
        try {
            for (int row = 0; row < count; row++) {
                normMax = Math.max(normMax, copyRow(rows, row, dimension, similarity, memory));
            }
        } catch (IllegalArgumentException e) {
            memory.close();
            throw e;
        }
        return new FlatVectorIndex(memory, count, dimension, similarity, normMax);
    }

    private static double copyRow(float[] rows, int row, int dimension, Similarity similarity, NativeMemory memory) {
        double square = 0;
        for (int d = 0; d < dimension; d++) {
            float value = rows[row * dimension + d];
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException(
                        "a vector holds finite values only: row=" + row + ", dimension=" + d + ", value=" + value);
            }
            square += (double) value * value;
        }
        if (similarity == Similarity.COSINE && square == 0) {
            throw new IllegalArgumentException("a zero vector has no direction under cosine: row=" + row);
        }
        double scale = similarity == Similarity.COSINE ? 1 / Math.sqrt(square) : 1;
        for (int d = 0; d < dimension; d++) {
            UnsafeApi.putFloat(
                    BlockKernel.address(memory, dimension, row, d), (float) (rows[row * dimension + d] * scale));
        }
        return Math.sqrt(square) * scale;
    }

    /** Bytes that it holds. */
    public long length() {
        return memory.length();
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public Similarity similarity() {
        return similarity;
    }

    @Override
    @HotPath
    public void copyRow(int row, float[] out) {
        long at = BlockKernel.address(memory, dimension, row, 0);
        for (int d = 0; d < dimension; d++) {
            out[d] = UnsafeApi.getFloat(at + (long) d * BlockKernel.ROWS * Float.BYTES);
        }
    }

    @Override
    public VectorSearcher newSearcher(int kMax) {
        if (kMax < 1) {
            throw new IllegalArgumentException("kMax must be positive: kMax=" + kMax);
        }
        return new Searcher(kMax);
    }

    @Override
    public void close() {
        memory.close();
    }

    private final class Searcher implements VectorSearcher {
        private final BlockKernel kernel = BlockKernel.of(similarity == Similarity.L2);
        private final float[] blockScores = new float[BlockKernel.ROWS];
        private final float[] scaled = new float[dimension];
        private final double[] together = new double[TOGETHER];
        private final long[] keys;
        private final double[] exact;
        private final int[] survivors;
        private final int kMax;

        Searcher(int kMax) {
            this.kMax = kMax;
            int kept = kept(kMax);
            this.keys = new long[2 * kept + BlockKernel.ROWS];
            this.exact = new double[kept];
            this.survivors = new int[kept];
        }

        /** Survivors of the float scan: more than asked for, so that rounding at the edge cannot lose a row. */
        private int kept(int k) {
            return k + Math.max(16, k / 8);
        }

        @Override
        @HotPath
        public int search(float[] query, int k, @Nullable RowFilter filter, TopK out) {
            check(query, k, filter);
            out.clear();
            double queryNorm = prepare(query);
            int kept = kept(k);
            int found = scan(kept, filter);
            int survivorCount = Math.min(found, kept);
            rescore(survivorCount);
            int taken = Math.min(k, survivorCount);
            if (found > kept && taken == k) {
                double worstKept = ScoreKey.score(keys[kept - 1]);
                double error = errorBound(queryNorm);
                if (exact[k - 1] <= worstKept + error) {
                    return searchInDouble(k, filter, out);
                }
            }
            for (int i = 0; i < taken; i++) {
                out.append(survivors[i], (float) exact[i]);
            }
            return taken;
        }

        @Override
        public SearchPlan plan(int k, @Nullable RowFilter filter) {
            return SearchPlan.exact(
                    filter == null ? count : filter.cardinality(), k, "an exact index compares every row that passes");
        }

        private void check(float[] query, int k, @Nullable RowFilter filter) {
            if (query.length < dimension || k < 1 || k > kMax || (filter != null && filter.count() != count)) {
                throw new IllegalArgumentException("query, k or filter does not fit the index: queryLength="
                        + query.length + ", dimension=" + dimension + ", k=" + k + ", kMax=" + kMax + ", filterCount="
                        + (filter == null ? "none" : filter.count()) + ", count=" + count);
            }
        }

        @HotPath
        private double prepare(float[] query) {
            double square = 0;
            for (int d = 0; d < dimension; d++) {
                square += (double) query[d] * query[d];
            }
            if (!(square < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("a query holds finite values only: squared length=" + square);
            }
            double norm = Math.sqrt(square);
            double scale = similarity == Similarity.COSINE && norm > 0 ? 1 / norm : 1;
            for (int d = 0; d < dimension; d++) {
                scaled[d] = (float) (query[d] * scale);
            }
            return norm * scale;
        }

        private double errorBound(double queryNorm) {
            double magnitude =
                    similarity == Similarity.L2 ? (queryNorm + normMax) * (queryNorm + normMax) : queryNorm * normMax;
            return 2.0 * (dimension + 2) * UNIT_ROUNDOFF * magnitude;
        }

        /** Fills {@code keys} with the best rows, best first; returns how many candidates were ever kept, capped at one above the room. */
        @HotPath
        private int scan(int kept, @Nullable RowFilter filter) {
            int blocks = (count + BlockKernel.ROWS - 1) / BlockKernel.ROWS;
            long blockLength = BlockKernel.blockLength(dimension);
            int room = 2 * kept;
            int size = 0;
            boolean isCut = false;
            float threshold = Float.NEGATIVE_INFINITY;
            for (int block = 0; block < blocks; block++) {
                int mask = filter == null ? all(block) : filter.mask16(block);
                if (mask == 0) {
                    continue;
                }
                mask &= kernel.score(memory.segment(), block * blockLength, scaled, dimension, threshold, blockScores);
                while (mask != 0) {
                    int lane = Integer.numberOfTrailingZeros(mask);
                    mask &= mask - 1;
                    keys[size++] = ScoreKey.of(blockScores[lane], block * BlockKernel.ROWS + lane);
                }
                if (size >= room) {
                    LongSort.select(keys, size, kept);
                    size = kept;
                    isCut = true;
                    threshold = ScoreKey.score(keys[kept - 1]);
                }
            }
            if (size > kept) {
                LongSort.select(keys, size, kept);
            }
            LongSort.sort(keys, Math.min(size, kept));
            return isCut ? Math.max(size, kept + 1) : size;
        }

        /** The bits of a block's rows. */
        @HotPath
        private int all(int block) {
            int left = count - block * BlockKernel.ROWS;
            return left < BlockKernel.ROWS ? (1 << left) - 1 : 0xFFFF;
        }

        /** Scores the first {@code survivorCount} keys in double and sorts them by score, then row. */
        @HotPath
        private void rescore(int survivorCount) {
            int i = 0;
            for (; i + TOGETHER <= survivorCount; i += TOGETHER) {
                exactScores(i);
                for (int lane = 0; lane < TOGETHER; lane++) {
                    insert(i + lane, ScoreKey.index(keys[i + lane]), together[lane]);
                }
            }
            for (; i < survivorCount; i++) {
                int row = ScoreKey.index(keys[i]);
                insert(i, row, exactScore(row));
            }
        }

        /** The exact scores of four survivors from {@code first}: each sum runs as in {@link #exactScore}, and the cache misses of four overlap. */
        @HotPath
        private void exactScores(int first) {
            long a = BlockKernel.address(memory, dimension, ScoreKey.index(keys[first]), 0);
            long b = BlockKernel.address(memory, dimension, ScoreKey.index(keys[first + 1]), 0);
            long c = BlockKernel.address(memory, dimension, ScoreKey.index(keys[first + 2]), 0);
            long e = BlockKernel.address(memory, dimension, ScoreKey.index(keys[first + 3]), 0);
            boolean isDistance = similarity == Similarity.L2;
            double sumA = 0;
            double sumB = 0;
            double sumC = 0;
            double sumE = 0;
            for (int d = 0; d < dimension; d++) {
                long at = (long) d * BlockKernel.ROWS * Float.BYTES;
                double q = scaled[d];
                double valueA = UnsafeApi.getFloat(a + at);
                double valueB = UnsafeApi.getFloat(b + at);
                double valueC = UnsafeApi.getFloat(c + at);
                double valueE = UnsafeApi.getFloat(e + at);
                if (isDistance) {
                    sumA -= (valueA - q) * (valueA - q);
                    sumB -= (valueB - q) * (valueB - q);
                    sumC -= (valueC - q) * (valueC - q);
                    sumE -= (valueE - q) * (valueE - q);
                } else {
                    sumA += valueA * q;
                    sumB += valueB * q;
                    sumC += valueC * q;
                    sumE += valueE * q;
                }
            }
            together[0] = sumA;
            together[1] = sumB;
            together[2] = sumC;
            together[3] = sumE;
        }

        /** Insertion from the right: the float order is almost the exact one. */
        @HotPath
        private void insert(int size, int row, double score) {
            int at = size;
            while (at > 0 && (exact[at - 1] < score || (exact[at - 1] == score && survivors[at - 1] > row))) {
                exact[at] = exact[at - 1];
                survivors[at] = survivors[at - 1];
                at--;
            }
            exact[at] = score;
            survivors[at] = row;
        }

        @HotPath
        private double exactScore(int row) {
            long at = BlockKernel.address(memory, dimension, row, 0);
            double sum = 0;
            if (similarity == Similarity.L2) {
                for (int d = 0; d < dimension; d++) {
                    double difference =
                            (double) UnsafeApi.getFloat(at + (long) d * BlockKernel.ROWS * Float.BYTES) - scaled[d];
                    sum -= difference * difference;
                }
            } else {
                for (int d = 0; d < dimension; d++) {
                    sum += (double) UnsafeApi.getFloat(at + (long) d * BlockKernel.ROWS * Float.BYTES) * scaled[d];
                }
            }
            return sum;
        }

        /** The slow way, for data whose scores lie closer together than float arithmetic can tell apart. */
        @HotPath
        private int searchInDouble(int k, @Nullable RowFilter filter, TopK out) {
            int size = 0;
            for (int row = 0; row < count; row++) {
                if (filter != null && !filter.passes(row)) {
                    continue;
                }
                double score = exactScore(row);
                if (size < k) {
                    insert(size++, row, score);
                } else if (score > exact[k - 1]) {
                    insert(k - 1, row, score);
                }
            }
            for (int i = 0; i < size; i++) {
                out.append(survivors[i], (float) exact[i]);
            }
            return size;
        }
    }
}
