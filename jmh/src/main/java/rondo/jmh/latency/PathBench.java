package rondo.jmh.latency;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.ServingKernel;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.wire.ReplyCode;

/**
 * Question: what does a request cost on the server beside retrieval and ranking, from its frame in the door's buffer to its reply in the socket, and
 * does the serving thread allocate?
 *
 * <p>A real server over generated items, and one client over loopback that sends at a fixed rate, answered or not; the client's times count from the
 * intended send. Baseline: the write of a frame as long as a reply to a loopback socket, which no reply can do without.
 */
public final class PathBench {
    private static final int DIMENSION = 64;
    private static final int USERS = 2_000;
    private static final int HISTORY = 30;
    private static final int CATEGORIES = 24;
    private static final int SLATE = 20;
    private static final int WARM_BATCH = 1_000;
    private static final int WARM_BATCHES_MIN = 6;
    private static final int WARM_BATCHES_MAX = 40;
    private static final int WRITES = 20_000;
    private static final long TIMEOUT_MS = 10_000;
    private static final long PARK_NS_MAX = 200_000;
    private static final long LATE_NS = 5_000_000;
    private static final int REPLY_LENGTH = 460;

    private final int itemCount;
    private final int ratePerSecond;
    private final int seconds;
    private final Histogram client = new Histogram(3);
    private final Histogram filter = new Histogram(3);
    private final RecommendRequest request = new RecommendRequest().k(SLATE);
    private final SplittableRandom users = new SplittableRandom(2);
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
        Histogram writes = writes();
        Path directory = Files.createTempDirectory("rondo-bench-");
        try {
            catalog().writeTo(directory.resolve("catalog"), 1);
            Config config = Config.defaults()
                    .with(Setting.DIRECTORY, directory)
                    .with(Setting.TCP_PORT, 0)
                    .with(Setting.DEADLINE_US, 2_000_000);
            try (ServingKernel kernel = ServingKernel.launch(config);
                    RondoClient connection =
                            RondoClient.connect(new InetSocketAddress("127.0.0.1", kernel.port()), TIMEOUT_MS)) {
                warm(kernel, connection);
                kernel.pipeline().times().takeOverhead();
                kernel.pipeline().times().takeTotal();
                long allocated = kernel.servingThreadAllocatedBytes();
                long startNs = System.nanoTime();
                long sentCount = openLoop(connection);
                double elapsed = (System.nanoTime() - startNs) / 1e9;
                double bytesPerOp = (double) (kernel.servingThreadAllocatedBytes() - allocated) / sentCount;
                String load =
                        ratePerSecond + " requests/s, plan " + kernel.pipeline().plan();
                row(
                                rows,
                                "beside retrieval and ranking, frame in to frame out",
                                false,
                                kernel.pipeline().times().takeOverhead(),
                                load)
                        .put("bytesPerOp", bytesPerOp);
                row(rows, "filter stage, part of the above", false, filter, "");
                row(
                                rows,
                                "whole request on the server",
                                false,
                                kernel.pipeline().times().takeTotal(),
                                "")
                        .put("bytesPerOp", bytesPerOp);
                row(rows, "client over loopback, from the intended send", false, client, "");
                row(rows, "write of a reply-sized frame to a loopback socket", true, writes, "");
                json.put("requests", sentCount);
                json.put("lost", sentCount - answeredCount + failedCount);
                json.put("perSecond", answeredCount / elapsed);
            }
        } finally {
            delete(directory);
        }
        json.put("calibrationUs", writes.getValueAtPercentile(50) / 1e3);
        json.put("disturbedWindows", disturbedWindows);
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

    private CatalogBuilder catalog() {
        SplittableRandom random = new SplittableRandom(1);
        CatalogBuilder catalog = new CatalogBuilder();
        float[] vectors = new float[itemCount * DIMENSION];
        for (int i = 0; i < itemCount; i++) {
            List<String> categories = List.of("c" + random.nextInt(CATEGORIES), "c" + random.nextInt(CATEGORIES));
            catalog.addItem(1 + i, "item " + i, categories, Map.of());
        }
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = (float) random.nextGaussian();
        }
        catalog.itemVectors(vectors, DIMENSION);
        for (int user = 0; user < USERS; user++) {
            for (int i = 0; i < HISTORY; i++) {
                catalog.interaction(user, 1 + random.nextInt(itemCount));
            }
        }
        return catalog;
    }

    /** One request at a time, until a batch of them allocates nothing: then the compiler is done with the path. */
    private void warm(ServingKernel kernel, RondoClient connection) throws IOException {
        long requestId = -1;
        for (int batch = 0; batch < WARM_BATCHES_MAX; batch++) {
            long allocated = kernel.servingThreadAllocatedBytes();
            for (int i = 0; i < WARM_BATCH; i++) {
                SlateView slate =
                        connection.recommend(request.requestId(requestId--).userId(users.nextInt(USERS)), TIMEOUT_MS);
                if (slate.code() != ReplyCode.OK) {
                    throw new IOException(
                            "the server refuses to serve: code=" + slate.code() + ", message=" + slate.message());
                }
            }
            if (batch >= WARM_BATCHES_MIN && kernel.servingThreadAllocatedBytes() == allocated) {
                return;
            }
        }
    }

    private long openLoop(RondoClient connection) throws IOException {
        long intervalNs = 1_000_000_000L / ratePerSecond;
        long total = (long) seconds * ratePerSecond;
        long startNs = System.nanoTime();
        long lastDisturbedWindow = -1;
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onSlate(SlateView slate) {
                client.recordValue(System.nanoTime() - startNs - slate.requestId() * intervalNs);
                filter.recordValue(slate.filterNs());
                answeredCount++;
                if (slate.code() != ReplyCode.OK) {
                    failedCount++;
                }
            }
        };
        long sentCount = 0;
        long endNs = startNs + seconds * 1_000_000_000L + TIMEOUT_MS * 1_000_000;
        while (answeredCount < total && System.nanoTime() < endNs) {
            long elapsedNs = System.nanoTime() - startNs;
            long leftNs = sentCount < total ? sentCount * intervalNs - elapsedNs : Long.MAX_VALUE;
            if (leftNs > 0) {
                int handled =
                        connection.poll(handler, answeredCount < sentCount ? Math.min(50, leftNs / 1_000_000) : 0);
                if (handled == 0 && leftNs > 0) {
                    LockSupport.parkNanos(Math.min(leftNs, PARK_NS_MAX));
                }
                continue;
            }
            if (leftNs < -LATE_NS && elapsedNs / 1_000_000_000L > lastDisturbedWindow) {
                lastDisturbedWindow = elapsedNs / 1_000_000_000L;
                disturbedWindows++;
            }
            connection.send(request.requestId(sentCount).userId(users.nextInt(USERS)));
            sentCount++;
        }
        return sentCount;
    }

    private static Histogram writes() throws IOException {
        Histogram times = new Histogram(3);
        ByteBuffer frame = ByteBuffer.allocateDirect(REPLY_LENGTH);
        ByteBuffer received = ByteBuffer.allocateDirect(REPLY_LENGTH);
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
                SocketChannel out = SocketChannel.open(server.getLocalAddress());
                SocketChannel in = server.accept()) {
            for (int i = 0; i < 2 * WRITES; i++) {
                frame.clear();
                long startNs = System.nanoTime();
                out.write(frame);
                if (i >= WRITES) {
                    times.recordValue(System.nanoTime() - startNs);
                }
                received.clear();
                while (received.hasRemaining()) {
                    in.read(received);
                }
            }
        }
        return times;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
