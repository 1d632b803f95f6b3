package rondo.ann.partitioned;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import rondo.ann.RowFilter;
import rondo.ann.SearchPlan;
import rondo.ann.TopK;
import rondo.ann.VectorSearcher;

/**
 * Searches a {@link LiveVectorIndex} on one thread, waiting for nobody. Allocates at the first search of a version, and nothing after that.
 *
 * <p>A search sees every change whose call had returned when it began.
 */
public final class LiveSearcher implements VectorSearcher, AutoCloseable {
    /** The mark lies alone in its cache lines. */
    private static final int MARK = 16;

    private final LiveVectorIndex live;
    private final int kMax;

    /** The epoch in which the search under way began; 0 between searches. */
    private final AtomicLongArray mark = new AtomicLongArray(2 * MARK);

    private volatile @Nullable Thread thread;
    private @Nullable IndexVersion version;
    private @Nullable PartitionedSearcher searcher;

    LiveSearcher(LiveVectorIndex live, int kMax) {
        this.live = live;
        this.kMax = kMax;
    }

    /**
     * As {@link VectorSearcher#search}. A filter may know of fewer rows than there are by now; those it does not know of do not pass.
     *
     * @throws StaleFilterException when the filter was made for another version than the one there is by now.
     */
    @Override
    public int search(float[] query, int k, @Nullable RowFilter filter, TopK out) {
        IndexVersion now = enter();
        try {
            return searcher(now, filter).search(query, k, filter, out);
        } finally {
            leave();
        }
    }

    @Override
    public SearchPlan plan(int k, @Nullable RowFilter filter) {
        IndexVersion now = enter();
        try {
            return searcher(now, filter).plan(k, filter);
        } finally {
            leave();
        }
    }

    private PartitionedSearcher searcher(IndexVersion now, @Nullable RowFilter filter) {
        if (filter != null && filter.version() != now.number) {
            throw new StaleFilterException(filter.version(), now.number);
        }
        PartitionedSearcher by = searcher;
        if (by == null || now != version) {
            by = new PartitionedSearcher(now.index, kMax, now.tail, now.live);
            searcher = by;
            version = now;
        }
        return by;
    }

    /** What a row that the last search found is called. */
    public long id(int row) {
        if (version == null) {
            throw new IllegalStateException("nothing was searched for yet");
        }
        return version.id(row);
    }

    /** Keeps the memory of the version that is current, and of no later one, until {@link #leave}. */
    IndexVersion enter() {
        if (!Thread.currentThread().equals(thread)) {
            thread = Thread.currentThread();
        }
        // Volatile both: whoever frees memory sees this mark, or this thread sees what took that memory's place.
        mark.set(MARK, live.epoch());
        IndexVersion now = live.current();
        if (now == null) {
            leave();
            throw new IllegalStateException("the index is closed");
        }
        return now;
    }

    void leave() {
        mark.setRelease(MARK, 0);
    }

    /** Whether a search may be under way that began before an epoch. A thread that died in one counts no more. */
    boolean isBefore(long epoch) {
        long began = mark.get(MARK);
        Thread of = thread;
        return began != 0 && began < epoch && of != null && of.isAlive();
    }

    /** Frees what it holds; it may not be used any more. */
    @Override
    public void close() {
        live.forget(this);
    }
}
