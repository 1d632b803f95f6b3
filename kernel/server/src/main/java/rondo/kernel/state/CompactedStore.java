package rondo.kernel.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Last known good state per key: however many changes there were, one value is kept, with the journal sequence that it reflects. A projection of the
 * journal, never the truth: a store whose last writer did not close it opens empty, and is filled again from the journal.
 *
 * <p>One writer; any number of readers.
 */
public interface CompactedStore extends AutoCloseable {
    /**
     * What is kept under a key.
     *
     * @param sequence newest journal record that the state reflects.
     * @param state    a copy that belongs to the caller.
     */
    record Entry(long sequence, ByteBuffer state) {}

    /**
     * Replaces the state of a key. Writer thread only.
     *
     * @throws IllegalArgumentException when it is longer than the store was opened for.
     */
    void put(long key, long sequence, ByteBuffer state);

    /**
     * The state of a key, or null. Any thread.
     *
     * @throws IOException when its bytes are not those that were put.
     */
    @Nullable
    Entry get(long key) throws IOException;

    /** Keys that have a state. */
    int size();

    /** Leaves the mark of a clean end; without it the next opening starts empty. */
    @Override
    void close() throws IOException;
}
