package rondo.jmh.micro;

import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import rondo.agents.catalog.Audience;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CatalogBuilder;
import rondo.agents.catalog.CoVisits;
import rondo.agents.catalog.Popularity;
import rondo.agents.retrieval.RetrievalSources;
import rondo.client.RecommendRequest;
import rondo.kernel.pipeline.RequestReading;
import rondo.kernel.pipeline.ServingState;

/** Question: what does it cost to write a request that names 100 items, and to read it on the server? Baseline: to copy as many bytes. */
@State(Scope.Thread)
public class RequestCoding {
    private static final int ITEMS = 100;
    private static final int BUFFER_LENGTH = 4096;

    private final RequestReading reading = new RequestReading(state());
    private final RecommendRequest request = request();
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[BUFFER_LENGTH]);
    private final UnsafeBuffer copy = new UnsafeBuffer(new byte[BUFFER_LENGTH]);
    private final int length = request.encode(buffer, 0);
    private long id;

    private static RecommendRequest request() {
        long[] items = new long[ITEMS];
        for (int i = 0; i < ITEMS; i++) {
            items[i] = 1_000_000L + i;
        }
        return new RecommendRequest().userId(7).k(20).exclude(items);
    }

    private static ServingState state() {
        CatalogBuilder builder = new CatalogBuilder();
        builder.addItem(1, "", List.of(), Map.of());
        Catalog catalog = builder.build(1);
        return new ServingState(new RetrievalSources(
                catalog, new Audience(16), new CoVisits(1), new Popularity(catalog, Long.MAX_VALUE)));
    }

    /** Both ways. */
    @Benchmark
    public int writeAndRead() {
        int written = request.requestId(id++).encode(buffer, 0);
        return reading.read(buffer, 0, written);
    }

    /** The baseline: there and into the slot. */
    @Benchmark
    public byte baselineCopy() {
        buffer.putLong(0, id++);
        copy.putBytes(0, buffer, 0, length);
        buffer.putBytes(0, copy, 0, length);
        return buffer.getByte(length - 1);
    }
}
