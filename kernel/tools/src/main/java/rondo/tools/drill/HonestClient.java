package rondo.tools.drill;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.wire.Level;
import rondo.wire.ReplyCode;

/**
 * Somebody who only wants slates: asks at a steady rate, whether or not the one before was answered, and counts from when a request was to be sent.
 */
final class HonestClient implements AutoCloseable {
    private static final long NS_PER_S = 1_000_000_000L;
    private static final long TIMEOUT_MS = 10_000;
    /** From here on a server's agents may fail on purpose. */
    static final long FAULTY_FROM_ID = 1_000_000;

    private static final int SLATE = 20;
    private static final int PER_SECOND = 500;

    private final RondoClient client;
    private final long inTimeNs;
    private long nextId = 1;

    /** @param inTimeUs what counts as in time. */
    HonestClient(SocketAddress address, long inTimeUs) throws IOException {
        inTimeNs = inTimeUs * 1_000;
        client = RondoClient.connect(address, TIMEOUT_MS);
    }

    /**
     * What came of it.
     *
     * @param asked      requests.
     * @param answered   of these, with a slate or with when to ask again.
     * @param served     of these with a slate.
     * @param inTime     of these in time.
     * @param failed     of these without the agents, because one failed.
     * @param unlabelled of these neither by agents nor with a word why not.
     * @param p50Us      of all that were answered.
     * @param p99Us      of these.
     * @param maxUs      of these.
     */
    record Window(
            long asked,
            long answered,
            long served,
            long inTime,
            long failed,
            long unlabelled,
            double p50Us,
            double p99Us,
            double maxUs) {}

    /** Goes on with this id. */
    void fromId(long id) {
        nextId = id;
    }

    /** Asks for some seconds, and waits for the last answer. */
    Window run(double seconds) throws IOException {
        int asked = (int) Math.ceil(seconds * PER_SECOND);
        long firstId = nextId;
        long startNs = System.nanoTime();
        long[] tookNs = new long[asked];
        int[] counts = new int[5];
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onSlate(SlateView slate) {
                int i = (int) (slate.requestId() - firstId);
                if (i >= 0 && i < asked) {
                    long ns = System.nanoTime() - startNs - dueNs(i);
                    tookNs[counts[0]++] = ns;
                    if (slate.code() == ReplyCode.OK) {
                        counts[1]++;
                        counts[2] += ns <= inTimeNs ? 1 : 0;
                        counts[3] += slate.hasAgentFailed() ? 1 : 0;
                        counts[4] += hasLabel(slate) ? 0 : 1;
                    }
                }
            }
        };
        long endNs = startNs + dueNs(asked) + TIMEOUT_MS * 1_000_000;
        int sent = 0;
        while (counts[0] < asked && System.nanoTime() < endNs) {
            while (sent < asked && System.nanoTime() - startNs >= dueNs(sent)) {
                client.send(new RecommendRequest()
                        .requestId(nextId++)
                        .userId(sent % DrillCatalog.USERS)
                        .k(SLATE)
                        .dryRun(true));
                sent++;
            }
            if (client.poll(handler, 0) == 0) {
                LockSupport.parkNanos(20_000);
            }
        }
        long[] answered = Arrays.copyOf(tookNs, counts[0]);
        Arrays.sort(answered);
        return new Window(
                asked,
                counts[0],
                counts[1],
                counts[2],
                counts[3],
                counts[4],
                quantileUs(answered, 0.5),
                quantileUs(answered, 0.99),
                quantileUs(answered, 1));
    }

    private static boolean hasLabel(SlateView slate) {
        return slate.level() == Level.FULL
                ? slate.agentCount() > 0 && !slate.hasAgentFailed()
                : slate.hasAgentFailed() || slate.isOverloaded() || slate.isStaticArm() || slate.isLate();
    }

    private static long dueNs(long i) {
        return i * NS_PER_S / PER_SECOND;
    }

    private static double quantileUs(long[] sorted, double quantile) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[(int) Math.min(sorted.length - 1, quantile * sorted.length)] / 1e3;
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
