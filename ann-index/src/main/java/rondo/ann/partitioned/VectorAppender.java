package rondo.ann.partitioned;

import java.io.IOException;

/**
 * The one writer of a {@link LiveVectorIndex}. What a call changed, every search finds that begins after it returned. Not thread-safe. A change waits for
 * a merge while that makes up for changes that came faster than it could make them, and when far more rows have come than the index had.
 */
public final class VectorAppender implements AutoCloseable {
    private final LiveVectorIndex live;

    VectorAppender(LiveVectorIndex live) {
        this.live = live;
    }

    /**
     * Puts a row there that was not.
     *
     * @param vector copied.
     * @throws IllegalArgumentException when there is a row with this id; and, as for {@link #update}, for what is no vector of this index.
     */
    public void insert(long id, float[] vector) {
        live.put(id, vector, true);
    }

    /**
     * Gives a row another vector: a search finds the one or the other.
     *
     * @throws IllegalArgumentException when there is no row with this id; for another dimension, a value that is not finite, a zero vector under cosine.
     */
    public void update(long id, float[] vector) {
        live.put(id, vector, false);
    }

    /** Takes a row away; false when there is none. */
    public boolean delete(long id) {
        return live.delete(id);
    }

    /** Whether there is a row with this id. */
    public boolean contains(long id) {
        return live.contains(id);
    }

    /** Begins a merge now, on a thread of its own; false when one runs already, or there is no row. */
    public boolean merge() {
        return live.merge();
    }

    /**
     * Waits until no merge runs.
     *
     * @throws IllegalStateException when the last one failed; the version before it goes on.
     */
    public void awaitMerge() throws InterruptedException {
        live.awaitMerge();
    }

    /** Makes every change so far survive the machine, where the index is kept in a folder. */
    public void force() {
        live.force();
    }

    /**
     * Goes back to a version as it was built: every change since is gone from the next search on. What is there afterwards is a new version.
     *
     * @return its number.
     * @throws IllegalArgumentException when there is no such version.
     * @throws IOException when it is damaged or cannot be written; what was there goes on.
     */
    public long rollback(long version) throws IOException, InterruptedException {
        return live.rollback(version);
    }

    /** Lets another writer follow. The rows stay. */
    @Override
    public void close() {
        live.forgetAppender();
    }
}
