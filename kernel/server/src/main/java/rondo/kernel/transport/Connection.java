package rondo.kernel.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
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
    private static final int SMALL_LENGTH = FrameLayout.PREFIX_LENGTH + Dispatcher.UNKNOWN_FRAME_LENGTH_MAX;

    /** Most that is read at once. */
    private static final int READ_LENGTH = 32 * 1024;

    /** Chunks of unread replies from which on nothing more is read: two megabytes, for a client that asks much before it reads. */
    private static final int BACKED_UP_CHUNKS = 8;

    /** These, and room for the answers to as many of the shortest requests as one read brings, and to a ring full of them, all for the largest slates. */
    private static final int OUT_CHUNKS_MAX = 32;

    private final ByteChannel channel;

    /** The memory that this client asked for over this socket; null without. */
    @Nullable
    SharedPeer shared;

    /** It has given everything back and gets nothing more. */
    boolean isClosed;

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

    /** What the socket has not taken, the oldest first. */
    private final ArrayDeque<ChunkPool.Chunk> out = new ArrayDeque<>(2);

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
        // Decrypted bytes come a record at a time, which a chunk may have no room for.
        ChunkPool.Chunk held = in;
        boolean isInPlace = held != null && !(channel instanceof TlsChannel);
        ChunkPool.Chunk chunk = held != null && isInPlace ? held : dispatcher.inbox();
        ByteBuffer bytes = chunk.bytes();
        UnsafeBuffer view = chunk.view();
        UnsafeBuffer begun = held == null ? small : held.view();
        if (!isInPlace && heldLength > 0 && begun != null) {
            view.putBytes(0, begun, 0, heldLength);
        }
        bytes.clear()
                .limit(Math.min(bytes.capacity(), heldLength + READ_LENGTH))
                .position(heldLength);
        int count = channel.read(bytes);
        isDrained = bytes.hasRemaining();
        if (count > 0) {
            long nowNs = System.nanoTime();
            int end = heldLength + count;
            int taken = dispatcher.takeFrames(this, view, end, nowNs);
            if (!isClosing) {
                hold(view, taken, end - taken, isInPlace);
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
    private void hold(DirectBuffer from, int offset, int length, boolean isInPlace) {
        heldLength = length;
        if (length > SMALL_LENGTH) {
            ChunkPool.Chunk chunk = in;
            if (chunk == null) {
                chunk = inPool.take(this);
                in = chunk;
            }
            if (chunk == null) {
                return;
            }
            if (!isInPlace || offset > 0) {
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

    private static UnsafeBuffer newSmall() {
        return new UnsafeBuffer(new byte[SMALL_LENGTH]);
    }

    @Override
    @HotPath
    boolean append(DirectBuffer message, int offset, int length) {
        ChunkPool.Chunk chunk = out.peekLast();
        if (chunk == null || FrameLayout.PREFIX_LENGTH + length > chunk.bytes().remaining()) {
            chunk = !isClosed && out.size() < OUT_CHUNKS_MAX ? outPool.take(this) : null;
            if (chunk == null) {
                return false;
            }
            out.addLast(chunk);
        }
        ByteBuffer bytes = chunk.bytes();
        int at = bytes.position();
        FrameLayout.writePrefix(chunk.view(), at, length);
        chunk.view().putBytes(at + FrameLayout.PREFIX_LENGTH, message, offset, length);
        bytes.position(at + FrameLayout.PREFIX_LENGTH + length);
        return true;
    }

    /** Writes what the socket takes; asks for a write event when it does not take all. */
    @Override
    @HotPath
    void flush() throws IOException {
        if (out.isEmpty()) {
            return;
        }
        int count = 0;
        boolean isTaken = true;
        while (isTaken && !out.isEmpty()) {
            ChunkPool.Chunk chunk = out.getFirst();
            ByteBuffer bytes = chunk.bytes();
            bytes.flip();
            count += channel.write(bytes);
            bytes.compact();
            isTaken = bytes.position() == 0 && !isEncryptedPending();
            if (isTaken) {
                out.removeFirst();
                outPool.giveBack(this, chunk);
            }
        }
        if (isTaken) {
            // A frame that had begun goes on from here.
            begunNs = stalledNs != 0 && begunNs != 0 ? System.nanoTime() : begunNs;
            stalledNs = 0;
        } else if (count > 0 || stalledNs == 0) {
            stalledNs = System.nanoTime();
        }
        int reading = isBackedUp() ? 0 : SelectionKey.OP_READ;
        int interest = isTaken ? SelectionKey.OP_READ : reading | SelectionKey.OP_WRITE;
        if (key.interestOps() != interest) {
            key.interestOps(interest);
        }
    }

    /** True while so much is unread that nothing more is taken from this client. */
    @HotPath
    boolean isBackedUp() {
        return out.size() >= BACKED_UP_CHUNKS;
    }

    /** The chunk stays, though empty, until all of its bytes have left. */
    @HotPath
    private boolean isEncryptedPending() {
        return channel instanceof TlsChannel tls && tls.hasPending();
    }

    @Override
    boolean hasPendingOutput() {
        return !out.isEmpty();
    }

    @Override
    void close() {
        isClosed = true;
        key.cancel();
        giveBackIn();
        while (!out.isEmpty()) {
            outPool.giveBack(this, out.removeFirst());
        }
        try {
            channel.close();
        } catch (IOException e) {
            // The peer is gone either way; the descriptor is released with the key.
        }
    }
}
