package rondo.ann.partitioned;

import java.util.Arrays;
import org.agrona.UnsafeApi;
import rondo.ann.HotPath;
import rondo.ann.simd.TableKernel;
import rondo.ann.store.NativeMemory;

/**
 * Rows that came after an index was built, found from the next search on. One writer at a time, any number of readers, who wait for nobody.
 *
 * <p>Rows are kept in the order they came in. Their codes lie in blocks by cell and band, a band being a range of worths, so that a search leaves out the
 * bands of a cell that it would leave out of the index itself:
 *
 * <pre>
 * chain, for each cell and band
 *    0  head       int32        its newest block, or −1
 *    4  worthMost  float32      of its rows; −∞ without any
 * block, whole cache lines
 *    0  count      int32        rows in it; released when they are written
 *    4  next       int32        the block before it in the chain, or −1
 *    8  worthMost  float32
 *   16  termsMost  4 × float32  by 16 rows
 *   64  rows       64 × int32   rows of the tail
 *  320  terms      64 × float32
 *  576  codes      as {@link TableKernel} wants them
 * </pre>
 */
final class Tail implements AutoCloseable {
    static final int BANDS = 3;

    /** Shares of the index's rows above which a band ends. A block costs the same however few rows it holds, so there are few bands. */
    private static final double[] BAND_SHARES = {0.25, 0.6};

    private static final int ROWS_SHIFT = 12;
    private static final int ROWS_PER_CHUNK = 1 << ROWS_SHIFT;
    private static final int BLOCKS_SHIFT = 6;
    private static final int BLOCKS_PER_CHUNK = 1 << BLOCKS_SHIFT;
    private static final int CHUNKS_MAX = 1 << 13;

    private static final int CHAIN_LENGTH = 8;
    private static final int CHAIN_WORTH_MOST = 4;
    private static final int NEXT = 4;
    private static final int WORTH_MOST = 8;
    private static final int TERMS_MOST = 16;
    private static final int ROWS = 64;
    private static final int TERMS = 320;
    private static final int CODES = 576;

    private final PartitionedVectorIndex index;
    private final long blockLength;
    private final long rowLength;
    private final float[] bandEnds = new float[BANDS - 1];
    private final NativeMemory chains;

    /** The most worth by cell. */
    private final NativeMemory worthsMost;

    // What follows is filled by the writer before the count that makes it known is released.
    private final NativeMemory[] rowChunks = new NativeMemory[CHUNKS_MAX];
    private final long[][] ids = new long[CHUNKS_MAX][];
    private final int[][] replaced = new int[CHUNKS_MAX][];
    private final LiveRows[] live = new LiveRows[CHUNKS_MAX];
    private final NativeMemory[] blockChunks = new NativeMemory[CHUNKS_MAX];

    private volatile int count;
    private volatile int settled;

    // The writer's own.
    private final RowEncoder encoder;
    private int blockCount;

    Tail(PartitionedVectorIndex index) {
        this.index = index;
        this.encoder = new RowEncoder(index);
        this.rowLength = index.rowLength;
        this.blockLength = (long) CODES + TableKernel.blockLength(index.coder.pairs());
        int cells = index.means.count();
        this.chains = new NativeMemory((long) cells * BANDS * CHAIN_LENGTH);
        this.worthsMost = new NativeMemory((long) cells * Float.BYTES);
        for (int chain = 0; chain < cells * BANDS; chain++) {
            UnsafeApi.putInt(chains.address() + (long) chain * CHAIN_LENGTH, -1);
            UnsafeApi.putFloat(
                    chains.address() + (long) chain * CHAIN_LENGTH + CHAIN_WORTH_MOST, Float.NEGATIVE_INFINITY);
        }
        for (int cell = 0; cell < cells; cell++) {
            UnsafeApi.putFloat(worthsMost.address() + 4L * cell, Float.NEGATIVE_INFINITY);
        }
        float[] worths = index.worths.clone();
        Arrays.sort(worths);
        for (int band = 0; band < bandEnds.length; band++) {
            bandEnds[band] = worths[(int) ((1 - BAND_SHARES[band]) * (worths.length - 1))];
        }
    }

    /** Rows there are, gone ones included. */
    int count() {
        return count;
    }

    /** Rows below this need not be asked for {@link #replaced}: what they replace is no longer live. */
    int settled() {
        return settled;
    }

    void settle(int rows) {
        settled = rows;
    }

    long id(int row) {
        return ids[row >>> ROWS_SHIFT][row & (ROWS_PER_CHUNK - 1)];
    }

    /** The row of the version that a row took the place of, or −1. */
    int replaced(int row) {
        return replaced[row >>> ROWS_SHIFT][row & (ROWS_PER_CHUNK - 1)];
    }

    boolean isLive(int row) {
        return live[row >>> ROWS_SHIFT].isLive(row & (ROWS_PER_CHUNK - 1));
    }

    long rowAddress(int row) {
        return rowChunks[row >>> ROWS_SHIFT].address() + (row & (ROWS_PER_CHUNK - 1)) * rowLength;
    }

    void copyRow(int row, float[] out) {
        long at = rowAddress(row);
        for (int d = 0; d < index.dimension; d++) {
            out[d] = index.rowFormat.get(at, d);
        }
    }

    /** The most worth of a cell's rows; −∞ without any. */
    float worthMost(int cell) {
        return UnsafeApi.getFloatVolatile(null, worthsMost.address() + 4L * cell);
    }

    private long chain(int cell, int band) {
        return chains.address() + (long) (cell * BANDS + band) * CHAIN_LENGTH;
    }

    /** The most worth of a cell's rows in a band; −∞ without any. */
    @HotPath
    float worthMost(int cell, int band) {
        return UnsafeApi.getFloat(chain(cell, band) + CHAIN_WORTH_MOST);
    }

    /** The newest block of a chain, as an address; 0 when there is none. */
    @HotPath
    long head(int cell, int band) {
        return blockAddress(UnsafeApi.getIntAcquire(null, chain(cell, band)));
    }

    /** The block before; 0 when there is none. */
    @HotPath
    long next(long block) {
        return blockAddress(UnsafeApi.getInt(block + NEXT));
    }

    private long blockAddress(int block) {
        return block < 0
                ? 0
                : blockChunks[block >>> BLOCKS_SHIFT].address() + (block & (BLOCKS_PER_CHUNK - 1)) * blockLength;
    }

    static int blockRows(long block) {
        return UnsafeApi.getIntAcquire(null, block);
    }

    static float blockWorth(long block) {
        return UnsafeApi.getFloat(block + WORTH_MOST);
    }

    static float termsMost(long block, int group) {
        return UnsafeApi.getFloat(block + TERMS_MOST + 4L * group);
    }

    static int row(long block, int inBlock) {
        return UnsafeApi.getInt(block + ROWS + 4L * inBlock);
    }

    static float term(long block, int inBlock) {
        return UnsafeApi.getFloat(block + TERMS + 4L * inBlock);
    }

    static long codes(long block) {
        return block + CODES;
    }

    /**
     * Appends a row, which searches find when this returns.
     *
     * @param vector   finite; not zero under cosine.
     * @param replaces the row of the version whose place it takes, or −1.
     * @return its row in the tail.
     */
    int append(long id, float[] vector, int replaces) {
        int row = count;
        int chunk = row >>> ROWS_SHIFT;
        int inChunk = row & (ROWS_PER_CHUNK - 1);
        if (inChunk == 0) {
            if (chunk == CHUNKS_MAX) {
                throw new IllegalStateException("too many rows came after the index was built: rows=" + row);
            }
            rowChunks[chunk] = new NativeMemory(ROWS_PER_CHUNK * rowLength);
            ids[chunk] = new long[ROWS_PER_CHUNK];
            replaced[chunk] = new int[ROWS_PER_CHUNK];
            live[chunk] = new LiveRows(ROWS_PER_CHUNK);
        }
        ids[chunk][inChunk] = id;
        replaced[chunk][inChunk] = replaces;
        encoder.encode(vector);
        long at = rowAddress(row);
        for (int d = 0; d < index.dimension; d++) {
            index.rowFormat.put(at, d, encoder.stored(d));
        }
        putCode(row);
        count = row + 1;
        return row;
    }

    void check(float[] vector) {
        encoder.check(vector);
    }

    private void putCode(int row) {
        int cell = encoder.cell();
        float worth = encoder.worth();
        int band = 0;
        while (band < bandEnds.length && worth < bandEnds[band]) {
            band++;
        }
        long head = chain(cell, band);
        int number = UnsafeApi.getInt(head);
        long block = blockAddress(number);
        boolean isNew = block == 0 || UnsafeApi.getInt(block) == TableKernel.ROWS;
        if (isNew) {
            int before = number;
            number = newBlock();
            block = blockAddress(number);
            UnsafeApi.putInt(block + NEXT, before);
            UnsafeApi.putFloat(block + WORTH_MOST, Float.NEGATIVE_INFINITY);
            for (int group = 0; group < TableKernel.ROWS / TableKernel.GROUP; group++) {
                UnsafeApi.putFloat(block + TERMS_MOST + 4L * group, Float.NEGATIVE_INFINITY);
            }
        }
        int inBlock = UnsafeApi.getInt(block);
        UnsafeApi.putInt(block + ROWS + 4L * inBlock, row);
        UnsafeApi.putFloat(block + TERMS + 4L * inBlock, encoder.term());
        encoder.putCode(block + CODES, inBlock);
        // Bounds are raised before the row that needs them is there.
        raise(block + TERMS_MOST + 4L * (inBlock / TableKernel.GROUP), encoder.term());
        raise(block + WORTH_MOST, worth);
        raise(head + CHAIN_WORTH_MOST, worth);
        raise(worthsMost.address() + 4L * cell, worth);
        UnsafeApi.putIntRelease(null, block, inBlock + 1);
        if (isNew) {
            UnsafeApi.putIntRelease(null, head, number);
        }
    }

    private static void raise(long address, float value) {
        if (UnsafeApi.getFloat(address) < value) {
            UnsafeApi.putFloatVolatile(null, address, value);
        }
    }

    private int newBlock() {
        int chunk = blockCount >>> BLOCKS_SHIFT;
        if ((blockCount & (BLOCKS_PER_CHUNK - 1)) == 0) {
            if (chunk == CHUNKS_MAX) {
                throw new IllegalStateException("too many rows came after the index was built: rows=" + count);
            }
            blockChunks[chunk] = new NativeMemory(BLOCKS_PER_CHUNK * blockLength);
        }
        return blockCount++;
    }

    /** Takes a row away; idempotent. */
    void remove(int row) {
        live[row >>> ROWS_SHIFT].clear(row & (ROWS_PER_CHUNK - 1));
    }

    /** Bytes of native memory. */
    long length() {
        long sum = chains.length() + worthsMost.length();
        for (int chunk = 0; chunk < CHUNKS_MAX; chunk++) {
            sum += rowChunks[chunk] == null ? 0 : rowChunks[chunk].length();
            sum += blockChunks[chunk] == null ? 0 : blockChunks[chunk].length();
        }
        return sum;
    }

    @Override
    public void close() {
        for (int chunk = 0; chunk < CHUNKS_MAX; chunk++) {
            if (rowChunks[chunk] != null) {
                rowChunks[chunk].close();
            }
            if (blockChunks[chunk] != null) {
                blockChunks[chunk].close();
            }
        }
        chains.close();
        worthsMost.close();
    }
}
