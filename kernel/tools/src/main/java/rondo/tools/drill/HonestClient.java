package rondo.tools.drill;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.wire.ReplyCode;

/**
 * Somebody who only wants slates: asks at a steady rate, whether or not the one before was answered, and counts from when a request was to be sent.
 */
final class HonestClient implements AutoCloseable {
    private static final long NS_PER_S = 1_000_000_000L;
    private static final long TIMEOUT_MS = 10_000;
    private static final long DEADLINE_NS = 10_000_000;
    private static final int SLATE = 20;
    private static final int USERS = 500;
    private static final int PER_SECOND = 500;

    private final RondoClient client;
    private long nextId = 1;

    HonestClient(SocketAddress address) throws IOException {
        client = RondoClient.connect(address, TIMEOUT_MS);
    }

    /**
     * What came of it.
     *
     * @param asked    requests.
     * @param answered of these, with a slate or with when to ask again.
     * @param served   of these with a slate.
     * @param inTime   of these within 10 ms.
     * @param p50Us    of all that were answered.
     * @param p99Us    of these.
     */
    record Window(long asked, long answered, long served, long inTime, double p50Us, double p99Us) {}

    /** Asks for some seconds, and waits for the last answer. */
    Window run(double seconds) throws IOException {
        int asked = (int) Math.ceil(seconds * PER_SECOND);
        long firstId = nextId;
        long startNs = System.nanoTime();
        long[] tookNs = new long[asked];
        int[] counts = new int[3];
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onSlate(SlateView slate) {
                int i = (int) (slate.requestId() - firstId);
                if (i >= 0 && i < asked) {
                    long ns = System.nanoTime() - startNs - dueNs(i);
                    tookNs[counts[0]++] = ns;
                    if (slate.code() == ReplyCode.OK) {
                        counts[1]++;
                        counts[2] += ns <= DEADLINE_NS ? 1 : 0;
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
                        .userId(sent % USERS)
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
                asked, counts[0], counts[1], counts[2], quantileUs(answered, 0.5), quantileUs(answered, 0.99));
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
