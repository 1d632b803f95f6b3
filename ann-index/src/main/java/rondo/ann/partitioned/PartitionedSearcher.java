package rondo.ann.partitioned;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.agrona.UnsafeApi;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;
import rondo.ann.LongSort;
import rondo.ann.RadixSort;
import rondo.ann.RowFilter;
import rondo.ann.ScoreKey;
import rondo.ann.SearchPlan;
import rondo.ann.Similarity;
import rondo.ann.TopK;
import rondo.ann.VectorSearcher;
import rondo.ann.simd.RowKernel;
import rondo.ann.simd.TableKernel;
import rondo.ann.store.NativeMemory;

/** Searches a {@link PartitionedVectorIndex} on one thread. */
public final class PartitionedSearcher implements VectorSearcher {
    /** Cells whose first block is read before any other is read on, so that the threshold is high when it counts; one for so many candidates. */
    private static final int FIRST_CELLS_MIN = 6;

    private static final int FIRST_CELLS_MAX = 96;
    private static final int CANDIDATES_PER_CELL = 8;

    /** A filter that passes fewer rows, or a smaller share, is walked row by row. */
    private static final int WALKED_COUNT = 20_000;

    private static final double WALKED_SHARE = 0.02;

    /** Rows whose first line is loaded before it is needed: nobody waits for that load, so their cache misses overlap. */
    private static final int AHEAD = 16;

    private static final int ROWS_EXACT = 256;

    /** Rows of so many bytes, or in a file, cost more to score than to sort by their estimates. */
    private static final long DEAR = 1_024;

    /** With fewer times k candidates most have to be scored. */
    private static final int MANY = 4;

    private static final int PART_MIN = 16;

    /** Standard deviations of the codes' error that a row is given the benefit of. */
    private static final double ERRORS = 4;

    /** An index that changes is scored whole while it has no more rows: its codes were made for the few that it began with. */
    private static final int WALKED_INDEX = PartitionedVectorIndex.PLANNED_COUNT;

    private final PartitionedVectorIndex index;

    /** What came after the index was built, and which of its rows are still there; null when it never changes. */
    private final @Nullable Tail tail;

    private final @Nullable LiveRows live;
    private final SearchPlans plans;
    private final int kMax;
    private final TableKernel tableKernel = TableKernel.best();
    private final RowKernel rowKernel;
    private final Products.Multiplier means;
    private final Products.Multiplier querying;
    private final Products.Multiplier spreads;
    private final ResidualCoder.Tables tables;
    private final Candidates candidates = new Candidates();
    private final float[] scaled;
    private final float[] centred;
    private final float[] coordinates;
    private final float[] bases;
    private final float[] bounds;
    private final float[] spreadOf;
    private final CellOrder order;
    private final boolean[] isBegun;
    private final float[] tailTermsMost = new float[TableKernel.ROWS / TableKernel.GROUP];
    private final RadixSort sort = new RadixSort();
    private final short[] thresholds = new short[TableKernel.ROWS / TableKernel.GROUP];
    private final short[] sums = new short[TableKernel.ROWS];
    private long[] offsets = new long[1024];
    private float[] scores = new float[1024];
    private long[] keys = new long[1024];
    private int[] rows = new int[1024];
    private long[] byEstimate = new long[1024];

    /** Where rows come that are in the index's file; null when they are in memory. */
    private final @Nullable MemorySegment loaded;

    private final boolean isDear;

    private float reach;
    private int wanted;

    /** Rows of the tail that this search knows of. */
    private int tailCount;

    /** Rows whose place others took, that are live nevertheless; rising. */
    private int[] gone = new int[64];

    private int goneCount;
    private long blocksRead;
    private long rowsScored;

    PartitionedSearcher(PartitionedVectorIndex index, int kMax) {
        this(index, kMax, null, null);
    }

    PartitionedSearcher(PartitionedVectorIndex index, int kMax, @Nullable Tail tail, @Nullable LiveRows live) {
        this.index = index;
        this.tail = tail;
        this.live = live;
        this.plans = index.plans();
        this.kMax = kMax;
        this.rowKernel = RowKernel.of(index.rowFormat, index.similarity == Similarity.L2);
        this.means = index.means.new Multiplier();
        this.querying = index.coder.querying().new Multiplier();
        this.spreads = index.spreads.new Multiplier();
        this.tables = index.coder.new Tables();
        this.scaled = new float[index.rowFormat.padded(index.dimension)];
        this.centred = new float[index.dimension];
        this.coordinates = new float[index.coder.querying().paddedCount()];
        this.bases = new float[index.means.paddedCount()];
        this.bounds = new float[index.means.paddedCount()];
        this.spreadOf = new float[index.spreads.paddedCount()];
        this.order = new CellOrder(index.means.count());
        this.isBegun = new boolean[index.means.count()];
        this.loaded =
                index.rows.isInMemory() ? null : Arena.ofAuto().allocate(ROWS_EXACT * index.rowLength, Long.BYTES);
        this.isDear = loaded != null || index.rowLength >= DEAR;
        sort.reserve(keys.length);
    }

    /** Blocks of codes that searches have read so far. */
    public long blocksRead() {
        return blocksRead;
    }

    /** Rows that searches have scored exactly so far. */
    public long rowsScored() {
        return rowsScored;
    }

    @Override
    @HotPath
    public int search(float[] query, int k, @Nullable RowFilter filter, TopK out) {
        int most = (int) Math.min(Integer.MAX_VALUE / 2, (long) Math.ceil((double) plans.candidates(k) * k));
        return search(query, k, filter, plans.reach(k), most, out);
    }

    @Override
    public SearchPlan plan(int k, @Nullable RowFilter filter) {
        int count = index.count + (tail == null ? 0 : tail.count());
        int passing = filter == null ? count : filter.cardinality();
        if (isWalked(passing, count, k)) {
            return SearchPlan.exact(passing, k, passing + " of " + count + " rows pass, few enough to score all");
        }
        SearchPlans.Plan plan = plans.of(k);
        int candidates = (int) Math.min(passing, Math.ceil((double) plans.candidates(k) * k));
        return plans.reach(k) == Float.POSITIVE_INFINITY && candidates == passing
                ? SearchPlan.exact(passing, k, "no plan was fitted: every row is scored")
                : new SearchPlan(
                        SearchPlan.Path.BOUNDED_BLOCKS,
                        plans.reach(k),
                        candidates,
                        plan.recall(),
                        "the plan for k up to " + plan.k() + "; " + passing + " of " + count + " rows pass");
    }

    /** As {@link #search(float[], int, RowFilter, TopK)} without a filter, by scoring every row. */
    int searchExactly(float[] query, int k, TopK out) {
        out.clear();
        scale(query);
        room(4 * k + ROWS_EXACT);
        long worst = Long.MAX_VALUE;
        int size = 0;
        for (int from = 0; from < index.count; from += ROWS_EXACT) {
            int count = Math.min(ROWS_EXACT, index.count - from);
            for (int i = 0; i < count; i++) {
                rows[i] = from + i;
            }
            scoreRows(0, count);
            for (int i = 0; i < count; i++) {
                long key = ScoreKey.of(scores[i], from + i);
                keys[size] = key;
                size += key < worst ? 1 : 0;
            }
            if (size >= 4 * k) {
                LongSort.select(keys, size, k);
                size = k;
                worst = keys[k - 1];
            }
        }
        return take(size, k, out);
    }

    /** As {@link #search(float[], int, RowFilter, TopK)}, as far as is said here. */
    @HotPath
    int search(float[] query, int k, @Nullable RowFilter filter, float z, int candidateCount, TopK out) {
        view();
        int count = index.count + tailCount;
        if (query.length < index.dimension
                || k < 1
                || k > kMax
                || (filter != null && (tail == null ? filter.count() != count : filter.count() < index.count))) {
            throw new IllegalArgumentException("query, k or filter does not fit the index: queryLength=" + query.length
                    + ", dimension=" + index.dimension + ", k=" + k + ", kMax=" + kMax + ", filterCount="
                    + (filter == null ? "none" : filter.count()) + ", count=" + count);
        }
        out.clear();
        scale(query);
        int passing = filter == null ? count : filter.cardinality();
        if (isWalked(passing, count, k)) {
            return take(scoreWalked(filter, passing), k, out);
        }
        reach = z;
        wanted = Math.max(k, candidateCount);
        prepare();
        scan(filter);
        return take(scoreCandidates(k), k, out);
    }

    private boolean isWalked(int passing, int count, int k) {
        return (tail != null && count <= WALKED_INDEX)
                || (passing < count && passing <= Math.max(WALKED_SHARE * count, Math.min(k, WALKED_COUNT)));
    }

    /** Fixes what this search knows of the rows that come and go meanwhile. */
    @HotPath
    private void view() {
        goneCount = 0;
        tailCount = 0;
        if (tail != null) {
            tailCount = tail.count();
            for (int row = tail.settled(); row < tailCount; row++) {
                int replaced = tail.replaced(row);
                if (replaced >= 0) {
                    if (goneCount == gone.length) {
                        moreGone();
                    }
                    gone[goneCount++] = replaced;
                }
            }
            Arrays.sort(gone, 0, goneCount);
        }
    }

    /** Once for the most replacements that there were during one search. */
    private void moreGone() {
        gone = Arrays.copyOf(gone, 2 * gone.length);
    }

    /** Whether a row of the index or of the tail may be returned. */
    @HotPath
    private boolean isThere(int row) {
        boolean isLive =
                row < index.count ? live == null || live.isLive(row) : tail != null && tail.isLive(row - index.count);
        return isLive && (goneCount == 0 || Arrays.binarySearch(gone, 0, goneCount, row) < 0);
    }

    @HotPath
    private void scale(float[] query) {
        double square = 0;
        for (int d = 0; d < index.dimension; d++) {
            square += (double) query[d] * query[d];
        }
        if (!(square < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a query holds finite values only: squared length=" + square);
        }
        float scale = index.similarity == Similarity.COSINE && square > 0 ? (float) (1 / Math.sqrt(square)) : 1;
        for (int d = 0; d < index.dimension; d++) {
            scaled[d] = query[d] * scale;
            centred[d] = scaled[d] - index.origin[d];
        }
    }

    /** What each cell's rows have in common of their estimates, and how far the cell can reach. */
    @HotPath
    private void prepare() {
        means.multiply(centred, bases);
        querying.multiply(centred, coordinates);
        tables.make(coordinates);
        boolean isDistance = index.similarity == Similarity.L2;
        double square = 0;
        int used = index.coder.coordinateCount();
        for (int c = 0; c < used; c++) {
            square += (double) coordinates[c] * coordinates[c] * index.coder.variance(c);
        }
        if (isDistance) {
            spreads.multiply(coordinates, spreadOf);
        }
        float spread = (float) Math.sqrt(square);
        for (int cell = 0; cell < isBegun.length; cell++) {
            if (isDistance) {
                bases[cell] += index.meanAddends[cell];
                spread = (float) Math.sqrt(Math.max(0, square - 2 * spreadOf[cell] + index.spreadAddends[cell]));
            }
            bounds[cell] = reach == Float.POSITIVE_INFINITY ? reach : bases[cell] + reach * spread * index.radii[cell];
        }
    }

    /** The most that a row of this cell and worth may plausibly be estimated at. */
    @HotPath
    private float bound(int cell, float worth) {
        float bound = bounds[cell];
        return switch (index.similarity) {
            case INNER_PRODUCT -> bound > 0 ? bound * worth : 0;
            case COSINE -> bound;
            case L2 -> bound + worth;
        };
    }

    @HotPath
    private void scan(@Nullable RowFilter filter) {
        Arrays.fill(isBegun, false);
        int cells = 0;
        float lowest = Float.POSITIVE_INFINITY;
        float highest = Float.NEGATIVE_INFINITY;
        for (int cell = 0; cell < isBegun.length; cell++) {
            float worth = cellWorth(cell);
            if (worth > Float.NEGATIVE_INFINITY) {
                float bound = bound(cell, worth);
                order.put(cells++, cell, bound);
                lowest = Math.min(lowest, bound);
                highest = Math.max(highest, bound);
            }
        }
        boolean isDistance = index.similarity == Similarity.L2;
        candidates.clear(wanted, isDistance && lowest > -1e30f ? lowest : 0, highest < 1e30f ? highest : 1);
        int first = Math.min(cells, Math.max(FIRST_CELLS_MIN, Math.min(FIRST_CELLS_MAX, wanted / CANDIDATES_PER_CELL)));
        float step = order.sort(cells, lowest, highest);
        for (int i = 0; i < first; i++) {
            int cell = order.cell(i);
            isBegun[cell] = true;
            if (index.firstBlocks[cell] < index.firstBlocks[cell + 1]) {
                read(cell, index.firstBlocks[cell], filter);
            }
        }
        for (int i = 0; i < cells; i++) {
            float bound = order.bound(i);
            if (bound <= candidates.threshold()) {
                if (bound + step <= candidates.threshold()) {
                    break;
                }
                continue;
            }
            int cell = order.cell(i);
            int block = index.firstBlocks[cell];
            int end = index.firstBlocks[cell + 1];
            if (block < end && !isBegun[cell]) {
                read(cell, block, filter);
            }
            for (block++; block < end; block++) {
                if (bound(cell, index.worths[block]) <= candidates.threshold()) {
                    break;
                }
                read(cell, block, filter);
            }
            if (tailCount > 0) {
                readTail(cell, filter);
            }
        }
    }

    /** The most worth of a cell's rows; −∞ without any. */
    @HotPath
    private float cellWorth(int cell) {
        int block = index.firstBlocks[cell];
        float worth = block < index.firstBlocks[cell + 1] ? index.worths[block] : Float.NEGATIVE_INFINITY;
        return tailCount > 0 && tail != null ? Math.max(worth, tail.worthMost(cell)) : worth;
    }

    /** Reads what came to a cell after the index was built. */
    @HotPath
    private void readTail(int cell, @Nullable RowFilter filter) {
        if (tail == null || bound(cell, tail.worthMost(cell)) <= candidates.threshold()) {
            return;
        }
        for (int band = 0; band < Tail.BANDS; band++) {
            if (bound(cell, tail.worthMost(cell, band)) <= candidates.threshold()) {
                continue;
            }
            for (long block = tail.head(cell, band); block != 0; block = tail.next(block)) {
                if (bound(cell, Tail.blockWorth(block)) > candidates.threshold()) {
                    readTailBlock(cell, block, filter);
                }
            }
        }
    }

    @HotPath
    private void readTailBlock(int cell, long block, @Nullable RowFilter filter) {
        int size = Tail.blockRows(block);
        for (int g = 0; g < tailTermsMost.length; g++) {
            tailTermsMost[g] = Tail.termsMost(block, g);
        }
        long passes = size < TableKernel.ROWS ? ~(-1L << size) : -1L;
        long hits = hits(cell, Tail.codes(block), passes, tailTermsMost, 0);
        if (hits == 0) {
            return;
        }
        candidates.begin();
        for (; hits != 0; hits &= hits - 1) {
            int inBlock = Long.numberOfTrailingZeros(hits);
            int inTail = Tail.row(block, inBlock);
            int row = index.count + inTail;
            // A row that came after this search began has its place elsewhere in it.
            if (inTail < tailCount
                    && (filter == null || (row < filter.count() && filter.passes(row)))
                    && isThere(row)) {
                candidates.put(row, estimate(cell, sums[inBlock], Tail.term(block, inBlock)));
            }
        }
        candidates.end();
    }

    /** Reads one of a cell's blocks. */
    @HotPath
    private void read(int cell, int block, @Nullable RowFilter filter) {
        int first = index.firstRows[cell] + (block - index.firstBlocks[cell]) * TableKernel.ROWS;
        int size = index.firstRows[cell + 1] - first;
        long passes = size < TableKernel.ROWS ? ~(-1L << size) : -1L;
        passes &= filter == null ? -1L : filter.bits(first);
        passes &= live == null ? -1L : live.bits(first);
        if (passes == 0) {
            return;
        }
        long codes = index.codes.address() + (long) block * TableKernel.blockLength(index.coder.pairs());
        long hits = hits(cell, codes, passes, index.termsMost, block * thresholds.length);
        if (hits != 0) {
            float base = bases[cell] + tables.offset;
            switch (index.similarity) {
                case INNER_PRODUCT -> candidates.addTimes(hits, first, sums, base, tables.step, index.terms);
                case COSINE -> candidates.add(hits, first, sums, base, tables.step);
                case L2 -> candidates.addPlus(hits, first, sums, base, tables.step, index.terms);
            }
        }
    }

    @HotPath
    private float estimate(int cell, int sum, float term) {
        float shared = bases[cell] + tables.offset + tables.step * sum;
        return switch (index.similarity) {
            case INNER_PRODUCT -> shared * term;
            case COSINE -> shared;
            case L2 -> shared + term;
        };
    }

    /**
     * Rows of a block whose estimates may be above the threshold; leaves their sums in {@link #sums}.
     *
     * @param codes     address of the block's codes.
     * @param termsMost the most of the terms of each group of its rows, from {@code at} on.
     */
    @HotPath
    private long hits(int cell, long codes, long passes, float[] termsMost, int at) {
        blocksRead++;
        float base = bases[cell] + tables.offset;
        float perStep = tables.perStep;
        boolean isProduct = index.similarity == Similarity.INNER_PRODUCT;
        float threshold = candidates.threshold();
        for (int g = 0; g < thresholds.length; g++) {
            float term = termsMost[at + g];
            float least = isProduct
                    ? (term > 0 ? threshold / term : threshold >= 0 ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY)
                            - base
                    : threshold - term - base;
            // Truncation, and the rounding of the estimate, may only let more through.
            thresholds[g] = (short) Math.clamp((int) (least * perStep - 1f), -1, TableKernel.SUM_MAX);
        }
        return passes
                & tableKernel.sums(NativeMemory.EVERYWHERE, codes, tables.bytes, index.coder.pairs(), thresholds, sums);
    }

    /** Scores every row that passes. */
    @HotPath
    private int scoreWalked(@Nullable RowFilter filter, int passing) {
        room(passing);
        int size = 0;
        int count = index.count + tailCount;
        int row = filter == null ? 0 : filter.next(0);
        while (row >= 0 && row < count) {
            if (isThere(row)) {
                rows[size++] = row;
            }
            row = filter == null ? row + 1 : filter.next(row + 1);
        }
        return score(size);
    }

    @HotPath
    private int scoreCandidates(int k) {
        candidates.shrink();
        int size = candidates.size();
        room(size);
        int kept = 0;
        for (int i = 0; i < size; i++) {
            int row = candidates.row(i);
            if (goneCount == 0 || Arrays.binarySearch(gone, 0, goneCount, row) < 0) {
                byEstimate[kept] = ScoreKey.of(candidates.estimate(i), row);
                rows[kept++] = row;
            }
        }
        return isDear && kept >= MANY * k ? scoreBest(kept, k) : score(kept);
    }

    /**
     * Scores candidates by falling estimate, until the next one's is so far below the k-th score that no error of the codes seen so far makes up for
     * it; makes keys of them. Where codes are coarse many candidates are wanted for the few queries that need them.
     */
    @HotPath
    private int scoreBest(int size, int k) {
        sort.sort(byEstimate, size);
        for (int i = 0; i < size; i++) {
            rows[i] = ScoreKey.index(byEstimate[i]);
        }
        // Estimates under L2 are half of what scores are, and a constant of the query more.
        float unit = index.similarity == Similarity.L2 ? 0.5f : 1;
        double sum = 0;
        double squares = 0;
        int part = Math.max(k, PART_MIN);
        int done = 0;
        while (done < size) {
            int end = Math.min(size, done + part);
            scoreRows(done, end);
            for (int i = done; i < end; i++) {
                keys[i] = ScoreKey.of(scores[i], rows[i]);
                double error = unit * scores[i] - ScoreKey.score(byEstimate[i]);
                sum += error;
                squares += error * error;
            }
            done = end;
            if (done < size) {
                LongSort.select(keys, done, k);
                double mean = sum / done;
                double deviation = Math.sqrt(Math.max(0, squares / done - mean * mean));
                double most = ScoreKey.score(byEstimate[done]) + mean + ERRORS * deviation;
                if (most < unit * ScoreKey.score(keys[k - 1])) {
                    break;
                }
            }
        }
        rowsScored += done;
        return done;
    }

    private void room(int count) {
        int need = count + RowKernel.TOGETHER;
        if (keys.length < need) {
            int room = Math.max(need, 2 * keys.length);
            keys = new long[room];
            offsets = new long[room];
            scores = new float[room];
            rows = new int[room];
            byEstimate = new long[room];
            sort.reserve(room);
        }
    }

    /** Scores the first rows exactly and makes keys of them. */
    @HotPath
    private int score(int size) {
        scoreRows(0, size);
        for (int i = 0; i < size; i++) {
            keys[i] = ScoreKey.of(scores[i], rows[i]);
        }
        rowsScored += size;
        return size;
    }

    @HotPath
    private void scoreRows(int first, int size) {
        if (loaded == null) {
            scoreInMemory(first, size);
        } else {
            scoreLoaded(first, size, loaded.address());
        }
    }

    /** Scores rows that are in the index's file, some at a time. */
    @HotPath
    private void scoreLoaded(int first, int size, long to) {
        for (int from = first; from < size; from += ROWS_EXACT) {
            int end = Math.min(size, from + ROWS_EXACT);
            for (int i = from; i < end; i++) {
                offsets[i] = to + (i - from) * index.rowLength;
                index.rows.load(rows[i], offsets[i]);
            }
            for (int i = end; i < end + RowKernel.TOGETHER; i++) {
                offsets[i] = to;
            }
            for (int i = from; i < end; i += RowKernel.TOGETHER) {
                rowKernel.score(NativeMemory.EVERYWHERE, offsets, scaled, scaled.length, scores, i);
            }
        }
    }

    @HotPath
    private void scoreInMemory(int first, int size) {
        for (int i = first; i < size; i++) {
            int row = rows[i];
            offsets[i] =
                    tail == null || row < index.count ? index.rows.address(row) : tail.rowAddress(row - index.count);
        }
        for (int i = size; i < size + RowKernel.TOGETHER; i++) {
            offsets[i] = index.rows.address(0);
        }
        int padded = scaled.length;
        long touched = 0;
        for (int i = first; i < Math.min(size, first + AHEAD); i++) {
            touched += UnsafeApi.getByte(offsets[i]);
        }
        for (int i = first; i < size; i += RowKernel.TOGETHER) {
            int end = Math.min(size, i + AHEAD + RowKernel.TOGETHER);
            for (int ahead = i + AHEAD; ahead < end; ahead++) {
                touched += UnsafeApi.getByte(offsets[ahead]);
            }
            rowKernel.score(NativeMemory.EVERYWHERE, offsets, scaled, padded, scores, i);
        }
        sink = touched;
    }

    /** Keeps the touching loads alive. */
    long sink;

    @HotPath
    private int take(int size, int k, TopK out) {
        int taken = Math.min(k, size);
        if (size > 4 * k) {
            LongSort.select(keys, size, k);
            sort.sort(keys, taken);
        } else {
            sort.sort(keys, size);
        }
        for (int i = 0; i < taken; i++) {
            out.append(ScoreKey.index(keys[i]), ScoreKey.score(keys[i]));
        }
        return taken;
    }
}
