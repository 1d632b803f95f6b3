package rondo.kernel.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;
import rondo.client.FrameLayout;
import rondo.client.tls.TlsChannel;
import rondo.kernel.access.Principal;
import rondo.kernel.access.Transport;

/**
 * One socket; belongs to the door's thread. It keeps the beginning of a frame whose end has not come, and replies that the socket has not taken: a kilobyte of the
 * former itself, all else in a {@link ChunkPool}.
 */
final class Connection extends Peer {
    /** Begun frames up to this long need no chunk. */
    static final int SMALL_LENGTH = FrameLayout.PREFIX_LENGTH + Dispatcher.UNKNOWN_FRAME_LENGTH_MAX;

    final ByteChannel channel;

    /** The memory that this client asked for over this socket; null without. */
    @Nullable
    SharedPeer shared;

    /** Its place in the door's list. */
    int place;

    /** Its socket had no more than was read last. */
    boolean isDrained;

    /** When it was accepted or last said something. */
    long heardNs;

    /** When the frame that has not come whole began; 0 without one. */
    long begunNs;

    /** Since when its socket takes nothing of what there is for it; 0 while it does. */
    long stalledNs;

    private final SelectionKey key;
    private final ChunkPool inPool;
    private final ChunkPool outPool;
    private ChunkPool.@Nullable Chunk in;
    private ChunkPool.@Nullable Chunk out;
    private @Nullable UnsafeBuffer small;
    private int heldLength;

    Connection(
            long id,
            Transport transport,
            Principal principal,
            ByteChannel channel,
            SelectionKey key,
            ChunkPool inPool,
            ChunkPool outPool,
            long nowNs) {
        super(id, transport, principal);
        this.channel = channel;
        this.key = key;
        this.inPool = inPool;
        this.outPool = outPool;
        this.heardNs = nowNs;
    }

    /**
     * Reads what there is, once, and takes the frames that are whole by now.
     *
     * @return bytes read, −1 when there will be no more.
     */
    @HotPath
    int readFrames(Dispatcher dispatcher) throws IOException {
        // Behind a long beginning, so that whoever sends the rest byte by byte does not have all of it copied each
        // time.
        ChunkPool.Chunk chunk = in;
        ByteBuffer bytes = chunk == null ? dispatcher.inbox().bytes() : chunk.bytes();
        UnsafeBuffer view = chunk == null ? dispatcher.inbox().view() : chunk.view();
        UnsafeBuffer begun = small;
        if (chunk == null && heldLength > 0 && begun != null) {
            view.putBytes(0, begun, 0, heldLength);
        }
        bytes.clear().position(heldLength);
        int count = channel.read(bytes);
        isDrained = bytes.hasRemaining();
        if (count > 0) {
            long nowNs = System.nanoTime();
            int end = heldLength + count;
            int taken = dispatcher.takeFrames(this, view, end, nowNs);
            if (!isClosing) {
                hold(view, taken, end - taken);
                keepTime(taken, nowNs);
            }
        }
        return count;
    }

    @HotPath
    private void keepTime(int taken, long nowNs) {
        if (isWelcomed) {
            heardNs = nowNs;
        }
        if (heldLength == 0) {
            begunNs = 0;
        } else if (taken > 0 || begunNs == 0) {
            begunNs = nowNs;
        }
    }

    /** Keeps a begun frame in place of the one before; length 0 for none. */
    @HotPath
    private void hold(DirectBuffer from, int offset, int length) {
        heldLength = length;
        if (length > SMALL_LENGTH) {
            ChunkPool.Chunk chunk = in;
            // What was read behind the beginning in a chunk lies there.
            boolean isThere = chunk != null && offset == 0;
            if (chunk == null) {
                chunk = inPool.take(this);
                in = chunk;
            }
            if (!isThere) {
                chunk.view().putBytes(0, from, offset, length);
            }
            return;
        }
        if (length > 0) {
            UnsafeBuffer own = small;
            if (own == null) {
                own = newSmall();
                small = own;
            }
            own.putBytes(0, from, offset, length);
        }
        giveBackIn();
    }

    @HotPath
    private void giveBackIn() {
        ChunkPool.Chunk chunk = in;
        if (chunk != null) {
            in = null;
            inPool.giveBack(this, chunk);
        }
    }

    @HotPath
    private void giveBackOut() {
        ChunkPool.Chunk chunk = out;
        if (chunk != null) {
            out = null;
            outPool.giveBack(this, chunk);
        }
    }

    private static UnsafeBuffer newSmall() {
        return new UnsafeBuffer(new byte[SMALL_LENGTH]);
    }

    @Override
    @HotPath
    boolean append(DirectBuffer message, int offset, int length) {
        ChunkPool.Chunk chunk = out;
        if (chunk == null) {
            chunk = outPool.take(this);
            out = chunk;
        }
        ByteBuffer bytes = chunk.bytes();
        int at = bytes.position();
        if (at + FrameLayout.PREFIX_LENGTH + length > bytes.capacity()) {
            return false;
        }
        FrameLayout.writePrefix(chunk.view(), at, length);
        chunk.view().putBytes(at + FrameLayout.PREFIX_LENGTH, message, offset, length);
        bytes.position(at + FrameLayout.PREFIX_LENGTH + length);
        return true;
    }

    /** Writes what the socket takes; asks for a write event when it does not take all. */
    @Override
    @HotPath
    void flush() throws IOException {
        ChunkPool.Chunk chunk = out;
        if (chunk == null) {
            return;
        }
        ByteBuffer bytes = chunk.bytes();
        bytes.flip();
        int count = channel.write(bytes);
        bytes.compact();
        if (bytes.position() == 0 && !isEncryptedPending()) {
            giveBackOut();
            stalledNs = 0;
        } else if (count > 0 || stalledNs == 0) {
            stalledNs = System.nanoTime();
        }
        int interest = out == null ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
        if (key.interestOps() != interest) {
            key.interestOps(interest);
        }
    }

    /** The chunk stays, though empty, until all of its bytes have left. */
    @HotPath
    private boolean isEncryptedPending() {
        return channel instanceof TlsChannel tls && tls.hasPending();
    }

    @Override
    boolean hasPendingOutput() {
        return out != null;
    }

    @Override
    void close() {
        key.cancel();
        giveBackIn();
        giveBackOut();
        try {
            channel.close();
        } catch (IOException e) {
            // The peer is gone either way; the descriptor is released with the key.
        }
    }
}
