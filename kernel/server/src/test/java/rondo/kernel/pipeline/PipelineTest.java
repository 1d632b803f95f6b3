package rondo.kernel.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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
import rondo.kernel.thread.PinnedThreads;
import rondo.reward.join.DecisionRecord;
import rondo.wire.Level;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.OverloadedDecoder;
import rondo.wire.RecommendEncoder;
import rondo.wire.ReplyCode;
import rondo.wire.SlateReplyDecoder;

/** The ring and its stages, stepped on the test's thread under a clock that the test turns. */
class PipelineTest {
    private static final int RING_CAPACITY = 4;
    private static final long DEADLINE_NS = 1_000_000;
    private static final long BUDGET_US = 5_000_000;
    private static final long SEED = 1;
    private static final double FLOOR = 0.5;
    private static final int VERSION = MessageHeaderDecoder.SCHEMA_VERSION;
    private static final CircuitBreaker.Limits LIMITS = CircuitBreaker.Limits.standard();

    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private final TestLog log = new TestLog();
    private final List<Reply> replies = new ArrayList<>();
    private long nextRequestId;
    private Admission admission = Admission.WAIT;
    private ThreadPlan plan = ThreadPlan.FUSED;
    private int spinCount;
    private Runnable onReply = () -> {};
    private Runnable relieve = () -> {};
    private long hangNs;
    private Predicate<RequestSlot> staticSlate = new StaticSlate()::fill;
    private final Audience audience = new Audience(1_000);

    @SuppressWarnings("NullAway.Init")
    private Catalog catalog;

    private record Reply(
            long requestId,
            ReplyCode code,
            Level level,
            boolean isLate,
            boolean isUnlogged,
            boolean hasAgentFailed,
            boolean isOverloaded,
            long retryAfterUs,
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
        final List<DecisionRecord> records = new ArrayList<>();

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
            byte[] copy = new byte[length];
            record.getBytes(offset, copy);
            records.add(new DecisionRecord().wrap(new UnsafeBuffer(copy), 0));
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

    private static final class IdleLearning implements Learning {
        @Override
        public long position() {
            return 0;
        }

        @Override
        public boolean hasBacklog() {
            return false;
        }

        @Override
        public boolean isDistrusted() {
            return false;
        }
    }

    @BeforeEach
    void writeCatalog() throws IOException {
        CatalogBuilder builder = new CatalogBuilder();
        for (int i = 0; i < 100; i++) {
            builder.addItem(i, "item " + i, List.of(), Map.of("part", i < 20 ? "low" : "high"));
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
        return new PolicyTable(spaces, FLOOR);
    }

    private Pipeline pipeline(PolicyTable policies) {
        return pipeline(policies, stages -> {});
    }

    /** @param change puts other stages in the places of some: admit, retrieve, rank, select, reply. */
    private Pipeline pipeline(PolicyTable policies, Consumer<Stage[]> change) {
        ServingState state = new ServingState(new RetrievalSources(
                catalog, audience, new CoVisits(catalog.itemCount()), new Popularity(catalog, 1_000_000)));
        PipelineConfig config = new PipelineConfig(
                RING_CAPACITY, DEADLINE_NS, SEED, admission, plan, PinnedThreads.nowhere(), spinCount, hangNs, null);
        CircuitBreaker breaker = new CircuitBreaker(LIMITS, new IdleLearning(), () -> 1);
        return new Pipeline(
                config,
                () -> stages(change, config, policies, state, breaker),
                new AtOnce(config, () -> state, log, clock, staticSlate),
                breaker,
                clock,
                onReply,
                relieve);
    }

    private Stage[] stages(
            Consumer<Stage[]> change,
            PipelineConfig config,
            PolicyTable policies,
            ServingState state,
            CircuitBreaker breaker) {
        Stage[] stages = Pipeline.stages(config, policies, new TrafficAgent(0), () -> state, breaker, log, clock);
        change.accept(stages);
        return stages;
    }

    private boolean publish(Pipeline pipeline, long requestId, long budgetUs) {
        return publish(pipeline, requestId, budgetUs, VERSION, "");
    }

    /** @return true when it waits in the ring. */
    private boolean publish(
            Pipeline pipeline, long requestId, long budgetUs, int version, String filter, long... exclusions) {
        UnsafeBuffer message = new UnsafeBuffer(new byte[256]);
        int length = encode(message, requestId, budgetUs, version, filter, exclusions);
        return pipeline.offer(1, message, 0, length, clock.nowNs, clock.nowNs, this::note) == Pipeline.Taken.QUEUED;
    }

    /** @return bytes of message header and message. */
    private static int encode(
            UnsafeBuffer message, long requestId, long budgetUs, int version, String filter, long... exclusions) {
        RecommendEncoder encoder = new RecommendEncoder()
                .wrapAndApplyHeader(message, 0, new MessageHeaderEncoder())
                .requestId(requestId)
                .userId(requestId)
                .budgetUs(budgetUs)
                .k(10)
                .segmentHint((short) 0)
                .route((short) 255);
        encoder.flags().clear();
        RecommendEncoder.ExclusionsEncoder group = encoder.exclusionsCount(exclusions.length);
        for (long itemId : exclusions) {
            group.next().itemId(itemId);
        }
        encoder.putQueryVector(new byte[0], 0, 0);
        byte[] text = filter.getBytes(StandardCharsets.UTF_8);
        encoder.putFilter(text, 0, text.length);
        new MessageHeaderEncoder().wrap(message, 0).version(version);
        return MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }

    private void poll(Pipeline pipeline) {
        pipeline.poll(this::note, 100);
    }

    private void note(long connectionId, DirectBuffer message, int offset, int length) {
        MessageHeaderDecoder header = new MessageHeaderDecoder().wrap(message, offset);
        if (header.templateId() == OverloadedDecoder.TEMPLATE_ID) {
            OverloadedDecoder refusal = new OverloadedDecoder().wrapAndApplyHeader(message, offset, header);
            assertEquals(20, length);
            replies.add(new Reply(
                    refusal.requestId(),
                    ReplyCode.OVERLOADED,
                    Level.NONE,
                    false,
                    false,
                    false,
                    true,
                    refusal.retryAfterUs(),
                    0,
                    List.of()));
            return;
        }
        SlateReplyDecoder reply =
                new SlateReplyDecoder().wrapAndApplyHeader(message, offset, new MessageHeaderDecoder());
        boolean isLate = reply.reasons().deadline();
        boolean isUnlogged = reply.reasons().unlogged();
        boolean hasAgentFailed = reply.reasons().agentFailed();
        int[] agents = {0};
        reply.agents().forEach(agent -> agents[0] |= 1 << agent.kind());
        List<Long> itemIds = new ArrayList<>();
        reply.items().forEach(item -> itemIds.add(item.itemId()));
        replies.add(new Reply(
                reply.requestId(),
                reply.code(),
                reply.level(),
                isLate,
                isUnlogged,
                hasAgentFailed,
                reply.reasons().overload(),
                0,
                agents[0],
                itemIds));
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

    /** Requirement: which threads run the stages changes nothing in what they answer. */
    @Test
    void shouldGiveTheSameSlatesByEveryPlan() throws Exception {
        List<Reply> expected = null;
        for (ThreadPlan each : ThreadPlan.values()) {
            // Threads that spin a little before they sleep, and threads that only sleep.
            for (int spins : new int[] {0, 50}) {
                plan = each;
                spinCount = spins;
                replies.clear();
                PolicyTable policies = policies();
                for (AgentKind kind : AgentKind.values()) {
                    policies.promote(kind, true);
                }
                try (Pipeline pipeline = pipeline(policies)) {
                    pipeline.start();
                    for (int id = 0; id < 500; id++) {
                        // Pauses of all lengths, so that requests find the threads awake and asleep, alone and in a
                        // row.
                        while (pipeline.depth() >= 1 + id % RING_CAPACITY) {
                            poll(pipeline);
                        }
                        assertTrue(publish(pipeline, id, BUDGET_US));
                    }
                    long endNs = System.nanoTime() + 20_000_000_000L;
                    while (replies.size() < 500 && System.nanoTime() < endNs) {
                        poll(pipeline);
                    }
                }
                assertEquals(500, replies.size(), each + ": every request is answered");
                if (expected == null) {
                    expected = List.copyOf(replies);
                }
                assertEquals(expected, replies, each.name());
            }
        }
    }

    /** Who is woken looks once and may sleep again: what it is woken for must be there by then. */
    @Test
    void shouldHaveTheReplyBeforeItSaysSo() throws InterruptedException {
        plan = ThreadPlan.SPLIT;
        CountDownLatch said = new CountDownLatch(1);
        CountDownLatch looked = new CountDownLatch(1);
        onReply = () -> {
            said.countDown();
            await(looked);
        };
        try (Pipeline pipeline = pipeline()) {
            pipeline.start();
            assertTrue(publish(pipeline, 1, BUDGET_US));
            assertTrue(said.await(20, TimeUnit.SECONDS));
            poll(pipeline);
            looked.countDown();
        }
        assertEquals(1, replies.size());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldAnswerWithPopularItemsAtOnceWhenTheRingIsFull() {
        try (Pipeline pipeline = pipeline()) {
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < RING_CAPACITY; i++) {
                    assertTrue(publish(pipeline, i, 0));
                }
                assertFalse(publish(pipeline, 99, 0), "the ring is full");
                assertEquals(1, replies.size(), "nobody waits for those in the ring");
                Reply reply = replies.getFirst();
                assertEquals(99, reply.requestId());
                assertEquals(Level.STATIC, reply.level());
                assertTrue(reply.isOverloaded());
                poll(pipeline);
                assertEquals(1 + RING_CAPACITY, replies.size());
                assertTrue(replies.stream().allMatch(one -> one.code() == ReplyCode.OK && one.items() == 10));
                replies.clear();
            }
        }
    }

    @Test
    void shouldLetNobodyWaitLongerThanAQuarterOfItsTime() {
        for (Admission each : Admission.values()) {
            admission = each;
            clock.stepNs = 0;
            try (Pipeline pipeline = pipeline()) {
                // Looks at the clock cost what makes a request take eleven of them.
                clock.stepNs = 10_000;
                for (int i = 0; i < 200; i++) {
                    assertTrue(publish(pipeline, i, BUDGET_US));
                    poll(pipeline);
                }
                clock.stepNs = 0;
                replies.clear();
                assertTrue(publish(pipeline, 1_000, 10), "with nobody before it the stages decide");
                assertEquals(each == Admission.FIFO, publish(pipeline, 1_001, 100));
                assertTrue(publish(pipeline, 1_002, 1_000));
                assertEquals(each == Admission.FIFO, publish(pipeline, 1_003, 300));
                assertEquals(each == Admission.FIFO ? 0 : 2, replies.size());
                for (Reply reply : replies) {
                    assertEquals(Level.STATIC, reply.level());
                    assertEquals(10, reply.items());
                    assertTrue(reply.isOverloaded());
                    assertEquals(0, reply.agents(), "nobody decided");
                }
                poll(pipeline);
                replies.clear();
            }
        }
    }

    @Test
    void shouldKeepTheHardRulesInAnAnswerAtOnce() {
        try (Pipeline pipeline = pipeline()) {
            long user = 7;
            for (int row = 0; row < 60; row += 2) {
                audience.record(user, row);
            }
            // The filter is compiled by a request that is served, and known from then on.
            assertTrue(publish(pipeline, user, 0, VERSION, "part = \"low\"", 1, 3));
            poll(pipeline);
            List<Long> served = replies.getFirst().itemIds();
            replies.clear();
            fill(pipeline);
            assertFalse(publish(pipeline, user, 0, VERSION, "part = \"low\"", 1, 3));
            assertEquals(
                    List.of(5L, 7L, 9L, 11L, 13L, 15L, 17L, 19L),
                    replies.getFirst().itemIds());
            assertEquals(served.stream().sorted().toList(), replies.getFirst().itemIds(), "as the chain lets through");
        }
    }

    @Test
    void shouldSayWhenToAskAgainWhereNothingCanBeAnsweredAtOnce() {
        try (Pipeline pipeline = pipeline()) {
            fill(pipeline);
            assertFalse(publish(pipeline, 1, 0, VERSION, "part = \"high\""));
            assertEquals(ReplyCode.OVERLOADED, replies.getFirst().code(), "there is no time to compile a filter");
            assertTrue(replies.getFirst().retryAfterUs() > 0);
            assertFalse(publish(pipeline, 2, 0, 1, "part = \"high\""));
            assertEquals(ReplyCode.OVERLOADED, replies.get(1).code(), "a client of version 1 gets what it knows");
            assertEquals(0, replies.get(1).retryAfterUs());
            assertEquals(2, replies.get(1).requestId());
            assertFalse(publish(pipeline, 3, 0, VERSION, "part ="));
            assertFalse(publish(pipeline, 4, 0, VERSION, ""));
            assertEquals(10, replies.get(3).items());
        }
    }

    @Test
    void shouldLoseOneRequestWhenAnAnswerAtOnceFails() {
        staticSlate = slot -> {
            throw new IllegalStateException("broken on purpose");
        };
        try (Pipeline pipeline = pipeline()) {
            fill(pipeline);
            assertFalse(publish(pipeline, 1, 0));
            assertEquals(ReplyCode.INTERNAL, replies.getFirst().code());
            assertEquals(1, pipeline.failureCount());
            assertTrue(pipeline.lastFailure().contains("AtOnce"), pipeline.lastFailure());
            poll(pipeline);
            assertEquals(1 + RING_CAPACITY, replies.size());
        }
    }

    @Test
    void shouldAllocateNothingForAnswersAtOnce() {
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        long[] taken = new long[Pipeline.Taken.values().length];
        ReplySink sink = (connectionId, message, offset, length) -> taken[0] += length;
        try (Pipeline pipeline = pipeline()) {
            UnsafeBuffer slate = new UnsafeBuffer(new byte[256]);
            UnsafeBuffer refusal = new UnsafeBuffer(new byte[256]);
            int slateLength = encode(slate, 7, 0, VERSION, "");
            int refusalLength = encode(refusal, 8, 0, VERSION, "part = \"high\"");
            fill(pipeline);
            int cleanBatches = 0;
            for (int batch = 0; batch < 200 && cleanBatches < 5; batch++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 1_000; i++) {
                    taken[pipeline.offer(1, slate, 0, slateLength, 0, 0, sink).ordinal()]++;
                    taken[
                            pipeline.offer(1, refusal, 0, refusalLength, 0, 0, sink)
                                    .ordinal()]++;
                }
                cleanBatches = threads.getCurrentThreadAllocatedBytes() == before ? cleanBatches + 1 : 0;
            }
            assertEquals(5, cleanBatches, "batches in a row without a byte");
            assertTrue(taken[Pipeline.Taken.ANSWERED.ordinal()] >= 5_000);
            assertEquals(taken[Pipeline.Taken.ANSWERED.ordinal()], taken[Pipeline.Taken.REFUSED.ordinal()]);
        }
    }

    private void fill(Pipeline pipeline) {
        for (int i = 0; i < RING_CAPACITY; i++) {
            assertTrue(publish(pipeline, 100 + i, 0));
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
    void shouldTakeTheCheapPathWhenTheTimeLeftIsTooShort() {
        try (Pipeline pipeline = pipeline()) {
            // Each look at the clock costs 100 us, so retrieval seems to take that long.
            clock.stepNs = 100_000;
            for (int i = 0; i < 100; i++) {
                assertTrue(publish(pipeline, i, 5_000_000));
                poll(pipeline);
            }
            assertTrue(replies.stream().noneMatch(Reply::isLate));
            replies.clear();
            assertTrue(publish(pipeline, 500, 250));
            poll(pipeline);
            Reply reply = replies.getFirst();
            assertEquals(ReplyCode.OK, reply.code());
            assertEquals(Level.CHEAP, reply.level());
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

    enum Fault {
        THROWS,
        GIVES_NAN,
        IS_SLOW
    }

    /** Requirement G11: from the fifth failure on, the next request is static; probes show when the agents are well again; the log replays. */
    @ParameterizedTest
    @EnumSource
    void shouldTakeTheStaticChainWhileTheAgentsFailAndComeBack(Fault fault) {
        PolicyTable policies = policies();
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            policies.promote(kind, true);
            spaces[kind.code()] = policies.space(kind);
        }
        boolean[] isBroken = {true};
        Consumer<Stage[]> breakRanking = stages -> {
            Stage ranking = stages[2];
            stages[2] = slot -> {
                boolean isHit = isBroken[0] && !slot.isStatic;
                if (isHit && fault == Fault.THROWS) {
                    throw new IllegalStateException("broken on purpose");
                }
                // Each look at the clock takes the stages to their deadline.
                clock.stepNs = isHit && fault == Fault.IS_SLOW ? DEADLINE_NS + 1 : 0;
                ranking.process(slot);
                clock.stepNs = 0;
                if (isHit && fault == Fault.GIVES_NAN) {
                    slot.rankScores[3] = Float.NaN;
                }
            };
        };
        try (Pipeline pipeline = pipeline(policies, breakRanking)) {
            serve(pipeline, LIMITS.failuresMax());
            int failureCount = fault == Fault.IS_SLOW ? 0 : LIMITS.failuresMax();
            assertEquals(failureCount, pipeline.failureCount());
            for (Reply reply : replies) {
                assertEquals(10, reply.items(), "one that fails costs the chain's slate, not any");
                assertEquals(fault != Fault.IS_SLOW, reply.hasAgentFailed());
                assertEquals(fault != Fault.IS_SLOW, reply.level() == Level.STATIC);
            }
            assertEquals(CircuitBreaker.State.CLOSED, pipeline.breaker().state(), "a few that fail are a few");
            serve(pipeline, 100);
            assertStatic(100);
            assertEquals(CircuitBreaker.State.OPEN, pipeline.breaker().state());

            clock.nowNs += LIMITS.openNs();
            serve(pipeline, LIMITS.probeEvery() - 1);
            assertStatic(LIMITS.probeEvery() - 1);
            assertEquals(CircuitBreaker.State.HALF_OPEN, pipeline.breaker().state());
            serve(pipeline, 1);
            assertEquals(10, replies.getFirst().items(), "the probe");
            assertEquals(failureCount + (fault == Fault.IS_SLOW ? 0 : 1), pipeline.failureCount());
            serve(pipeline, 50);
            assertStatic(50);
            assertEquals(CircuitBreaker.State.OPEN, pipeline.breaker().state(), "the probe failed");

            isBroken[0] = false;
            clock.nowNs += LIMITS.openNs();
            serve(pipeline, LIMITS.probeEvery() * LIMITS.probesToClose());
            assertEquals(
                    LIMITS.probesToClose(),
                    replies.stream().filter(reply -> !reply.hasAgentFailed()).count());
            serve(pipeline, 50);
            assertTrue(replies.stream().allMatch(reply -> reply.level() == Level.FULL && !reply.hasAgentFailed()));
            assertEquals(CircuitBreaker.State.CLOSED, pipeline.breaker().state());
        }
        DecisionReplay replay = new DecisionReplay(spaces, FLOOR, SEED);
        log.records.forEach(record -> assertEquals("", replay.difference(record)));
        assertEquals(
                100 + 7 + 50 + 112,
                log.records.stream().filter(DecisionRecord::isStatic).count());
        assertTrue(log.records.stream().filter(DecisionRecord::teaches).count() >= 16 + 50);
    }

    /**
     * Goal: a stage that hangs costs its own request the chain's slate, and the agents a rest; nothing else. Method: each stage under each plan waits for ever, on a
     * thread of its own where the transport's runs it; released long after, it must not touch anything.
     */
    @ParameterizedTest
    @EnumSource
    void shouldGoOnWithoutAThreadThatHangs(ThreadPlan each) throws Exception {
        plan = each;
        hangNs = 20_000_000;
        for (int hanging = 0; hanging < 4; hanging++) {
            int place = hanging;
            replies.clear();
            log.records.clear();
            CountDownLatch hangs = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            CountDownLatch relieved = new CountDownLatch(1);
            CountDownLatch hasEnded = new CountDownLatch(1);
            List<Thread> hung = new CopyOnWriteArrayList<>();
            relieve = relieved::countDown;
            Consumer<Stage[]> hang = stages -> {
                Stage stage = stages[place];
                stages[place] = slot -> {
                    stage.process(slot);
                    if (slot.requestId == 1 && hung.isEmpty()) {
                        hung.add(Thread.currentThread());
                        hangs.countDown();
                        awaitWhateverHappens(release);
                        // What it does to its slot afterwards must not be anybody's answer.
                        slot.requestId = 77;
                        slot.refuse(ReplyCode.INTERNAL, "by a thread that is no longer asked");
                    }
                };
            };
            try (Pipeline pipeline = pipeline(policies(), hang)) {
                pipeline.start();
                for (int id = 0; id < 3; id++) {
                    assertTrue(publish(pipeline, id, BUDGET_US));
                }
                if (each == ThreadPlan.FUSED) {
                    Thread transport = Thread.ofPlatform().start(() -> {
                        assertThrows(RelievedException.class, () -> poll(pipeline));
                        hasEnded.countDown();
                    });
                    await(hangs);
                    assertTrue(relieved.await(20, TimeUnit.SECONDS));
                    assertEquals(List.of(transport), hung);
                }
                pollUntil(pipeline, 3);
                assertEquals(
                        List.of(0L, 1L, 2L),
                        replies.stream().map(Reply::requestId).toList());
                Reply given = replies.get(1);
                assertEquals(ReplyCode.OK, given.code());
                assertEquals(Level.STATIC, given.level());
                assertEquals(10, given.items());
                assertTrue(given.hasAgentFailed(), "it says why");
                release.countDown();
                hung.getFirst().join(20_000);
                assertFalse(hung.getFirst().isAlive());
                assertEquals(each == ThreadPlan.FUSED ? 0 : 1, hasEnded.getCount(), "it learns that it was relieved");
                for (int id = 3; id < 3 + 2 * RING_CAPACITY; id++) {
                    assertTrue(publish(pipeline, id, BUDGET_US));
                    pollUntil(pipeline, id + 1);
                    Reply reply = replies.getLast();
                    assertEquals(id, reply.requestId());
                    assertEquals(ReplyCode.OK, reply.code());
                    assertTrue(reply.hasAgentFailed(), "the agents rest");
                }
                assertEquals(CircuitBreaker.State.OPEN, pipeline.breaker().state());
                assertEquals(1, pipeline.breaker().hungCount());
                // It is written down when somebody goes on already.
                long endNs = System.nanoTime() + 20_000_000_000L;
                while (pipeline.failureCount() == 0 && System.nanoTime() < endNs) {
                    Thread.onSpinWait();
                }
                assertTrue(pipeline.lastFailure().contains("ms; its thread was given up"), pipeline.lastFailure());
            }
        }
    }

    /** Goal: a loop is seen by the time that it uses. Method: one that ends when its thread was relieved, which no real one does. */
    @Test
    void shouldGoOnWithoutAThreadThatLoops() throws Exception {
        plan = ThreadPlan.SPLIT;
        hangNs = 20_000_000;
        Consumer<Stage[]> loop = stages -> stages[2] = slot -> {
            while (slot.requestId == 1 && !Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
        };
        try (Pipeline pipeline = pipeline(policies(), loop)) {
            pipeline.start();
            for (int id = 0; id < 3; id++) {
                assertTrue(publish(pipeline, id, BUDGET_US));
            }
            pollUntil(pipeline, 3);
            assertEquals(Level.STATIC, replies.get(1).level());
            assertEquals(1, pipeline.breaker().hungCount());
        }
    }

    private static void awaitWhateverHappens(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                // It hangs, whatever one says to it.
            }
        }
    }

    private void pollUntil(Pipeline pipeline, int count) {
        long endNs = System.nanoTime() + 20_000_000_000L;
        while (replies.size() < count) {
            poll(pipeline);
            assertTrue(System.nanoTime() < endNs, "replies=" + replies);
        }
    }

    /** Serves some requests one by one; {@link #replies} then holds their answers alone. */
    private void serve(Pipeline pipeline, int count) {
        replies.clear();
        for (int i = 0; i < count; i++) {
            assertTrue(publish(pipeline, nextRequestId++, BUDGET_US));
            poll(pipeline);
        }
    }

    private void assertStatic(int count) {
        assertEquals(count, replies.size());
        for (Reply reply : replies) {
            assertEquals(ReplyCode.OK, reply.code());
            assertEquals(Level.STATIC, reply.level());
            assertEquals(10, reply.items());
            assertTrue(reply.hasAgentFailed(), "it says why");
            assertFalse(reply.isUnlogged());
        }
    }
}
