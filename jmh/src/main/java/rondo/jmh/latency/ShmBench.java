package rondo.jmh.latency;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aeron.Aeron;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.FragmentHandler;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.client.shm.MessageRing;
import rondo.client.shm.SharedSegment;

/**
 * Question: how long does a message of 256 bytes take from one thread to another and back through shared memory, when both look for it all the time?
 *
 * <p>Baselines: one cache line there and back, which no transport can do without; Aeron IPC with its media driver on a third thread that sleeps when it can;
 * loopback TCP, non-blocking, both sides reading all the time. All take turns in slices of a second, so that what else the machine does falls on each.
 */
public final class ShmBench {
    /** Files that are in memory only, where there is such a folder. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private static final int MESSAGE_LENGTH = 256;
    private static final int WARM_MESSAGES = 200_000;
    private static final int STREAM_THERE = 1;
    private static final int STREAM_BACK = 2;
    private static final int LOOKS = 1_024;

    private final int seconds;

    /** @param seconds of each contestant. */
    public ShmBench(int seconds) {
        this.seconds = seconds;
    }

    /** Two ends of a way; what is sent on one comes back from the other, which a thread of its own drives. */
    private interface Contestant extends AutoCloseable {
        String name();

        boolean isRival();

        /** Sends a message and looks for it until it is back. */
        void roundTrip() throws IOException;

        /** Answers what has come; true when something had. */
        boolean echo() throws IOException;

        @Override
        void close() throws IOException;
    }

    /** Measures, and adds a row for each. */
    public void run(ObjectNode json, ArrayNode rows) throws IOException {
        Path folder = Files.isDirectory(MEMORY)
                ? Files.createTempDirectory(MEMORY, "rondo-bench-")
                : Files.createTempDirectory("rondo-bench-");
        try (Contestant line = new OneLine();
                Contestant ours = new Ours(folder.resolve("ring"));
                Contestant aeron = new AeronIpc(folder.resolve("aeron"));
                Contestant tcp = new Tcp()) {
            List<Contestant> all = List.of(ours, line, aeron, tcp);
            Histogram[] times = new Histogram[all.size()];
            long[] bytes = new long[all.size()];
            for (int i = 0; i < times.length; i++) {
                times[i] = new Histogram(3);
                slice(all.get(i), new Histogram(3), WARM_MESSAGES, Long.MAX_VALUE);
            }
            for (int round = 0; round < seconds; round++) {
                for (int i = 0; i < times.length; i++) {
                    bytes[i] += slice(all.get(i), times[i], Long.MAX_VALUE, TimeUnit.SECONDS.toNanos(1));
                }
            }
            for (int i = 0; i < times.length; i++) {
                rows.addObject()
                        .put("name", all.get(i).name())
                        .put("rival", all.get(i).isRival())
                        .put("p50Us", times[i].getValueAtPercentile(50) / 1e3)
                        .put("p99Us", times[i].getValueAtPercentile(99) / 1e3)
                        .put("p999Us", times[i].getValueAtPercentile(99.9) / 1e3)
                        .put("maxUs", times[i].getMaxValue() / 1e3)
                        .put("perSecond", times[i].getTotalCount() / (double) seconds)
                        .put("bytesPerOp", bytes[i] / (double) times[i].getTotalCount())
                        .put("note", "");
            }
            json.put("messageBytes", MESSAGE_LENGTH);
            json.put("calibrationUs", times[1].getValueAtPercentile(50) / 1e3);
            json.put("disturbedWindows", 0);
        } finally {
            Files.deleteIfExists(folder);
        }
    }

    /** Round trips for a time or a number; returns what the asking thread allocated. */
    private static long slice(Contestant contestant, Histogram times, long count, long lengthNs) throws IOException {
        AtomicLong isOver = new AtomicLong();
        Throwable[] failure = new Throwable[1];
        Thread other = Thread.ofPlatform().name("echo").daemon(true).start(() -> {
            try {
                while (isOver.getOpaque() == 0) {
                    for (int i = 0; i < LOOKS; i++) {
                        if (!contestant.echo()) {
                            Thread.onSpinWait();
                        }
                    }
                }
            } catch (IOException | RuntimeException e) {
                failure[0] = e;
            }
        });
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        try {
            long startNs = System.nanoTime();
            long lastNs = startNs;
            for (long i = 0; i < count && lastNs - startNs < lengthNs; i++) {
                contestant.roundTrip();
                long nowNs = System.nanoTime();
                times.recordValue(nowNs - lastNs);
                lastNs = nowNs;
            }
        } finally {
            allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
            isOver.set(1);
        }
        try {
            other.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while messages were echoed", e);
        }
        if (failure[0] != null) {
            throw new IOException(contestant.name() + ": the echo failed", failure[0]);
        }
        return allocated;
    }

    /** The rings that clients and server share, mapped twice as two processes would. */
    private static final class Ours implements Contestant {
        private final SharedSegment server;
        private final SharedSegment client;
        private final UnsafeBuffer message = new UnsafeBuffer(ByteBuffer.allocateDirect(MESSAGE_LENGTH));
        private final UnsafeBuffer copy = new UnsafeBuffer(ByteBuffer.allocateDirect(MESSAGE_LENGTH));
        private final UnsafeBuffer back = new UnsafeBuffer(ByteBuffer.allocateDirect(MESSAGE_LENGTH));

        Ours(Path file) throws IOException {
            server = SharedSegment.create(file);
            client = SharedSegment.attach(file);
        }

        @Override
        public String name() {
            return "shared memory, 256 B there and back, both sides busy";
        }

        @Override
        public boolean isRival() {
            return false;
        }

        @Override
        public void roundTrip() throws IOException {
            MessageRing replies = client.replies();
            if (!client.requests().write(message, 0, MESSAGE_LENGTH)) {
                throw new IOException("the ring is full of one message");
            }
            client.requests().takeSleeper();
            int length;
            while ((length = replies.poll()) == 0) {
                Thread.onSpinWait();
            }
            replies.copy(back, 0, length);
            replies.done();
        }

        @Override
        public boolean echo() {
            int length = server.requests().poll();
            if (length == 0) {
                return false;
            }
            server.requests().copy(copy, 0, length);
            server.requests().done();
            server.replies().write(copy, 0, length);
            server.replies().takeSleeper();
            return true;
        }

        @Override
        public void close() throws IOException {
            server.close();
            client.close();
        }
    }

    /** A number that one thread writes and the other one answers. */
    private static final class OneLine implements Contestant {
        private final UnsafeBuffer there = new UnsafeBuffer(BufferUtil.allocateDirectAligned(64, 64));
        private final UnsafeBuffer back = new UnsafeBuffer(BufferUtil.allocateDirectAligned(64, 64));
        private long sent;
        private long answered;

        @Override
        public String name() {
            return "one cache line there and back, nothing copied";
        }

        @Override
        public boolean isRival() {
            return true;
        }

        @Override
        public void roundTrip() {
            there.putLongRelease(0, ++sent);
            while (back.getLongVolatile(0) != sent) {
                Thread.onSpinWait();
            }
        }

        @Override
        public boolean echo() {
            long value = there.getLongVolatile(0);
            if (value == answered) {
                return false;
            }
            answered = value;
            back.putLongRelease(0, value);
            return true;
        }

        @Override
        public void close() {
            // Memory of this object only.
        }
    }

    private static final class AeronIpc implements Contestant {
        private final MediaDriver driver;
        private final Aeron aeron;
        private final Publication there;
        private final Subscription thereIn;
        private final Publication back;
        private final Subscription backIn;
        private final UnsafeBuffer message = new UnsafeBuffer(ByteBuffer.allocateDirect(MESSAGE_LENGTH));
        private final UnsafeBuffer copy = new UnsafeBuffer(ByteBuffer.allocateDirect(MESSAGE_LENGTH));
        private final UnsafeBuffer returned = new UnsafeBuffer(ByteBuffer.allocateDirect(MESSAGE_LENGTH));
        private final FragmentHandler onThere;
        private final FragmentHandler onBack;

        AeronIpc(Path folder) {
            driver = MediaDriver.launchEmbedded(new MediaDriver.Context()
                    .aeronDirectoryName(folder.toString())
                    .dirDeleteOnStart(true)
                    .dirDeleteOnShutdown(true)
                    .threadingMode(ThreadingMode.SHARED));
            aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(driver.aeronDirectoryName()));
            thereIn = aeron.addSubscription("aeron:ipc", STREAM_THERE);
            backIn = aeron.addSubscription("aeron:ipc", STREAM_BACK);
            there = aeron.addExclusivePublication("aeron:ipc", STREAM_THERE);
            back = aeron.addExclusivePublication("aeron:ipc", STREAM_BACK);
            while (!there.isConnected() || !back.isConnected()) {
                Thread.onSpinWait();
            }
            onThere = (buffer, offset, length, header) -> {
                buffer.getBytes(offset, copy, 0, length);
                offer(back, copy);
            };
            onBack = (buffer, offset, length, header) -> buffer.getBytes(offset, returned, 0, length);
        }

        private static void offer(Publication publication, UnsafeBuffer buffer) {
            while (publication.offer(buffer, 0, MESSAGE_LENGTH) < 0) {
                Thread.onSpinWait();
            }
        }

        @Override
        public String name() {
            return "Aeron IPC 1.51.0, the same, with its driver's thread";
        }

        @Override
        public boolean isRival() {
            return true;
        }

        @Override
        public void roundTrip() {
            offer(there, message);
            while (backIn.poll(onBack, 1) == 0) {
                Thread.onSpinWait();
            }
        }

        @Override
        public boolean echo() {
            return thereIn.poll(onThere, 1) > 0;
        }

        @Override
        public void close() {
            aeron.close();
            driver.close();
        }
    }

    private static final class Tcp implements Contestant {
        private final SocketChannel client;
        private final SocketChannel server;
        private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_LENGTH);
        private final ByteBuffer back = ByteBuffer.allocateDirect(MESSAGE_LENGTH);
        private final ByteBuffer copy = ByteBuffer.allocateDirect(MESSAGE_LENGTH);

        Tcp() throws IOException {
            try (ServerSocketChannel listener =
                    ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                client = SocketChannel.open(listener.getLocalAddress());
                server = listener.accept();
            }
            for (SocketChannel channel : List.of(client, server)) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.configureBlocking(false);
            }
        }

        @Override
        public String name() {
            return "loopback TCP, the same, both sides reading all the time";
        }

        @Override
        public boolean isRival() {
            return true;
        }

        @Override
        public void roundTrip() throws IOException {
            write(client, message.clear());
            back.clear();
            while (back.hasRemaining()) {
                read(client, back);
            }
        }

        @Override
        public boolean echo() throws IOException {
            copy.clear();
            read(server, copy);
            if (copy.position() == 0) {
                return false;
            }
            while (copy.hasRemaining()) {
                read(server, copy);
            }
            write(server, copy.flip());
            return true;
        }

        private static void read(SocketChannel channel, ByteBuffer into) throws IOException {
            if (channel.read(into) < 0) {
                throw new IOException("the other end closed");
            }
        }

        private static void write(SocketChannel channel, ByteBuffer from) throws IOException {
            while (from.hasRemaining()) {
                channel.write(from);
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }
}
