package rondo.client;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.client.tls.TlsChannel;

/** Frames over a TCP or Unix-domain socket. */
final class SocketTransport implements Transport {
    private static final int BUFFER_LENGTH = 2 * (FrameLayout.PREFIX_LENGTH + FrameLayout.FRAME_LENGTH_MAX);

    private final ByteChannel channel;
    private final Selector selector;
    private final ByteBuffer inBytes = ByteBuffer.allocateDirect(BUFFER_LENGTH);
    private final UnsafeBuffer in = new UnsafeBuffer(inBytes);
    private int offset;
    private int length;

    /** @param selector waits for the socket below {@code channel}. */
    private SocketTransport(ByteChannel channel, Selector selector) {
        this.channel = channel;
        this.selector = selector;
        inBytes.limit(0);
    }

    static SocketTransport connect(SocketAddress address, long timeoutMs) throws IOException {
        return over(open(address, timeoutMs));
    }

    static SocketTransport over(SocketChannel channel) throws IOException {
        return new SocketTransport(channel, readable(channel));
    }

    static SocketTransport connect(InetSocketAddress address, SSLContext context, long timeoutMs) throws IOException {
        SocketChannel channel = open(address, timeoutMs);
        Selector selector = readable(channel);
        try {
            SSLEngine engine = context.createSSLEngine(address.getHostString(), address.getPort());
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3"});
            // The certificate must be for this host.
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
            long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            TlsChannel encrypted = TlsChannel.handshake(
                    channel,
                    engine,
                    operation -> await(selector, channel, operation, deadlineNs, address),
                    Runnable::run);
            channel.keyFor(selector).interestOps(SelectionKey.OP_READ);
            return new SocketTransport(encrypted, selector);
        } catch (IOException | RuntimeException e) {
            selector.close();
            channel.close();
            throw e;
        }
    }

    private static void await(
            Selector selector, SocketChannel channel, int operation, long deadlineNs, SocketAddress address)
            throws IOException {
        long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
        channel.keyFor(selector).interestOps(operation);
        if (leftMs <= 0 || selector.select(leftMs) == 0) {
            throw new SocketTimeoutException("no TLS handshake in time: address=" + address);
        }
        selector.selectedKeys().clear();
    }

    private static SocketChannel open(SocketAddress address, long timeoutMs) throws IOException {
        boolean isUnix = address instanceof UnixDomainSocketAddress;
        SocketChannel channel = isUnix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
        try {
            channel.configureBlocking(false);
            if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
                throw new IOException("no host of this name: host=" + inet.getHostString());
            }
            if (!channel.connect(address)) {
                try (Selector connecting = Selector.open()) {
                    channel.register(connecting, SelectionKey.OP_CONNECT);
                    if (connecting.select(timeoutMs) == 0) {
                        throw new SocketTimeoutException("no connection in time: address=" + address);
                    }
                }
                channel.finishConnect();
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Made ready for frames. */
    private static Selector readable(SocketChannel channel) throws IOException {
        try {
            channel.configureBlocking(false);
            if (channel.getRemoteAddress() instanceof InetSocketAddress) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            Selector selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
            return selector;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void send(UnsafeBuffer buffer, int messageOffset, int length) throws IOException {
        int from = messageOffset - FrameLayout.PREFIX_LENGTH;
        FrameLayout.writePrefix(buffer, from, length);
        ByteBuffer bytes = buffer.byteBuffer();
        bytes.clear().limit(messageOffset + length).position(from);
        while (bytes.hasRemaining() || isEncryptedPending()) {
            if (channel.write(bytes) == 0) {
                // The server is not reading because it waits for us to read: drain into our own buffer while there is
                // room.
                if (inBytes.remaining() < inBytes.capacity() - FrameLayout.FRAME_LENGTH_MAX) {
                    fill();
                }
                Thread.onSpinWait();
            }
        }
    }

    private boolean isEncryptedPending() {
        return channel instanceof TlsChannel encrypted && encrypted.hasPending();
    }

    @Override
    public boolean receive(long timeoutMs) throws IOException {
        if (!hasFrame()) {
            fill();
            if (!hasFrame() && timeoutMs > 0) {
                selector.select(timeoutMs);
                selector.selectedKeys().clear();
                fill();
            }
        }
        if (!hasFrame()) {
            return false;
        }
        int frame = inBytes.position();
        offset = frame + FrameLayout.PREFIX_LENGTH;
        length = FrameLayout.frameLength(in, frame);
        inBytes.position(offset + length);
        return true;
    }

    private boolean hasFrame() throws IOException {
        int available = inBytes.remaining();
        if (available < FrameLayout.PREFIX_LENGTH) {
            return false;
        }
        int frame = inBytes.position();
        if (!FrameLayout.isSoundPrefix(in, frame)) {
            throw new IOException(
                    "the peer does not speak Rondo's protocol: frameLength=" + FrameLayout.frameLength(in, frame));
        }
        return available >= FrameLayout.PREFIX_LENGTH + FrameLayout.frameLength(in, frame);
    }

    private void fill() throws IOException {
        inBytes.compact();
        int count = channel.read(inBytes);
        inBytes.flip();
        if (count < 0 && !hasFrame()) {
            throw new EOFException("the server closed the connection");
        }
    }

    @Override
    public DirectBuffer buffer() {
        return in;
    }

    @Override
    public int offset() {
        return offset;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
