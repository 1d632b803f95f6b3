package rondo.jmh.latency;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import rondo.agents.catalog.Audience;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CoVisits;
import rondo.agents.catalog.Popularity;
import rondo.agents.retrieval.RetrievalSources;
import rondo.kernel.access.Principals;
import rondo.kernel.access.Role;
import rondo.kernel.access.Transport;
import rondo.kernel.pipeline.EmptyPipeline;
import rondo.kernel.pipeline.Pipeline;
import rondo.kernel.pipeline.ReplySink;
import rondo.kernel.pipeline.ServingState;
import rondo.kernel.pipeline.ThreadPlan;
import rondo.kernel.thread.PinnedThreads;
import rondo.kernel.transport.Door;
import rondo.kernel.transport.DoorConfig;
import rondo.kernel.transport.DoorLimits;
import rondo.kernel.transport.Replies;
import rondo.kernel.transport.Requests;

/** The real door before a pipeline of empty stages, all on the door's thread, which looks for work while some comes. */
final class EmptyDoor implements AutoCloseable {
    private static final long SPIN_NS = 2_000_000;
    private static final int CONNECTIONS_MAX = 64;
    private static final long IDLE_MS = 600_000;
    private static final int REPLIES_PER_TURN = 8;

    private final Catalog catalog;
    private final Door door;

    /** @param memory folder for shared memory; null for none. */
    EmptyDoor(GeneratedCatalog generated, @Nullable Path memory) throws IOException {
        catalog = Catalog.open(Catalog.newest(generated.directory().resolve("catalog")));
        ServingState state = new ServingState(new RetrievalSources(
                catalog,
                new Audience(GeneratedCatalog.USERS),
                new CoVisits(catalog.itemCount()),
                new Popularity(catalog, Long.MAX_VALUE)));
        Pipeline pipeline = EmptyPipeline.create(ThreadPlan.FUSED, 0, () -> state, () -> {});
        door = new Door(
                new InetSocketAddress("127.0.0.1", 0),
                new DoorConfig(
                        SPIN_NS,
                        DoorLimits.of(CONNECTIONS_MAX, IDLE_MS),
                        new Principals(Map.of(Transport.TCP, EnumSet.allOf(Role.class)), Map.of(), CONNECTIONS_MAX, 0),
                        null,
                        memory,
                        null,
                        1),
                PinnedThreads.nowhere(),
                new Intake(pipeline));
        door.start();
    }

    InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", door.port());
    }

    long allocatedBytes() {
        return java.lang.management.ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean bean
                ? bean.getThreadAllocatedBytes(door.threadId())
                : -1;
    }

    @Override
    public void close() {
        door.close();
        catalog.close();
    }

    private static final class Intake implements Requests, ReplySink {
        private final Pipeline pipeline;
        private @Nullable Replies replies;

        Intake(Pipeline pipeline) {
            this.pipeline = pipeline;
        }

        @Override
        public Pipeline.Taken recommend(
                long connectionId,
                DirectBuffer message,
                int offset,
                int length,
                long arrivedNs,
                long receivedNs,
                Replies to) {
            replies = to;
            return pipeline.offer(connectionId, message, offset, length, arrivedNs, receivedNs, this);
        }

        @Override
        public void refuse(long connectionId, DirectBuffer message, int offset, int length, long retryNs, Replies to) {
            replies = to;
            pipeline.refuse(connectionId, message, offset, length, retryNs, this);
        }

        @Override
        public boolean outcome(
                long origin,
                long correlationId,
                DirectBuffer token,
                int tokenOffset,
                long itemId,
                int position,
                int kind,
                float value,
                long timeMs,
                boolean closes) {
            return false;
        }

        @Override
        public boolean interaction(
                long origin, long correlationId, long userId, long itemId, float weight, long timeMs) {
            return false;
        }

        @Override
        public int poll(Replies to) {
            replies = to;
            return pipeline.poll(this, REPLIES_PER_TURN);
        }

        @Override
        public void reply(long connectionId, DirectBuffer message, int offset, int length) {
            if (replies != null) {
                replies.message(connectionId, message, offset, length);
            }
        }

        @Override
        public long itemCount() {
            return 0;
        }

        @Override
        public int dimension() {
            return GeneratedCatalog.DIMENSION;
        }

        @Override
        public long catalogVersion() {
            return 1;
        }

        @Override
        public int retryPercent() {
            return 0;
        }
    }
}
