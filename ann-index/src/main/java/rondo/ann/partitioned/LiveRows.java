package rondo.ann.partitioned;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import rondo.ann.HotPath;

/** Which rows are still there: a bit each. One writer, any number of readers. */
final class LiveRows {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] words;

    /** All are there. */
    LiveRows(int count) {
        words = new long[(count + 63) >>> 6];
        Arrays.fill(words, -1L);
    }

    /** The bits of the rows {@code from … from + 63}; those beyond the count mean nothing. */
    @HotPath
    long bits(int from) {
        int word = from >>> 6;
        // A shift by 64 would be one by 0.
        return word(word) >>> from | word(Math.min(word + 1, words.length - 1)) << 1 << ~from;
    }

    @HotPath
    private long word(int at) {
        return (long) WORDS.getAcquire(words, at);
    }

    @HotPath
    boolean isLive(int row) {
        return (word(row >>> 6) >>> row & 1L) != 0;
    }

    void clear(int row) {
        WORDS.setVolatile(words, row >>> 6, words[row >>> 6] & ~(1L << row));
    }
}
