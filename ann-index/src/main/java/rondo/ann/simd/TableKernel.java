package rondo.ann.simd;

import java.lang.foreign.MemorySegment;

/**
 * Sums of table look-ups for the 64 rows of one block of 4-bit codes (André, Kermarrec and Le Scouarnec, Cache locality is not enough, VLDB 2015). An
 * instance belongs to one searcher.
 *
 * <pre>
 * block: one line of 64 bytes for each pair of codes
 *   byte x belongs to row {@link #row}: 32·(x mod 2) + x/2
 *   its low half is the row's code 2p, its high half code 2p + 1
 * tables: 32 bytes for each pair: 16 entries of code 2p, 16 of code 2p + 1, each in [0, {@link #ENTRY_MAX}]; then {@link #TABLE_PADDING} bytes that may be read
 * </pre>
 *
 * The two entries of a pair add up to a byte. Two rows are neighbours in 16 bits, so that their sums are taken apart once at the end and come out in order.
 */
public interface TableKernel {
    /** Rows in a block. */
    int ROWS = 64;

    /** Rows that share a threshold. */
    int GROUP = 16;

    /** Bytes after the tables. */
    int TABLE_PADDING = 32;

    /** Largest entry: two are added in a byte. What codes leave out is many times what seven bits round off. */
    int ENTRY_MAX = 127;

    /** Largest sum there may be: a row's entries must not add up to more. */
    int SUM_MAX = Short.MAX_VALUE;

    /**
     * Adds up the entries of each row's codes.
     *
     * @param offset     bytes from the start of {@code codes} to the block.
     * @param tables     {@link #tablesLength} bytes.
     * @param thresholds one for each {@link #GROUP} of rows, in [−1, {@link #SUM_MAX}].
     * @param sums       receives 64 sums when the result is not 0.
     * @return bit i set when row i's sum is larger than the threshold of its group.
     */
    long sums(MemorySegment codes, long offset, byte[] tables, int pairs, short[] thresholds, short[] sums);

    /** The row of a block that a byte of each line belongs to. */
    static int row(int at) {
        return ((at & 1) << 5) + (at >> 1);
    }

    /** The byte of each line that belongs to a row of a block. */
    static int at(int row) {
        return ((row & 31) << 1) + (row >> 5);
    }

    /** Bytes of the tables for so many pairs of codes. */
    static int tablesLength(int pairs) {
        return 32 * pairs + TABLE_PADDING;
    }

    /** Bytes of one block. */
    static int blockLength(int pairs) {
        return pairs * ROWS;
    }

    /** The fastest kernel that this JVM has. */
    static TableKernel best() {
        if (!Simd.isAvailable()) {
            return new ScalarTableKernel();
        }
        return Simd.HAS_WIDE_BYTE_PERMUTATION ? new TableKernel512() : new TableKernel256();
    }
}
