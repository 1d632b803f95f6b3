package rondo.reward.join;

import org.agrona.concurrent.UnsafeBuffer;

/** A decision that waits for what comes of it. */
public final class PendingDecision {
    private final DecisionRecord record = new DecisionRecord();
    private final long expiresAtMs;
    private double globalReward;
    private int consumedPlace = -1;
    private boolean hasOutcome;

    PendingDecision(DecisionRecord source, long expiresAtMs) {
        UnsafeBuffer copy = new UnsafeBuffer(new byte[source.length()]);
        source.copyTo(copy, 0);
        this.record.wrap(copy, 0);
        this.expiresAtMs = expiresAtMs;
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

    void add(Outcome outcome) {
        hasOutcome = true;
        double worth = OutcomeKind.ofCode(outcome.kind()).weight() * outcome.value();
        globalReward = Math.min(1, globalReward + worth);
        if (worth > 0 && outcome.position() >= 0 && consumedPlace < 0) {
            consumedPlace = outcome.position();
        }
    }
}
