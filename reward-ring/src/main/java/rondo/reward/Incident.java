package rondo.reward;

/**
 * Something that went wrong, or right again, and what was done about it.
 *
 * @param timeMs    epoch, milliseconds.
 * @param signal    a {@link rondo.reward.monitor.Signal}, with ARTICLE_ before it when the source article's monitors say so; HARM, SEPARATION, CHALLENGER, LOSS,
 *     or BREAKER.
 * @param who       agents and segment concerned; empty for the whole.
 * @param cause     in words.
 * @param value     what was measured; of a separation, how far the frozen one had moved from its static policy; of a challenger, what it
 *     earned more per request than the champion.
 * @param threshold what it was measured against; of a separation, how far the other one had; of a challenger, how far its gain may be off.
 * @param response  a {@link rondo.reward.monitor.Signal.Response}, REVERT, FREEZE, HOLD at the static action, REPORT when nothing is done about the article's, ADOPT or RETIRE a challenger, or what a breaker
 *     does now: STATIC_CHAIN, PROBE or AGENTS.
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
