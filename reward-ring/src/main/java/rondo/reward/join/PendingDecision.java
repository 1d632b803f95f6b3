package rondo.reward.join;

import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/** A decision that waits for what comes of it; used again for another one when it is closed. */
public final class PendingDecision {
    private final DecisionRecord record = new DecisionRecord();
    private final UnsafeBuffer copy = new UnsafeBuffer(new byte[0]);
    private long[] marks = new long[4];
    private int markCount;
    private long expiresAtMs;
    private double globalReward;
    private int consumedPlace;
    private boolean hasOutcome;

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
        globalReward = 0;
        consumedPlace = -1;
        hasOutcome = false;
    }

    /** What was decided. */
    public DecisionRecord record() {
        return record;
    }

    /** Sum of the weighted outcomes, at most 1. */
    public double globalReward() {
        return globalReward;
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

    void add(Outcome outcome, long mark) {
        if (markCount == marks.length) {
            marks = Arrays.copyOf(marks, 2 * markCount);
        }
        marks[markCount++] = mark;
        hasOutcome = true;
        double worth = OutcomeKind.ofCode(outcome.kind()).weight() * outcome.value();
        globalReward = Math.min(1, globalReward + worth);
        if (worth > 0 && outcome.position() >= 0 && consumedPlace < 0) {
            consumedPlace = outcome.position();
        }
    }
}
