package rondo.jmh.latency;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import rondo.agents.retrieval.Route;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.ServingKernel;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.pipeline.ServiceTimes;
import rondo.wire.ReplyCode;

/**
 * Question: what does a request cost on the server beside retrieval and ranking, from its frame in the door's buffer to its reply in the socket, and
 * does the serving thread allocate?
 *
 * <p>A real server over generated items, and one client over loopback that sends at a fixed rate, answered or not; the client's times count from the
 * intended send. Baseline: the socket write of a server that does nothing else, which no reply can do without.
 */
public final class PathBench {
    private static final int SLATE = 20;
    private static final int WARM_BATCH = 1_000;
    private static final int WARM_BATCHES_CLEAN = 5;
    private static final int WARM_BATCHES_MAX = 40;
    private static final int WARM_SECONDS = 2;
    private static final int WARM_WRITES = 20_000;
    private static final int COLD_WRITES = 1_000;
    private static final long TIMEOUT_MS = 10_000;
    private static final long PARK_NS_MAX = 200_000;
    private static final long LATE_NS = 5_000_000;
    private static final int REPLY_LENGTH = 460;
    private static final int REQUEST_LENGTH = 64;

    private final int itemCount;
    private final int ratePerSecond;
    private final int seconds;
    private final Histogram client = new Histogram(3);
    private final Histogram filter = new Histogram(3);
    private final Histogram encoded = new Histogram(3);
    private final RecommendRequest request = new RecommendRequest().k(SLATE);
    private final SplittableRandom users = new SplittableRandom(2);
    private long nextClosedId = -1;
    private long nextOpenId;
    private long answeredCount;
    private long failedCount;
    private long disturbedWindows;

    /**
     * @param itemCount     generated items.
     * @param ratePerSecond requests sent a second.
     * @param seconds       of measurement, after warming up.
     */
    public PathBench(int itemCount, int ratePerSecond, int seconds) {
        this.itemCount = itemCount;
        this.ratePerSecond = ratePerSecond;
        this.seconds = seconds;
    }

    /** Measures, and adds a row for the path, its parts and its baseline. */
    public void run(ObjectNode json, ArrayNode rows) throws IOException {
        Histogram warmWrites = writes(WARM_WRITES, new long[0]);
        Histogram coldWrites = writes(COLD_WRITES, new long[itemCount * GeneratedCatalog.DIMENSION / 2]);
        try (GeneratedCatalog catalog = new GeneratedCatalog(itemCount)) {
            Config config = Config.defaults()
                    .with(Setting.DIRECTORY, catalog.directory())
                    .with(Setting.TCP_PORT, 0)
                    .with(Setting.DEADLINE_US, 2_000_000);
            try (ServingKernel kernel = ServingKernel.launch(config);
                    RondoClient connection =
                            RondoClient.connect(new InetSocketAddress("127.0.0.1", kernel.port()), TIMEOUT_MS)) {
                warm(kernel, connection);
                measure(kernel, connection, json, rows);
                try (RondoClient shared =
                        RondoClient.connectShared(new InetSocketAddress("127.0.0.1", kernel.port()), TIMEOUT_MS)) {
                    least(kernel, shared, "through shared memory", rows);
                }
                least(kernel, connection, "over loopback TCP", rows);
            }
        }
        row(rows, "socket write alone, nothing else done", true, warmWrites, "");
        row(rows, "socket write alone, after reading as many bytes as the index has", true, coldWrites, "");
        json.put("calibrationUs", coldWrites.getValueAtPercentile(50) / 1e3);
        json.put("disturbedWindows", disturbedWindows);
    }

    private void measure(ServingKernel kernel, RondoClient connection, ObjectNode json, ArrayNode rows)
            throws IOException {
        ServiceTimes times = kernel.pipeline().times();
        long total = (long) seconds * ratePerSecond;
        forget(times);
        long allocated = kernel.servingThreadAllocatedBytes();
        closedLoop(connection, total);
        double bytesPerOp = (double) (kernel.servingThreadAllocatedBytes() - allocated) / total;
        String load = "one request after the other, plan " + kernel.pipeline().plan();
        row(rows, "beside retrieval and ranking: frame in to reply encoded", false, encoded, load)
                .put("bytesPerOp", bytesPerOp);
        row(rows, "the same, to the end of the socket's write", false, times.takeOverhead(), "");

        openLoop(connection, WARM_SECONDS);
        forget(times);
        allocated = kernel.servingThreadAllocatedBytes();
        long startNs = System.nanoTime();
        long sentCount = openLoop(connection, seconds);
        double elapsed = (System.nanoTime() - startNs) / 1e9;
        bytesPerOp = (double) (kernel.servingThreadAllocatedBytes() - allocated) / sentCount;
        row(
                        rows,
                        "beside retrieval and ranking: frame in to reply encoded",
                        false,
                        encoded,
                        ratePerSecond + " a second")
                .put("bytesPerOp", bytesPerOp);
        row(rows, "the same, to the end of the socket's write", false, times.takeOverhead(), "");
        row(rows, "filter stage, part of both", false, filter, "");
        row(rows, "whole request on the server", false, times.takeTotal(), "");
        row(rows, "client over loopback, from the intended send", false, client, "");
        json.put("requests", total + sentCount);
        json.put("lost", sentCount - answeredCount + failedCount);
        json.put("perSecond", answeredCount / elapsed);
    }

    /**
     * The least that a request can ask for, from the caller's memory to the slate in it: one popular item by the static chain, all stages, nothing logged.
     * One after the other, both sides looking all the time.
     */
    private void least(ServingKernel kernel, RondoClient connection, String how, ArrayNode rows) throws IOException {
        RecommendRequest one = new RecommendRequest()
                .k(1)
                .route(Route.POPULAR.code())
                .staticChain(true)
                .dryRun(true);
        Histogram times = new Histogram(3);
        boolean[] isAnswered = new boolean[1];
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onSlate(SlateView slate) {
                isAnswered[0] = slate.code() == ReplyCode.OK;
            }
        };
        long allocated = 0;
        long startNs = System.nanoTime();
        long endNs = startNs + (WARM_SECONDS + seconds) * 1_000_000_000L;
        boolean isWarm = false;
        for (long nowNs = startNs; nowNs < endNs; ) {
            if (!isWarm && nowNs - startNs > WARM_SECONDS * 1_000_000_000L) {
                isWarm = true;
                times.reset();
                allocated = kernel.servingThreadAllocatedBytes();
            }
            isAnswered[0] = false;
            connection.send(one.requestId(nextClosedId--).userId(users.nextInt(GeneratedCatalog.USERS)));
            while (!isAnswered[0]) {
                connection.poll(handler, 0);
            }
            long doneNs = System.nanoTime();
            times.recordValue(doneNs - nowNs);
            nowNs = doneNs;
        }
        allocated = kernel.servingThreadAllocatedBytes() - allocated;
        row(rows, "caller to slate: one popular item, static chain, " + how, false, times, "one after the other")
                .put("bytesPerOp", (double) allocated / times.getTotalCount())
                .put("perSecond", times.getTotalCount() / (double) seconds);
    }

    private void forget(ServiceTimes times) {
        times.takeOverhead();
        times.takeTotal();
        client.reset();
        filter.reset();
        encoded.reset();
        answeredCount = 0;
        failedCount = 0;
        disturbedWindows = 0;
    }

    private void note(SlateView slate) {
        filter.recordValue(slate.filterNs());
        encoded.recordValue(Math.max(0, slate.serverNs() - slate.retrievalNs() - slate.rankingNs()));
        answeredCount++;
        if (slate.code() != ReplyCode.OK) {
            failedCount++;
        }
    }

    private ObjectNode row(ArrayNode rows, String name, boolean isRival, Histogram times, String note) {
        return rows.addObject()
                .put("name", name)
                .put("rival", isRival)
                .put("rate", ratePerSecond)
                .put("p50Us", times.getValueAtPercentile(50) / 1e3)
                .put("p99Us", times.getValueAtPercentile(99) / 1e3)
                .put("p999Us", times.getValueAtPercentile(99.9) / 1e3)
                .put("maxUs", times.getMaxValue() / 1e3)
                .put("note", note);
    }

    /** One request at a time, until some batches in a row allocate nothing: then the compiler is done with the path. */
    private void warm(ServingKernel kernel, RondoClient connection) throws IOException {
        int cleanBatches = 0;
        for (int batch = 0; batch < WARM_BATCHES_MAX && cleanBatches < WARM_BATCHES_CLEAN; batch++) {
            long allocated = kernel.servingThreadAllocatedBytes();
            closedLoop(connection, WARM_BATCH);
            cleanBatches = kernel.servingThreadAllocatedBytes() == allocated ? cleanBatches + 1 : 0;
        }
    }

    private void closedLoop(RondoClient connection, long count) throws IOException {
        for (long i = 0; i < count; i++) {
            SlateView slate = connection.recommend(
                    request.requestId(nextClosedId--).userId(users.nextInt(GeneratedCatalog.USERS)), TIMEOUT_MS);
            if (slate.code() != ReplyCode.OK) {
                throw new IOException(
                        "the server refuses to serve: code=" + slate.code() + ", message=" + slate.message());
            }
            note(slate);
        }
    }

    private long openLoop(RondoClient connection, int lengthSeconds) throws IOException {
        long intervalNs = 1_000_000_000L / ratePerSecond;
        long total = (long) lengthSeconds * ratePerSecond;
        long firstId = nextOpenId;
        nextOpenId += total;
        answeredCount = 0;
        failedCount = 0;
        long startNs = System.nanoTime();
        long lastDisturbedWindow = -1;
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onSlate(SlateView slate) {
                // A reply that an earlier loop gave up waiting for belongs to none.
                if (slate.requestId() >= firstId) {
                    client.recordValue(System.nanoTime() - startNs - (slate.requestId() - firstId) * intervalNs);
                    note(slate);
                }
            }
        };
        long sentCount = 0;
        long endNs = startNs + lengthSeconds * 1_000_000_000L + TIMEOUT_MS * 1_000_000;
        while (answeredCount < total && System.nanoTime() < endNs) {
            long elapsedNs = System.nanoTime() - startNs;
            long leftNs = sentCount < total ? sentCount * intervalNs - elapsedNs : Long.MAX_VALUE;
            if (leftNs > 0) {
                if (answeredCount < sentCount) {
                    // Awake: a sleeping client would make the server's write wait for the scheduler, which is the
                    // client's cost.
                    connection.poll(handler, 0);
                } else {
                    LockSupport.parkNanos(Math.min(leftNs, PARK_NS_MAX));
                }
                continue;
            }
            if (leftNs < -LATE_NS && elapsedNs / 1_000_000_000L > lastDisturbedWindow) {
                lastDisturbedWindow = elapsedNs / 1_000_000_000L;
                disturbedWindows++;
            }
            connection.send(request.requestId(firstId + sentCount).userId(users.nextInt(GeneratedCatalog.USERS)));
            sentCount++;
        }
        return sentCount;
    }

    /**
     * Times the writes of the least that a server can be: one thread that sleeps until a request comes, reads {@code wipe} as a scan reads an index, and
     * writes a reply to a client that sleeps until it is there.
     */
    private static Histogram writes(int count, long[] wipe) throws IOException {
        Histogram times = new Histogram(3);
        try (ServerSocketChannel listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                SocketChannel server = listener.accept()) {
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            server.setOption(StandardSocketOptions.TCP_NODELAY, true);
            FutureTask<Long> serving = new FutureTask<>(() -> answer(server, wipe, count, times));
            Thread thread = Thread.ofPlatform().daemon(true).start(serving);
            ByteBuffer request = ByteBuffer.allocateDirect(REQUEST_LENGTH);
            ByteBuffer reply = ByteBuffer.allocateDirect(REPLY_LENGTH);
            for (int i = 0; i < 2 * count; i++) {
                client.write(request.clear());
                readFully(client, reply);
            }
            thread.join();
            if (serving.get() != 0) {
                throw new IllegalStateException("the wiped array holds zeros only: sum=" + serving.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while writes were measured");
        } catch (ExecutionException e) {
            throw new IOException("the baseline's server failed", e);
        }
        return times;
    }

    private static long answer(SocketChannel server, long[] wipe, int count, Histogram times) throws IOException {
        ByteBuffer request = ByteBuffer.allocateDirect(REQUEST_LENGTH);
        ByteBuffer reply = ByteBuffer.allocateDirect(REPLY_LENGTH);
        long sum = 0;
        for (int i = 0; i < 2 * count; i++) {
            readFully(server, request);
            for (long value : wipe) {
                sum += value;
            }
            reply.clear();
            long startNs = System.nanoTime();
            server.write(reply);
            if (i >= count) {
                times.recordValue(System.nanoTime() - startNs);
            }
        }
        return sum;
    }

    private static void readFully(SocketChannel channel, ByteBuffer into) throws IOException {
        into.clear();
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new IOException("the other end closed");
            }
        }
    }
}
