package rondo.ann.partitioned;

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
    private final LiveVectorIndex live;
    private final int kMax;

    private final Epochs.Mark mark;
    private @Nullable IndexVersion version;
    private @Nullable PartitionedSearcher searcher;

    LiveSearcher(LiveVectorIndex live, Epochs.Mark mark, int kMax) {
        this.live = live;
        this.mark = mark;
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
        mark.enter();
        IndexVersion now = live.current();
        if (now == null) {
            leave();
            throw new IllegalStateException("the index is closed");
        }
        return now;
    }

    void leave() {
        mark.leave();
    }

    /** Frees what it holds; it may not be used any more. */
    @Override
    public void close() {
        mark.close();
    }
}
