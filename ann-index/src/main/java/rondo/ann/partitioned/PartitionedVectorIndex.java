package rondo.ann.partitioned;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;
import rondo.ann.RowFilter;
import rondo.ann.ScoreKey;
import rondo.ann.Similarity;
import rondo.ann.VectorIndex;
import rondo.ann.VectorSearcher;
import rondo.ann.flat.FlatVectorIndex;
import rondo.ann.simd.RowFormat;
import rondo.ann.simd.TableKernel;
import rondo.ann.store.NativeMemory;

/**
 * Approximate search over float rows, which it numbers anew: {@link #id} says what a row is called. So a {@link RowFilter} is in the
 * order of the codes, and a block's part of it is 64 bits beside each other. Immutable once built.
 *
 * <pre>
 * rows:   cell by cell, in each by falling worth; {@link RowFormat}
 * codes:  blocks of 64 rows, 64 bytes for each pair of codes ({@link TableKernel}); each cell begins with one of its own
 * terms:  a float for each row, below
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
    /** Recall that searches have unless another is asked for. */
    public static final double RECALL_DEFAULT = 0.95;

    /** With fewer rows a search that reads everything takes no longer than one that is planned. */
    static final int PLANNED_COUNT = 8_192;

    private static final long PROBE_SEED = 20251127;

    private static final int DIMENSION_MORE_CELLS = 256;

    /** Bytes of codes for each dimension: 0.05 where few directions hold the variance, 0.33 where all hold as much. */
    private static final float CODE_LENGTH = 0.2f;

    // How far a build of a million rows is when each step is done, and in how many runs the step is.
    private static final double CELLS_DONE = 0.25;
    private static final int CELLS_RUNS = 9;
    private static final double CODER_DONE = 0.35;
    private static final int CODER_RUNS = 3;
    private static final double ROWS_DONE = 0.6;
    private static final int ROWS_RUNS = 2;
    private static final int PLAN_RUNS = 80;

    final int count;
    final int dimension;
    final Similarity similarity;
    final RowFormat rowFormat;
    final long rowLength;

    /** What is subtracted from queries: the rows' mean under L2. */
    final float[] origin;

    final Products means;
    final float[] meanAddends;
    final float[] radii;
    final ResidualCoder coder;

    /** Under L2: each mean in query coordinates, weighted by their variances; and its product with itself so weighted. */
    final Products spreads;

    final float[] spreadAddends;
    final int[] firstRows;

    /** First block of each cell, and how many there are. */
    final int[] firstBlocks;

    /** By row: the length under inner product, the addend under L2. */
    final float[] terms;

    /** Most of {@link #terms} by 16 rows of a block. */
    final float[] termsMost;

    /** Worth of a block's first row. */
    final float[] worths;

    final long[] ids;
    final NativeMemory codes;
    final RowStore rows;
    private SearchPlans plans = SearchPlans.EXHAUSTIVE;
    private @Nullable IndexProbe probe;

    /** An index without rows in it yet; takes the coder over, also when memory ends. */
    private static PartitionedVectorIndex allocate(
            BuildRows source,
            Similarity similarity,
            RowFormat rowFormat,
            Cells cells,
            float[] radii,
            ResidualCoder coder,
            int[] firstRows) {
        NativeMemory codes = null;
        NativeMemory rows = null;
        try {
            int blocks = blockCount(firstRows);
            codes = new NativeMemory((long) blocks * TableKernel.blockLength(coder.pairs()));
            rows = new NativeMemory(source.count() * rowFormat.rowLength(source.dimension()));
            return new PartitionedVectorIndex(
                    similarity,
                    rowFormat,
                    source.origin(),
                    cells.means,
                    radii,
                    coder,
                    firstRows,
                    new long[source.count()],
                    new float[similarity == Similarity.COSINE ? 0 : source.count()],
                    new float[blocks],
                    codes,
                    RowStore.of(rows, rowFormat.rowLength(source.dimension())));
        } catch (RuntimeException | Error e) {
            coder.close();
            if (codes != null) {
                codes.close();
            }
            if (rows != null) {
                rows.close();
            }
            throw e;
        }
    }

    /** An index of these parts, which it takes over; when memory ends, they are still the caller's. */
    PartitionedVectorIndex(
            Similarity similarity,
            RowFormat rowFormat,
            float[] origin,
            float[] cellMeans,
            float[] radii,
            ResidualCoder coder,
            int[] firstRows,
            long[] ids,
            float[] terms,
            float[] worths,
            NativeMemory codes,
            RowStore rows) {
        this.count = ids.length;
        this.dimension = origin.length;
        this.similarity = similarity;
        this.rowFormat = rowFormat;
        this.rowLength = rowFormat.rowLength(dimension);
        this.origin = origin;
        this.meanAddends = Cells.addends(cellMeans, dimension, similarity != Similarity.L2);
        this.radii = radii;
        this.coder = coder;
        this.firstRows = firstRows;
        this.firstBlocks = firstBlocks(firstRows);
        this.ids = ids;
        this.terms = terms;
        this.termsMost = new float[worths.length * (TableKernel.ROWS / TableKernel.GROUP)];
        for (int cell = 0; cell < radii.length && terms.length > 0; cell++) {
            for (int row = firstRows[cell]; row < firstRows[cell + 1]; row++) {
                putTerm(cell, row, terms[row]);
            }
        }
        this.worths = worths;
        this.spreadAddends = new float[radii.length];
        this.codes = codes;
        this.rows = rows;
        this.means = new Products(cellMeans, dimension);
        try {
            this.spreads = new Products(spreads(cellMeans), coder.coordinateCount());
        } catch (RuntimeException | Error e) {
            means.close();
            throw e;
        }
    }

    /** Blocks that cells of these rows take. */
    static int blockCount(int[] firstRows) {
        return firstBlocks(firstRows)[firstRows.length - 1];
    }

    private static int[] firstBlocks(int[] firstRows) {
        int[] firstBlocks = new int[firstRows.length];
        for (int cell = 1; cell < firstRows.length; cell++) {
            int rows = firstRows[cell] - firstRows[cell - 1];
            firstBlocks[cell] = firstBlocks[cell - 1] + (rows + TableKernel.ROWS - 1) / TableKernel.ROWS;
        }
        return firstBlocks;
    }

    /** The block that a row of a cell lies in. */
    private int block(int cell, int row) {
        return firstBlocks[cell] + (row - firstRows[cell]) / TableKernel.ROWS;
    }

    private int inBlock(int cell, int row) {
        return (row - firstRows[cell]) % TableKernel.ROWS;
    }

    /** Fills {@link #spreadAddends}, and returns {@link #spreads} row-major. */
    private float[] spreads(float[] cellMeans) {
        int used = coder.coordinateCount();
        float[] weighted = new float[radii.length * used];
        Products.Multiplier multiplier = coder.querying().new Multiplier();
        float[] mean = new float[dimension];
        float[] coordinates = new float[coder.querying().paddedCount()];
        for (int cell = 0; cell < radii.length && similarity == Similarity.L2; cell++) {
            System.arraycopy(cellMeans, cell * dimension, mean, 0, dimension);
            multiplier.multiply(mean, coordinates);
            for (int c = 0; c < used; c++) {
                weighted[cell * used + c] = coder.variance(c) * coordinates[c];
                spreadAddends[cell] += weighted[cell * used + c] * coordinates[c];
            }
        }
        return weighted;
    }

    /** What came of searching for queries whose answers are known. */
    public record RecallProbe(int k, double recall) {}

    /** As {@link #build(float[], int, Similarity, long, int, double)} for {@link #RECALL_DEFAULT}. */
    public static PartitionedVectorIndex build(
            float[] rows, int dimension, Similarity similarity, long seed, int threads) {
        return build(rows, dimension, similarity, seed, threads, RECALL_DEFAULT);
    }

    /**
     * Builds an index of rows that are called by their numbers, from 0. It is searched at a recall, by a plan fitted on probes made of the rows:
     * {@link #plans} says what it had on these. Where there are queries, {@link #fit} finds plans that suit them better. An index of few rows is searched
     * exhaustively.
     *
     * @param rows    row-major, {@code count × dimension}; copied.
     * @param seed    the same seed over the same rows makes the same index, however many threads.
     * @param threads that build.
     * @param recall  recall@k that searches should have, in (0, 1].
     * @throws IllegalArgumentException naming what is wrong: a dimension outside [1, 4096], no rows or a part of one, a recall outside its range; with its
     *                                  row, a value that is not finite or a zero row under cosine.
     * @throws InterruptedBuildException when the calling thread is interrupted.
     */
    public static PartitionedVectorIndex build(
            float[] rows, int dimension, Similarity similarity, long seed, int threads, double recall) {
        return build(
                rows,
                dimension,
                similarity,
                RowFormat.FLOAT32,
                seed,
                threads,
                recall,
                new float[0],
                BuildProgress.NONE);
    }

    /**
     * As {@link #build(float[], int, Similarity, long, int, double)}, by plans fitted on queries where there are some.
     *
     * @param rowFormat how rows are kept: what they are scored by in the end.
     * @param probes   row-major queries like those to come, none of which any figure is reported on; none to make some of the rows.
     * @param progress is told how far the build is.
     */
    public static PartitionedVectorIndex build(
            float[] rows,
            int dimension,
            Similarity similarity,
            RowFormat rowFormat,
            long seed,
            int threads,
            double recall,
            float[] probes,
            BuildProgress progress) {
        if (dimension >= 1 && rows.length % dimension != 0) {
            throw new IllegalArgumentException(
                    "rows are not a multiple of the dimension: floats=" + rows.length + ", dimension=" + dimension);
        }
        long[] ids = new long[rows.length / Math.max(1, dimension)];
        Arrays.setAll(ids, row -> row);
        RowSource source = RowSource.of(ids, rows, dimension);
        return build(source, dimension, similarity, rowFormat, seed, threads, null, recall, probes, progress);
    }

    /**
     * As {@link #build(float[], int, Similarity, long, int, double)}, of rows that are called as is said here.
     *
     * @param ids one for each row.
     */
    public static PartitionedVectorIndex build(
            long[] ids, float[] rows, int dimension, Similarity similarity, long seed, int threads, double recall) {
        RowSource source = RowSource.of(ids, rows, dimension);
        return build(source, dimension, similarity, RowFormat.FLOAT32, seed, threads, null, recall);
    }

    /** @param plans to search by; null to fit some. */
    static PartitionedVectorIndex build(
            RowSource rows,
            int dimension,
            Similarity similarity,
            RowFormat rowFormat,
            long seed,
            int threads,
            @Nullable SearchPlans plans,
            double recall) {
        return build(
                rows, dimension, similarity, rowFormat, seed, threads, plans, recall, new float[0], BuildProgress.NONE);
    }

    private static PartitionedVectorIndex build(
            RowSource rows,
            int dimension,
            Similarity similarity,
            RowFormat rowFormat,
            long seed,
            int threads,
            @Nullable SearchPlans plans,
            double recall,
            float[] probes,
            BuildProgress progress) {
        if (dimension < 1 || dimension > FlatVectorIndex.DIMENSION_MAX) {
            throw new IllegalArgumentException(
                    "dimension outside [1, " + FlatVectorIndex.DIMENSION_MAX + "]: dimension=" + dimension);
        }
        if (rows.count() == 0) {
            throw new IllegalArgumentException("there are no rows");
        }
        checkRecall(recall);
        checkProbes(probes, dimension);
        BuildRows source = new BuildRows(rows, dimension, similarity);
        BuildRandom random = new BuildRandom(seed);
        try (Workers workers = new Workers(threads, progress)) {
            workers.stage(0, CELLS_DONE, CELLS_RUNS);
            Cells cells =
                    Cells.of(source, similarity, cellCount(source.count(), dimension, similarity), random, workers);
            int[] firstRows = new int[cells.counts.length + 1];
            for (int cell = 0; cell < cells.counts.length; cell++) {
                firstRows[cell + 1] = firstRows[cell] + cells.counts[cell];
            }
            float[] radii = new float[cells.counts.length];
            workers.stage(CELLS_DONE, CODER_DONE, CODER_RUNS);
            float[] worth = worth(source, similarity, cells, radii, workers);
            ResidualCoder coder = ResidualCoder.train(source, cells, similarity, random, workers);
            PartitionedVectorIndex index = allocate(source, similarity, rowFormat, cells, radii, coder, firstRows);
            try {
                workers.stage(CODER_DONE, ROWS_DONE, ROWS_RUNS);
                index.fill(source, cells, worth, workers);
                workers.stage(ROWS_DONE, 1, PLAN_RUNS);
                if (plans != null) {
                    index.plan(plans);
                } else if (index.count >= PLANNED_COUNT) {
                    Probes fitted = probes.length == 0 ? Probes.made(index, random) : Probes.given(probes, dimension);
                    index.plan(new PlanFit(index, fitted, workers).fit(recall));
                }
            } catch (RuntimeException | Error e) {
                index.close();
                throw e;
            }
            return index;
        }
    }

    private static void checkProbes(float[] probes, int dimension) {
        if (probes.length % dimension != 0) {
            throw new IllegalArgumentException(
                    "probes are not a multiple of the dimension: floats=" + probes.length + ", dimension=" + dimension);
        }
    }

    private static void checkRecall(double recall) {
        if (!(recall > 0 && recall <= 1)) {
            throw new IllegalArgumentException("recall outside (0, 1]: recall=" + recall);
        }
    }

    /**
     * About half the square root, a power of two, so that finding cells and reading them cost alike; twice as many where rows have no lengths that end a cell
     * before its rows do, and a product with a mean costs little.
     */
    private static int cellCount(int count, int dimension, Similarity similarity) {
        boolean isMore = similarity != Similarity.INNER_PRODUCT && dimension <= DIMENSION_MORE_CELLS;
        double wanted = Math.sqrt(count) * (isMore ? 1 : 0.5);
        int cells = 16;
        while (cells < wanted) {
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
        int[] next = firstRows.clone();
        for (int row = 0; row < count; row++) {
            keys[next[cells.cellOf[row]]++] = ScoreKey.of(worth[row], row);
        }
        workers.run(radii.length, 1, () -> (from, to) -> {
            for (int cell = from; cell < to; cell++) {
                Arrays.sort(keys, firstRows[cell], firstRows[cell + 1]);
            }
        });
        workers.run(radii.length, 1, () -> {
            ResidualCoder.Encoder encoder = coder.new Encoder();
            Products.Multiplier querying = coder.querying().new Multiplier();
            float[] direction = new float[dimension];
            float[] mean = new float[dimension];
            float[] meanCoordinates = new float[coder.querying().paddedCount()];
            byte[] code = new byte[coder.codeCount()];
            return (cell, end) -> {
                System.arraycopy(cells.means, cell * dimension, mean, 0, dimension);
                querying.multiply(mean, meanCoordinates);
                for (int row = firstRows[cell]; row < firstRows[end]; row++) {
                    int origin = ScoreKey.index(keys[row]);
                    ids[row] = source.id(origin);
                    source.stored(origin, direction);
                    putRow(row, direction);
                    source.direction(origin, direction);
                    for (int d = 0; d < dimension; d++) {
                        direction[d] -= mean[d];
                    }
                    encoder.encode(direction, code);
                    putCode(cell, row, code);
                    float term = similarity == Similarity.L2
                            ? (float) (worth[origin] - encoder.product(meanCoordinates, code))
                            : worth[origin];
                    putTerm(cell, row, term);
                    if (inBlock(cell, row) == 0) {
                        worths[block(cell, row)] = worth[origin];
                    }
                }
            };
        });
    }

    private void putTerm(int cell, int row, float term) {
        if (terms.length > 0) {
            terms[row] = term;
            int at = block(cell, row) * TableKernel.ROWS + inBlock(cell, row);
            int group = at / TableKernel.GROUP;
            termsMost[group] = at % TableKernel.GROUP == 0 ? term : Math.max(termsMost[group], term);
        }
    }

    private void putRow(int row, float[] values) {
        long at = rows.address(row);
        for (int d = 0; d < dimension; d++) {
            rowFormat.put(at, d, values[d]);
        }
    }

    @Override
    @HotPath
    public void copyRow(int row, float[] out) {
        if (rows.isInMemory()) {
            copyRow(rows.address(row), out);
        } else {
            copyLoadedRow(row, out);
        }
    }

    @HotPath
    private void copyRow(long at, float[] out) {
        for (int d = 0; d < dimension; d++) {
            out[d] = rowFormat.get(at, d);
        }
    }

    private void copyLoadedRow(int row, float[] out) {
        try (Arena arena = Arena.ofConfined()) {
            long at = arena.allocate(rowLength, Long.BYTES).address();
            rows.load(row, at);
            copyRow(at, out);
        }
    }

    private void putCode(int cell, int row, byte[] code) {
        long block = codes.address() + (long) block(cell, row) * TableKernel.blockLength(coder.pairs());
        ResidualCoder.put(code, block, inBlock(cell, row));
    }

    /** How rows are kept. */
    public RowFormat rowFormat() {
        return rowFormat;
    }

    /** What a row is called. */
    public long id(int row) {
        return ids[row];
    }

    /** The rows that are called {@code first … end − 1}. */
    public RowFilter idRange(long first, long end) {
        RowFilter filter = new RowFilter(count);
        filter.clearAll();
        for (int row = 0; row < count; row++) {
            if (ids[row] >= first && ids[row] < end) {
                filter.set(row);
            }
        }
        return filter;
    }

    /** As {@link #save(Path, float[], int, BuildProgress)}, with a probe made of the rows. */
    public void save(Path file, int threads) throws IOException {
        save(file, new float[0], threads, BuildProgress.NONE);
    }

    /**
     * Writes the index, its plans and a probe of some hundred queries with their exact answers into a file; or, when it cannot be written, nothing.
     *
     * @param queries  of the probe, row-major; none to make some of the rows.
     * @param threads  that find the answers.
     * @param progress is told how far they are.
     * @throws IllegalArgumentException when the queries hold a part of one.
     * @throws IllegalStateException when its rows are in a file already.
     * @throws InterruptedBuildException when the calling thread is interrupted while answers are sought.
     */
    public void save(Path file, float[] queries, int threads, BuildProgress progress) throws IOException {
        checkProbes(queries, dimension);
        Probes probes =
                queries.length == 0 ? Probes.made(this, new BuildRandom(PROBE_SEED)) : Probes.given(queries, dimension);
        IndexProbe kept = IndexProbe.of(this, probes, threads, progress);
        PartitionedFile.write(file, this, kept);
        probe(kept);
    }

    /**
     * Reads an index into memory of its own, checking every byte.
     *
     * @throws IOException naming file, offset, expected and found, when the file is cut short, damaged, of another kind or of a newer format.
     */
    public static PartitionedVectorIndex open(Path file) throws IOException {
        return PartitionedFile.read(file, true);
    }

    /**
     * As {@link #open}, but leaves the rows in the file, for an index larger than memory: what a search scores exactly it reads from there, one row
     * after the other. Every byte is checked now; the file may be renamed, replaced or deleted later, and a search throws an
     * {@link java.io.UncheckedIOException} when it was cut short meanwhile. Needs a POSIX system.
     */
    public static PartitionedVectorIndex openOnDisk(Path file) throws IOException {
        return PartitionedFile.read(file, false);
    }

    void probe(IndexProbe kept) {
        this.probe = kept;
    }

    /**
     * Searches for the queries that the file held, by the plans there are.
     *
     * @return k and recall@k; null for an index that was neither read from a file nor saved to one.
     */
    public @Nullable RecallProbe recallProbe() {
        return probe == null ? null : new RecallProbe(probe.k, probe.recall(this));
    }

    /** Bytes of a row's codes. */
    public int codeLength() {
        return coder.pairs();
    }

    /** Bytes of memory that it holds, rows included where they are there. */
    public long length() {
        return rows.length()
                + codes.length()
                + means.length()
                + spreads.length()
                + coder.length()
                + 8L * ids.length
                + 4L * (terms.length + termsMost.length + worths.length);
    }

    /** About what {@link #length} will be: to 5 % with floats, to 10 % without, since how long codes are depends on the vectors. */
    public static long estimatedLength(int count, int dimension, Similarity similarity, RowFormat rowFormat) {
        return estimatedLength(count, dimension, similarity, rowFormat, Math.round(CODE_LENGTH * dimension));
    }

    /**
     * What {@link #length} will be, to 5 %.
     *
     * @param codeLength that an index of a few thousand vectors like those to come has ({@link #codeLength()}).
     */
    public static long estimatedLength(
            int count, int dimension, Similarity similarity, RowFormat rowFormat, int codeLength) {
        int cells = cellCount(count, dimension, similarity);
        long ofRow = rowFormat.rowLength(dimension)
                + codeLength
                + Long.BYTES
                + (similarity == Similarity.COSINE ? 0 : Float.BYTES);
        return count * ofRow
                + (long) cells * (TableKernel.ROWS / 2) * codeLength
                + (similarity == Similarity.L2 ? 2L : 1L) * cells * dimension * Float.BYTES
                + (2L * dimension + ResidualCoder.LEVELS) * dimension * Float.BYTES;
    }

    /** How it is searched. */
    public SearchPlans plans() {
        return plans;
    }

    /** Searches by these plans from here on; searchers that are there already are not changed. */
    public void plan(SearchPlans by) {
        this.plans = by;
    }

    /**
     * How far searches have to go for each of some recalls: what costs the least of all that reached it on the probes.
     *
     * @param probes  row-major queries like those to come, none of which any figure is reported on.
     * @param recalls recall@k wanted, in (0, 1].
     * @throws IllegalArgumentException when the probes are none or hold a part of one, or a recall is outside its range.
     */
    public List<SearchPlans> fit(float[] probes, double[] recalls, int threads) {
        if (probes.length == 0 || probes.length % dimension != 0) {
            throw new IllegalArgumentException("probes are not a multiple of the dimension, or there are none: floats="
                    + probes.length + ", dimension=" + dimension);
        }
        List<SearchPlans> plansByRecall = new ArrayList<>();
        try (Workers workers = new Workers(threads)) {
            PlanFit fit = new PlanFit(this, Probes.given(probes, dimension), workers);
            for (double recall : recalls) {
                checkRecall(recall);
                plansByRecall.add(fit.fit(recall));
            }
        }
        return plansByRecall;
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
