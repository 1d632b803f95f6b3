package rondo.kernel.transport;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;

/**
 * Buffers for what connections have begun and not finished: they hold one only as long as something is in it, so that ten thousand quiet ones need none. When all are
 * held, whoever has held one the longest loses its connection: that is the one that does not get on. Belongs to the door's thread.
 */
final class ChunkPool {
    /** Enough for a few clients that talk a lot, so that the thread which serves them makes nothing. */
    private static final int MADE_AT_ONCE = 4;

    private final int length;
    private final int countMax;
    private final Consumer<Connection> evict;
    private final List<Chunk> free = new ArrayList<>();

    /** Since when, in this order. */
    private final List<Connection> holders = new ArrayList<>();

    private int made;

    /** One buffer, seen in two ways. */
    record Chunk(ByteBuffer bytes, UnsafeBuffer view) {
        static Chunk ofLength(int length) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(length);
            return new Chunk(bytes, new UnsafeBuffer(bytes));
        }
    }

    /**
     * @param length   bytes of each.
     * @param countMax most there are.
     * @param evict    ends a connection, which gives its buffers back.
     */
    ChunkPool(int length, int countMax, Consumer<Connection> evict) {
        this.length = length;
        this.countMax = countMax;
        this.evict = evict;
        for (int i = 0; i < Math.min(countMax, MADE_AT_ONCE); i++) {
            make();
        }
    }

    /** Null when {@code holder} itself is the one that had to go. */
    @HotPath
    @Nullable
    Chunk take(Connection holder) {
        if (free.isEmpty()) {
            if (made < countMax) {
                make();
            } else {
                evict.accept(holders.getFirst());
                if (holder.isClosed) {
                    return null;
                }
            }
        }
        holders.add(holder);
        return free.removeLast();
    }

    private void make() {
        made++;
        free.add(Chunk.ofLength(length));
    }

    @HotPath
    void giveBack(Connection holder, Chunk chunk) {
        holders.remove(holder);
        chunk.bytes().clear();
        free.add(chunk);
    }
}
