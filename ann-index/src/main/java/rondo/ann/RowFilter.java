package rondo.ann;

import java.util.Arrays;
import org.agrona.DirectBuffer;

/** The rows that may be returned: one bit each. Mutable, made once, belongs to one thread. */
public final class RowFilter {
    private final long[] words;
    private final int count;
    private final long version;

    /** Every one of {@code count} rows passes at first. */
    public RowFilter(int count) {
        this(count, 0);
    }

    /** As {@link #RowFilter(int)}, for the rows of one version of an index that changes. */
    public RowFilter(int count, long version) {
        this.count = count;
        this.version = version;
        this.words = new long[(count + 63) >>> 6];
        setAll();
    }

    /** Rows it speaks of. */
    public int count() {
        return count;
    }

    /** The version whose rows it speaks of; 0 for an index that never changes. */
    public long version() {
        return version;
    }

    @HotPath
    public void setAll() {
        Arrays.fill(words, -1L);
        int rest = count & 63;
        if (rest != 0) {
            words[words.length - 1] = (1L << rest) - 1;
        }
    }

    @HotPath
    public void clearAll() {
        Arrays.fill(words, 0L);
    }

    @HotPath
    public void set(int row) {
        words[row >>> 6] |= 1L << row;
    }

    @HotPath
    public void clear(int row) {
        words[row >>> 6] &= ~(1L << row);
    }

    @HotPath
    public boolean passes(int row) {
        return (words[row >>> 6] >>> row & 1L) != 0;
    }

    /** The bits of the rows {@code from … from + 63}; those beyond the count mean nothing. */
    @HotPath
    public long bits(int from) {
        int word = from >>> 6;
        // A shift by 64 would be one by 0.
        return words[word] >>> from | words[Math.min(word + 1, words.length - 1)] << 1 << ~from;
    }

    /** The first row from {@code from} on that passes, or −1. */
    @HotPath
    public int next(int from) {
        int word = from >>> 6;
        if (from >= count) {
            return -1;
        }
        long left = words[word] & -1L << from;
        while (left == 0) {
            if (++word == words.length) {
                return -1;
            }
            left = words[word];
        }
        return (word << 6) + Long.numberOfTrailingZeros(left);
    }

    /** Keeps the rows that pass both. */
    @HotPath
    public void and(RowFilter other) {
        for (int i = 0; i < words.length; i++) {
            words[i] &= other.words[i];
        }
    }

    /** Lets the rows of either pass. */
    public void or(RowFilter other) {
        for (int i = 0; i < words.length; i++) {
            words[i] |= other.words[i];
        }
    }

    /** Bytes that {@link #or(DirectBuffer)} reads for {@code count} rows. */
    public static int bitmapLength(int count) {
        return ((count + 63) >>> 6) * Long.BYTES;
    }

    /** Lets the rows of an off-heap bitmap pass too: int64 in native order, bit r of word i = row 64i + r. */
    public void or(DirectBuffer bitmap) {
        for (int i = 0; i < words.length; i++) {
            words[i] |= bitmap.getLong(i * Long.BYTES);
        }
    }

    /** Lets exactly the other rows pass. */
    public void invert() {
        for (int i = 0; i < words.length; i++) {
            words[i] = ~words[i];
        }
        int rest = count & 63;
        if (rest != 0) {
            words[words.length - 1] &= (1L << rest) - 1;
        }
    }

    /** Becomes a copy of {@code other}, which must be of the same count. */
    @HotPath
    public void copyFrom(RowFilter other) {
        System.arraycopy(other.words, 0, words, 0, words.length);
    }

    /** How many rows pass. */
    public int cardinality() {
        int sum = 0;
        for (long word : words) {
            sum += Long.bitCount(word);
        }
        return sum;
    }

    /** The sixteen bits of the rows {@code 16·block … 16·block+15}. */
    @HotPath
    public int mask16(int block) {
        return (int) (words[block >>> 2] >>> ((block & 3) << 4)) & 0xFFFF;
    }
}
