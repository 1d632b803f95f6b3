package rondo.kernel.pipeline;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import rondo.ann.HotPath;

/**
 * How long requests take on the server, from the frame in the transport's buffer to the reply handed to the socket, in nanoseconds.
 *
 * <p><b>Threads:</b> written by the transport's thread without waiting; one other thread may take what was recorded since it last did.
 */
public final class ServiceTimes {
    private static final long NS_MAX = 60_000_000_000L;

    private final SingleWriterRecorder total = new SingleWriterRecorder(NS_MAX, 3);
    private final SingleWriterRecorder overhead = new SingleWriterRecorder(NS_MAX, 3);

    @HotPath
    void record(RequestSlot slot, long nowNs) {
        long totalNs = Math.clamp(nowNs - slot.receivedNs, 0, NS_MAX);
        total.recordValue(totalNs);
        overhead.recordValue(Math.max(0, totalNs - slot.retrievalNs - slot.rankingNs));
    }

    /** Whole requests since the last call. */
    public Histogram takeTotal() {
        return total.getIntervalHistogram();
    }

    /** What they took beside retrieval and ranking, since the last call. */
    public Histogram takeOverhead() {
        return overhead.getIntervalHistogram();
    }
}
