package rondo.reward.join;

/**
 * What a user did, as it was reported.
 *
 * @param itemId   the item consumed; not read for {@link OutcomeKind#NONE}.
 * @param position place in the slate from 0, −1 when the item was not in it.
 * @param kind     code of an {@link OutcomeKind}.
 * @param value    in [0, 1].
 * @param timeMs   epoch, milliseconds.
 * @param closes   true when nothing more will come for the decision.
 */
public record Outcome(long decisionId, long itemId, int position, int kind, float value, long timeMs, boolean closes) {}
