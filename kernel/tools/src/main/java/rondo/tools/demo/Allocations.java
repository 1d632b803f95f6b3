package rondo.tools.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.agrona.collections.LongArrayList;

/**
 * Counts what a thread allocates, in batches of requests.
 *
 * <p>What a request allocates is in every batch, so the median batch tells it. The total has more in it: when the JVM compiles a method, it resolves the
 * string constants of its class on the thread that made the call, some hundred bytes once for each class, whenever that may be.
 */
final class Allocations {
    private static final int BATCH = 50;

    private final LongSupplier allocatedBytes;
    private final LongArrayList batches = new LongArrayList();
    private long startBytes = -1;
    private int inBatch;

    /** @param allocatedBytes the thread's count since it started. */
    Allocations(LongSupplier allocatedBytes) {
        this.allocatedBytes = allocatedBytes;
    }

    /** To be called before each request that counts. */
    void beforeRequest() {
        if (startBytes < 0) {
            startBytes = allocatedBytes.getAsLong();
        } else if (++inBatch == BATCH) {
            long now = allocatedBytes.getAsLong();
            batches.addLong(now - startBytes);
            startBytes = now;
            inBatch = 0;
        }
    }

    private long total() {
        return batches.longStream().sum();
    }

    private double perRequest() {
        return batches.isEmpty()
                ? Double.NaN
                : (double) batches.longStream()
                                .sorted()
                                .skip(batches.size() / 2)
                                .findFirst()
                                .orElseThrow()
                        / BATCH;
    }

    /** Adds the bytes per request in the median batch, and all of them with the requests that they were counted over. */
    void write(ObjectNode json) {
        json.put("allocatedBytesPerRequest", batches.isEmpty() ? null : (Double) perRequest());
        json.putObject("allocated")
                .put("bytes", total())
                .put("requests", (long) batches.size() * BATCH)
                .put("batches", batches.size())
                .put(
                        "batchesWithAny",
                        batches.longStream().filter(bytes -> bytes > 0).count());
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "serving thread: %.2f bytes a request; %d in all over the last %d requests, in %d of %d batches",
                perRequest(),
                total(),
                batches.size() * BATCH,
                batches.longStream().filter(bytes -> bytes > 0).count(),
                batches.size());
    }
}
