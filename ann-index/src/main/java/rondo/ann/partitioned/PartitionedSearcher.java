package rondo.ann.partitioned;

import java.util.Arrays;
import org.agrona.UnsafeApi;
import rondo.ann.HotPath;
import rondo.ann.LongSort;
import rondo.ann.RadixSort;
import rondo.ann.RowFilter;
import rondo.ann.ScoreKey;
import rondo.ann.Similarity;
import rondo.ann.TopK;
import rondo.ann.VectorSearcher;
import rondo.ann.simd.RowKernel;
import rondo.ann.simd.TableKernel;

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

    private final PartitionedVectorIndex index;
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
    private final long[] order;
    private final boolean[] isBegun;
    private final RadixSort sort = new RadixSort();
    private final short[] thresholds = new short[TableKernel.ROWS / TableKernel.GROUP];
    private final short[] sums = new short[TableKernel.ROWS];
    private long[] offsets = new long[1024];
    private float[] scores = new float[1024];
    private long[] keys = new long[1024];
    private int[] rows = new int[1024];

    private float reach;
    private int wanted;
    private long blocksRead;
    private long rowsScored;

    PartitionedSearcher(PartitionedVectorIndex index, int kMax) {
        this.index = index;
        this.plans = index.plans();
        this.kMax = kMax;
        this.rowKernel = RowKernel.of(index.similarity == Similarity.L2);
        this.means = index.means.new Multiplier();
        this.querying = index.coder.querying().new Multiplier();
        this.spreads = index.spreads.new Multiplier();
        this.tables = index.coder.new Tables();
        this.scaled = new float[RowKernel.padded(index.dimension)];
        this.centred = new float[index.dimension];
        this.coordinates = new float[index.coder.querying().paddedCount()];
        this.bases = new float[index.means.paddedCount()];
        this.bounds = new float[index.means.paddedCount()];
        this.spreadOf = new float[index.spreads.paddedCount()];
        this.order = new long[index.means.count()];
        this.isBegun = new boolean[order.length];
        sort.reserve(Math.max(order.length, keys.length));
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
    public int search(float[] query, int k, RowFilter filter, TopK out) {
        SearchPlans.Plan plan = plans.of(k);
        int most = (int) Math.min(Integer.MAX_VALUE / 2, (long) Math.ceil((double) plan.candidates() * k));
        return search(query, k, filter, plan.reach(), most, out);
    }

    /** As {@link #search(float[], int, RowFilter, TopK)} without a filter, by scoring every row. */
    int searchExactly(float[] query, int k, TopK out) {
        out.clear();
        scale(query);
        room(4 * k + ROWS_EXACT);
        long length = RowKernel.rowLength(index.dimension);
        long worst = Long.MAX_VALUE;
        int size = 0;
        for (int from = 0; from < index.count; from += ROWS_EXACT) {
            int count = Math.min(ROWS_EXACT, index.count - from);
            for (int i = 0; i < ROWS_EXACT; i++) {
                offsets[i] = Math.min(from + i, index.count - 1) * length;
            }
            for (int i = 0; i < count; i += RowKernel.TOGETHER) {
                rowKernel.score(index.rows.segment(), offsets, scaled, scaled.length, scores, i);
            }
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
    int search(float[] query, int k, RowFilter filter, float z, int candidateCount, TopK out) {
        if (query.length < index.dimension || k < 1 || k > kMax || filter.count() != index.count) {
            throw new IllegalArgumentException("query, k or filter does not fit the index: queryLength=" + query.length
                    + ", dimension=" + index.dimension + ", k=" + k + ", kMax=" + kMax + ", filterCount="
                    + filter.count() + ", count=" + index.count);
        }
        out.clear();
        scale(query);
        int passing = filter.cardinality();
        if (passing < index.count && passing <= Math.max(WALKED_SHARE * index.count, Math.min(k, WALKED_COUNT))) {
            return take(scoreWalked(filter), k, out);
        }
        reach = z;
        wanted = Math.max(k, candidateCount);
        prepare();
        scan(filter);
        return take(scoreCandidates(), k, out);
    }

    @HotPath
    private void scale(float[] query) {
        float scale = 1;
        if (index.similarity == Similarity.COSINE) {
            double square = 0;
            for (int d = 0; d < index.dimension; d++) {
                square += (double) query[d] * query[d];
            }
            scale = square > 0 ? (float) (1 / Math.sqrt(square)) : 1;
        }
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
        for (int cell = 0; cell < order.length; cell++) {
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
    private void scan(RowFilter filter) {
        Arrays.fill(isBegun, false);
        int cells = 0;
        float lowest = Float.POSITIVE_INFINITY;
        float highest = Float.NEGATIVE_INFINITY;
        for (int cell = 0; cell < order.length; cell++) {
            if (index.firstRows[cell] < index.firstRows[cell + 1]) {
                float bound = bound(cell, index.cellWorths[cell]);
                order[cells++] = ScoreKey.of(bound, cell);
                lowest = Math.min(lowest, bound);
                highest = Math.max(highest, bound);
            }
        }
        boolean isDistance = index.similarity == Similarity.L2;
        candidates.clear(wanted, isDistance && lowest > -1e30f ? lowest : 0, highest < 1e30f ? highest : 1);
        int first = Math.min(cells, Math.max(FIRST_CELLS_MIN, Math.min(FIRST_CELLS_MAX, wanted / CANDIDATES_PER_CELL)));
        sort.sort(order, cells);
        for (int i = 0; i < first; i++) {
            int cell = ScoreKey.index(order[i]);
            isBegun[cell] = true;
            read(cell, index.firstRows[cell] / TableKernel.ROWS, filter);
        }
        for (int i = 0; i < cells; i++) {
            int cell = ScoreKey.index(order[i]);
            if (ScoreKey.score(order[i]) <= candidates.threshold()) {
                break;
            }
            int block = index.firstRows[cell] / TableKernel.ROWS;
            int last = (index.firstRows[cell + 1] - 1) / TableKernel.ROWS;
            if (!isBegun[cell]) {
                read(cell, block, filter);
            }
            for (block++; block <= last; block++) {
                if (bound(cell, index.worths[block]) <= candidates.threshold()) {
                    break;
                }
                read(cell, block, filter);
            }
        }
    }

    /** Reads a cell's part of a block. */
    @HotPath
    private void read(int cell, int block, RowFilter filter) {
        int first = block * TableKernel.ROWS;
        int from = index.firstRows[cell] - first;
        int to = index.firstRows[cell + 1] - first;
        long passes = filter.word(block);
        passes &= from > 0 ? -1L << from : -1L;
        passes &= to < TableKernel.ROWS ? ~(-1L << to) : -1L;
        if (passes == 0) {
            return;
        }
        blocksRead++;
        float base = bases[cell] + tables.offset;
        float step = tables.step;
        float perStep = 1 / step;
        boolean isProduct = index.similarity == Similarity.INNER_PRODUCT;
        float threshold = candidates.threshold();
        int group = block * thresholds.length;
        for (int g = 0; g < thresholds.length; g++) {
            float term = index.termsMost[group + g];
            float least = isProduct
                    ? (term > 0 ? threshold / term : threshold >= 0 ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY)
                            - base
                    : threshold - term - base;
            // Truncation, and the rounding of the estimate, may only let more through.
            thresholds[g] = (short) Math.max(-1f, Math.min(TableKernel.SUM_MAX, least * perStep - 1f));
        }
        int pairs = index.coder.pairs();
        long hits = passes
                & tableKernel.sums(
                        index.codes.segment(),
                        (long) block * TableKernel.blockLength(pairs),
                        tables.bytes,
                        pairs,
                        thresholds,
                        sums);
        if (hits != 0) {
            switch (index.similarity) {
                case INNER_PRODUCT -> candidates.addTimes(hits, first, sums, base, step, index.terms);
                case COSINE -> candidates.add(hits, first, sums, base, step);
                case L2 -> candidates.addPlus(hits, first, sums, base, step, index.terms);
            }
        }
    }

    /** Scores every row that passes. */
    @HotPath
    private int scoreWalked(RowFilter filter) {
        int count = filter.cardinality();
        room(count);
        int size = 0;
        for (int row = filter.next(0); row >= 0; row = filter.next(row + 1)) {
            rows[size++] = row;
        }
        return score(size);
    }

    @HotPath
    private int scoreCandidates() {
        candidates.shrink();
        int size = candidates.size();
        room(size);
        for (int i = 0; i < size; i++) {
            rows[i] = candidates.row(i);
        }
        return score(size);
    }

    private void room(int count) {
        int need = count + RowKernel.TOGETHER;
        if (keys.length < need) {
            int room = Math.max(need, 2 * keys.length);
            keys = new long[room];
            offsets = new long[room];
            scores = new float[room];
            rows = new int[room];
            sort.reserve(room);
        }
    }

    /** Scores the first rows exactly and makes keys of them. */
    @HotPath
    private int score(int size) {
        long length = RowKernel.rowLength(index.dimension);
        for (int i = 0; i < size; i++) {
            offsets[i] = rows[i] * length;
        }
        for (int i = size; i < size + RowKernel.TOGETHER; i++) {
            offsets[i] = 0;
        }
        int padded = scaled.length;
        long touched = 0;
        long base = index.rows.address();
        for (int i = 0; i < Math.min(size, AHEAD); i++) {
            touched += UnsafeApi.getByte(base + offsets[i]);
        }
        for (int i = 0; i < size; i += RowKernel.TOGETHER) {
            int end = Math.min(size, i + AHEAD + RowKernel.TOGETHER);
            for (int ahead = i + AHEAD; ahead < end; ahead++) {
                touched += UnsafeApi.getByte(base + offsets[ahead]);
            }
            rowKernel.score(index.rows.segment(), offsets, scaled, padded, scores, i);
        }
        sink = touched;
        for (int i = 0; i < size; i++) {
            keys[i] = ScoreKey.of(scores[i], rows[i]);
        }
        rowsScored += size;
        return size;
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
