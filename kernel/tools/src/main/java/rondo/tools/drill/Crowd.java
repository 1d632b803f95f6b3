package rondo.tools.drill;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.wire.HelloEncoder;
import rondo.wire.MessageHeaderEncoder;

/** Many connections that misbehave in one way, on one thread, until they are told to stop. Whoever is let go comes again. */
final class Crowd implements AutoCloseable {
    /** Addresses that they come from, so that there are ports enough: 127.0.0.2 and on. */
    private static final int ADDRESSES = 40;

    private static final long NS_PER_S = 1_000_000_000L;
    private static final long REST_NS = 200_000;
    private static final int LARGE_SLATE = 500;

    /** How many come in a second at first. */
    private static final int COME_PER_SECOND = 1_000;

    /** How they misbehave. */
    enum Way {
        /** Say Hello and nothing more. */
        IDLE(0),
        /** Begin a frame, half of them that of Hello, and send a byte of it now and then. */
        SLOW(2),
        /** Send sound requests byte by byte. */
        BYTE_BY_BYTE(500),
        /** Say Hello and leave. */
        COME_AND_GO(1),
        /** Send noise. */
        NOISE(1),
        /** Ask for large slates and do not read. */
        DEAF(20);

        /** Of each member. */
        private final double actsPerSecond;

        Way(double actsPerSecond) {
            this.actsPerSecond = actsPerSecond;
        }
    }

    private final InetSocketAddress server;
    private final Way way;
    private final Member[] members;
    private final Selector selector;
    private final Thread thread;
    private final SplittableRandom random = new SplittableRandom(7);
    private final ByteBuffer rubbish = ByteBuffer.allocateDirect(1 << 16);
    private final byte[] hello = hello();
    private final byte[] small = request(20);
    private final byte[] large = request(LARGE_SLATE);
    private volatile boolean isRunning = true;
    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicLong acts = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private volatile @Nullable Throwable failure;
    private int nextAddress;

    /** One of them. */
    private static final class Member {
        @Nullable
        SocketChannel channel;

        long nextNs;
        int at;
    }

    Crowd(InetSocketAddress server, Way way, int count) throws IOException {
        this.server = server;
        this.way = way;
        this.members = new Member[count];
        for (int i = 0; i < count; i++) {
            members[i] = new Member();
        }
        this.selector = Selector.open();
        this.thread = Thread.ofPlatform().name("crowd").daemon(true).unstarted(this::run);
        thread.start();
    }

    /** Connections that they have now. */
    int connected() {
        return connected.get();
    }

    /** What they have done: connections, bytes or requests. */
    long acts() {
        return acts.get();
    }

    /** How often the server has let one go. */
    long dropped() {
        return dropped.get();
    }

    /** Why they have stopped by themselves, or null. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    private void run() {
        try {
            long startNs = System.nanoTime();
            for (int i = 0; i < members.length; i++) {
                members[i].nextNs = startNs + (long) i * NS_PER_S / COME_PER_SECOND;
            }
            while (isRunning) {
                long nowNs = System.nanoTime();
                int work = 0;
                for (int i = 0; i < members.length && isRunning; i++) {
                    if (members[i].nextNs <= nowNs) {
                        act(members[i], i, nowNs);
                        work++;
                    }
                }
                selector.selectNow(this::onKey);
                if (work == 0) {
                    LockSupport.parkNanos(REST_NS);
                }
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
    }

    private void onKey(SelectionKey key) {
        Member member = (Member) key.attachment();
        if (way == Way.DEAF) {
            key.interestOps(0);
            return;
        }
        try {
            SocketChannel channel = member.channel;
            if (channel != null && channel.read(rubbish.clear()) < 0) {
                leave(member, true);
            }
        } catch (IOException e) {
            leave(member, true);
        }
    }

    private void act(Member member, int number, long nowNs) throws IOException {
        SocketChannel channel = member.channel;
        if (channel == null) {
            channel = come(member);
            if (channel == null) {
                member.nextNs = nowNs + NS_PER_S;
                return;
            }
            member.at = 0;
            if (way != Way.NOISE && (way != Way.SLOW || number % 2 == 0)) {
                write(member, channel, hello, 0, hello.length);
            }
        }
        acts.incrementAndGet();
        switch (way) {
            case IDLE -> {}
            case SLOW -> {
                byte[] frame = number % 2 == 0 ? small : hello;
                // Never the last byte.
                if (member.at < frame.length - 1) {
                    write(member, channel, frame, member.at++, 1);
                }
            }
            case BYTE_BY_BYTE -> {
                write(member, channel, small, member.at, 1);
                member.at = (member.at + 1) % small.length;
            }
            case COME_AND_GO -> leave(member, false);
            case NOISE -> {
                byte[] noise = new byte[64 + random.nextInt(2_000)];
                random.nextBytes(noise);
                write(member, channel, noise, 0, noise.length);
            }
            case DEAF -> write(member, channel, large, 0, large.length);
        }
        member.nextNs = way.actsPerSecond == 0
                ? Long.MAX_VALUE
                : member.nextNs + Math.max(1, (long) (NS_PER_S / way.actsPerSecond));
        if (member.channel == null && way == Way.IDLE) {
            member.nextNs = nowNs + NS_PER_S;
        }
    }

    private @Nullable SocketChannel come(Member member) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            nextAddress = (nextAddress + 1) % ADDRESSES;
            channel.bind(new InetSocketAddress("127.0.0." + (2 + nextAddress), 0));
            channel.connect(server);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, member);
            member.channel = channel;
            connected.incrementAndGet();
            return channel;
        } catch (IOException e) {
            channel.close();
            return null;
        }
    }

    private void write(Member member, SocketChannel channel, byte[] bytes, int from, int length) {
        try {
            channel.write(ByteBuffer.wrap(bytes, from, length));
        } catch (IOException e) {
            leave(member, true);
        }
    }

    private void leave(Member member, boolean isDropped) {
        SocketChannel channel = member.channel;
        if (channel == null) {
            return;
        }
        member.channel = null;
        connected.decrementAndGet();
        if (isDropped) {
            dropped.incrementAndGet();
            if (member.nextNs == Long.MAX_VALUE) {
                member.nextNs = System.nanoTime() + NS_PER_S;
            }
        }
        try {
            channel.close();
        } catch (IOException e) {
            // Gone either way.
        }
    }

    private static byte[] hello() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);
        HelloEncoder encoder = new HelloEncoder()
                .wrapAndApplyHeader(buffer, FrameLayout.PREFIX_LENGTH, new MessageHeaderEncoder())
                .protocolVersion(FrameLayout.PROTOCOL_VERSION);
        return framed(buffer, MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength());
    }

    private static byte[] request(int k) {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[4096]);
        RecommendRequest request =
                new RecommendRequest().requestId(1).userId(1).k(k).dryRun(true);
        return framed(buffer, request.encode(buffer, FrameLayout.PREFIX_LENGTH));
    }

    private static byte[] framed(UnsafeBuffer buffer, int messageLength) {
        FrameLayout.writePrefix(buffer, 0, messageLength);
        return Arrays.copyOf(buffer.byteArray(), FrameLayout.PREFIX_LENGTH + messageLength);
    }

    @Override
    public void close() throws IOException {
        isRunning = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<SelectionKey> keys = new ArrayList<>(selector.keys());
        for (SelectionKey key : keys) {
            key.channel().close();
        }
        selector.close();
    }
}
