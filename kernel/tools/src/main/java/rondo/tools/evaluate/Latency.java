package rondo.tools.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.HdrHistogram.Histogram;

/** A histogram of nanoseconds as the contract's microseconds. */
public final class Latency {
    private Latency() {}

    /** Writes p50, p99, p999 and max. */
    public static void write(Histogram nanoseconds, ObjectNode out) {
        out.put("p50", nanoseconds.getValueAtPercentile(50) / 1e3);
        out.put("p99", nanoseconds.getValueAtPercentile(99) / 1e3);
        out.put("p999", nanoseconds.getValueAtPercentile(99.9) / 1e3);
        out.put("max", nanoseconds.getMaxValue() / 1e3);
    }
}
