package rondo.jmh.latency;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.client.FrameLayout;
import rondo.jmh.latency.Turns.Contestant;
import rondo.wire.HelloEncoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.RecommendEncoder;

/**
 * Question: how much does the door add to what a socket costs?
 *
 * <p>The same client asks all: it writes a request's bytes and reads, all the time, until a reply's bytes are there. The door takes the request through ring,
 * codecs and empty stages. Baselines answer as many bytes without looking at them: a thread that does nothing but read and write one socket, one that asks a
 * selector as any server of many sockets must, and Netty.
 */
public final class TcpBench {
    private static final int ITEMS = 1_000;
    private static final long IDLE_NS = 2_000_000;

    private final int seconds;

    /** @param seconds of each contestant. */
    public TcpBench(int seconds) {
        this.seconds = seconds;
    }

    /** Measures, and adds a row for each. */
    public void run(ObjectNode json, ArrayNode rows) throws IOException {
        byte[] request = request();
        try (GeneratedCatalog catalog = new GeneratedCatalog(ITEMS);
                EmptyDoor door = new EmptyDoor(catalog, null)) {
            int replyLength = replyLength(door, request);
            try (Contestant ours = new Asking(
                            "the door: ring, codecs and empty stages",
                            false,
                            welcomed(door.address()),
                            request,
                            replyLength);
                    Echo bare = new BareEcho(request.length, replyLength);
                    Contestant reading = new Asking("raw NIO echo, one socket", bare.address(), request, replyLength);
                    Echo selecting = new SelectingEcho(request.length, replyLength);
                    Contestant selected =
                            new Asking("raw NIO echo, selector", selecting.address(), request, replyLength);
                    NettyEcho netty = new NettyEcho(request.length, replyLength);
                    Contestant nettys = new Asking("Netty echo", netty.address(), request, replyLength)) {
                Turns.run(List.of(ours, reading, selected, nettys), seconds, rows);
            }
            json.put("requestBytes", request.length);
            json.put("replyBytes", replyLength);
        }
        json.put("calibrationUs", rows.path(1).path("p50Us").asDouble());
        json.put("disturbedWindows", 0);
    }

    private static byte[] request() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[256]);
        RecommendEncoder encoder = new RecommendEncoder()
                .wrapAndApplyHeader(buffer, FrameLayout.PREFIX_LENGTH, new MessageHeaderEncoder())
                .requestId(1)
                .userId(1)
                .budgetUs(0)
                .k(1)
                .segmentHint((short) 0)
                .route((short) FrameLayout.ROUTE_UNPINNED);
        encoder.flags().clear().dryRun(true);
        encoder.exclusionsCount(0);
        encoder.putQueryVector(new byte[0], 0, 0);
        encoder.putFilter(new byte[0], 0, 0);
        int length = MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
        FrameLayout.writePrefix(buffer, 0, length);
        byte[] bytes = new byte[FrameLayout.PREFIX_LENGTH + length];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    private static int replyLength(EmptyDoor door, byte[] request) throws IOException {
        try (java.nio.channels.SocketChannel channel = welcomed(door.address())) {
            channel.write(ByteBuffer.wrap(request));
            return FrameLayout.PREFIX_LENGTH + readFrame(channel);
        }
    }

    private static java.nio.channels.SocketChannel welcomed(InetSocketAddress address) throws IOException {
        java.nio.channels.SocketChannel channel = java.nio.channels.SocketChannel.open(address);
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);
        HelloEncoder hello = new HelloEncoder()
                .wrapAndApplyHeader(buffer, FrameLayout.PREFIX_LENGTH, new MessageHeaderEncoder())
                .protocolVersion(FrameLayout.PROTOCOL_VERSION);
        int length = MessageHeaderEncoder.ENCODED_LENGTH + hello.encodedLength();
        FrameLayout.writePrefix(buffer, 0, length);
        channel.write(ByteBuffer.wrap(buffer.byteArray(), 0, FrameLayout.PREFIX_LENGTH + length));
        readFrame(channel);
        return channel;
    }

    /** Reads a frame from a socket that blocks; returns the length of what follows its prefix. */
    private static int readFrame(java.nio.channels.SocketChannel channel) throws IOException {
        ByteBuffer prefix = ByteBuffer.allocate(FrameLayout.PREFIX_LENGTH);
        readFully(channel, prefix);
        int length = FrameLayout.frameLength(new UnsafeBuffer(prefix), 0);
        readFully(channel, ByteBuffer.allocate(length));
        return length;
    }

    private static void readFully(java.nio.channels.SocketChannel channel, ByteBuffer to) throws IOException {
        while (to.hasRemaining()) {
            if (channel.read(to) < 0) {
                throw new IOException("the door closed the connection");
            }
        }
    }

    /** The client of all of them. */
    private static final class Asking implements Contestant {
        private final String name;
        private final boolean isRival;
        private final java.nio.channels.SocketChannel channel;
        private final ByteBuffer request;
        private final ByteBuffer reply;

        /** Of a server that answers whatever it is sent. */
        Asking(String name, InetSocketAddress address, byte[] request, int replyLength) throws IOException {
            this(name, true, java.nio.channels.SocketChannel.open(address), request, replyLength);
        }

        Asking(String name, boolean isRival, java.nio.channels.SocketChannel channel, byte[] request, int replyLength)
                throws IOException {
            this.name = name;
            this.isRival = isRival;
            this.channel = channel;
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            this.request = ByteBuffer.allocateDirect(request.length).put(request);
            this.reply = ByteBuffer.allocateDirect(replyLength);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean isRival() {
            return isRival;
        }

        @Override
        public void roundTrip() throws IOException {
            request.clear();
            while (request.hasRemaining()) {
                channel.write(request);
            }
            reply.clear();
            while (reply.hasRemaining()) {
                if (channel.read(reply) < 0) {
                    throw new IOException("the other end closed: contestant=" + name);
                }
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** A server of one socket on a thread of its own, which looks at it all the time while something comes. */
    private abstract static class Echo implements AutoCloseable {
        final ServerSocketChannel listener;
        private final ByteBuffer request;
        private final ByteBuffer reply;
        private volatile boolean isOver;

        Echo(int requestLength, int replyLength) throws IOException {
            listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            request = ByteBuffer.allocateDirect(requestLength);
            reply = ByteBuffer.allocateDirect(replyLength);
        }

        final void start() {
            Thread.ofPlatform().daemon(true).start(() -> {
                try (java.nio.channels.SocketChannel channel = listener.accept()) {
                    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    channel.configureBlocking(false);
                    serve(channel);
                } catch (IOException e) {
                    isOver = true;
                }
            });
        }

        abstract void serve(java.nio.channels.SocketChannel channel) throws IOException;

        final boolean isOver() {
            return isOver;
        }

        /** Reads what is there, and answers a whole request; true when there was anything. */
        final boolean answer(java.nio.channels.SocketChannel channel) throws IOException {
            int count = channel.read(request);
            if (count < 0) {
                throw new IOException("the client is gone");
            }
            if (request.hasRemaining()) {
                return count > 0;
            }
            request.clear();
            reply.clear();
            while (reply.hasRemaining()) {
                channel.write(reply);
            }
            return true;
        }

        final InetSocketAddress address() throws IOException {
            return (InetSocketAddress) listener.getLocalAddress();
        }

        @Override
        public void close() throws IOException {
            isOver = true;
            listener.close();
        }
    }

    private static final class BareEcho extends Echo {
        BareEcho(int requestLength, int replyLength) throws IOException {
            super(requestLength, replyLength);
            start();
        }

        @Override
        void serve(java.nio.channels.SocketChannel channel) throws IOException {
            try (Selector sleep = Selector.open()) {
                channel.register(sleep, SelectionKey.OP_READ);
                long lastNs = System.nanoTime();
                while (!isOver()) {
                    if (answer(channel)) {
                        lastNs = System.nanoTime();
                    } else if (System.nanoTime() - lastNs > IDLE_NS) {
                        sleep.select(key -> {}, TimeUnit.NANOSECONDS.toMillis(IDLE_NS));
                    }
                }
            }
        }
    }

    private static final class SelectingEcho extends Echo {
        SelectingEcho(int requestLength, int replyLength) throws IOException {
            super(requestLength, replyLength);
            start();
        }

        @Override
        void serve(java.nio.channels.SocketChannel channel) throws IOException {
            boolean[] hasWork = new boolean[1];
            try (Selector selector = Selector.open()) {
                channel.register(selector, SelectionKey.OP_READ);
                long lastNs = System.nanoTime();
                while (!isOver()) {
                    hasWork[0] = false;
                    selector.selectNow(key -> hasWork[0] = true);
                    if (hasWork[0]) {
                        answer(channel);
                        lastNs = System.nanoTime();
                    } else if (System.nanoTime() - lastNs > IDLE_NS) {
                        selector.select(key -> {}, TimeUnit.NANOSECONDS.toMillis(IDLE_NS));
                    }
                }
            }
        }
    }

    /** As its users set it up: an event loop that sleeps until something comes. */
    private static final class NettyEcho implements AutoCloseable {
        private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        private final Channel channel;

        NettyEcho(int requestLength, int replyLength) {
            channel = new ServerBootstrap()
                    .group(group)
                    .channel(NioServerSocketChannel.class)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel child) {
                            child.pipeline().addLast(new Answer(requestLength, replyLength));
                        }
                    })
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .syncUninterruptibly()
                    .channel();
        }

        InetSocketAddress address() {
            return (InetSocketAddress) channel.localAddress();
        }

        @Override
        public void close() {
            channel.close().syncUninterruptibly();
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static final class Answer extends ChannelInboundHandlerAdapter {
        private final int requestLength;
        private final int replyLength;
        private int have;

        Answer(int requestLength, int replyLength) {
            this.requestLength = requestLength;
            this.replyLength = replyLength;
        }

        // What fails with a void promise goes through the pipeline, whose end logs it.
        @SuppressWarnings("FutureReturnValueIgnored")
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            have += bytes.readableBytes();
            bytes.release();
            if (have >= requestLength) {
                have -= requestLength;
                context.writeAndFlush(
                        context.alloc().directBuffer(replyLength).writeZero(replyLength), context.voidPromise());
            }
        }
    }
}
