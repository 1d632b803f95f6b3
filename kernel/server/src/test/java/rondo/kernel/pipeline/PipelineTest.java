package rondo.kernel.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.catalog.Audience;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CatalogBuilder;
import rondo.agents.catalog.CoVisits;
import rondo.agents.catalog.Popularity;
import rondo.agents.chain.DecisionSpaces;
import rondo.agents.policy.PolicyTable;
import rondo.agents.retrieval.RetrievalSources;
import rondo.agents.retrieval.Route;
import rondo.agents.traffic.TrafficAgent;
import rondo.wire.Level;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.RecommendEncoder;
import rondo.wire.ReplyCode;
import rondo.wire.SlateReplyDecoder;

/** The ring and its stages, stepped on the test's thread under a clock that the test turns. */
class PipelineTest {
    private static final int RING_CAPACITY = 4;
    private static final long DEADLINE_NS = 1_000_000;

    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private final TestLog log = new TestLog();
    private final List<Reply> replies = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Catalog catalog;

    private record Reply(
            long requestId,
            ReplyCode code,
            Level level,
            boolean isLate,
            boolean isUnlogged,
            int agents,
            List<Long> itemIds) {
        int items() {
            return itemIds.size();
        }
    }

    /** Stands still, but for what each look at it costs. */
    private static final class TestClock implements NanoClock {
        long nowNs;
        long stepNs;

        @Override
        public long nanoTime() {
            nowNs += stepNs;
            return nowNs;
        }
    }

    private static final class TestLog implements DecisionLog {
        boolean isBehind;
        boolean isBroken;
        long decisionCount;

        @Override
        public long nextDecisionId() {
            if (isBroken) {
                throw new IllegalStateException("broken on purpose");
            }
            return ++decisionCount;
        }

        @Override
        public void mintToken(long decisionId, long slateHash, MutableDirectBuffer out, int offset) {}

        @Override
        public boolean offer(DirectBuffer record, int offset, int length) {
            return !isBehind;
        }

        @Override
        public long nowMs() {
            return 1;
        }

        @Override
        public long snapshotVersion() {
            return 1;
        }
    }

    @BeforeEach
    void writeCatalog() throws IOException {
        CatalogBuilder builder = new CatalogBuilder();
        for (int i = 0; i < 100; i++) {
            builder.addItem(i, "item " + i, List.of(), Map.of());
        }
        catalog = Catalog.open(builder.writeTo(directory, 1));
    }

    @AfterEach
    void closeCatalog() {
        catalog.close();
    }

    private Pipeline pipeline() {
        return pipeline(policies());
    }

    private static PolicyTable policies() {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = DecisionSpaces.of(kind, Route.EVERYTHING);
        }
        return new PolicyTable(spaces, 0.5);
    }

    private Pipeline pipeline(PolicyTable policies) {
        ServingState state = new ServingState(new RetrievalSources(
                catalog, new Audience(100), new CoVisits(catalog.itemCount()), new Popularity(catalog, 1_000_000)));
        return new Pipeline(
                new PipelineConfig(RING_CAPACITY, DEADLINE_NS, 1, ThreadPlan.FUSED, 0),
                policies,
                new TrafficAgent(0),
                () -> state,
                log,
                clock,
                () -> {});
    }

    private boolean publish(Pipeline pipeline, long requestId, long budgetUs) {
        UnsafeBuffer message = new UnsafeBuffer(new byte[256]);
        RecommendEncoder encoder = new RecommendEncoder()
                .wrapAndApplyHeader(message, 0, new MessageHeaderEncoder())
                .requestId(requestId)
                .userId(requestId)
                .budgetUs(budgetUs)
                .k(10)
                .segmentHint((short) 0)
                .route((short) 255);
        encoder.flags().clear();
        encoder.exclusionsCount(0);
        encoder.putQueryVector(new byte[0], 0, 0);
        encoder.putFilter(new byte[0], 0, 0);
        return pipeline.tryPublish(
                1, message, 0, MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength(), clock.nowNs);
    }

    private void poll(Pipeline pipeline) {
        pipeline.poll(
                (connectionId, message, offset, length) -> {
                    SlateReplyDecoder reply =
                            new SlateReplyDecoder().wrapAndApplyHeader(message, offset, new MessageHeaderDecoder());
                    boolean isLate = reply.reasons().deadline();
                    boolean isUnlogged = reply.reasons().unlogged();
                    int[] agents = {0};
                    reply.agents().forEach(agent -> agents[0] |= 1 << agent.kind());
                    List<Long> itemIds = new ArrayList<>();
                    reply.items().forEach(item -> itemIds.add(item.itemId()));
                    replies.add(new Reply(
                            reply.requestId(), reply.code(), reply.level(), isLate, isUnlogged, agents[0], itemIds));
                },
                100);
    }

    /** Requirement H1: every subset of the nine kinds can be agents while the others stay functions. */
    @Test
    void shouldServeWithAnySubsetOfTheStagesAsAgents() {
        PolicyTable policies = policies();
        int requestId = 0;
        int seen = 0;
        try (Pipeline pipeline = pipeline(policies)) {
            for (int subset = 0; subset < 1 << AgentKind.COUNT; subset++) {
                for (AgentKind kind : AgentKind.values()) {
                    policies.promote(kind, (subset >>> kind.code() & 1) != 0);
                }
                for (int i = 0; i < RING_CAPACITY; i++) {
                    assertTrue(publish(pipeline, requestId++, 0));
                }
                poll(pipeline);
                for (Reply reply : replies) {
                    assertEquals(ReplyCode.OK, reply.code());
                    assertEquals(10, reply.items());
                    assertEquals(10, reply.itemIds().stream().distinct().count());
                    assertEquals(0, reply.agents() & ~subset, "a function decides nothing: subset=" + subset);
                    seen |= reply.agents();
                }
                replies.clear();
            }
        }
        assertEquals((1 << AgentKind.COUNT) - 1, seen, "every kind has decided somewhere");
    }

    @Test
    void shouldSayNoAtOnceWhenTheRingIsFull() {
        try (Pipeline pipeline = pipeline()) {
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < RING_CAPACITY; i++) {
                    assertTrue(publish(pipeline, i, 0));
                }
                assertFalse(publish(pipeline, 99, 0), "the ring is full");
                poll(pipeline);
            }
            assertEquals(3 * RING_CAPACITY, replies.size());
            assertTrue(replies.stream().allMatch(reply -> reply.code() == ReplyCode.OK && reply.items() == 10));
        }
    }

    @Test
    void shouldGiveNoWorkToARequestWhoseDeadlineHasPassed() {
        try (Pipeline pipeline = pipeline()) {
            assertTrue(publish(pipeline, 1, 0));
            clock.nowNs += DEADLINE_NS;
            poll(pipeline);
            assertEquals(ReplyCode.DEADLINE_EXCEEDED, replies.getFirst().code());
            assertEquals(0, replies.getFirst().items());
            assertEquals(0, log.decisionCount, "what was not served teaches nothing");
        }
    }

    @Test
    void shouldFallBackToTheStaticSlateWhenTheTimeLeftIsTooShort() {
        try (Pipeline pipeline = pipeline()) {
            // Each look at the clock costs 100 us, so retrieval seems to take that long.
            clock.stepNs = 100_000;
            for (int i = 0; i < 100; i++) {
                assertTrue(publish(pipeline, i, 5_000_000));
                poll(pipeline);
            }
            assertTrue(replies.stream().noneMatch(Reply::isLate));
            replies.clear();
            assertTrue(publish(pipeline, 500, 150));
            poll(pipeline);
            Reply reply = replies.getFirst();
            assertEquals(ReplyCode.OK, reply.code());
            assertEquals(Level.STATIC, reply.level());
            assertTrue(reply.isLate());
            assertEquals(10, reply.items());
        }
    }

    @Test
    void shouldServeUnloggedWhenTheLogFailsAndGoOn() {
        try (Pipeline pipeline = pipeline()) {
            log.isBroken = true;
            assertTrue(publish(pipeline, 1, 0));
            poll(pipeline);
            log.isBroken = false;
            log.isBehind = true;
            assertTrue(publish(pipeline, 2, 0));
            poll(pipeline);
            assertEquals(1, pipeline.failureCount());
            assertTrue(pipeline.lastFailure().contains("broken on purpose"), pipeline.lastFailure());
            assertEquals(2, replies.size(), "every request is answered");
            for (int i = 0; i < 2; i++) {
                assertEquals(i + 1, replies.get(i).requestId(), "its own answer, not the one before it in the slot");
                assertEquals(ReplyCode.OK, replies.get(i).code());
                assertTrue(replies.get(i).isUnlogged(), "a slate that the ledger did not take says so");
            }
        }
    }
}
