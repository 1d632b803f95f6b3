package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SurrogateWeightTest {
    private static final int SEGMENT = 2;

    /** Plays actions at random; global and local rewards of an action are 1 with the given rates, independently. */
    private static double weight(double[] globals, double[] locals, int plays, long seed) {
        SurrogateWeight surrogate = new SurrogateWeight(globals.length);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < plays; i++) {
            int action = random.nextInt(globals.length);
            surrogate.record(
                    action,
                    random.nextDouble() < locals[action] ? 1 : 0,
                    random.nextDouble() < globals[action] ? 1 : 0,
                    SEGMENT,
                    1);
        }
        return surrogate.weight();
    }

    private static double mean(double[] globals, double[] locals, int plays) {
        double sum = 0;
        for (long seed = 1; seed <= 40; seed++) {
            sum += weight(globals, locals, plays, seed) / 40;
        }
        return sum;
    }

    @Test
    void shouldTakeAwayWhatALocalRewardThatPrefersOtherActionsWouldWeigh() {
        double[] globals = {0.02, 0.06, 0.1};
        for (long seed = 1; seed <= 20; seed++) {
            assertTrue(weight(globals, new double[] {0.5, 0.3, 0.1}, 3_000, seed) < 0.1, "against, seed=" + seed);
            assertTrue(weight(globals, new double[] {0.1, 0.3, 0.5}, 20_000, seed) > 0.3, "along, seed=" + seed);
        }
    }

    /** Noise of a reward that is 1 with rate p is (1 − p) / p of its mean's square: 32 at 0.03, 1 at 0.5. */
    @Test
    void shouldWeighAnUnbiasedSurrogateByItsNoise() {
        double[] rare = {0.03, 0.03, 0.03, 0.03};
        double[] frequent = {0.5, 0.5, 0.5, 0.5};
        assertEquals(0.97, mean(rare, frequent, 100_000), 0.06);
        assertEquals(0.5, mean(rare, rare, 100_000), 0.06);
        assertEquals(0.03, mean(frequent, rare, 100_000), 0.03);
    }

    @Test
    void shouldLetABiasedSurrogateWeighMoreTheNoisierTheGlobalRewardIs() {
        double[] locals = {0.3, 0.5, 0.7};
        double rare = mean(new double[] {0.01, 0.01, 0.01}, locals, 30_000);
        double frequent = mean(new double[] {0.1, 0.1, 0.1}, locals, 30_000);
        assertTrue(rare > 2 * frequent, "rare=" + rare + ", frequent=" + frequent);
    }

    @Test
    void shouldNotTakeTheAudiencesTrendForTheDoingOfActions() {
        // The audience comes to earn a fifth while the policy moves to the action that is a little better in both
        // rewards.
        SurrogateWeight surrogate = new SurrogateWeight(2);
        SplittableRandom random = new SplittableRandom(8);
        int plays = 40_000;
        for (int i = 0; i < plays; i++) {
            double time = (double) i / plays;
            int action = random.nextDouble() < 0.1 + 0.8 * time ? 1 : 0;
            double merit = action == 1 ? 1.5 : 1;
            surrogate.record(
                    action,
                    random.nextDouble() < 0.5 * merit * (0.5 + 0.1 * time) ? 1 : 0,
                    random.nextDouble() < 0.2 * merit * (1 - 0.8 * time) ? 1 : 0,
                    SEGMENT,
                    1);
        }
        assertTrue(surrogate.weight() > 0.5, "weight=" + surrogate.weight());
    }

    @Test
    void shouldStayWhereItIsWithoutAnythingToCompare() {
        SurrogateWeight silent = new SurrogateWeight(3);
        SurrogateWeight same = new SurrogateWeight(1);
        double before = silent.weight();
        for (int i = 0; i < 1_000; i++) {
            silent.record(i % 3, 0, 0, SEGMENT, 1);
            same.record(0, i % 3 == 0 ? 1 : 0, i % 3 == 0 ? 1 : 0, SEGMENT, 1);
        }
        assertEquals(before, silent.weight(), 0);
        assertTrue(same.weight() >= 0 && same.weight() <= 1, "weight=" + same.weight());
    }
}
