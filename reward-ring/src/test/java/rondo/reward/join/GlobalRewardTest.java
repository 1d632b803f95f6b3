package rondo.reward.join;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class GlobalRewardTest {
    private static final long WINDOW_MS = 100;

    private final DecisionRecord record = new DecisionRecord().wrap(new UnsafeBuffer(new byte[256]), 0);

    /** The global reward of a slate with this distance, of which kinds were reported with these values, where random slates have 0.8. */
    private double global(GlobalReward weights, float distance, boolean isBack, Object... kindsAndValues) {
        double[] made = {Double.NaN};
        Joiner joiner = new Joiner(WINDOW_MS, 16, weights, decision -> made[0] = weights.of(decision, 0.8));
        record.userId(7)
                .decidedAtMs(0)
                .decisionId(1)
                .agentCount(0)
                .flags(0)
                .slateCount(2)
                .distance(distance);
        record.slate(0, 100, 0, 0, 0);
        record.slate(1, 101, 1, 1, 0);
        joiner.onDecision(record);
        if (isBack) {
            joiner.onInteraction(7, 1);
        }
        for (int i = 0; i < kindsAndValues.length; i += 2) {
            int kind = ((OutcomeKind) kindsAndValues[i]).code();
            float value = (Float) kindsAndValues[i + 1];
            assertEquals(OutcomeStatus.ACCEPTED, joiner.onOutcome(new Outcome(1, 101, 1, kind, value, 2, false)));
        }
        joiner.onTime(WINDOW_MS);
        return made[0];
    }

    @Test
    void shouldMixOutcomesSessionAndDiversity() {
        GlobalReward mix = new GlobalReward(0.1, 0.5, 0.25, 1, 0.3, 0.2, 50);
        assertEquals(0, global(mix, 0, false), 0, "nothing");
        assertEquals(0.3, global(mix, 0, true), 1e-12, "came back");
        assertEquals(0.2 * 0.5, global(mix, 0.4f, false), 1e-5, "half as diverse as random slates");
        assertEquals(0.2, global(mix, 1f, false), 1e-12, "more diverse than random slates");
        assertEquals(0.5 * 0.1, global(mix, 0, false, OutcomeKind.VIEW, 1f), 1e-12);
        assertEquals(0.5 * 0.5, global(mix, 0, false, OutcomeKind.CLICK, 1f), 1e-12);
        assertEquals(0.5 * 0.25, global(mix, 0, false, OutcomeKind.LIKE, 1f), 1e-12);
        assertEquals(0.5, global(mix, 0, false, OutcomeKind.PURCHASE, 1f), 1e-12);
        assertEquals(
                0.5 * (0.1 + 0.5 * 0.5) + 0.3 + 0.2 * 0.5,
                global(mix, 0.4f, true, OutcomeKind.VIEW, 1f, OutcomeKind.CLICK, 0.5f),
                1e-5);
        assertEquals(1, global(mix, 0.9f, true, OutcomeKind.PURCHASE, 1f, OutcomeKind.CLICK, 1f), 1e-12, "capped at 1");
    }

    @Test
    void shouldBeTheOutcomesToTheLastBitByDefault() {
        for (float value : new float[] {0f, 0.1f, 0.3f, 1f / 3, 0.7f, 1f}) {
            double expected = Math.min(1, 0.2 * value);
            assertEquals(expected, global(GlobalReward.STANDARD, 0.77f, true, OutcomeKind.VIEW, value), 0);
            assertEquals(value, global(GlobalReward.STANDARD, 0.77f, true, OutcomeKind.CLICK, value), 0);
        }
    }

    @Test
    void shouldGiveASlateOfOneItemNoDiversity() {
        record.slateCount(1).distance(1f).agentCount(0).decidedAtMs(0).decisionId(1);
        GlobalReward diverse = new GlobalReward(0, 0, 0, 0, 0, 1, 1);
        double[] made = {Double.NaN};
        Joiner joiner = new Joiner(WINDOW_MS, 16, diverse, decision -> made[0] = diverse.of(decision, 0.8));
        joiner.onDecision(record);
        joiner.onTime(WINDOW_MS);
        assertEquals(0, made[0], 0);
    }

    @Test
    void shouldRefuseWhatIsNoMixtureByName() {
        refused("viewWorth", -0.1, 1, 1, 1, 0, 0, 1);
        refused("clickWorth", 0, 1.1, 1, 1, 0, 0, 1);
        refused("likeWorth", 0, 1, Double.NaN, 1, 0, 0, 1);
        refused("purchaseWorth", 0, 1, 1, 2, 0, 0, 1);
        refused("sessionWeight", 0, 1, 1, 1, -1, 0, 1);
        refused("diversityWeight", 0, 1, 1, 1, 0, 1.5, 1);
        refused("sessionWeight and diversityWeight", 0, 1, 1, 1, 0.6, 0.5, 1);
        refused("sessionGapMs", 0, 1, 1, 1, 0, 0, 0);
        // Weights that add up to 1 only on paper are taken, and nothing comes out below 0.
        for (int i = 0; i <= 100; i++) {
            GlobalReward mix = new GlobalReward(0, 1, 1, 1, i / 100.0, (100 - i) / 100.0, 50);
            assertTrue(global(mix, 0, false, OutcomeKind.CLICK, 1f) >= 0, "sessionWeight=" + mix.sessionWeight());
        }
    }

    private static void refused(
            String name,
            double view,
            double click,
            double like,
            double purchase,
            double session,
            double diversity,
            long gapMs) {
        String message = String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> new GlobalReward(view, click, like, purchase, session, diversity, gapMs))
                .getMessage());
        assertTrue(message.startsWith(name), message);
    }
}
