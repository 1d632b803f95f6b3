package rondo.jmh.latency;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.ServingKernel;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.pipeline.Admission;
import rondo.kernel.thread.Processors;
import rondo.wire.Level;
import rondo.wire.ReplyCode;

/**
 * Question: what do callers get when they ask for more than the server can do, and how soon is all well again?
 *
 * <p>A real server over generated items, agents deciding and decisions logged. Its capacity is measured with some requests always in flight, before and
 * after each load; in between one caller asks at multiples of it through shared memory, at times that do not depend on answers. What is refused or not
 * answered in time is asked again, at most three times and for a tenth of the requests, which is what a server grants by default. Baseline: the same server,
 * but requests wait in line as long as there is room. After each load comes half of the capacity.
 *
 * <p>The caller ought to have a processor of its own. On two it shares one with the server's ledger and is kept waiting for milliseconds at a time; requests that
 * such a pause of the caller falls on are left out of {@code inDeadline}. {@code inDeadlineWithStalls} has them, and {@code stalled} says how many they are.
 */
public final class OverloadBench {
    private static final double[] LOADS = {0.5, 1, 2, 5, 10};
    private static final double CALM = 0.5;
    private static final long DEADLINE_NS = 10_000_000;
    private static final int SLATE = 20;
    private static final int IN_FLIGHT = 32;
    private static final int RETRIES_MAX = 3;
    private static final long TIMEOUT_MS = 10_000;
    private static final int WARM_SECONDS = 4;
    private static final double WARM_LOAD = 5;
    private static final int CAPACITY_SECONDS = 2;
    private static final double RECOVERY_SECONDS = 3;

    /** Time between two looks of the caller: it must leave its processor to the server's other threads. */
    private static final long REST_NS = 20_000;

    /** Lengths of time that are judged by themselves. */
    private static final long WINDOW_NS = 250_000_000;

    /** For how long the caller's thread may not run before what it waits for is counted by itself. */
    private static final long STALL_NS = 1_000_000;

    private static final long BUCKET_NS = 50_000_000;

    /** Buckets in a row without a request that was late or less than whole, after which all is well. */
    private static final int BUCKETS_WELL = 4;

    private static final double BUCKET_WELL = 0.999;

    /** Processors that others may use before a window is measured anew. */
    private static final double OTHERS_MAX = 0.1;

    private final int itemCount;
    private final int seconds;

    /**
     * @param itemCount generated items.
     * @param seconds   of each load.
     */
    public OverloadBench(int itemCount, int seconds) {
        this.itemCount = itemCount;
        this.seconds = seconds;
    }

    /** Measures, and adds a row for each admission and load. */
    public void run(ObjectNode json, ArrayNode rows) throws IOException {
        List<Double> capacities = new ArrayList<>();
        int disturbed = 0;
        String doorProcessor = doorProcessor();
        try (GeneratedCatalog catalog = new GeneratedCatalog(itemCount)) {
            for (Admission admission : Admission.values()) {
                Config config = Config.defaults()
                        .with(Setting.DIRECTORY, catalog.directory())
                        .with(Setting.TCP_PORT, 0)
                        .with(Setting.THREAD_CPUS, doorProcessor)
                        .with(Setting.ADMISSION, admission.name().toLowerCase(Locale.ROOT));
                try (ServingKernel kernel = ServingKernel.launch(config);
                        RondoClient client = RondoClient.connectShared(
                                new InetSocketAddress("127.0.0.1", kernel.port()), TIMEOUT_MS)) {
                    double rough = saturate(client, WARM_SECONDS);
                    new Caller(client, WARM_LOAD * rough, rough, WARM_SECONDS).run();
                    for (double load : LOADS) {
                        double capacity = saturate(client, CAPACITY_SECONDS);
                        Caller caller = new Caller(client, load * capacity, capacity, seconds);
                        disturbed += caller.run();
                        capacities.add((capacity + saturate(client, CAPACITY_SECONDS)) / 2);
                        rows.add(caller.row(admission, load, capacities.getLast(), rows.objectNode()));
                    }
                }
            }
        }
        json.put("items", itemCount);
        Collections.sort(capacities);
        json.put("capacityPerSecond", capacities.get(capacities.size() / 2));
        json.put("calibrationUs", 1e6 / capacities.get(capacities.size() / 2));
        json.put("deadlineUs", DEADLINE_NS / 1_000);
        json.put("disturbedWindows", disturbed);
    }

    /**
     * The last processor; the caller goes to the first, with the server's other threads: left to themselves, both sides are put on one processor now and then for
     * some milliseconds, and such a pause of the caller looks like one of the server.
     */
    static String doorProcessor() {
        BitSet usable = Processors.usable();
        if (usable.cardinality() < 2) {
            return "off";
        }
        Processors.pin(usable.nextSetBit(0));
        return Integer.toString(usable.length() - 1);
    }

    /** Whole slates a second with some requests always in flight. */
    private static double saturate(RondoClient client, int lengthSeconds) throws IOException {
        RecommendRequest request = new RecommendRequest().k(SLATE).budgetUs(TIMEOUT_MS * 1_000);
        SplittableRandom users = new SplittableRandom(2);
        long[] counts = new long[2];
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onSlate(SlateView slate) {
                counts[0]++;
                counts[1] += slate.level() == Level.FULL ? 1 : 0;
            }
        };
        long startNs = System.nanoTime();
        long endNs = startNs + lengthSeconds * 1_000_000_000L;
        long sent = 0;
        while (System.nanoTime() < endNs) {
            while (sent - counts[0] < IN_FLIGHT) {
                client.send(request.requestId(-1 - sent).userId(users.nextInt(GeneratedCatalog.USERS)));
                sent++;
            }
            if (client.poll(handler, 0) == 0) {
                LockSupport.parkNanos(REST_NS);
            }
        }
        double rate = counts[1] / ((System.nanoTime() - startNs) / 1e9);
        while (counts[0] < sent) {
            client.poll(handler, TIMEOUT_MS);
        }
        return rate;
    }

    /** Asks at one rate, then at half of the capacity. */
    private static final class Caller implements ReplyHandler {
        private static final byte WAITING = 1;
        private static final byte FULL = 2;
        private static final byte DEGRADED = 3;
        private static final byte REFUSED = 4;
        private static final byte MISSED = 5;

        private final RondoClient client;
        private final Schedule schedule;
        private final RecommendRequest request = new RecommendRequest().k(SLATE);
        private final SplittableRandom users = new SplittableRandom(3);
        private final SplittableRandom jitter = new SplittableRandom(4);
        private final ArrayDeque<long[]> again = new ArrayDeque<>();
        private final Histogram times = new Histogram(3);
        private final int seconds;
        private byte[] state;
        private byte[] attempts;
        private double retriesSaved = RETRIES_MAX;
        private long retryCount;
        private long startNs;
        private int sentCount;
        private int expired;
        private final long[] counts = new long[MISSED + 1];
        private final long[] unstalled = new long[MISSED + 1];
        private double countedSeconds;
        private double recoverySeconds = -1;

        /**
         * @param rate     requests a second.
         * @param capacity what the server can do a second.
         */
        Caller(RondoClient client, double rate, double capacity, int seconds) {
            this.schedule = new Schedule(rate, capacity * CALM);
            this.client = client;
            this.seconds = seconds;
            this.state = new byte[1 << 16];
            this.attempts = new byte[1 << 16];
        }

        /** Returns how many windows were disturbed by others. */
        int run() throws IOException {
            int disturbed = 0;
            int windows = 0;
            int wanted = (int) (seconds * 1_000_000_000L / WINDOW_NS);
            OtherLoad others = new OtherLoad();
            startNs = System.nanoTime();
            // The first window is on the way to what the load leads to, and belongs to no figure.
            step(WINDOW_NS);
            for (int i = 0; windows < wanted && i < 2 * wanted; i++) {
                int first = sentCount;
                others.begin();
                step(WINDOW_NS);
                if (others.processors() > OTHERS_MAX && i < wanted + wanted / 2) {
                    disturbed++;
                    continue;
                }
                windows++;
                schedule.mark(first, sentCount);
            }
            schedule.calm(sentCount);
            int calmFirst = sentCount;
            step((long) (RECOVERY_SECONDS * 1e9));
            finish();
            count();
            recoverySeconds = recovery(calmFirst);
            countedSeconds = windows * (WINDOW_NS / 1e9);
            return disturbed;
        }

        /** Goes on asking for a while. */
        private void step(long lengthNs) throws IOException {
            long endNs = elapsedNs() + lengthNs;
            for (long nowNs = elapsedNs(); nowNs < endNs; nowNs = elapsedNs()) {
                while (schedule.intendedNs(sentCount) <= nowNs) {
                    grow();
                    retriesSaved = Math.min(10, retriesSaved + 0.1);
                    state[sentCount] = WAITING;
                    send(sentCount, DEADLINE_NS - (nowNs - schedule.intendedNs(sentCount)));
                    sentCount++;
                }
                look(nowNs);
                LockSupport.parkNanos(REST_NS);
                noteStall(nowNs);
            }
        }

        /** Requests that were waiting, or ought to have been sent, while this thread did not run for a while say how it is scheduled and not how they are served. */
        private void noteStall(long fromNs) {
            long toNs = elapsedNs();
            if (toNs - fromNs < STALL_NS) {
                return;
            }
            int first = sentCount;
            while (first > 0 && schedule.intendedNs(first - 1) + DEADLINE_NS >= fromNs) {
                first--;
            }
            for (int id = first; id < sentCount; id++) {
                if (state[id] == WAITING) {
                    schedule.noteStall(id, id + 1);
                }
            }
            int end = sentCount;
            while (schedule.intendedNs(end) <= toNs) {
                end++;
            }
            schedule.noteStall(sentCount, end);
        }

        private void look(long nowNs) throws IOException {
            client.poll(this, 0);
            while (expired < sentCount && schedule.intendedNs(expired) + DEADLINE_NS < nowNs) {
                if (state[expired] == WAITING) {
                    state[expired] = MISSED;
                    retry(expired, nowNs, 0);
                }
                expired++;
            }
            while (!again.isEmpty() && again.getFirst()[0] <= nowNs) {
                int id = (int) again.removeFirst()[1];
                long leftNs = state[id] == MISSED ? DEADLINE_NS : DEADLINE_NS - (nowNs - schedule.intendedNs(id));
                if (leftNs > 0) {
                    send(id, leftNs);
                }
            }
        }

        private void finish() throws IOException {
            long endNs = elapsedNs() + 20 * DEADLINE_NS;
            while (elapsedNs() < endNs) {
                look(elapsedNs());
            }
        }

        private void send(int id, long leftNs) throws IOException {
            client.send(request.requestId(id)
                    .userId(users.nextInt(GeneratedCatalog.USERS))
                    .budgetUs(Math.max(1, leftNs / 1_000)));
        }

        private boolean retry(int id, long nowNs, long pauseNs) {
            if (attempts[id] >= RETRIES_MAX || retriesSaved < 1) {
                return false;
            }
            retriesSaved--;
            attempts[id]++;
            retryCount++;
            again.addLast(new long[] {nowNs + pauseNs + (pauseNs == 0 ? 0 : jitter.nextLong(pauseNs)), id});
            return true;
        }

        @Override
        public void onSlate(SlateView slate) {
            if (slate.requestId() < 0) {
                return;
            }
            int id = (int) slate.requestId();
            long nowNs = elapsedNs();
            long takenNs = nowNs - schedule.intendedNs(id);
            if (state[id] == MISSED && slate.code() == ReplyCode.OK) {
                times.recordValue(takenNs);
            }
            if (state[id] != WAITING && state[id] != REFUSED) {
                return;
            }
            if (slate.code() != ReplyCode.OK) {
                long pauseNs = slate.retryAfterUs() * 1_000;
                state[id] = takenNs + pauseNs < DEADLINE_NS && retry(id, nowNs, pauseNs) ? WAITING : REFUSED;
                return;
            }
            times.recordValue(takenNs);
            state[id] = takenNs > DEADLINE_NS ? MISSED : slate.level() == Level.FULL ? FULL : DEGRADED;
        }

        private void grow() {
            if (sentCount == state.length) {
                state = Arrays.copyOf(state, 2 * sentCount);
                attempts = Arrays.copyOf(attempts, 2 * sentCount);
            }
        }

        private long elapsedNs() {
            return System.nanoTime() - startNs;
        }

        private void count() {
            for (int id = 0; id < sentCount; id++) {
                if (schedule.isMarked(id)) {
                    counts[state[id]]++;
                    if (!schedule.isStalled(id)) {
                        unstalled[state[id]]++;
                    }
                }
            }
        }

        /** From the end of the load to the first of some buckets in a row in which all was well; the whole time when there are none. */
        private double recovery(int first) {
            int well = 0;
            int id = first;
            int bucket = 0;
            long calmNs = schedule.intendedNs(first);
            while (id < sentCount) {
                int good = 0;
                int all = 0;
                long endNs = calmNs + (bucket + 1) * BUCKET_NS;
                for (; id < sentCount && schedule.intendedNs(id) < endNs; id++) {
                    all++;
                    good += state[id] == FULL ? 1 : 0;
                }
                well = good >= BUCKET_WELL * all ? well + 1 : 0;
                bucket++;
                if (well == BUCKETS_WELL) {
                    return (bucket - BUCKETS_WELL) * (BUCKET_NS / 1e9);
                }
            }
            return RECOVERY_SECONDS;
        }

        ObjectNode row(Admission admission, double load, double capacity, ObjectNode row) {
            double all = Math.max(1, Arrays.stream(counts).sum());
            double fair = Math.max(1, Arrays.stream(unstalled).sum());
            String name = admission.name().toLowerCase(Locale.ROOT);
            return row.put("name", String.format(Locale.ROOT, "%s, %.1f x", name, load))
                    .put("rival", admission == Admission.FIFO)
                    .put("admission", name)
                    .put("load", load)
                    .put("inDeadline", (unstalled[FULL] + unstalled[DEGRADED]) / fair)
                    .put("inDeadlineWithStalls", (counts[FULL] + counts[DEGRADED]) / all)
                    .put("stalled", 1 - fair / all)
                    .put("fullQuality", counts[FULL] / all)
                    .put("degraded", counts[DEGRADED] / all)
                    .put("refused", counts[REFUSED] / all)
                    .put("goodputShare", counts[FULL] / countedSeconds / capacity)
                    .put("capacityPerSecond", capacity)
                    .put("retries", retryCount)
                    .put("p50Us", times.getValueAtPercentile(50) / 1e3)
                    .put("p99Us", times.getValueAtPercentile(99) / 1e3)
                    .put("p999Us", times.getValueAtPercentile(99.9) / 1e3)
                    .put("recoverySeconds", recoverySeconds);
        }
    }
}
