package rondo.kernel.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;
import rondo.client.FrameLayout;

/** One socket with its two bounded buffers; belongs to the door's thread. */
final class Connection extends Peer {
    private static final int OUT_LENGTH = 256 * 1024;

    final SocketChannel channel;
    final ByteBuffer inBytes;

    /** The memory that this client asked for over this socket; null without. */
    @Nullable
    SharedPeer shared;

    private final ByteBuffer outBytes = ByteBuffer.allocateDirect(OUT_LENGTH);
    private final UnsafeBuffer out = new UnsafeBuffer(outBytes);
    private final SelectionKey key;

    Connection(long id, SocketChannel channel, SelectionKey key) {
        this(id, channel, key, ByteBuffer.allocateDirect(FrameLayout.PREFIX_LENGTH + FrameLayout.FRAME_LENGTH_MAX));
    }

    private Connection(long id, SocketChannel channel, SelectionKey key, ByteBuffer inBytes) {
        super(id, new UnsafeBuffer(inBytes));
        this.inBytes = inBytes;
        this.channel = channel;
        this.key = key;
    }

    @Override
    @HotPath
    boolean append(DirectBuffer message, int offset, int length) {
        int at = outBytes.position();
        if (at + FrameLayout.PREFIX_LENGTH + length > OUT_LENGTH) {
            return false;
        }
        FrameLayout.writePrefix(out, at, length);
        out.putBytes(at + FrameLayout.PREFIX_LENGTH, message, offset, length);
        outBytes.position(at + FrameLayout.PREFIX_LENGTH + length);
        return true;
    }

    /** Writes what the socket takes; asks for a write event when it does not take all. */
    @Override
    @HotPath
    void flush() throws IOException {
        if (outBytes.position() == 0) {
            return;
        }
        outBytes.flip();
        channel.write(outBytes);
        outBytes.compact();
        int interest = outBytes.position() > 0 ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        if (key.interestOps() != interest) {
            key.interestOps(interest);
        }
    }

    /** Whether the peer runs where this process runs. */
    boolean isOnThisHost() {
        try {
            SocketAddress from = channel.getRemoteAddress();
            return from instanceof UnixDomainSocketAddress
                    || (from instanceof InetSocketAddress inet
                            && inet.getAddress().isLoopbackAddress());
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    boolean hasPendingOutput() {
        return outBytes.position() > 0;
    }

    @Override
    void close() {
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            // The peer is gone either way; the descriptor is released with the key.
        }
    }
}
