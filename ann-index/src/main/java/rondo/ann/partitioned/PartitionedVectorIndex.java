package rondo.ann.partitioned;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.agrona.UnsafeApi;
import rondo.ann.ScoreKey;
import rondo.ann.Similarity;
import rondo.ann.VectorIndex;
import rondo.ann.VectorSearcher;
import rondo.ann.simd.RowKernel;
import rondo.ann.simd.TableKernel;
import rondo.ann.store.NativeMemory;

/**
 * Approximate search over float rows. Immutable once built.
 *
 * <pre>
 * cell c: blocks {@code firstBlocks[c] … firstBlocks[c + 1]} of 64 positions; rows by falling worth, then nothing
 *   position p: row {@code rowAt[p]}, or −1; {@code addends[p]} or {@code lengths} (below)
 *   codes:      64 bytes for each pair of codes ({@link TableKernel})
 *   rows:       the vector itself, whole cache lines
 *
 *                 estimate of a row                    worth           bound of a block
 *   inner product length · (q·mean + codes)            length          most length · (q·mean + z·σ)
 *   cosine        q·mean + codes                       –               q·mean + z·σ
 *   L2            q·mean − |mean|²/2 + addend + codes  −|residual|²/2  q·mean − |mean|²/2 + z·σ + most worth
 * </pre>
 *
 * σ is how far the products of this query with residuals of this cell spread. Estimates under L2 are −‖q − x‖²/2 + ‖q‖²/2.
 */
public final class PartitionedVectorIndex implements VectorIndex {
    final int count;
    final int dimension;
    final Similarity similarity;

    /** What is subtracted from queries: the rows' mean under L2. */
    final float[] origin;

    final Products means;
    final float[] meanAddends;
    final float[] radii;
    final ResidualCoder coder;

    /** Under L2: each mean in query coordinates, weighted by their variances; and its product with itself so weighted. */
    final Products spreads;

    final float[] spreadAddends;
    final int[] firstBlocks;
    final int[] rowAt;
    final int[] positionOf;

    /** By position: the length under inner product, the addend under L2. */
    final float[] terms;

    /** Most of {@link #terms} by 16 positions. */
    final float[] termsMost;

    /** Worth of a block's first row. */
    final float[] worths;

    final long[] live;
    final NativeMemory codes;
    final NativeMemory rows;
    private SearchPlans plans = SearchPlans.EXHAUSTIVE;

    private PartitionedVectorIndex(
            BuildRows source,
            Similarity similarity,
            Cells cells,
            float[] radii,
            ResidualCoder coder,
            int[] firstBlocks) {
        this.count = source.count();
        this.dimension = source.dimension();
        this.similarity = similarity;
        this.origin = source.origin();
        this.means = new Products(cells.means, dimension);
        this.meanAddends = Cells.addends(cells.means, dimension, similarity != Similarity.L2);
        this.radii = radii;
        this.coder = coder;
        this.firstBlocks = firstBlocks;
        int blocks = firstBlocks[firstBlocks.length - 1];
        int positions = blocks * TableKernel.ROWS;
        this.rowAt = new int[positions];
        Arrays.fill(rowAt, -1);
        this.positionOf = new int[count];
        this.terms = new float[similarity == Similarity.COSINE ? 0 : positions];
        this.termsMost = new float[positions / TableKernel.GROUP];
        this.worths = new float[blocks];
        this.live = new long[blocks];
        this.spreadAddends = new float[means.count()];
        this.spreads = spreads(cells.means);
        this.codes = new NativeMemory((long) blocks * TableKernel.blockLength(coder.pairs()));
        this.rows = new NativeMemory(positions * RowKernel.rowLength(dimension));
    }

    private Products spreads(float[] cellMeans) {
        int used = coder.coordinateCount();
        float[] weighted = new float[means.count() * used];
        Products.Multiplier multiplier = coder.querying().new Multiplier();
        float[] mean = new float[dimension];
        float[] coordinates = new float[coder.querying().paddedCount()];
        for (int cell = 0; cell < means.count() && similarity == Similarity.L2; cell++) {
            System.arraycopy(cellMeans, cell * dimension, mean, 0, dimension);
            multiplier.multiply(mean, coordinates);
            for (int c = 0; c < used; c++) {
                weighted[cell * used + c] = coder.variance(c) * coordinates[c];
                spreadAddends[cell] += weighted[cell * used + c] * coordinates[c];
            }
        }
        return new Products(weighted, used);
    }

    /**
     * Builds an index.
     *
     * @param rows    row-major, {@code count × dimension}; copied.
     * @param seed    the same seed over the same rows makes the same index, however many threads.
     * @param threads that build.
     * @throws IllegalArgumentException naming the row, for a value that is not finite or a zero row under cosine.
     * @throws InterruptedBuildException when the calling thread is interrupted.
     */
    public static PartitionedVectorIndex build(
            float[] rows, int dimension, Similarity similarity, long seed, int threads) {
        BuildRows source = new BuildRows(rows, dimension, similarity);
        SplittableRandom random = new SplittableRandom(seed);
        try (Workers workers = new Workers(threads)) {
            Cells cells = Cells.of(source, similarity, cellCount(source.count()), random, workers);
            ResidualCoder coder = ResidualCoder.train(source, cells, similarity, random, workers);
            int[] firstBlocks = new int[cells.counts.length + 1];
            for (int cell = 0; cell < cells.counts.length; cell++) {
                firstBlocks[cell + 1] =
                        firstBlocks[cell] + (cells.counts[cell] + TableKernel.ROWS - 1) / TableKernel.ROWS;
            }
            float[] radii = new float[cells.counts.length];
            float[] worth = worth(source, similarity, cells, radii, workers);
            PartitionedVectorIndex index =
                    new PartitionedVectorIndex(source, similarity, cells, radii, coder, firstBlocks);
            index.fill(source, cells, worth, workers);
            return index;
        }
    }

    /** About the square root, so that finding cells and reading them cost alike; a power of two. */
    private static int cellCount(int count) {
        int cells = 16;
        while (cells < 0.5 * Math.sqrt(count)) {
            cells *= 2;
        }
        return cells;
    }

    /** What rows are ordered by in a cell, and how far each cell's residuals reach beside those of all. */
    private static float[] worth(BuildRows source, Similarity similarity, Cells cells, float[] radii, Workers workers) {
        int dimension = source.dimension();
        float[] worth = new float[source.count()];
        float[] squares = new float[source.count()];
        workers.run(source.count(), 4096, () -> {
            float[] direction = new float[dimension];
            return (from, to) -> {
                for (int row = from; row < to; row++) {
                    source.direction(row, direction);
                    float square = 0;
                    for (int d = 0; d < dimension; d++) {
                        float difference = direction[d] - cells.means[cells.cellOf[row] * dimension + d];
                        square += difference * difference;
                    }
                    squares[row] = square;
                    worth[row] = similarity == Similarity.L2 ? -square / 2 : source.length(row);
                }
            };
        });
        double[] sums = new double[radii.length];
        double all = 0;
        for (int row = 0; row < squares.length; row++) {
            sums[cells.cellOf[row]] += squares[row];
            all += squares[row];
        }
        double mean = Math.max(all / Math.max(1, squares.length), Float.MIN_NORMAL);
        for (int cell = 0; cell < radii.length; cell++) {
            // A small cell's rows say little of it: twenty more are as all are.
            radii[cell] = (float) Math.sqrt((sums[cell] + 20 * mean) / (cells.counts[cell] + 20) / mean);
        }
        return worth;
    }

    private void fill(BuildRows source, Cells cells, float[] worth, Workers workers) {
        long[] keys = new long[count];
        int[] starts = new int[cells.counts.length + 1];
        for (int cell = 0; cell < cells.counts.length; cell++) {
            starts[cell + 1] = starts[cell] + cells.counts[cell];
        }
        int[] next = starts.clone();
        for (int row = 0; row < count; row++) {
            keys[next[cells.cellOf[row]]++] = ScoreKey.of(worth[row], row);
        }
        Arrays.fill(termsMost, Float.NEGATIVE_INFINITY);
        workers.run(cells.counts.length, 1, () -> {
            ResidualCoder.Encoder encoder = coder.new Encoder();
            ResidualCoder.Encoder ofMeans = coder.new Encoder();
            float[] direction = new float[dimension];
            float[] meanCoordinates = new float[coder.querying().paddedCount()];
            Products.Multiplier querying = coder.querying().new Multiplier();
            byte[] code = new byte[coder.codeCount()];
            return (from, to) -> {
                for (int cell = from; cell < to; cell++) {
                    long[] ordered = Arrays.copyOfRange(keys, starts[cell], starts[cell + 1]);
                    Arrays.sort(ordered);
                    float[] mean = Arrays.copyOfRange(cells.means, cell * dimension, (cell + 1) * dimension);
                    querying.multiply(mean, meanCoordinates);
                    for (int i = 0; i < ordered.length; i++) {
                        int row = ScoreKey.index(ordered[i]);
                        int position = firstBlocks[cell] * TableKernel.ROWS + i;
                        source.direction(row, direction);
                        putRow(source, row, position);
                        for (int d = 0; d < dimension; d++) {
                            direction[d] -= mean[d];
                        }
                        encoder.encode(direction, code);
                        putCode(position, code);
                        float term = similarity == Similarity.L2
                                ? (float) (worth[row] - ofMeans.product(meanCoordinates, code))
                                : worth[row];
                        put(row, position, term, worth[row]);
                    }
                }
            };
        });
        for (int group = 0; group < termsMost.length; group++) {
            termsMost[group] = termsMost[group] == Float.NEGATIVE_INFINITY ? 0 : termsMost[group];
        }
    }

    private void put(int row, int position, float term, float worth) {
        int block = position / TableKernel.ROWS;
        rowAt[position] = row;
        positionOf[row] = position;
        if (terms.length > 0) {
            terms[position] = term;
        }
        int group = position / TableKernel.GROUP;
        termsMost[group] = Math.max(termsMost[group], term);
        if (position % TableKernel.ROWS == 0) {
            worths[block] = worth;
        }
        live[block] |= 1L << position;
    }

    private void putRow(BuildRows source, int row, int position) {
        long at = rows.address() + position * RowKernel.rowLength(dimension);
        for (int d = 0; d < dimension; d++) {
            UnsafeApi.putFloat(at + (long) d * Float.BYTES, source.stored(row, d));
        }
    }

    private void putCode(int position, byte[] code) {
        int inBlock = position % TableKernel.ROWS;
        long block = codes.address() + (long) (position / TableKernel.ROWS) * TableKernel.blockLength(coder.pairs());
        for (int pair = 0; pair < coder.pairs(); pair++) {
            UnsafeApi.putByte(block + (long) pair * TableKernel.ROWS + TableKernel.at(inBlock), (byte)
                    (code[2 * pair] | code[2 * pair + 1] << 4));
        }
    }

    /** Bytes that it holds, rows included. */
    public long length() {
        return rows.length()
                + codes.length()
                + means.length()
                + spreads.length()
                + coder.length()
                + 4L * (rowAt.length + positionOf.length + terms.length + termsMost.length + worths.length)
                + 8L * live.length;
    }

    /** How it is searched. */
    public SearchPlans plans() {
        return plans;
    }

    /** Searches by these plans from here on; searchers that are there already are not changed. */
    public void plan(SearchPlans by) {
        this.plans = by;
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
    public VectorSearcher newSearcher(int kMax) {
        return newPartitionedSearcher(kMax);
    }

    /** As {@link #newSearcher}, with what only this index has. */
    public PartitionedSearcher newPartitionedSearcher(int kMax) {
        if (kMax < 1) {
            throw new IllegalArgumentException("kMax must be positive: kMax=" + kMax);
        }
        return new PartitionedSearcher(this, kMax);
    }

    @Override
    public void close() {
        rows.close();
        codes.close();
        means.close();
        spreads.close();
        coder.close();
    }
}
