package rondo.kernel.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import rondo.client.FrameLayout;
import rondo.kernel.access.Principals;
import rondo.kernel.access.Role;
import rondo.kernel.access.Transport;
import rondo.kernel.pipeline.Pipeline;
import rondo.kernel.thread.PinnedThreads;
import rondo.kernel.transport.DoorCounters.Kind;
import rondo.wire.HealthEncoder;
import rondo.wire.HelloEncoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.RecommendEncoder;

/** The real door before clients that are slow, silent, greedy or many; what is behind it only counts. */
class DoorLimitsTest {
    private static final long MS = 1_000_000;
    private static final long LONG_MS = 60_000;
    private static final int CONNECTIONS_MAX = 400;

    private final Counting behind = new Counting();
    private final List<Socket> sockets = new ArrayList<>();
    private @Nullable Door door;

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        if (door != null) {
            door.close();
        }
    }

    private Door open(DoorLimits limits, int perClient, long requestsPerSecond) throws IOException {
        Door opened = new Door(
                new InetSocketAddress("127.0.0.1", 0),
                new DoorConfig(
                        0,
                        limits,
                        new Principals(
                                Map.of(Transport.TCP, Set.of(Role.SERVE, Role.OUTCOME)),
                                Map.of(),
                                perClient,
                                requestsPerSecond),
                        null,
                        null,
                        null,
                        1),
                PinnedThreads.nowhere(),
                behind);
        opened.start();
        door = opened;
        return opened;
    }

    /** Patient but for what is given in milliseconds. */
    private static DoorLimits limits(long helloMs, long frameMs, long stallMs, long idleMs) {
        return new DoorLimits(CONNECTIONS_MAX, helloMs * MS, frameMs * MS, stallMs * MS, idleMs * MS);
    }

    private Socket connect(Door to) throws IOException {
        Socket socket = new Socket();
        // So that little is on the way to those who do not read.
        socket.setReceiveBufferSize(8_192);
        socket.connect(new InetSocketAddress("127.0.0.1", to.port()));
        socket.setSoTimeout((int) LONG_MS);
        sockets.add(socket);
        return socket;
    }

    private Socket welcomed(Door to) throws IOException {
        Socket socket = connect(to);
        socket.getOutputStream().write(hello());
        frame(socket.getInputStream());
        return socket;
    }

    private static byte[] hello() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);
        HelloEncoder hello = new HelloEncoder()
                .wrapAndApplyHeader(buffer, FrameLayout.PREFIX_LENGTH, new MessageHeaderEncoder())
                .protocolVersion(FrameLayout.PROTOCOL_VERSION);
        return framed(buffer, hello.encodedLength());
    }

    private static byte[] health(long id) {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);
        HealthEncoder health = new HealthEncoder()
                .wrapAndApplyHeader(buffer, FrameLayout.PREFIX_LENGTH, new MessageHeaderEncoder())
                .correlationId(id);
        return framed(buffer, health.encodedLength());
    }

    /** @param filterLength makes it as long as one likes. */
    private static byte[] recommend(int filterLength) {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[128 + filterLength]);
        RecommendEncoder recommend = new RecommendEncoder()
                .wrapAndApplyHeader(buffer, FrameLayout.PREFIX_LENGTH, new MessageHeaderEncoder());
        recommend.requestId(1).k(10);
        recommend.exclusionsCount(0);
        recommend.putQueryVector(new byte[0], 0, 0);
        recommend.putFilter(new byte[filterLength], 0, filterLength);
        return framed(buffer, recommend.encodedLength());
    }

    private static byte[] framed(UnsafeBuffer buffer, int bodyLength) {
        int length = MessageHeaderEncoder.ENCODED_LENGTH + bodyLength;
        FrameLayout.writePrefix(buffer, 0, length);
        return Arrays.copyOf(buffer.byteArray(), FrameLayout.PREFIX_LENGTH + length);
    }

    private static byte[] frame(InputStream in) throws IOException {
        byte[] prefix = in.readNBytes(FrameLayout.PREFIX_LENGTH);
        assertEquals(FrameLayout.PREFIX_LENGTH, prefix.length, "the door closed the connection");
        return in.readNBytes(FrameLayout.frameLength(new UnsafeBuffer(prefix), 0));
    }

    /** Waits until the door closes the connection; returns what it says before. */
    private static String rest(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (SocketException e) {
            // Reset: closed with something unread.
            return "";
        }
    }

    private static void await(BooleanSupplier condition) {
        long endNs = System.nanoTime() + LONG_MS * MS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < endNs, "it did not happen");
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldTakeNothingBeforeHello() throws Exception {
        Door to = open(limits(LONG_MS, LONG_MS, LONG_MS, LONG_MS), CONNECTIONS_MAX, 0);
        Socket early = connect(to);
        early.getOutputStream().write(recommend(0));
        assertTrue(rest(early).contains("the first message is Hello"));
        Socket large = connect(to);
        large.getOutputStream().write(recommend(2_000), 0, FrameLayout.PREFIX_LENGTH);
        assertTrue(rest(large).contains("1024 bytes"), "refused by what it announces");
        assertEquals(0, behind.requests.get());
        Socket known = welcomed(to);
        known.getOutputStream().write(recommend(2_000));
        await(() -> behind.requests.get() == 1);
    }

    @Test
    void shouldLetGoWhoDoesNotGoOn() throws Exception {
        Door to = open(limits(100, 100, LONG_MS, LONG_MS), CONNECTIONS_MAX, 0);
        Socket quiet = welcomed(to);
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            // Says nothing, says half of Hello, or begins a frame of whatever length and does not end it.
            Socket socket = i % 4 < 2 ? connect(to) : welcomed(to);
            byte[] begun = i % 4 == 1 ? hello() : recommend(i % 4 == 2 ? 10 : 60_000);
            if (i % 4 > 0) {
                socket.getOutputStream().write(begun, 0, begun.length - 1);
            }
            slow.add(socket);
        }
        for (Socket socket : slow) {
            assertEquals("", rest(socket));
        }
        assertEquals(100, to.counters().get(Kind.TIMED_OUT));
        quiet.getOutputStream().write(health(1));
        assertTrue(frame(quiet.getInputStream()).length > 0, "who is only quiet stays");
        assertEquals(0, behind.requests.get());
    }

    @Test
    void shouldUnderstandWhoSendsByteByByte() throws Exception {
        Door to = open(limits(LONG_MS, LONG_MS, LONG_MS, LONG_MS), CONNECTIONS_MAX, 0);
        Socket slow = connect(to);
        Socket fast = welcomed(to);
        slow.setTcpNoDelay(true);
        for (byte one : hello()) {
            slow.getOutputStream().write(one);
            fast.getOutputStream().write(health(7));
            frame(fast.getInputStream());
        }
        frame(slow.getInputStream());
        byte[] long1 = recommend(1_500);
        for (int i = 0; i < long1.length; i++) {
            slow.getOutputStream().write(long1[i]);
            if (i % 100 == 0) {
                fast.getOutputStream().write(health(8));
                frame(fast.getInputStream());
            }
        }
        await(() -> behind.requests.get() == 1);
        assertArrayEquals(Arrays.copyOfRange(long1, FrameLayout.PREFIX_LENGTH, long1.length), behind.last);
    }

    @Test
    void shouldLetGoWhoDoesNotReadAndServeTheOthers() throws Exception {
        Door to = open(limits(LONG_MS, LONG_MS, 200, LONG_MS), CONNECTIONS_MAX, 0);
        Socket honest = welcomed(to);
        behind.replyLength = 60_000;
        // More of them than there are chunks: the first hold theirs the longest.
        List<Socket> deaf = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            deaf.add(welcomed(to));
        }
        byte[] request = recommend(0);
        for (int round = 0; round < 2_000 && to.counters().get(Kind.CONNECTIONS_OPEN) > 1; round++) {
            for (Socket socket : deaf) {
                try {
                    socket.getOutputStream().write(request);
                } catch (SocketException e) {
                    // It was let go already.
                }
            }
            honest.getOutputStream().write(request);
            assertEquals(60_000, frame(honest.getInputStream()).length);
        }
        assertEquals(1, to.counters().get(Kind.CONNECTIONS_OPEN));
        DoorCounters counters = to.counters();
        assertEquals(150, counters.get(Kind.SLOW_READERS) + counters.get(Kind.EVICTED) + counters.get(Kind.TIMED_OUT));
        assertTrue(behind.requests.get() > 1_000, "vacuous");
    }

    @Test
    void shouldLetGoWhoSaysNothingForLong() throws Exception {
        Door to = open(limits(LONG_MS, LONG_MS, LONG_MS, 100), CONNECTIONS_MAX, 0);
        assertEquals("", rest(welcomed(to)));
        assertEquals(1, to.counters().get(Kind.TIMED_OUT));
    }

    @Test
    void shouldKeepEachClientToItsConnectionsAndRequests() throws Exception {
        Door to = open(limits(LONG_MS, LONG_MS, LONG_MS, LONG_MS), 3, 1_000);
        Socket first = welcomed(to);
        welcomed(to);
        welcomed(to);
        assertEquals("", rest(connect(to)), "a fourth one of the same address");
        assertEquals(1, to.counters().get(Kind.CONNECTIONS_REFUSED));
        byte[] request = recommend(0);
        behind.replyLength = 20;
        for (int i = 0; i < 5_000; i++) {
            first.getOutputStream().write(request);
        }
        await(() -> behind.requests.get() + behind.refused.get() == 5_000);
        assertTrue(behind.requests.get() >= 1_000, "a second's worth at once");
        assertTrue(behind.refused.get() > 0 && behind.retryNs > 0);
        assertEquals(behind.refused.get(), to.counters().get(Kind.RATE_LIMITED));
    }

    @Test
    void shouldHoldAThousandQuietConnectionsInLittleMemory() throws Exception {
        DoorLimits many = new DoorLimits(1_000, LONG_MS * MS, LONG_MS * MS, LONG_MS * MS, LONG_MS * MS);
        Door to = open(many, 1_000, 0);
        Socket honest = welcomed(to);
        long before = bufferBytes();
        for (int i = 0; i < 900; i++) {
            Socket socket = welcomed(to);
            socket.getOutputStream().write(recommend(60_000), 0, i % 2 == 0 ? 500 : 30_000);
        }
        await(() -> to.counters().get(Kind.EVICTED) >= 450 - 128);
        honest.getOutputStream().write(health(1));
        frame(honest.getInputStream());
        assertTrue(bufferBytes() - before <= 10_000_000, "bytes=" + (bufferBytes() - before));
        assertEquals(
                1 + 450 + 128,
                to.counters().get(Kind.CONNECTIONS_OPEN),
                "of those that began a long frame the newest stay");
    }

    private static long bufferBytes() {
        return java.lang.management.ManagementFactory.getPlatformMXBeans(java.lang.management.BufferPoolMXBean.class)
                .stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findFirst()
                .orElseThrow()
                .getMemoryUsed();
    }

    /** Answers every request with so many bytes. */
    private static final class Counting implements Requests {
        final AtomicLong requests = new AtomicLong();
        final AtomicLong refused = new AtomicLong();
        volatile long retryNs;
        volatile int replyLength;
        volatile byte[] last = {};
        private final UnsafeBuffer reply = new UnsafeBuffer(new byte[FrameLayout.FRAME_LENGTH_MAX]);

        @Override
        public Pipeline.Taken recommend(
                long connectionId,
                DirectBuffer message,
                int offset,
                int length,
                long arrivedNs,
                long receivedNs,
                Replies replies) {
            byte[] copy = new byte[length];
            message.getBytes(offset, copy);
            last = copy;
            requests.incrementAndGet();
            if (replyLength > 0) {
                replies.message(connectionId, reply, 0, replyLength);
            }
            return Pipeline.Taken.QUEUED;
        }

        @Override
        public void refuse(
                long connectionId, DirectBuffer message, int offset, int length, long waitNs, Replies replies) {
            retryNs = waitNs;
            refused.incrementAndGet();
        }

        @Override
        public boolean outcome(
                long origin,
                long correlationId,
                DirectBuffer token,
                int tokenOffset,
                long itemId,
                int position,
                int kind,
                float value,
                long timeMs,
                boolean closes) {
            return true;
        }

        @Override
        public boolean interaction(
                long origin, long correlationId, long userId, long itemId, float weight, long timeMs) {
            return true;
        }

        @Override
        public int poll(Replies replies) {
            return 0;
        }

        @Override
        public long itemCount() {
            return 0;
        }

        @Override
        public int dimension() {
            return 0;
        }

        @Override
        public long catalogVersion() {
            return 1;
        }

        @Override
        public int retryPercent() {
            return 0;
        }
    }
}
