package rondo.agents.catalog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import rondo.ann.HotPath;
import rondo.ann.RowFilter;

/**
 * What each user has consumed, newest first: a hash table from user id to a chain of fixed blocks.
 *
 * <pre>
 * field          written by   mode      read by        mode
 * keys           writer       plain     readers        plain, after heads
 * heads          writer       release   readers        acquire
 * blocks[][]     writer       plain     readers        plain, up to the count in the block's first int
 * block count    writer       release   readers        acquire
 * </pre>
 *
 * <p>One writer thread; any number of readers, who never wait and see every item whose {@link #record} returned before they looked. A block is 64
 * ints: count, next block, 62 rows. Blocks lie in slabs that are added and never moved. When {@code usersMax} users are known, a further one is
 * not remembered, and counted: forgetting somebody else's history instead would bring back items they have seen.
 */
public final class Audience {
    private static final int BLOCK_INTS = 64;
    private static final int BLOCK_ROWS = BLOCK_INTS - 2;
    private static final int SLAB_BLOCKS = 1 << 12;
    private static final int NO_BLOCK = -1;
    private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);

    private final long[] keys;
    private final int[] heads;
    private final int[] sizes;
    private final int[][] slabs;
    private final int mask;
    private final int usersMax;
    private int blockCount;
    private int userCount;
    private long forgottenCount;

    /** @param usersMax users remembered; memory is 32 bytes for each beside the blocks of those that have a history. */
    public Audience(int usersMax) {
        int capacity = Integer.highestOneBit(Math.max(16, usersMax * 2 - 1)) << 1;
        this.keys = new long[capacity];
        this.heads = new int[capacity];
        this.sizes = new int[capacity];
        this.mask = capacity - 1;
        this.usersMax = usersMax;
        this.slabs = new int[1 << 16][];
        Arrays.fill(heads, NO_BLOCK);
    }

    /** Users with a history. Any thread. */
    public int userCount() {
        return userCount;
    }

    /** Records that could not be kept because the table was full. Any thread. */
    public long forgottenCount() {
        return forgottenCount;
    }

    /** Adds one consumed row to a user's history. Writer thread only. */
    public void record(long userId, int row) {
        int slot = slot(userId);
        int head = heads[slot];
        if (head == NO_BLOCK) {
            if (userCount >= usersMax) {
                forgottenCount++;
                return;
            }
            keys[slot] = userId;
            userCount++;
        }
        int[] slab = head == NO_BLOCK ? null : slabs[head / SLAB_BLOCKS];
        int at = head % SLAB_BLOCKS * BLOCK_INTS;
        if (slab != null && slab[at] < BLOCK_ROWS) {
            slab[at + 2 + slab[at]] = row;
            // Release: the row must be there before the count that admits it; read by history() and clearSeen().
            INTS.setRelease(slab, at, slab[at] + 1);
        } else {
            int block = newBlock();
            int[] fresh = slabs[block / SLAB_BLOCKS];
            int start = block % SLAB_BLOCKS * BLOCK_INTS;
            fresh[start] = 1;
            fresh[start + 1] = head;
            fresh[start + 2] = row;
            // Release: key and block must be there before the head that leads to them.
            INTS.setRelease(heads, slot, block);
        }
        INTS.setRelease(sizes, slot, sizes[slot] + 1);
    }

    private int newBlock() {
        int block = blockCount++;
        int slab = block / SLAB_BLOCKS;
        if (slabs[slab] == null) {
            slabs[slab] = new int[SLAB_BLOCKS * BLOCK_INTS];
        }
        return block;
    }

    /** The user's slot, or the empty one where it would go. */
    @HotPath
    private int slot(long userId) {
        long h = userId * 0x9E3779B97F4A7C15L;
        int slot = (int) (h ^ h >>> 32) & mask;
        while ((int) INTS.getAcquire(heads, slot) != NO_BLOCK && keys[slot] != userId) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    /** How many items the user has consumed; 0 for an unknown user. */
    @HotPath
    public int historySize(long userId) {
        return (int) INTS.getAcquire(sizes, slot(userId));
    }

    /**
     * Copies the newest rows of a user's history, newest first.
     *
     * @return how many were copied, at most {@code out.length}.
     */
    @HotPath
    public int history(long userId, int[] out) {
        int copied = 0;
        int block = (int) INTS.getAcquire(heads, slot(userId));
        while (block != NO_BLOCK && copied < out.length) {
            int[] slab = slabs[block / SLAB_BLOCKS];
            int at = block % SLAB_BLOCKS * BLOCK_INTS;
            for (int i = (int) INTS.getAcquire(slab, at) - 1; i >= 0 && copied < out.length; i--) {
                out[copied++] = slab[at + 2 + i];
            }
            block = slab[at + 1];
        }
        return copied;
    }

    /** Takes every row that the user has consumed out of {@code rows}. */
    @HotPath
    public void clearSeen(long userId, RowFilter rows) {
        int block = (int) INTS.getAcquire(heads, slot(userId));
        while (block != NO_BLOCK) {
            int[] slab = slabs[block / SLAB_BLOCKS];
            int at = block % SLAB_BLOCKS * BLOCK_INTS;
            for (int i = (int) INTS.getAcquire(slab, at) - 1; i >= 0; i--) {
                rows.clear(slab[at + 2 + i]);
            }
            block = slab[at + 1];
        }
    }
}
