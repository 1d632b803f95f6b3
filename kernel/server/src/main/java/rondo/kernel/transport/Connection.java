package rondo.kernel.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
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

    /** Bytes of a begun frame. */
    @HotPath
    int heldLength() {
        return heldLength;
    }

    /** Copies the begun frame to the start of {@code to}. */
    @HotPath
    void copyHeld(MutableDirectBuffer to) {
        if (heldLength > 0) {
            to.putBytes(0, held(), 0, heldLength);
        }
    }

    @HotPath
    private DirectBuffer held() {
        ChunkPool.Chunk chunk = in;
        if (chunk != null) {
            return chunk.view();
        }
        UnsafeBuffer own = small;
        if (own == null) {
            throw new IllegalStateException("nothing is held: id=" + id);
        }
        return own;
    }

    /** Keeps a begun frame in place of the one before; length 0 for none. */
    @HotPath
    void hold(DirectBuffer from, int offset, int length) {
        heldLength = length;
        if (length > SMALL_LENGTH) {
            ChunkPool.Chunk chunk = in;
            if (chunk == null) {
                chunk = inPool.take(this);
                in = chunk;
            }
            chunk.view().putBytes(0, from, offset, length);
            return;
        }
        giveBackIn();
        if (length > 0) {
            UnsafeBuffer own = small;
            if (own == null) {
                own = newSmall();
                small = own;
            }
            own.putBytes(0, from, offset, length);
        }
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
