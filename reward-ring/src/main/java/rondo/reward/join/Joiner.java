package rondo.reward.join;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongArrayQueue;
import org.agrona.collections.LongHashSet;
import org.jspecify.annotations.Nullable;

/**
 * Joins outcomes to decisions within a window. At any time joined + defaulted + late + waiting = decisions: a decision is <em>joined</em> when
 * something was reported in time, <em>defaulted</em> when its window closed without, and <em>late</em> when something came after that.
 *
 * <p>Where the {@link GlobalReward} has a session part, a decision of which nothing more will be reported still waits for that part ({@link SessionWait}).
 * To those who report it is closed already. Without a session part nothing of this is there.
 *
 * <p>One thread. Time is what callers say it is. Memory is bounded by {@code rememberedMax} closed decisions beside the most that ever waited at once;
 * a decision allocates nothing while fewer wait.
 */
public final class Joiner {
    private static final int PLACE_BITS = 10;

    private final long windowMs;
    private final int rememberedMax;
    private final GlobalReward global;
    private final @Nullable SessionWait sessions;
    private final Long2ObjectHashMap<PendingDecision> pending = new Long2ObjectHashMap<>();
    private final LongArrayQueue byExpiry = new LongArrayQueue(Long.MIN_VALUE);
    private final Long2ObjectHashMap<Closed> closed = new Long2ObjectHashMap<>();
    private final LongArrayQueue closedOrder = new LongArrayQueue(Long.MIN_VALUE);

    /** What came of decisions after their windows had closed. */
    private final Long2ObjectHashMap<LongHashSet> seenLate = new Long2ObjectHashMap<>();

    private final ArrayDeque<PendingDecision> unused = new ArrayDeque<>();
    private final Consumer<PendingDecision> onClosed;
    private long decisionCount;
    private long joinedCount;
    private long defaultedCount;
    private long lateCount;

    private enum Closed {
        JOINED,
        DEFAULTED,
        LATE
    }

    /**
     * @param windowMs      how long a decision waits, milliseconds.
     * @param rememberedMax closed decisions kept apart from unknown ones.
     * @param global        what outcomes are worth, and whether a session part is waited for.
     * @param onClosed      receives each decision once, when it is joined or defaulted; it is valid until the call returns.
     */
    public Joiner(long windowMs, int rememberedMax, GlobalReward global, Consumer<PendingDecision> onClosed) {
        if (global.hasSession() && global.sessionGapMs() > windowMs) {
            throw new IllegalArgumentException("a session gap is no longer than the window: sessionGapMs="
                    + global.sessionGapMs() + ", windowMs=" + windowMs);
        }
        this.windowMs = windowMs;
        this.rememberedMax = rememberedMax;
        this.global = global;
        this.sessions = global.hasSession() ? new SessionWait(global.sessionGapMs(), this::closeWhenKnown) : null;
        this.onClosed = onClosed;
    }

    /** Opens a decision, with which its user comes back to earlier ones; a decision id that is already known changes nothing. */
    public void onDecision(DecisionRecord record) {
        long id = record.decisionId();
        if (isKnown(id)) {
            return;
        }
        decisionCount++;
        if (sessions != null) {
            sessions.onReturn(record.userId(), record.decidedAtMs(), id);
        }
        PendingDecision decision = unused.poll();
        if (decision == null) {
            decision = new PendingDecision();
        }
        decision.open(record, record.decidedAtMs() + windowMs);
        pending.put(id, decision);
        byExpiry.offerLong(id);
        if (sessions != null) {
            sessions.open(decision);
        }
    }

    /** True when the decision waits, or is closed and remembered. */
    public boolean isKnown(long decisionId) {
        return pending.containsKey(decisionId) || closed.containsKey(decisionId);
    }

    /** A user consumed something outside any slate, at {@code timeMs}. */
    public void onInteraction(long userId, long timeMs) {
        if (sessions != null) {
            sessions.onReturn(userId, timeMs, Long.MIN_VALUE);
        }
    }

    /** The decision that waits under this id, or null; valid until it is closed. */
    public @Nullable PendingDecision waiting(long decisionId) {
        return pending.get(decisionId);
    }

    /** Says what {@link #onOutcome} would, and changes nothing. */
    public OutcomeStatus check(Outcome outcome) {
        if (!OutcomeKind.isCode(outcome.kind())
                || !(outcome.value() >= 0 && outcome.value() <= 1)
                || outcome.position() < -1) {
            return OutcomeStatus.INVALID;
        }
        PendingDecision decision = pending.get(outcome.decisionId());
        if (decision == null && !closed.containsKey(outcome.decisionId())) {
            return OutcomeStatus.UNKNOWN;
        }
        if (decision != null && decision.isComplete()) {
            return OutcomeStatus.DUPLICATE;
        }
        if (decision != null && outcome.kind() != OutcomeKind.NONE.code() && outcome.position() >= 0) {
            DecisionRecord record = decision.record();
            if (outcome.position() >= record.slateCount() || record.itemId(outcome.position()) != outcome.itemId()) {
                return OutcomeStatus.INVALID;
            }
        }
        if (decision != null) {
            return decision.hasSeen(mark(outcome)) ? OutcomeStatus.DUPLICATE : OutcomeStatus.ACCEPTED;
        }
        LongHashSet marks = seenLate.get(outcome.decisionId());
        boolean isSeen = marks != null && marks.contains(mark(outcome));
        return isSeen || closed.get(outcome.decisionId()) == Closed.JOINED
                ? OutcomeStatus.DUPLICATE
                : OutcomeStatus.LATE;
    }

    /** Takes one outcome; it counts once for its decision, place and kind. */
    public OutcomeStatus onOutcome(Outcome outcome) {
        OutcomeStatus status = check(outcome);
        long id = outcome.decisionId();
        if (status == OutcomeStatus.LATE) {
            if (closed.get(id) == Closed.DEFAULTED) {
                defaultedCount--;
                lateCount++;
                closed.put(id, Closed.LATE);
            }
            seenLate.computeIfAbsent(id, k -> new LongHashSet()).add(mark(outcome));
        } else if (status == OutcomeStatus.ACCEPTED) {
            PendingDecision decision = pending.get(id);
            OutcomeKind kind = OutcomeKind.ofCode(outcome.kind());
            long userId = decision.record().userId();
            decision.add(outcome, mark(outcome), global.worth(kind));
            closeWhenKnown(decision);
            if (sessions != null && kind.isConsumption() && outcome.value() > 0) {
                sessions.onReturn(userId, outcome.timeMs(), id);
            }
        }
        return status;
    }

    private static long mark(Outcome outcome) {
        return (long) outcome.kind() << PLACE_BITS | (outcome.position() + 1);
    }

    /** True when {@link #onTime} at {@code nowMs} would close a decision or end its session gap. */
    public boolean hasExpired(long nowMs) {
        if (sessions != null && sessions.hasEnded(nowMs)) {
            return true;
        }
        PendingDecision oldest = oldest();
        return oldest != null && oldest.expiresAtMs() <= nowMs;
    }

    /** The decision that has waited longest; those that were closed early are forgotten on the way to it. */
    private @Nullable PendingDecision oldest() {
        while (!byExpiry.isEmpty()) {
            PendingDecision decision = pending.get(byExpiry.peekLong());
            if (decision != null) {
                return decision;
            }
            byExpiry.pollLong();
        }
        return null;
    }

    /** Ends every session gap, then closes every decision whose window has ended, by {@code nowMs}. */
    public void onTime(long nowMs) {
        if (sessions != null) {
            sessions.onTime(nowMs);
        }
        PendingDecision oldest = oldest();
        while (oldest != null && oldest.expiresAtMs() <= nowMs) {
            close(oldest);
            oldest = oldest();
        }
    }

    private void closeWhenKnown(PendingDecision decision) {
        if (decision.isComplete() && decision.isSessionKnown()) {
            close(decision);
        }
    }

    private void close(PendingDecision decision) {
        assert decision.isSessionKnown()
                : "closed without its session part: " + decision.record().decisionId();
        long id = decision.record().decisionId();
        pending.remove(id);
        if (decision.hasOutcome()) {
            joinedCount++;
            closed.put(id, Closed.JOINED);
        } else {
            defaultedCount++;
            closed.put(id, Closed.DEFAULTED);
        }
        closedOrder.offerLong(id);
        while (closedOrder.size() > rememberedMax) {
            long oldest = closedOrder.pollLong();
            closed.remove(oldest);
            seenLate.remove(oldest);
        }
        onClosed.accept(decision);
        unused.push(decision);
    }

    public long decisionCount() {
        return decisionCount;
    }

    public long joinedCount() {
        return joinedCount;
    }

    public long defaultedCount() {
        return defaultedCount;
    }

    public long lateCount() {
        return lateCount;
    }

    /** Decisions that still wait, for what is reported or for their session part. */
    public int waitingCount() {
        return pending.size();
    }
}
