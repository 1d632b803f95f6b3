package rondo.agents.resource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ResourceLearnersTest {
    private static final long SEED = 37;
    private static final double[] PARENT = {0.4, 0.4, 0.2};

    @Test
    void shouldStandStillWhereTheTargetPercentileIsInTime() {
        // Latency is factor times an exponential of mean 1: 90 % are below 2.302585 factors, so the factor settles at 1
        // / 2.302585.
        QualityFactor quality = new QualityFactor(0.9, 1, 0.05);
        SplittableRandom random = new SplittableRandom(SEED);
        double sum = 0;
        int late = 0;
        int steps = 400_000;
        for (int t = 0; t < steps; t++) {
            double latency = -quality.factor() * Math.log(1 - random.nextDouble());
            quality.learn(latency);
            if (t >= steps / 2) {
                sum += quality.factor();
                late += latency > 1 ? 1 : 0;
            }
        }
        assertEquals(0.1, late / (steps / 2.0), 0.003);
        assertEquals(1 / 2.302585, sum / (steps / 2.0), 0.02);
    }

    @Test
    void shouldKeepTheFactorWithinItsBounds() {
        QualityFactor quality = new QualityFactor(0.99, 1, 0.2);
        quality.learn(0);
        assertEquals(1, quality.factor());
        quality.learn(2);
        assertEquals(1 - 0.099, quality.factor(), 1e-12);
        for (int i = 0; i < 100; i++) {
            quality.learn(Double.POSITIVE_INFINITY);
        }
        assertEquals(0.2, quality.factor());
        assertThrows(IllegalArgumentException.class, () -> quality.learn(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> quality.learn(-1));
        assertEquals(0.2, quality.factor());
    }

    @Test
    void shouldKeepEveryBoundWhateverTheRewardsAre() {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] played = new double[3];
        for (int stream = 0; stream < 100; stream++) {
            SimplexPolicyGradient learner = new SimplexPolicyGradient(PARENT, 1e3);
            double[] start = PARENT.clone();
            double[] before = new double[3];
            int greedy = random.nextInt(3);
            for (int window = 0; window < 400; window++) {
                if (window % 20 == 0) {
                    learner.beginEpoch();
                    for (int i = 0; i < 3; i++) {
                        start[i] = learner.share(i);
                    }
                }
                learner.play(SEED, window, false, played);
                for (int i = 0; i < 3; i++) {
                    before[i] = learner.share(i);
                }
                // Asks for everything for one stage, or for nothing that makes sense.
                learner.learn(stream % 2 == 0 ? played[greedy] : random.nextDouble() * 2 - 1);
                double sum = 0;
                double playedSum = 0;
                double divergence = 0;
                for (int i = 0; i < 3; i++) {
                    double share = learner.share(i);
                    sum += share;
                    playedSum += played[i];
                    divergence += share * Math.log(share / before[i]);
                    for (double each : new double[] {share, played[i]}) {
                        assertTrue(each >= 0.1 - 1e-12 && each <= 0.6 + 1e-12, "share=" + each);
                        assertTrue(Math.abs(each / start[i] - 1) <= 0.1 + 1e-9, "share=" + each + " of " + start[i]);
                    }
                }
                assertEquals(1, sum, 1e-9);
                assertEquals(1, playedSum, 1e-9);
                assertTrue(divergence <= 0.02 + 1e-12, "divergence=" + divergence);
            }
        }
    }

    @Test
    void shouldClimbToTheBestDivision() {
        // The reward is highest at .2, .3, .5.
        double[] best = {0.2, 0.3, 0.5};
        SimplexPolicyGradient learner = new SimplexPolicyGradient(PARENT, 0.1);
        double[] played = new double[3];
        for (int window = 0; window < 4_000; window++) {
            if (window % 20 == 0) {
                learner.beginEpoch();
            }
            learner.play(SEED, window, false, played);
            double reward = 1;
            for (int i = 0; i < 3; i++) {
                reward -= (played[i] - best[i]) * (played[i] - best[i]);
            }
            learner.learn(reward);
        }
        for (int i = 0; i < 3; i++) {
            assertEquals(best[i], learner.share(i), 0.03, "stage=" + i);
        }
    }

    @Test
    void shouldDrawEachSignVectorAsOftenAsItStates() {
        SimplexPolicyGradient learner = new SimplexPolicyGradient(PARENT, 1);
        double[] played = new double[3];
        int[] counts = new int[8];
        for (int window = 0; window < 16_000; window += 2) {
            assertEquals(0.125, learner.play(SEED, window, false, played));
            int signs = 0;
            for (int i = 0; i < 3; i++) {
                signs |= played[i] > PARENT[i] + 1e-6 ? 1 << i : 0;
            }
            learner.learn(0);
            assertEquals(1, learner.play(SEED, window + 1, false, played));
            learner.learn(0);
            counts[signs]++;
        }
        // All up and all down both leave the shares as they are.
        assertEquals(0.25, counts[0] / 8_000.0, 0.02);
        for (int signs = 1; signs < 7; signs++) {
            assertEquals(0.125, counts[signs] / 8_000.0, 0.02, "signs=" + signs);
        }
    }

    @Test
    void shouldNeitherExploreNorLearnInOverload() {
        SimplexPolicyGradient learner = new SimplexPolicyGradient(PARENT, 1);
        double[] played = new double[3];
        for (int window = 0; window < 100; window++) {
            assertEquals(1, learner.play(SEED, window, true, played));
            assertArrayEquals(PARENT, played);
            learner.learn(window % 2);
        }
        assertEquals(0.4, learner.share(0));
    }

    @Test
    void shouldRestoreTheParentAfterThreeLateWindowsInARow() {
        SimplexPolicyGradient learner = new SimplexPolicyGradient(PARENT, 10);
        double[] played = new double[3];
        for (int window = 0; window < 50; window++) {
            learner.play(SEED, window, false, played);
            learner.learn(played[2]);
        }
        assertTrue(learner.share(2) > 0.21);
        double[] normal = {10, 10, 10};
        double[] late = {10, 11.1, 10};
        assertFalse(learner.guard(late, normal));
        assertFalse(learner.guard(late, normal));
        assertFalse(learner.guard(normal, normal));
        assertFalse(learner.guard(late, normal));
        assertFalse(learner.guard(late, normal));
        assertTrue(learner.guard(late, normal));
        for (int i = 0; i < 3; i++) {
            assertEquals(PARENT[i], learner.share(i));
        }
        assertEquals(1, learner.reversionCount());
    }

    @Test
    void shouldRefuseWhatIsOutOfBounds() {
        SimplexPolicyGradient learner = new SimplexPolicyGradient(PARENT, 1);
        assertThrows(IllegalArgumentException.class, () -> learner.learn(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> learner.learn(1.5));
        assertThrows(IllegalArgumentException.class, () -> learner.play(SEED, 0, false, new double[2]));
        assertThrows(
                IllegalArgumentException.class, () -> learner.guard(new double[] {1, Double.NaN, 1}, PARENT.clone()));
        assertThrows(IllegalArgumentException.class, () -> new SimplexPolicyGradient(new double[] {0.7, 0.3}, 1));
        assertThrows(IllegalArgumentException.class, () -> new SimplexPolicyGradient(new double[] {0.5, 0.4}, 1));
        assertEquals(0.4, learner.share(0));
    }
}
