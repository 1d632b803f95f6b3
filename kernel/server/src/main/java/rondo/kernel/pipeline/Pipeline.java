package rondo.kernel.pipeline;

import com.lmax.disruptor.MultiProducerSequencer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.Sequencer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import rondo.agents.policy.PolicyTable;
import rondo.agents.traffic.TrafficAgent;
import rondo.ann.HotPath;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.RecommendDecoder;

/**
 * The request ring with the stages of one {@link ThreadPlan} on it.
 *
 * <p><b>Threads:</b> {@link #offer} and {@link #poll} belong to the transport's thread, the ring's only publisher. Under
 * {@link ThreadPlan#FUSED} {@code poll} runs the stages itself; otherwise it only hands out what the stage threads have finished. A slot is free
 * again once its reply was handed out.
 *
 * <p>A stage that throws, or gives numbers that are none, costs its request the slate of the chain: it gets a static one, which says so. So does one that hangs, and its
 * thread the work: another one takes it over ({@link HangWatch}). When it happens too often, or a stage has hung, the {@link CircuitBreaker} takes all requests to the
 * static chain.
 */
public final class Pipeline implements AutoCloseable {
    /** How long a poll may keep the transport's thread from looking for new requests, but for the last one it began. */
    private static final long POLL_NS_MAX = 100_000;

    private static final long NS_PER_MS = 1_000_000;

    /** Place of the last stage. */
    private static final int REPLY = 4;

    private final PipelineConfig config;
    private final Sequencer ring;
    private final RequestSlot[] slots;
    private final Sequence handedOut = new Sequence();

    /** In place of those that threads hang with. */
    private final List<RequestSlot> spares = new ArrayList<>();

    /** What each thread runs, in the order of the chain; the last stage is in none of them. */
    private final List<StageGroup> groups = new ArrayList<>();

    /** The threads beside the transport's; empty when the stages run in {@link #poll}. */
    private final List<StageThread> places = new ArrayList<>();

    private final List<Thread> threads = new ArrayList<>();
    private final Runnable relieveTransport;
    private final @Nullable HangWatch watch;

    /** The last stage, which logs and answers. */
    private final Stage reply;

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
     * @param states           the serving state in force; read once for each request.
     * @param onReply          called on the last stage's thread when {@link #poll} has one reply more, to wake a transport that sleeps; not called when fused.
     * @param relieveTransport called on another thread when the transport's hangs in a stage: a new one is to go on, and the old one's next step is a
     *                         {@link RelievedException} out of {@link #poll}.
     */
    public Pipeline(
            PipelineConfig config,
            PolicyTable policies,
            TrafficAgent trafficAgent,
            Supplier<ServingState> states,
            CircuitBreaker breaker,
            DecisionLog log,
            NanoClock clock,
            Runnable onReply,
            Runnable relieveTransport) {
        this(
                config,
                () -> stages(config, policies, trafficAgent, states, breaker, log, clock),
                new AtOnce(config, states, log, clock),
                breaker,
                clock,
                onReply,
                relieveTransport);
    }

    /** @param stages makes admit, retrieve, rank, select and reply. */
    Pipeline(
            PipelineConfig config,
            Supplier<Stage[]> stages,
            AtOnce atOnce,
            CircuitBreaker breaker,
            NanoClock clock,
            Runnable onReply,
            Runnable relieveTransport) {
        this.config = config;
        this.breaker = breaker;
        this.clock = clock;
        this.atOnce = atOnce;
        this.relieveTransport = relieveTransport;
        atOnce.onFailure(e -> failures.record("AtOnce", e));
        // One thread publishes at a time, but not always the same, which the sequencer for one does not take.
        this.ring = new MultiProducerSequencer(config.ringCapacity(), new SignalledWait(config.spins()));
        this.slots = new RequestSlot[config.ringCapacity()];
        Arrays.setAll(slots, i -> new RequestSlot());
        for (int i = 0; i < breaker.limits().hungMax(); i++) {
            spares.add(new RequestSlot());
        }
        this.reply = stages.get()[REPLY];
        switch (config.plan()) {
            case FUSED -> {
                addGroup(stages, 0, REPLY);
                finished = null;
            }
            case SPLIT -> finished = addThread("stages", null, addGroup(stages, 0, REPLY), onReply);
            case STAGED -> {
                Sequence retrieved = addThread("retrieve", null, addGroup(stages, 0, 2), null);
                finished = addThread("rank", retrieved, addGroup(stages, 2, REPLY), onReply);
            }
            case SPREAD -> {
                Sequence admitted = addThread("admit", null, addGroup(stages, 0, 1), null);
                Sequence retrieved = addThread("retrieve", admitted, addGroup(stages, 1, 2), null);
                Sequence ranked = addThread("rank", retrieved, addGroup(stages, 2, 3), null);
                finished = addThread("select", ranked, addGroup(stages, 3, REPLY), onReply);
            }
            default -> throw new IllegalStateException("plan without wiring: plan=" + config.plan());
        }
        ring.addGatingSequences(handedOut);
        watch = config.hangNs() == 0 ? null : new HangWatch(config.hangNs(), groups, this::relieve);
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
        Stage[] stages = {
            new AdmitStage(config, deciding, trafficAgent, breaker, states),
            new RetrieveStage(deciding, clock),
            new RankStage(deciding, clock),
            new SelectStage(deciding, clock),
            new ReplyStage(log, clock)
        };
        Fault fault = config.fault();
        if (fault != null) {
            fault.into(stages);
        }
        return stages;
    }

    private StageGroup addGroup(Supplier<Stage[]> stages, int from, int to) {
        StageGroup group = new StageGroup(() -> Arrays.copyOfRange(stages.get(), from, to), failures::record);
        groups.add(group);
        averages.add(new ServiceAverage());
        return group;
    }

    /** @param onReply told that there is one reply more; null where the thread is not the last. */
    private Sequence addThread(String name, @Nullable Sequence upstream, StageGroup group, @Nullable Runnable onReply) {
        ServiceAverage average = averages.getLast();
        StageThread.Work work = (sequence, position) -> {
            RequestSlot slot = slot(sequence);
            long startNs = clock.nanoTime();
            group.process(slot, sequence);
            if (onReply == null) {
                average(average, slot, startNs);
                return;
            }
            reply(slot);
            average(average, slot, startNs);
            // Before the call and not after this returns: who is woken looks once, and sleeps again if there is
            // nothing.
            position.set(sequence);
            onReply.run();
        };
        StageThread place =
                new StageThread(group, upstream == null ? ring.newBarrier() : ring.newBarrier(upstream), work);
        places.add(place);
        threads.add(config.threads().make(places.size(), "rondo-" + name, place));
        return place.position();
    }

    @HotPath
    private void average(ServiceAverage average, RequestSlot slot, long startNs) {
        if (!slot.isRefused() && !slot.isGivenUp) {
            average.add(clock.nanoTime() - startNs);
        }
    }

    @HotPath
    private RequestSlot slot(long sequence) {
        return slots[(int) sequence & (slots.length - 1)];
    }

    /** Logs and encodes what the chain has made, and tells the breaker. */
    @HotPath
    private void reply(RequestSlot slot) {
        if (!slot.isGivenUp) {
            try {
                reply.process(slot);
            } catch (RuntimeException e) {
                failures.record(reply.name(), e);
                slot.hasAgentFailed = true;
                // A slate that could not be logged is whole, and leaves.
                slot.isGivenUp = slot.replyLength == 0;
            }
        }
        settle(slot);
    }

    /** Starts the stage threads, if the plan has any, and looks after all that run stages. */
    public void start() {
        threads.forEach(Thread::start);
        if (watch != null) {
            watch.start();
        }
    }

    /** One that was made in advance, as long as there are any: memory may be short just then. */
    private RequestSlot spare() {
        return spares.isEmpty() ? new RequestSlot() : spares.removeLast();
    }

    /** Takes a group from its thread, on the watch's: the request that it hangs in is given up, and a new thread goes on behind it. */
    private void relieve(StageGroup group, long sequence, long workedNs) {
        Thread hung = group.thread();
        String stage = group.relieve(sequence);
        if (stage == null || hung == null) {
            return;
        }
        slots[(int) sequence & (slots.length - 1)] = slot(sequence).abandonedFor(spare());
        breaker.hung(workedNs);
        // Somebody who goes on, before anything else.
        int place = groups.indexOf(group);
        if (places.isEmpty()) {
            relieveTransport.run();
        } else {
            Thread next = config.threads().make(1 + place, hung.getName(), places.get(place));
            threads.set(place, next);
            next.start();
        }
        config.threads().demote(hung);
        hung.interrupt();
        failures.record(
                stage,
                new IllegalStateException("it works on one request for more than " + workedNs / NS_PER_MS
                        + " ms; its thread was given up"));
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
        slot(sequence).take(connectionId, message, offset, length, arrivedNs, receivedNs);
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
            if (finished == null) {
                groups.getFirst().process(slot(sequence), sequence);
            }
            RequestSlot slot = slot(sequence);
            if (finished == null) {
                reply(slot);
            }
            if (slot.isGivenUp) {
                atOnce.answerFailed(slot, clock.nanoTime(), sink);
            } else if (slot.replyLength > 0) {
                // Nothing is better than the bytes of the request that had this slot before.
                sink.reply(slot.connectionId, slot.reply, 0, slot.replyLength);
            }
            long endNs = clock.nanoTime();
            if (finished == null && !slot.isRefused() && !slot.isGivenUp) {
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

    /** Requests that a stage failed on or hung in, since start. */
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
        if (watch != null) {
            watch.close();
        }
        places.forEach(StageThread::halt);
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

    /** Counted, and the last one kept: a failure that repeats a million times is not printed a million times. */
    private static final class StageFailures {
        private volatile long count;
        private volatile String last = "";

        synchronized void record(String stage, Throwable e) {
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
