package rondo.reward;

/**
 * Something that the watch has seen and what was done about it.
 *
 * @param timeMs    epoch, milliseconds.
 * @param signal    a {@link rondo.reward.monitor.Signal}, or HARM.
 * @param who       agents and segment concerned; empty for the whole.
 * @param cause     in words.
 * @param value     what was measured.
 * @param threshold what it was measured against.
 * @param response  a {@link rondo.reward.monitor.Signal.Response}, or REVERT.
 * @param isRaised  false when an alarm has ended.
 */
public record Incident(
        long timeMs,
        String signal,
        String who,
        String cause,
        double value,
        double threshold,
        String response,
        boolean isRaised) {}
