package rondo.reward.monitor;

/**
 * An alarm that was raised or cleared.
 *
 * @param first     agent concerned, −1 for none.
 * @param second    the other agent of a pair, or the segment under {@link Signal#ENTROPY}; −1 for none.
 * @param cause     in words.
 * @param value     what was measured.
 * @param threshold what it was measured against.
 * @param epoch     that ended with it; under {@link Signal#ALPHA_STUCK} the tick.
 */
public record Alarm(
        Signal signal,
        int first,
        int second,
        String cause,
        double value,
        double threshold,
        long epoch,
        boolean isRaised) {
    /** True when {@code other} says of the same signal and subject that it was raised or cleared. */
    public boolean hasSubjectOf(Alarm other) {
        return signal == other.signal && first == other.first && second == other.second;
    }

    /** What is to be done while it stands. */
    public Signal.Response response() {
        return signal.response();
    }
}
