package rondo.jmh.latency;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.ServingKernel;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.wire.ReplyCode;

/**
 * Question: how long does a caller wait for a slate, at rates from next to nothing up to all that the server can do?
 *
 * <p>A real server over generated items, agents deciding and decisions logged; one caller through shared memory and one over loopback TCP. Requests are sent at times that
 * do not depend on answers, and each time counts from when its request was to be sent (Tene, How NOT to Measure Latency). Windows in which other processes used a tenth of
 * a processor are measured again, and counted. Baseline, at each rate: how late the caller itself was to send, which is what this machine does to any thread.
 */
public final class LatencyBench {
    /** Shares of what the server can do in a second. */
    private static final double[] LOADS = {0.1, 0.25, 0.5, 0.75, 0.9};

    private static final int FEW_PER_SECOND = 100;
    private static final int SLATE = 20;
    private static final int IN_FLIGHT = 32;
    private static final int WARM_SECONDS_MAX = 5;
    private static final int CAPACITY_SECONDS_MAX = 2;
    private static final long TIMEOUT_MS = 10_000;
    private static final long WINDOW_NS = 250_000_000;
    private static final double OTHERS_MAX = 0.1;
    private static final double NS_PER_SECOND = 1e9;

    private final int itemCount;
    private final int seconds;
    private final Consumer<String> progress;
    private final List<Curve> curves = new ArrayList<>();
    private final SplittableRandom users = new SplittableRandom(5);
    private long nextId;
    private int disturbed;

    /**
     * One rate.
     *
     * @param name   how requests went, and how many a second.
     * @param isRival whether it is the baseline.
     * @param times  nanoseconds.
     */
    public record Curve(String name, boolean isRival, Histogram times) {}

    /**
     * @param itemCount generated items.
     * @param seconds   of each rate.
     * @param progress  told what is measured.
     */
    public LatencyBench(int itemCount, int seconds, Consumer<String> progress) {
        this.itemCount = itemCount;
        this.seconds = seconds;
        this.progress = progress;
    }

    /** Measures, and adds a row for each rate and its baseline; returns them as curves. */
    public List<Curve> run(ObjectNode json, ArrayNode rows) throws IOException {
        String doorProcessor = OverloadBench.doorProcessor();
        try (GeneratedCatalog catalog = new GeneratedCatalog(itemCount)) {
            Config config = Config.defaults()
                    .with(Setting.DIRECTORY, catalog.directory())
                    .with(Setting.TCP_PORT, 0)
                    .with(Setting.DEADLINE_US, 2_000_000)
                    .with(Setting.THREAD_CPUS, doorProcessor);
            try (ServingKernel kernel = ServingKernel.launch(config)) {
                InetSocketAddress address = new InetSocketAddress("127.0.0.1", kernel.port());
                try (RondoClient shared = RondoClient.connectShared(address, TIMEOUT_MS)) {
                    saturate(shared, Math.min(seconds, WARM_SECONDS_MAX));
                    double capacity = saturate(shared, Math.min(seconds, CAPACITY_SECONDS_MAX));
                    json.put("capacityPerSecond", capacity).put("calibrationUs", 1e6 / capacity);
                    measure(kernel, shared, "shared memory", capacity, rows);
                }
                try (RondoClient socket = RondoClient.connect(address, TIMEOUT_MS)) {
                    saturate(socket, Math.min(seconds, WARM_SECONDS_MAX));
                    measure(
                            kernel,
                            socket,
                            "loopback TCP",
                            saturate(socket, Math.min(seconds, CAPACITY_SECONDS_MAX)),
                            rows);
                }
            }
        }
        json.put("items", itemCount).put("disturbedWindows", disturbed);
        return List.copyOf(curves);
    }

    private void measure(ServingKernel kernel, RondoClient client, String how, double capacity, ArrayNode rows)
            throws IOException {
        rate(kernel, client, how, FEW_PER_SECOND, FEW_PER_SECOND / capacity, rows);
        for (double load : LOADS) {
            rate(kernel, client, how, load * capacity, load, rows);
        }
    }

    private void rate(
            ServingKernel kernel, RondoClient client, String how, double perSecond, double load, ArrayNode rows)
            throws IOException {
        String name = String.format(Locale.ROOT, "%s, %,.0f a second", how, perSecond);
        progress.accept(name);
        Histogram times = new Histogram(3);
        Histogram late = new Histogram(3);
        int windows = (int) Math.ceil(seconds * NS_PER_SECOND / WINDOW_NS);
        int repeatsLeft = windows;
        OtherLoad others = new OtherLoad();
        window(client, perSecond, new Histogram(3), new Histogram(3));
        long refused = 0;
        long asked = 0;
        long allocated = 0;
        for (int done = 0; done < windows; ) {
            Histogram windowTimes = new Histogram(3);
            Histogram windowLate = new Histogram(3);
            others.begin();
            long before = kernel.servingThreadAllocatedBytes();
            long windowRefused = window(client, perSecond, windowTimes, windowLate);
            if (others.processors() > OTHERS_MAX && repeatsLeft > 0) {
                repeatsLeft--;
                disturbed++;
                continue;
            }
            allocated += kernel.servingThreadAllocatedBytes() - before;
            refused += windowRefused;
            asked += windowTimes.getTotalCount();
            times.add(windowTimes);
            late.add(windowLate);
            done++;
        }
        row(rows, name, false, times)
                .put("rate", perSecond)
                .put("load", load)
                .put("requests", asked)
                .put("notWhole", refused)
                .put("bytesPerOp", (double) allocated / asked)
                .put("note", String.format(Locale.ROOT, "%.2f of the capacity", load));
        row(rows, "the caller's own lateness, " + name, true, late).put("rate", perSecond);
        curves.add(new Curve(name, false, times));
        curves.add(new Curve("the caller's own lateness, " + name, true, late));
    }

    private static ObjectNode row(ArrayNode rows, String name, boolean isRival, Histogram times) {
        return rows.addObject()
                .put("name", name)
                .put("rival", isRival)
                .put("p50Us", times.getValueAtPercentile(50) / 1e3)
                .put("p99Us", times.getValueAtPercentile(99) / 1e3)
                .put("p999Us", times.getValueAtPercentile(99.9) / 1e3)
                .put("maxUs", times.getMaxValue() / 1e3);
    }

    /** Sends for the length of a window and waits for the last answer; returns how many requests got no whole slate. */
    private long window(RondoClient client, double perSecond, Histogram times, Histogram late) throws IOException {
        int total = (int) Math.max(1, perSecond * WINDOW_NS / NS_PER_SECOND);
        double intervalNs = NS_PER_SECOND / perSecond;
        long firstId = nextId;
        nextId += total;
        long startNs = System.nanoTime();
        long[] counts = new long[2];
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onSlate(SlateView slate) {
                times.recordValue(System.nanoTime() - startNs - (long) ((slate.requestId() - firstId) * intervalNs));
                counts[0]++;
                counts[1] += slate.code() == ReplyCode.OK ? 0 : 1;
            }
        };
        RecommendRequest request = new RecommendRequest().k(SLATE);
        int sent = 0;
        while (counts[0] < total) {
            long overNs = System.nanoTime() - startNs - (long) (sent * intervalNs);
            if (sent < total && overNs >= 0) {
                late.recordValue(overNs);
                client.send(request.requestId(firstId + sent).userId(users.nextInt(GeneratedCatalog.USERS)));
                sent++;
            } else if (client.poll(handler, 0) == 0 && overNs > TIMEOUT_MS * 1_000_000) {
                throw new SocketTimeoutException("no answer in time: answered=" + counts[0] + ", sent=" + sent);
            }
        }
        return counts[1];
    }

    /** Slates a second with some requests always in flight. */
    private double saturate(RondoClient client, int lengthSeconds) throws IOException {
        long[] answered = new long[1];
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onSlate(SlateView slate) {
                answered[0]++;
            }
        };
        RecommendRequest request = new RecommendRequest().k(SLATE);
        long startNs = System.nanoTime();
        long sent = 0;
        while (System.nanoTime() - startNs < lengthSeconds * NS_PER_SECOND) {
            while (sent - answered[0] < IN_FLIGHT) {
                client.send(request.requestId(-1 - nextId++).userId(users.nextInt(GeneratedCatalog.USERS)));
                sent++;
            }
            client.poll(handler, 0);
        }
        double perSecond = answered[0] / ((System.nanoTime() - startNs) / NS_PER_SECOND);
        while (answered[0] < sent) {
            client.poll(handler, TIMEOUT_MS);
        }
        return perSecond;
    }
}
