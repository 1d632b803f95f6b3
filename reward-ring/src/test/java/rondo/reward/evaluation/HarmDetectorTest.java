package rondo.reward.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HarmDetectorTest {
    private static final double PARENT_SHARE = 0.1;
    private static final double RATE = 0.2;

    /** Events until the alarm, or {@code eventsMax} without one. */
    private static int events(long seed, double policyRate, int eventsMax) {
        HarmDetector detector = new HarmDetector(1e8);
        SplittableRandom random = new SplittableRandom(seed);
        for (int events = 1; events <= eventsMax; events++) {
            boolean isParent = random.nextDouble() < PARENT_SHARE;
            double reward = random.nextDouble() < (isParent ? RATE : policyRate) ? 1 : 0;
            detector.observe(isParent, PARENT_SHARE, 1, reward, RATE);
            if (detector.isHarmful()) {
                return events;
            }
        }
        return eventsMax;
    }

    @Test
    void shouldFindHarmWithinThreeTimesTheLeastThatAnyMethodNeeds() {
        double bound = HarmDetector.lowerBound(RATE, RATE * 0.8, PARENT_SHARE, 1e-4);
        double sum = 0;
        int runs = 50;
        for (int run = 0; run < runs; run++) {
            sum += events(run, RATE * 0.8, 1_000_000);
        }
        assertTrue(sum / runs < 3 * bound, "events=" + sum / runs + ", bound=" + bound);
        assertTrue(sum / runs > bound / 10, "so soon cannot be: events=" + sum / runs + ", bound=" + bound);
    }

    @Test
    void shouldAccuseNeitherAnEqualNorABetterPolicy() {
        for (int run = 0; run < 10; run++) {
            assertEquals(200_000, events(run, RATE, 200_000));
            assertEquals(200_000, events(run, RATE * 1.1, 200_000));
        }
    }

    @Test
    void shouldConcludeNothingFromWhatCannotBe() {
        HarmDetector detector = new HarmDetector(100);
        double[] wrong = {Double.NaN, Double.POSITIVE_INFINITY, -0.1, 1.1};
        for (double value : wrong) {
            detector.observe(true, 0.5, 1, value, 0.2);
            detector.observe(true, value, 1, 1, 0.2);
            detector.observe(true, 0.5, value, 1, 0.2);
        }
        detector.observe(true, 0, 1, 1, 0.2);
        detector.observe(true, 1, 1, 1, 0.2);
        assertEquals(0, detector.evidence());
        assertFalse(detector.isHarmful());
        assertThrows(IllegalArgumentException.class, () -> new HarmDetector(0.5));
        assertThrows(IllegalArgumentException.class, () -> new HarmDetector(Double.NaN));
    }
}
