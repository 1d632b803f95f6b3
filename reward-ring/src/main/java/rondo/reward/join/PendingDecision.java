package rondo.reward.join;

import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** A decision that waits for what comes of it; used again for another one when it is closed. */
public final class PendingDecision {
    private final DecisionRecord record = new DecisionRecord();
    private final UnsafeBuffer copy = new UnsafeBuffer(new byte[0]);
    private long[] marks = new long[4];
    private int markCount;
    private long expiresAtMs;
    private double outcomes;
    private int consumedPlace;
    private boolean hasOutcome;
    private boolean isComplete;
    private boolean isSessionKnown;
    private boolean hasReturned;

    /** Neighbours of those whose session part is not known, and the next of them that is the same user's; the {@link SessionWait}'s own. */
    @Nullable
    PendingDecision earlier;

    @Nullable
    PendingDecision later;

    @Nullable
    PendingDecision nextOfUser;

    PendingDecision() {}

    /** Begins to wait for what comes of another decision, of which it takes a copy. */
    void open(DecisionRecord source, long expiryMs) {
        if (copy.capacity() < source.length()) {
            copy.wrap(new byte[source.length()]);
        }
        source.copyTo(copy, 0);
        record.wrap(copy, 0);
        markCount = 0;
        expiresAtMs = expiryMs;
        outcomes = 0;
        consumedPlace = -1;
        hasOutcome = false;
        isComplete = false;
        isSessionKnown = true;
        hasReturned = false;
    }

    /** What was decided. */
    public DecisionRecord record() {
        return record;
    }

    /** The worth of its outcomes, each times its value; at most 1. */
    public double outcomes() {
        return outcomes;
    }

    /** True when its user came back in time; never where no session part is waited for. */
    public boolean hasReturned() {
        return hasReturned;
    }

    /** Place in the slate of the first item consumed, −1 when none was. */
    public int consumedPlace() {
        return consumedPlace;
    }

    /** True when something was reported, be it that nothing happened. */
    public boolean hasOutcome() {
        return hasOutcome;
    }

    long expiresAtMs() {
        return expiresAtMs;
    }

    /** True when an outcome with this mark was added. */
    boolean hasSeen(long mark) {
        for (int i = 0; i < markCount; i++) {
            if (marks[i] == mark) {
                return true;
            }
        }
        return false;
    }

    /** True when nothing more will be reported of it. */
    boolean isComplete() {
        return isComplete;
    }

    boolean isSessionKnown() {
        return isSessionKnown;
    }

    void awaitSession() {
        isSessionKnown = false;
    }

    void settleSession(boolean hasCome) {
        isSessionKnown = true;
        hasReturned = hasCome;
    }

    /** @param worthOfOne worth of an outcome of its kind with the value 1. */
    void add(Outcome outcome, long mark, double worthOfOne) {
        if (markCount == marks.length) {
            marks = Arrays.copyOf(marks, 2 * markCount);
        }
        marks[markCount++] = mark;
        hasOutcome = true;
        isComplete |= outcome.closes();
        double worth = worthOfOne * outcome.value();
        outcomes = Math.min(1, outcomes + worth);
        if (worth > 0 && outcome.position() >= 0 && consumedPlace < 0) {
            consumedPlace = outcome.position();
        }
    }
}
