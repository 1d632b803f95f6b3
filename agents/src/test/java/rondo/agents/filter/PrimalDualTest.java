package rondo.agents.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PrimalDualTest {
    @Test
    void shouldMoveByStepTimesViolationWithinItsBounds() {
        PrimalDual prices = new PrimalDual(2);
        prices.learn(0, -0.5);
        assertEquals(0, prices.multiplier(0));
        prices.learn(0, 0.5);
        assertEquals(0.005, prices.multiplier(0), 1e-15);
        assertEquals(0.3 - 0.005 * 0.4, prices.priced(0.3, new double[] {0.4, 1}), 1e-15);
        SplittableRandom random = new SplittableRandom(31);
        for (int i = 0; i < 10_000; i++) {
            prices.learn(1, random.nextInt(5) == 0 ? -1 : 1);
            assertTrue(prices.multiplier(1) >= 0 && prices.multiplier(1) <= PrimalDual.MULTIPLIER_MAX);
        }
        assertEquals(PrimalDual.MULTIPLIER_MAX, prices.multiplier(1), 0.05);
    }

    @Test
    void shouldLetAGreedyPolicyKeepItsConstraintOnAverage() {
        // Two actions: reward 1 and violation .6, reward .5 and violation -.4. The best mix plays the first 40 % of the
        // time.
        PrimalDual prices = new PrimalDual(1);
        double violation = 0;
        double reward = 0;
        int steps = 20_000;
        for (int t = 0; t < steps; t++) {
            boolean first = prices.priced(1, new double[] {0.6}) > prices.priced(0.5, new double[] {-0.4});
            prices.learn(0, first ? 0.6 : -0.4);
            violation += first ? 0.6 : -0.4;
            reward += first ? 1 : 0.5;
        }
        assertEquals(0.5, prices.multiplier(0), 0.01);
        assertEquals(0, violation / steps, 0.005);
        assertEquals(0.7, reward / steps, 0.005);
    }

    @Test
    void shouldRefuseWhatIsOutOfBounds() {
        PrimalDual prices = new PrimalDual(1);
        prices.learn(0, 1);
        assertThrows(IllegalArgumentException.class, () -> prices.learn(0, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> prices.learn(0, 1.1));
        assertThrows(IllegalArgumentException.class, () -> prices.learn(1, 0));
        assertThrows(IllegalArgumentException.class, () -> prices.priced(0, new double[2]));
        assertEquals(PrimalDual.STEP, prices.multiplier(0));
    }
}
