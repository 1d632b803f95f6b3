package rondo.reward.join;

import java.util.function.Consumer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The decisions whose session part is not known yet, and what makes it known.
 *
 * <p>The session part of a decision is 1 when its user came back: when, after the millisecond of the decision and before {@code gapMs} have passed, the
 * same user id made another request, consumed something outside any slate, or consumed something from another slate. Otherwise it is 0. What the user
 * did with the decision's own slate are its outcomes and no return.
 *
 * <pre>
 * open ──► waits ──── user came back (every decision of the user within its gap) ──► 1 ──┐
 *            └─────── gap over, by the clock that records and ticks carry ─────────► 0 ──┴─► known, told once
 * </pre>
 *
 * <p>A decision that nothing more will be reported of closes when its part becomes known, or at once when it is; one that the outcome is still missing
 * of goes on waiting for it, to the end of its window, with its part. As gaps are no longer than windows, every part is known when a window ends.
 *
 * <p>When a consumption <em>happened</em> decides whether it is within the gap; when it was <em>told</em> decides whether it still counts, because a
 * part that is known stays what it is. An id that several people share comes back all the time, and so does a page that asks for several slates in
 * turn: the weight of the session part is for callers that have neither.
 *
 * <p>One thread; a pure function of the calls in their order. Decisions hang on each other, so that one allocates nothing while fewer wait, and what is
 * held is what waits.
 */
final class SessionWait {
    private final long gapMs;
    private final Consumer<PendingDecision> onKnown;

    /** Each user's decision that has waited longest; the user's others hang on it by {@link PendingDecision#nextOfUser}. */
    private final Long2ObjectHashMap<PendingDecision> byUser = new Long2ObjectHashMap<>();

    /** All that wait, in the order in which they were opened. */
    private @Nullable PendingDecision first;

    private @Nullable PendingDecision last;

    /**
     * @param onKnown receives each decision once, when its session part has become known.
     */
    SessionWait(long gapMs, Consumer<PendingDecision> onKnown) {
        this.gapMs = gapMs;
        this.onKnown = onKnown;
    }

    /** A decision was made; its user has been told of by {@link #onReturn} before. */
    void open(PendingDecision decision) {
        decision.awaitSession();
        decision.earlier = last;
        decision.later = null;
        if (last == null) {
            first = decision;
        } else {
            last.later = decision;
        }
        last = decision;
        decision.nextOfUser = null;
        long userId = decision.record().userId();
        PendingDecision other = byUser.get(userId);
        if (other == null) {
            byUser.put(userId, decision);
            return;
        }
        // Few: only decisions of one millisecond, or from before a clock was set back, do not settle each other.
        while (other.nextOfUser != null) {
            other = other.nextOfUser;
        }
        other.nextOfUser = decision;
    }

    /**
     * A user did something at {@code timeMs}.
     *
     * @param sourceId the decision whose slate it was done with, for which it is no return.
     */
    void onReturn(long userId, long timeMs, long sourceId) {
        PendingDecision decision = byUser.get(userId);
        while (decision != null) {
            PendingDecision next = decision.nextOfUser;
            DecisionRecord record = decision.record();
            if (record.decidedAtMs() < timeMs && timeMs < endsAtMs(decision) && record.decisionId() != sourceId) {
                settle(decision, true);
            }
            decision = next;
        }
    }

    private long endsAtMs(PendingDecision decision) {
        return decision.record().decidedAtMs() + gapMs;
    }

    /** True when {@link #onTime} at {@code nowMs} would make a part known. */
    boolean hasEnded(long nowMs) {
        return first != null && endsAtMs(first) <= nowMs;
    }

    /** Nobody came back to the decisions whose gap is over by {@code nowMs}. */
    void onTime(long nowMs) {
        while (first != null && endsAtMs(first) <= nowMs) {
            settle(first, false);
        }
    }

    private void settle(PendingDecision decision, boolean hasReturned) {
        unlink(decision);
        unlinkOfUser(decision);
        decision.settleSession(hasReturned);
        onKnown.accept(decision);
    }

    private void unlink(PendingDecision decision) {
        if (decision.earlier == null) {
            first = decision.later;
        } else {
            decision.earlier.later = decision.later;
        }
        if (decision.later == null) {
            last = decision.earlier;
        } else {
            decision.later.earlier = decision.earlier;
        }
    }

    private void unlinkOfUser(PendingDecision decision) {
        long userId = decision.record().userId();
        PendingDecision before = byUser.get(userId);
        if (before == decision) {
            if (decision.nextOfUser == null) {
                byUser.remove(userId);
            } else {
                byUser.put(userId, decision.nextOfUser);
            }
            return;
        }
        while (before != null && before.nextOfUser != decision) {
            before = before.nextOfUser;
        }
        if (before != null) {
            before.nextOfUser = decision.nextOfUser;
        }
    }
}
