package rondo.ann.partitioned;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.collections.Long2LongHashMap;
import rondo.ann.LongSort;

/**
 * One numbering of rows: those of an index, then those that came after. One writer at a time, any number of readers.
 *
 * <p>A row that takes another's place hides it from searches that know of the new one; the old one's bit is cleared only by {@link #settle}, when no search
 * is left that does not. So a search finds the old or the new, never both and never neither.
 */
final class IndexVersion implements AutoCloseable {
    private static final long ABSENT = -1;

    final long number;
    final PartitionedVectorIndex index;
    final Tail tail;
    final LiveRows live;

    // The writer's own.
    private final LiveRows current;
    private final int[] byId;
    private final Long2LongHashMap tailRows = new Long2LongHashMap(ABSENT);
    private final AtomicInteger count;

    /** @param index whose ids differ; closed with this. */
    IndexVersion(long number, PartitionedVectorIndex index) {
        this.number = number;
        this.index = index;
        this.tail = new Tail(index);
        this.live = new LiveRows(index.count);
        this.current = new LiveRows(index.count);
        this.byId = byId(index.ids);
        this.count = new AtomicInteger(index.count);
    }

    /** Rows by rising id. */
    private static int[] byId(long[] ids) {
        long[] sorted = ids.clone();
        LongSort.sort(sorted, sorted.length);
        int[] rows = new int[ids.length];
        Arrays.fill(rows, -1);
        for (int row = 0; row < ids.length; row++) {
            int at = Arrays.binarySearch(sorted, ids[row]);
            if (rows[at] >= 0) {
                throw new IllegalArgumentException("an id stands for one row: id=" + ids[row]);
            }
            rows[at] = row;
        }
        return rows;
    }

    /** Rows that are there. */
    int count() {
        return count.get();
    }

    /** Rows that are numbered, gone ones included. */
    int rowCount() {
        return index.count + tail.count();
    }

    long id(int row) {
        return row < index.count ? index.ids[row] : tail.id(row - index.count);
    }

    /** The row of an id, or −1. For the writer. */
    int row(long id) {
        long inTail = tailRows.get(id);
        if (inTail != ABSENT) {
            return index.count + (int) inTail;
        }
        int low = 0;
        int high = byId.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int row = byId[middle];
            if (index.ids[row] < id) {
                low = middle + 1;
            } else if (index.ids[row] > id) {
                high = middle - 1;
            } else {
                return current.isLive(row) ? row : -1;
            }
        }
        return -1;
    }

    /**
     * Puts a row there, in the place of the one that has its id.
     *
     * @return its row in the tail.
     * @throws IllegalArgumentException for what is no vector of this index.
     */
    int put(long id, float[] vector) {
        int old = row(id);
        int inTail = tail.append(id, vector, old);
        tailRows.put(id, inTail);
        if (old >= 0 && old < index.count) {
            current.clear(old);
        }
        if (old < 0) {
            count.incrementAndGet();
        }
        return inTail;
    }

    /** @throws IllegalArgumentException for what is no vector of this index. */
    void check(float[] vector) {
        tail.check(vector);
    }

    /** Makes changes here, on which nobody searches yet. */
    ChangeLog.Changes changes() {
        return new ChangeLog.Changes() {
            @Override
            public void put(long id, float[] vector) {
                IndexVersion.this.put(id, vector);
            }

            @Override
            public void delete(long id) {
                IndexVersion.this.delete(id);
            }
        };
    }

    /** Takes a row away; false when there is none. */
    boolean delete(long id) {
        int row = row(id);
        if (row < 0) {
            return false;
        }
        if (row < index.count) {
            current.clear(row);
            live.clear(row);
        } else {
            tailRows.remove(id);
            tail.remove(row - index.count);
        }
        count.decrementAndGet();
        return true;
    }

    /** Clears the bits of what rows of the tail took the place of, up to one that every search under way knows of. */
    void settle(int upTo) {
        for (int row = tail.settled(); row < upTo; row++) {
            int replaced = tail.replaced(row);
            if (replaced >= index.count) {
                tail.remove(replaced - index.count);
            } else if (replaced >= 0) {
                live.clear(replaced);
            }
        }
        tail.settle(upTo);
    }

    /** The rows that are there now, as they stay until this is closed. */
    RowSource rows() {
        int[] rows = new int[count()];
        int size = 0;
        for (int row = 0; row < index.count; row++) {
            if (current.isLive(row)) {
                rows[size++] = row;
            }
        }
        int tailCount = tail.count();
        for (int row = 0; row < tailCount; row++) {
            if (tailRows.get(tail.id(row)) == row) {
                rows[size++] = index.count + row;
            }
        }
        return new RowSource() {
            @Override
            public int count() {
                return rows.length;
            }

            @Override
            public long id(int row) {
                return IndexVersion.this.id(rows[row]);
            }

            @Override
            public void copy(int row, float[] out) {
                copyRow(rows[row], out);
            }
        };
    }

    /** Writes a row's values as they are kept. */
    void copyRow(int row, float[] out) {
        if (row < index.count) {
            index.copyRow(row, out);
        } else {
            tail.copyRow(row - index.count, out);
        }
    }

    /** Bytes of memory. */
    long length() {
        return index.length() + tail.length() + 4L * byId.length;
    }

    @Override
    public void close() {
        index.close();
        tail.close();
    }
}
