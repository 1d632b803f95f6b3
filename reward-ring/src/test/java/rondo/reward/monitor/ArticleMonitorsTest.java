package rondo.reward.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two agents of two actions, looked at every ten requests. */
class ArticleMonitorsTest {
    private static final float[] OPEN = {0.5f, 0.5f};
    private static final float[] CLOSED = {0.99f, 0.01f};

    private final List<Alarm> alarms = new ArrayList<>();
    private final ArticleMonitors monitors = new ArticleMonitors(new int[] {2, 2}, alarms::add);
    private int requests;

    /** Requests until the next look; the second agent's actions are the first one's, or other halves of the same series. */
    private List<Alarm> look(float[] policy, boolean areAlike, double local, double global, double distance) {
        alarms.clear();
        do {
            int first = requests >> 1 & 1;
            monitors.decision(0, first, policy, local);
            monitors.decision(1, areAlike ? first : requests & 1, OPEN, Double.NaN);
            monitors.request(global, distance);
        } while (++requests % 10 != 0);
        return List.copyOf(alarms);
    }

    private List<Alarm> healthy() {
        return look(OPEN, false, 0.5, 0.5, 0.6);
    }

    private void raisesAndClears(Signal signal, int first, int second, double value, List<Alarm> found) {
        assertEquals(1, found.size(), found.toString());
        Alarm alarm = found.getFirst();
        assertTrue(alarm.isRaised() && alarm.signal() == signal, alarm.toString());
        assertEquals(first, alarm.first());
        assertEquals(second, alarm.second());
        assertEquals(value, alarm.value(), 1e-6);
        assertEquals(List.of(), healthy(), "one good look is not enough");
        assertEquals(List.of(), healthy());
        Alarm cleared = healthy().getFirst();
        assertTrue(!cleared.isRaised() && cleared.hasSubjectOf(alarm), cleared.toString());
    }

    @Test
    void shouldTellWhatTheArticlesFormulasSay() {
        assertEquals(List.of(), healthy());
        raisesAndClears(
                Signal.ENTROPY,
                0,
                -1,
                CompatMonitor.normalisedEntropy(new double[] {0.99f, 0.01f}),
                look(CLOSED, false, 0.5, 0.5, 0.6));
        raisesAndClears(Signal.COLLUSION, 0, 1, 1, look(OPEN, true, 0.5, 0.5, 0.6));
        raisesAndClears(Signal.DIVERGENCE, 0, -1, 0.87, look(OPEN, false, 0.9, 0.03, 0.6));
        raisesAndClears(Signal.DIVERSITY, -1, -1, 0.29, look(OPEN, false, 0.5, 0.5, 0.29));
    }

    @Test
    void shouldSayNothingOfAPairThatHasNotDecidedTogetherFiveTimes() {
        for (int i = 0; i < 20; i++) {
            monitors.decision(0, i & 1, OPEN, Double.NaN);
            if (i % 5 == 0) {
                monitors.decision(1, i & 1, OPEN, Double.NaN);
            }
            monitors.request(0.5, Double.NaN);
        }
        assertEquals(List.of(), alarms);
    }
}
