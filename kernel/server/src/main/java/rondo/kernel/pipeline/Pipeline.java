package rondo.kernel.pipeline;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import rondo.agents.policy.PolicyTable;
import rondo.agents.traffic.TrafficAgent;
import rondo.ann.HotPath;
import rondo.wire.Level;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.RecommendDecoder;
import rondo.wire.ReplyCode;

/**
 * The request ring with the stages of one {@link ThreadPlan} on it.
 *
 * <p><b>Threads:</b> {@link #offer} and {@link #poll} belong to the transport's thread, the ring's only publisher. Under
 * {@link ThreadPlan#FUSED} {@code poll} runs the stages itself; otherwise it only hands out what the stage threads have finished. A slot is free
 * again once its reply was handed out.
 *
 * <p>A stage that throws costs its request: the reply says {@code INTERNAL}, the failure is counted, the ring goes on. When it happens too often the
 * {@link CircuitBreaker} takes all requests to the static chain.
 */
public final class Pipeline implements AutoCloseable {
    /** How long a poll may keep the transport's thread from looking for new requests, but for the last one it began. */
    private static final long POLL_NS_MAX = 100_000;

    private final PipelineConfig config;
    private final RingBuffer<RequestSlot> ring;
    private final Sequence handedOut = new Sequence();
    private final List<BatchEventProcessor<RequestSlot>> processors = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Guarded[] fused;
    /** Where the last stage thread has come to; null when the stages run in {@link #poll}. */
    private final @Nullable Sequence finished;

    private final StageFailures failures = new StageFailures();
    private final ServiceTimes times = new ServiceTimes();
    private final CircuitBreaker breaker;
    private final NanoClock clock;

    /** How long each stage thread works on a request; of one when fused. */
    private final List<ServiceAverage> averages = new ArrayList<>();

    private final AtOnce atOnce;

    /** What became of a request at the door. */
    public enum Taken {
        /** It waits for its turn. */
        QUEUED,
        /** It has its slate, made without the chain. */
        ANSWERED,
        /** It has been told why there is none. */
        REFUSED
    }

    /**
     * @param states  the serving state in force; read once for each request.
     * @param onReply called on the last stage's thread when {@link #poll} has one reply more, to wake a transport that sleeps; not called when fused.
     */
    public Pipeline(
            PipelineConfig config,
            PolicyTable policies,
            TrafficAgent trafficAgent,
            Supplier<ServingState> states,
            CircuitBreaker breaker,
            DecisionLog log,
            NanoClock clock,
            Runnable onReply) {
        this(
                config,
                stages(config, policies, trafficAgent, states, breaker, log, clock),
                new AtOnce(config, states, log, clock),
                breaker,
                clock,
                onReply);
    }

    /** @param stages admit, retrieve, rank, select and reply. */
    Pipeline(
            PipelineConfig config,
            Stage[] stages,
            AtOnce atOnce,
            CircuitBreaker breaker,
            NanoClock clock,
            Runnable onReply) {
        this.config = config;
        this.breaker = breaker;
        this.clock = clock;
        this.atOnce = atOnce;
        atOnce.onFailure(e -> failures.record("AtOnce", e));
        this.ring = RingBuffer.createSingleProducer(
                RequestSlot::new, config.ringCapacity(), new SignalledWait(config.spins()));
        Guarded admit = new Guarded(stages[0], failures);
        Guarded retrieve = new Guarded(stages[1], failures);
        Guarded rank = new Guarded(stages[2], failures);
        Guarded select = new Guarded(stages[3], failures);
        Guarded reply = new Guarded(stages[4], failures);
        switch (config.plan()) {
            case FUSED -> {
                fused = new Guarded[] {admit, retrieve, rank, select, reply};
                averages.add(new ServiceAverage());
                finished = null;
            }
            case SPLIT -> {
                fused = new Guarded[0];
                finished = addThread("stages", null, onReply, admit, retrieve, rank, select, reply);
            }
            case STAGED -> {
                fused = new Guarded[0];
                Sequence retrieved = addThread("retrieve", null, null, admit, retrieve);
                finished = addThread("rank", retrieved, onReply, rank, select, reply);
            }
            case SPREAD -> {
                fused = new Guarded[0];
                Sequence admitted = addThread("admit", null, null, admit);
                Sequence retrieved = addThread("retrieve", admitted, null, retrieve);
                Sequence ranked = addThread("rank", retrieved, null, rank);
                finished = addThread("select", ranked, onReply, select, reply);
            }
            default -> throw new IllegalStateException("plan without wiring: plan=" + config.plan());
        }
        ring.addGatingSequences(handedOut);
    }

    static Stage[] stages(
            PipelineConfig config,
            PolicyTable policies,
            TrafficAgent trafficAgent,
            Supplier<ServingState> states,
            CircuitBreaker breaker,
            DecisionLog log,
            NanoClock clock) {
        Deciding deciding = new Deciding(policies, config.seed());
        return new Stage[] {
            new AdmitStage(config, deciding, trafficAgent, breaker, states),
            new RetrieveStage(deciding, clock),
            new RankStage(deciding, clock),
            new SelectStage(deciding, clock),
            new ReplyStage(log, clock)
        };
    }

    private Sequence addThread(String name, @Nullable Sequence upstream, @Nullable Runnable onDone, Guarded... stages) {
        SequenceBarrier barrier = upstream == null ? ring.newBarrier() : ring.newBarrier(upstream);
        ServiceAverage average = new ServiceAverage();
        averages.add(average);
        Sequence[] late = new Sequence[1];
        EventHandler<RequestSlot> handler = (slot, sequence, endOfBatch) -> {
            long startNs = clock.nanoTime();
            for (Guarded stage : stages) {
                stage.process(slot);
            }
            if (!slot.isRefused()) {
                average.add(clock.nanoTime() - startNs);
            }
            if (onDone != null) {
                settle(slot);
                // Before the call and not after this returns: who is woken looks once, and sleeps again if there is
                // nothing.
                late[0].set(sequence);
                onDone.run();
            }
        };
        // Batches of one: a reply must not wait for the requests behind it.
        BatchEventProcessor<RequestSlot> processor =
                new BatchEventProcessorBuilder().setMaxBatchSize(1).build(ring, barrier, handler);
        late[0] = processor.getSequence();
        processors.add(processor);
        threads.add(config.threads().make(1 + threads.size(), "rondo-" + name, processor));
        return processor.getSequence();
    }

    /** Starts the stage threads, if the plan has any. */
    public void start() {
        threads.forEach(Thread::start);
    }

    /**
     * Takes a request: into the ring when it can be served there in its time, else it is answered at once.
     *
     * @param length     bytes of message header and message, at most 64 KiB.
     * @param arrivedNs  no later than it came; its time left counts from here.
     * @param receivedNs when it was found.
     * @param sink       gets the answer of a request that is not queued, before this returns.
     */
    @HotPath
    public Taken offer(
            long connectionId,
            DirectBuffer message,
            int offset,
            int length,
            long arrivedNs,
            long receivedNs,
            ReplySink sink) {
        long depth = depth();
        double serviceNs = serviceNs();
        if (!ring.hasAvailableCapacity(1)
                || !config.admission()
                        .admits(depth, serviceNs, arrivedNs + budgetNs(message, offset, length) - receivedNs)) {
            return atOnce.answer(connectionId, message, offset, length, arrivedNs, receivedNs, depth * serviceNs, sink);
        }
        long sequence = ring.next();
        RequestSlot slot = ring.get(sequence);
        slot.connectionId = connectionId;
        slot.arrivedNs = arrivedNs;
        slot.receivedNs = receivedNs;
        slot.requestLength = length;
        slot.request.putBytes(0, message, offset, length);
        ring.publish(sequence);
        return Taken.QUEUED;
    }

    /**
     * Refuses a request of somebody who has made more than it may.
     *
     * @param retryNs until it may make the next.
     * @param sink    gets the refusal before this returns.
     */
    @HotPath
    public void refuse(long connectionId, DirectBuffer message, int offset, int length, long retryNs, ReplySink sink) {
        atOnce.refuse(connectionId, message, offset, length, clock.nanoTime(), retryNs, sink);
    }

    /** The budget that a request names, not yet checked, or the server's own. */
    @HotPath
    private long budgetNs(DirectBuffer message, int offset, int length) {
        int at = MessageHeaderDecoder.ENCODED_LENGTH + RecommendDecoder.budgetUsEncodingOffset();
        long budgetUs =
                at + Integer.BYTES > length ? 0 : message.getInt(offset + at, ByteOrder.LITTLE_ENDIAN) & 0xFFFF_FFFFL;
        return budgetUs == 0 ? config.deadlineNs() : budgetUs * 1_000;
    }

    /** What a request takes on the slowest of the stage threads. */
    @HotPath
    private double serviceNs() {
        double slowest = 0;
        for (int i = 0; i < averages.size(); i++) {
            slowest = Math.max(slowest, averages.get(i).ns());
        }
        return slowest;
    }

    /**
     * Hands finished replies to {@code sink}, running the stages first when they are fused onto this thread.
     *
     * @param limit most replies handed out; fewer when they take long, so that what comes in meanwhile is looked at soon.
     * @return how many were.
     */
    @HotPath
    public int poll(ReplySink sink, int limit) {
        long next = handedOut.get() + 1;
        long available = Math.min(finished == null ? ring.getCursor() : finished.get(), next + limit - 1);
        if (available < next) {
            return 0;
        }
        long beganNs = clock.nanoTime();
        long startNs = beganNs;
        int count = 0;
        for (long sequence = next; sequence <= available && startNs - beganNs < POLL_NS_MAX; sequence++) {
            RequestSlot slot = ring.get(sequence);
            for (Guarded stage : fused) {
                stage.process(slot);
            }
            if (finished == null) {
                settle(slot);
            }
            // Nothing is better than the bytes of the request that had this slot before.
            if (slot.replyLength > 0) {
                sink.reply(slot.connectionId, slot.reply, 0, slot.replyLength);
            }
            long endNs = clock.nanoTime();
            if (finished == null && !slot.isRefused()) {
                averages.getFirst().add(endNs - startNs);
            }
            times.record(slot, endNs);
            startNs = endNs;
            handedOut.set(sequence);
            count++;
        }
        return count;
    }

    /**
     * Tells the breaker what came of a request, on the last stage's thread. Only work counts as too long, not waiting in the ring, and against the
     * server's own deadline: a caller with a tiny budget must not take the agents from everybody.
     */
    @HotPath
    private void settle(RequestSlot slot) {
        if (!slot.isRefused() || slot.hasAgentFailed) {
            long workNs = slot.retrievalNs + slot.rankingNs + slot.filterNs;
            breaker.record(slot.breakerEpoch, slot.hasAgentFailed || workNs > config.deadlineNs());
        }
    }

    /** Requests published and not yet handed out. */
    public long depth() {
        return ring.getCursor() - handedOut.get();
    }

    /** Requests that a stage failed on, since start. */
    public long failureCount() {
        return failures.count();
    }

    /** The last failure, for the log; empty when there was none. */
    public String lastFailure() {
        return failures.last();
    }

    /** Whether agents serve, and what it was that kept them from it. */
    public CircuitBreaker breaker() {
        return breaker;
    }

    /** How long requests took. */
    public ServiceTimes times() {
        return times;
    }

    public ThreadPlan plan() {
        return config.plan();
    }

    @Override
    public void close() {
        processors.forEach(BatchEventProcessor::halt);
        for (Thread thread : threads) {
            if (thread.isAlive()) {
                try {
                    thread.join(1_000);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    /** A stage whose exceptions cost one request and nothing else. */
    private static final class Guarded {
        private final Stage stage;
        private final StageFailures failures;

        Guarded(Stage stage, StageFailures failures) {
            this.stage = Objects.requireNonNull(stage);
            this.failures = failures;
        }

        @HotPath
        void process(RequestSlot slot) {
            try {
                stage.process(slot);
            } catch (RuntimeException e) {
                failures.record(stage.getClass().getSimpleName(), e);
                slot.hasAgentFailed = true;
                slot.level = Level.NONE;
                slot.refuse(ReplyCode.INTERNAL, "a stage failed; the failure is counted");
            }
        }
    }

    /** Counted, and the last one kept: a failure that repeats a million times is not printed a million times. */
    private static final class StageFailures {
        private volatile long count;
        private volatile String last = "";

        synchronized void record(String stage, RuntimeException e) {
            count++;
            last = stage + ": " + e;
        }

        long count() {
            return count;
        }

        String last() {
            return last;
        }
    }
}
