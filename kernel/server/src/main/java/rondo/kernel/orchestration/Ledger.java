package rondo.kernel.orchestration;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.ann.HotPath;
import rondo.kernel.journal.JournalCarrier;
import rondo.kernel.state.CompactedStore;
import rondo.kernel.thread.SleepFlag;
import rondo.reward.RewardRing;
import rondo.reward.evolution.Promotion;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.experience.RewardTrace;
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeStatus;
import rondo.reward.join.PendingDecision;

/**
 * The thread that owns the truth. Everything that teaches passes through it in one order: journalled first, applied second, acknowledged third. At
 * start the same records are applied again from the journal, which leaves exactly the beliefs, histories and open decisions that there were.
 *
 * <pre>
 * pipeline  ─offerDecision─►┐
 * door      ─offerOutcome──►├─ inbox ─► ledger ─► journal ─► reward ring, tables ─► outbox ─► door
 * door      ─offerInter…───►┘
 * </pre>
 *
 * <p><b>Threads:</b> the {@code offer} methods from any thread; the {@link #outbox} by one; the rest on the ledger's own.
 */
public final class Ledger implements AutoCloseable {
    /** Journal record: a {@link DecisionRecord}. */
    public static final int TYPE_DECISION = 1;

    /**
     * Journal record: an outcome. decisionId int64, itemId int64, timeMs int64, takenAtMs int64, value float32, position int16, kind uint8,
     * closes uint8, category int16.
     */
    public static final int TYPE_OUTCOME = 2;

    /** Journal record: userId int64, itemId int64, timeMs int64, weight float32, category int16. */
    public static final int TYPE_INTERACTION = 3;

    /** Journal record: an {@link ExperienceRow}; derived from the others, kept for training and export. */
    public static final int TYPE_EXPERIENCE = 4;

    /** Journal record: nowMs int64, written when the passing of time alone closes decisions or ends session gaps. */
    public static final int TYPE_TIME = 5;

    /** Journal record: a {@link Promotion}. */
    public static final int TYPE_PROMOTION = 6;

    /** Journal record: checksum int64 of the decision spaces that decisions from here on are made in ({@link RewardRing#spacesChecksum}). */
    public static final int TYPE_SPACES = 7;

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int INBOX_LENGTH = 8 << 20;
    private static final int OUTBOX_LENGTH = 1 << 20;
    private static final int OUTCOME_MESSAGE_LENGTH = 16 + TokenMint.LENGTH + 8 + 8 + 8;
    private static final int INTERACTION_MESSAGE_LENGTH = 16 + 8 + 8 + 8 + 4;
    private static final int ACK_LENGTH = 32;
    private static final int OUTCOME_LENGTH = 42;
    private static final int INTERACTION_LENGTH = 30;
    private static final int BATCH = 256;
    private static final long PARK_NS = 200_000;
    private static final long TICK_MS = 100;
    private static final int MODE_PROCESS = 0;

    private final ManyToOneRingBuffer inbox = new ManyToOneRingBuffer(
            new UnsafeBuffer(BufferUtil.allocateDirectAligned(INBOX_LENGTH + RingBufferDescriptor.TRAILER_LENGTH, 64)));
    private final OneToOneRingBuffer outbox = new OneToOneRingBuffer(new UnsafeBuffer(
            BufferUtil.allocateDirectAligned(OUTBOX_LENGTH + RingBufferDescriptor.TRAILER_LENGTH, 64)));
    private final long[] statusCounts = new long[OutcomeStatus.COUNT];
    private final JournalCarrier journal;
    private final CompactedStore states;
    private final RewardRing rewards;
    private final Consumption consumption;
    private final TokenMint mint;
    private final LongSupplier epochMs;
    private final long tokenLifeMs;
    private long lastDecisionId;
    private final TraceWindow traces = new TraceWindow();
    private final DecisionRecord decision = new DecisionRecord();
    private final UnsafeBuffer record = new UnsafeBuffer(new byte[64]);
    private final UnsafeBuffer ack = new UnsafeBuffer(new byte[ACK_LENGTH]);
    private final MessageHandler onMessage = this::onMessage;
    private final AtomicBoolean isRunning = new AtomicBoolean(true);
    private volatile @Nullable Runnable onAck;
    private final SleepFlag parked = new SleepFlag();
    private volatile @Nullable RuntimeException failure;
    private volatile @Nullable Thread thread;
    private @Nullable RuntimeException stateFailure;
    private boolean isReplaying;
    private boolean hasAcknowledged;
    private long lastTickMs;
    private long spaces;
    /** Written by the ledger's thread, read by deciding ones: which state a decision saw. */
    private volatile long appliedSequence;

    /**
     * @param states        receives what agents hold, a tick late at most.
     * @param rewards       must hand its rows to {@link #experience}.
     * @param tokenLifeMs   a token older than this is refused.
     * @param epochMs       the clock of records.
     */
    public Ledger(
            JournalCarrier journal,
            CompactedStore states,
            RewardRing rewards,
            Consumption consumption,
            TokenMint mint,
            long tokenLifeMs,
            LongSupplier epochMs) {
        this.journal = journal;
        this.states = states;
        this.rewards = rewards;
        this.consumption = consumption;
        this.mint = mint;
        this.tokenLifeMs = tokenLifeMs;
        this.epochMs = epochMs;
    }

    /**
     * Applies the whole journal; before {@link #start}.
     *
     * @throws IOException also when a record is whole but says what none can, naming its sequence and type.
     */
    public void recover() throws IOException {
        isReplaying = true;
        consumption.start();
        journal.replay((sequence, type, payload, offset, length) -> {
            try {
                apply(type, payload, offset, length);
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "the journal holds a record that makes no sense: sequence=" + sequence + ", type=" + type
                                + ", length=" + length + ": " + e.getMessage(),
                        e);
            }
        });
        isReplaying = false;
        traces.publish();
        appliedSequence = journal.lastSequence();
        compact();
    }

    private void apply(int type, DirectBuffer payload, int offset, int length) {
        switch (type) {
            case TYPE_DECISION -> {
                if (decision.wrap(payload, offset).isSound(length)) {
                    lastDecisionId = Math.max(lastDecisionId, decision.decisionId());
                    rewards.onDecision(decision);
                    if (decision.agentCount() > 0) {
                        traces.onDecision(decision.requestId(), decision.decisionId());
                    }
                }
            }
            case TYPE_OUTCOME -> {
                requireLength(length, OUTCOME_LENGTH);
                applyOutcome(payload, offset);
            }
            case TYPE_INTERACTION -> {
                requireLength(length, INTERACTION_LENGTH);
                applyInteraction(payload, offset);
            }
            case TYPE_PROMOTION -> rewards.onPromotion(Promotion.read(payload, offset, length));
            case TYPE_TIME -> {
                requireLength(length, Long.BYTES);
                rewards.onTime(payload.getLong(offset, ByteOrder.LITTLE_ENDIAN));
            }
            case TYPE_SPACES -> {
                requireLength(length, Long.BYTES);
                spaces = payload.getLong(offset, ByteOrder.LITTLE_ENDIAN);
                rewards.onSpaces(spaces);
            }
            default -> {
                // Rows are derived from the records before them; a newer version's types are not ours to judge.
            }
        }
    }

    /** A record of a newer version may be longer. */
    private static void requireLength(int length, int lengthMin) {
        if (length < lengthMin) {
            throw new IllegalArgumentException("the record is too short: expected at least " + lengthMin + " bytes");
        }
    }

    private OutcomeStatus applyOutcome(DirectBuffer in, int at) {
        Outcome outcome = new Outcome(
                in.getLong(at, ByteOrder.LITTLE_ENDIAN),
                in.getLong(at + 8, ByteOrder.LITTLE_ENDIAN),
                in.getShort(at + 36, ByteOrder.LITTLE_ENDIAN),
                in.getByte(at + 38) & 0xFF,
                in.getFloat(at + 32, ByteOrder.LITTLE_ENDIAN),
                in.getLong(at + 16, ByteOrder.LITTLE_ENDIAN),
                in.getByte(at + 39) != 0);
        PendingDecision waiting = rewards.waiting(outcome.decisionId());
        long userId = waiting == null ? 0 : waiting.record().userId();
        rewards.onTime(in.getLong(at + 24, ByteOrder.LITTLE_ENDIAN));
        OutcomeStatus status = rewards.onOutcome(outcome, in.getShort(at + 40, ByteOrder.LITTLE_ENDIAN));
        if (status == OutcomeStatus.ACCEPTED && outcome.kind() > 1 && outcome.value() > 0 && waiting != null) {
            consumption.consumed(userId, outcome.itemId(), outcome.timeMs());
        }
        return status;
    }

    private void applyInteraction(DirectBuffer in, int at) {
        rewards.onInteraction(
                in.getLong(at, ByteOrder.LITTLE_ENDIAN),
                in.getShort(at + 28, ByteOrder.LITTLE_ENDIAN),
                in.getLong(at + 16, ByteOrder.LITTLE_ENDIAN));
        consumption.consumed(
                in.getLong(at, ByteOrder.LITTLE_ENDIAN),
                in.getLong(at + 8, ByteOrder.LITTLE_ENDIAN),
                in.getLong(at + 16, ByteOrder.LITTLE_ENDIAN));
    }

    /** Takes one finished row from the reward ring. Ledger thread. */
    public void experience(ExperienceRow row) {
        traces.add(row);
        if (!isReplaying) {
            journal.append(TYPE_EXPERIENCE, row.buffer(), 0, ExperienceRow.LENGTH);
        }
    }

    /** Hands over one encoded decision; false when the ledger is behind. Any thread; no allocation. */
    @HotPath
    public boolean offerDecision(DirectBuffer bytes, int offset, int length) {
        // No wake-up: nobody waits for a decision's record and the ledger looks by itself within PARK_NS, while waking
        // it would cost a system call, and on few CPUs the CPU, before the reply has left.
        return inbox.write(TYPE_DECISION, bytes, offset, length);
    }

    /** Hands over one outcome with its token; false when the ledger is behind. Any thread. */
    @HotPath
    public boolean offerOutcome(
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
        int at = inbox.tryClaim(TYPE_OUTCOME, OUTCOME_MESSAGE_LENGTH);
        if (at <= 0) {
            return false;
        }
        MutableDirectBuffer out = inbox.buffer();
        out.putLong(at, origin);
        out.putLong(at + 8, correlationId);
        out.putBytes(at + 16, token, tokenOffset, TokenMint.LENGTH);
        int rest = at + 16 + TokenMint.LENGTH;
        out.putLong(rest, itemId);
        out.putLong(rest + 8, timeMs);
        out.putFloat(rest + 16, value);
        out.putShort(rest + 20, (short) position);
        out.putByte(rest + 22, (byte) kind);
        out.putByte(rest + 23, (byte) (closes ? 1 : 0));
        inbox.commit(at);
        wakeLedger();
        return true;
    }

    /** Hands over one interaction; false when the ledger is behind. Any thread. */
    @HotPath
    public boolean offerInteraction(
            long origin, long correlationId, long userId, long itemId, float weight, long timeMs) {
        int at = inbox.tryClaim(TYPE_INTERACTION, INTERACTION_MESSAGE_LENGTH);
        if (at <= 0) {
            return false;
        }
        MutableDirectBuffer out = inbox.buffer();
        out.putLong(at, origin);
        out.putLong(at + 8, correlationId);
        out.putLong(at + 16, userId);
        out.putLong(at + 24, itemId);
        out.putLong(at + 32, timeMs);
        out.putFloat(at + 40, weight);
        inbox.commit(at);
        wakeLedger();
        return true;
    }

    /** Hands over a promotion; false when the ledger is behind. Any thread. */
    public boolean offerPromotion(Promotion promotion) {
        UnsafeBuffer bytes = new UnsafeBuffer(new byte[Promotion.LENGTH_MAX]);
        boolean isTaken = inbox.write(TYPE_PROMOTION, bytes, 0, promotion.write(bytes, 0));
        wakeLedger();
        return isTaken;
    }

    @HotPath
    private void wakeLedger() {
        if (parked.mustWake()) {
            LockSupport.unpark(thread);
        }
    }

    /** The highest id of a decision in the journal, after {@link #recover}; 0 when there is none. */
    public long lastDecisionId() {
        return lastDecisionId;
    }

    /** Writes down in which decision spaces decisions are made from here on, unless the journal says so already; after {@link #recover}. */
    public void declareSpaces() {
        if (spaces != rewards.spacesChecksum()) {
            record.putLong(0, rewards.spacesChecksum(), ByteOrder.LITTLE_ENDIAN);
            journal.append(TYPE_SPACES, record, 0, Long.BYTES);
            apply(TYPE_SPACES, record, 0, Long.BYTES);
        }
    }

    /** Starts the thread; {@code wake} is called after acknowledgements were written and must be cheap. */
    public void start(Runnable wake) {
        onAck = wake;
        thread = Thread.ofPlatform().name("rondo-ledger").daemon(true).start(this::run);
    }

    private void run() {
        try {
            while (isRunning.get()) {
                if (doWork() == 0) {
                    parked.raise();
                    if (inbox.size() == 0) {
                        LockSupport.parkNanos(this, PARK_NS);
                    }
                    parked.lower();
                }
            }
            while (doWork() > 0) {
                // What was offered before the close is still written down.
            }
            compact();
        } catch (RuntimeException e) {
            // Nothing is acknowledged from here on; serving goes on and readiness says so.
            failure = e;
            System.err.println("rondo: the ledger has stopped, outcomes are refused from now on: " + e);
        }
    }

    /** One turn: a batch of messages, and time. Returns the messages handled. */
    public int doWork() {
        int handled = inbox.read(onMessage, BATCH);
        if (handled > 0) {
            appliedSequence = journal.lastSequence();
        }
        long nowMs = epochMs.getAsLong();
        // A clock that was set back must not keep the ledger from ticking until it has caught up.
        if (nowMs - lastTickMs >= TICK_MS || nowMs < lastTickMs) {
            lastTickMs = nowMs;
            if (rewards.joiner().hasExpired(nowMs)) {
                record.putLong(0, nowMs, ByteOrder.LITTLE_ENDIAN);
                journal.append(TYPE_TIME, record, 0, Long.BYTES);
                rewards.onTime(nowMs);
            }
            compact();
        }
        traces.publish();
        Runnable wake = onAck;
        if (hasAcknowledged && wake != null) {
            hasAcknowledged = false;
            wake.run();
        }
        return handled;
    }

    /** Writes the states that have changed since the last time; however often they changed, once. */
    private void compact() {
        if (stateFailure != null) {
            return;
        }
        try {
            rewards.drainChanges(
                    (kind, segment, state) -> states.put(stateKey(kind, segment), journal.lastSequence(), state));
        } catch (RuntimeException e) {
            // The store is a projection: without it nothing is lost, and the next start fills it again.
            stateFailure = e;
            System.err.println("rondo: compacted agent state is no longer written: " + e);
        }
    }

    /** The key of an agent's state in the {@link CompactedStore}. */
    public static long stateKey(AgentKind kind, int segment) {
        return (long) kind.code() << 16 | segment;
    }

    private void onMessage(int type, MutableDirectBuffer buffer, int index, int length) {
        switch (type) {
            case TYPE_DECISION -> {
                journal.append(TYPE_DECISION, buffer, index, length);
                apply(TYPE_DECISION, buffer, index, length);
            }
            case TYPE_PROMOTION -> {
                journal.append(TYPE_PROMOTION, buffer, index, length);
                apply(TYPE_PROMOTION, buffer, index, length);
            }
            case TYPE_OUTCOME -> onOutcome(buffer, index);
            case TYPE_INTERACTION -> onInteraction(buffer, index);
            default -> throw new IllegalStateException("unknown message in the inbox: type=" + type);
        }
    }

    private void onOutcome(DirectBuffer in, int at) {
        long origin = in.getLong(at);
        long correlationId = in.getLong(at + 8);
        int token = at + 16;
        int rest = token + TokenMint.LENGTH;
        long nowMs = epochMs.getAsLong();
        if (!mint.isGenuine(in, token)) {
            acknowledge(origin, correlationId, OutcomeStatus.FORGED, -1);
            return;
        }
        if (nowMs - TokenMint.issuedAtSec(in, token) * 1000 > tokenLifeMs) {
            acknowledge(origin, correlationId, OutcomeStatus.EXPIRED, -1);
            return;
        }
        long itemId = in.getLong(rest);
        long reportedMs = in.getLong(rest + 8);
        record.putLong(0, TokenMint.decisionId(in, token), ByteOrder.LITTLE_ENDIAN);
        record.putLong(8, itemId, ByteOrder.LITTLE_ENDIAN);
        record.putLong(16, happenedAtMs(reportedMs, nowMs), ByteOrder.LITTLE_ENDIAN);
        record.putLong(24, nowMs, ByteOrder.LITTLE_ENDIAN);
        record.putFloat(32, in.getFloat(rest + 16), ByteOrder.LITTLE_ENDIAN);
        record.putShort(36, in.getShort(rest + 20), ByteOrder.LITTLE_ENDIAN);
        record.putByte(38, in.getByte(rest + 22));
        record.putByte(39, in.getByte(rest + 23));
        record.putShort(40, (short) consumption.category(itemId), ByteOrder.LITTLE_ENDIAN);
        OutcomeStatus status = rewards.check(new Outcome(
                TokenMint.decisionId(in, token),
                itemId,
                in.getShort(rest + 20),
                in.getByte(rest + 22) & 0xFF,
                in.getFloat(rest + 16),
                reportedMs,
                in.getByte(rest + 23) != 0));
        long sequence = -1;
        if (status == OutcomeStatus.ACCEPTED || status == OutcomeStatus.LATE) {
            sequence = journal.append(TYPE_OUTCOME, record, 0, OUTCOME_LENGTH);
            status = applyOutcome(record, 0);
        }
        acknowledge(origin, correlationId, status, sequence);
    }

    /** Nothing happened before the epoch or after now: one date in the far future would let everything that was ever popular fade. */
    private static long happenedAtMs(long reportedMs, long nowMs) {
        return reportedMs > 0 && reportedMs < nowMs ? reportedMs : nowMs;
    }

    private void onInteraction(DirectBuffer in, int at) {
        long itemId = in.getLong(at + 24);
        long timeMs = in.getLong(at + 32);
        record.putLong(0, in.getLong(at + 16), ByteOrder.LITTLE_ENDIAN);
        record.putLong(8, itemId, ByteOrder.LITTLE_ENDIAN);
        record.putLong(16, happenedAtMs(timeMs, epochMs.getAsLong()), ByteOrder.LITTLE_ENDIAN);
        record.putFloat(24, in.getFloat(at + 40), ByteOrder.LITTLE_ENDIAN);
        record.putShort(28, (short) consumption.category(itemId), ByteOrder.LITTLE_ENDIAN);
        long sequence = journal.append(TYPE_INTERACTION, record, 0, INTERACTION_LENGTH);
        applyInteraction(record, 0);
        acknowledge(in.getLong(at), in.getLong(at + 8), OutcomeStatus.ACCEPTED, sequence);
    }

    private void acknowledge(long origin, long correlationId, OutcomeStatus status, long sequence) {
        // Opaque: one writer, and whoever reads may be a little behind.
        COUNT.setOpaque(statusCounts, status.code(), statusCounts[status.code()] + 1);
        ack.putLong(0, origin);
        ack.putLong(8, correlationId);
        ack.putLong(16, sequence);
        ack.putInt(24, status.code());
        // A door that does not drain its acknowledgements is gone or closing; the client asks again and is told
        // DUPLICATE.
        outbox.write(1, ack, 0, ACK_LENGTH);
        hasAcknowledged = true;
    }

    /** Receives acknowledgements, on the thread that drains them. */
    public interface AckSink {
        void ack(long origin, long correlationId, int status, int mode, long sequence);
    }

    /** The outbox, to be read with {@link #onAckMessage} by one thread. */
    public RingBuffer outbox() {
        return outbox;
    }

    /** Decodes one message of the outbox. */
    @HotPath
    public static void onAckMessage(AckSink sink, DirectBuffer buffer, int index) {
        sink.ack(
                buffer.getLong(index),
                buffer.getLong(index + 8),
                buffer.getInt(index + 24),
                MODE_PROCESS,
                buffer.getLong(index + 16));
    }

    /** The newest journal record whose effects every later decision sees. Any thread. */
    @HotPath
    public long appliedSequence() {
        return appliedSequence;
    }

    /** Grows with everything that the ledger's thread has dealt with. Any thread. */
    @HotPath
    public long position() {
        return inbox.consumerPosition();
    }

    /** True while something waits for the ledger's thread. Any thread. */
    @HotPath
    public boolean hasBacklog() {
        return inbox.size() > 0;
    }

    /** Outcomes and interactions that were answered so since start. Any thread. */
    public long statusCount(OutcomeStatus status) {
        return (long) COUNT.getOpaque(statusCounts, status.code());
    }

    /**
     * Who earned the reward of the newest request with this id; null when it is not among the newest ones, or no agent decided in it. Any thread; takes
     * some milliseconds.
     */
    public @Nullable RewardTrace trace(long requestId) {
        return traces.find(requestId);
    }

    /** What stopped the ledger's thread, or null. */
    public @Nullable RuntimeException failure() {
        return failure;
    }

    /** Stops the thread after what was offered has been written. Journal and store are closed by whoever opened them, afterwards. */
    @Override
    public void close() {
        isRunning.set(false);
        Thread running = thread;
        if (running != null) {
            LockSupport.unpark(running);
            try {
                running.join(5_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
