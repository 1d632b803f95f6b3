package rondo.kernel.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.ann.HotPath;
import rondo.client.FrameLayout;

/** One socket with its two bounded buffers; belongs to the door's thread. */
final class Connection {
    private static final int OUT_LENGTH = 256 * 1024;

    final long id;
    final SocketChannel channel;
    final ByteBuffer inBytes = ByteBuffer.allocateDirect(FrameLayout.PREFIX_LENGTH + FrameLayout.FRAME_LENGTH_MAX);
    final UnsafeBuffer in = new UnsafeBuffer(inBytes);
    private final ByteBuffer outBytes = ByteBuffer.allocateDirect(OUT_LENGTH);
    private final UnsafeBuffer out = new UnsafeBuffer(outBytes);
    private final SelectionKey key;
    boolean isClosing;

    Connection(long id, SocketChannel channel, SelectionKey key) {
        this.id = id;
        this.channel = channel;
        this.key = key;
    }

    /**
     * Appends a frame to what is to be written.
     *
     * @return false when the peer reads so slowly that the buffer is full.
     */
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

    boolean hasPendingOutput() {
        return outBytes.position() > 0;
    }

    void close() {
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            // The peer is gone either way; the descriptor is released with the key.
        }
    }
}
