package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LocalTrustTest {
    private static final int SEGMENT = 2;

    /** Plays actions at random; global and local rewards of an action are 1 with the given rates, independently. */
    private static double trust(double[] globals, double[] locals, int plays, long seed) {
        LocalTrust trust = new LocalTrust(globals.length);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < plays; i++) {
            int action = random.nextInt(globals.length);
            trust.record(
                    action,
                    random.nextDouble() < locals[action] ? 1 : 0,
                    random.nextDouble() < globals[action] ? 1 : 0,
                    SEGMENT,
                    1);
        }
        return trust.trust();
    }

    @Test
    void shouldTakeAwayWhatALocalRewardThatPrefersOtherActionsWouldWeigh() {
        double[] globals = {0.02, 0.06, 0.1};
        for (long seed = 1; seed <= 20; seed++) {
            assertTrue(trust(globals, new double[] {0.5, 0.3, 0.1}, 3_000, seed) < 0.1, "against, seed=" + seed);
            assertTrue(trust(globals, new double[] {0.1, 0.3, 0.5}, 3_000, seed) > 0.85, "along, seed=" + seed);
        }
    }

    @Test
    void shouldKeepTrustOnAverageWhereNoiseIsAllThereIs() {
        double[] alike = {0.03, 0.03, 0.03, 0.03, 0.03, 0.03, 0.03, 0.03};
        double sum = 0;
        for (long seed = 1; seed <= 50; seed++) {
            sum += trust(alike, alike, 20_000, seed) / 50;
        }
        assertTrue(sum > 0.7, "mean trust=" + sum);
    }

    @Test
    void shouldNotTakeTheAudiencesTrendForTheDoingOfActions() {
        // The audience comes to earn a fifth while the policy moves to the action that is a little better in both
        // rewards.
        LocalTrust trust = new LocalTrust(2);
        SplittableRandom random = new SplittableRandom(8);
        int plays = 40_000;
        for (int i = 0; i < plays; i++) {
            double time = (double) i / plays;
            int action = random.nextDouble() < 0.1 + 0.8 * time ? 1 : 0;
            double merit = action == 1 ? 1.5 : 1;
            trust.record(
                    action,
                    random.nextDouble() < 0.5 * merit * (0.5 + 0.1 * time) ? 1 : 0,
                    random.nextDouble() < 0.2 * merit * (1 - 0.8 * time) ? 1 : 0,
                    SEGMENT,
                    1);
        }
        assertTrue(trust.trust() > 0.9, "trust=" + trust.trust());
    }

    @Test
    void shouldTrustWhatNothingSpeaksAgainst() {
        LocalTrust single = new LocalTrust(1);
        LocalTrust silent = new LocalTrust(3);
        LocalTrust perfect = new LocalTrust(3);
        for (int i = 0; i < 1_000; i++) {
            single.record(0, i % 3 == 0 ? 1 : 0, i % 5 == 0 ? 1 : 0, SEGMENT, 1);
            silent.record(i % 3, 0, 0, SEGMENT, 1);
            perfect.record(i % 3, 1, 1, SEGMENT, 1);
        }
        assertEquals(1, single.trust(), 0);
        assertEquals(1, silent.trust(), 0);
        assertTrue(perfect.trust() > 0.9, "trust=" + perfect.trust());
    }
}
