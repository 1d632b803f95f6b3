package rondo.agents.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ChangePointThompsonTest {
    private static final long SEED = 7;

    private static byte[] bytes(ChangePointThompson learner, int actionCount) {
        ByteBuffer out = ByteBuffer.allocate(ChangePointThompson.encodedLength(actionCount));
        learner.write(out);
        assertEquals(0, out.remaining(), "encodedLength says what write takes");
        return out.array();
    }

    private static ChangePointThompson trained(int actionCount, int steps, SplittableRandom random) {
        ChangePointThompson learner = new ChangePointThompson(actionCount);
        for (int t = 0; t < steps; t++) {
            int action = random.nextInt(actionCount);
            learner.learn(action, random.nextDouble() < (1.0 + action) / (1 + actionCount) ? 1 : 0, 0.5);
        }
        return learner;
    }

    @Test
    void shouldGiveProbabilitiesThatSumToOne() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int actionCount : new int[] {1, 2, 8}) {
            ChangePointThompson learner = new ChangePointThompson(actionCount);
            double[] out = new double[actionCount];
            for (int t = 0; t < 2_000; t++) {
                learner.learn(random.nextInt(actionCount), random.nextInt(3) / 2.0, 0.01 + 0.9 * random.nextDouble());
                learner.bestProbabilities(out);
                for (double p : out) {
                    assertTrue(p >= 0 && p <= 1, "p=" + p);
                }
                assertEquals(1, Arrays.stream(out).sum(), 1e-9);
            }
        }
    }

    @Test
    void shouldGiveTheProbabilitiesOfDrawsFromItsPosteriors() {
        // Two actions, so few rewards that both models agree: the oracle draws from normal posteriors of the same mean
        // and variance.
        ChangePointThompson learner = new ChangePointThompson(2);
        for (int i = 0; i < 20; i++) {
            learner.learn(0, i % 2, 0.5);
            learner.learn(1, i % 4 == 0 ? 1 : 0, 0.5);
        }
        double[] out = new double[2];
        learner.bestProbabilities(out);
        double[] means = {12.0 / 12, 7.0 / 12};
        // Quasi-Poisson deviations at the dispersion and mean that are in force, here within a few percent of their
        // start.
        SplittableRandom random = new SplittableRandom(SEED);
        int wins = 0;
        int draws = 200_000;
        for (int i = 0; i < draws; i++) {
            double first =
                    means[0] + Math.sqrt(12 * (1 - 0.375)) / 12 / ChangePointThompson.SHARPNESS * random.nextGaussian();
            double second =
                    means[1] + Math.sqrt(7 * (1 - 0.22)) / 12 / ChangePointThompson.SHARPNESS * random.nextGaussian();
            wins += first > second ? 1 : 0;
        }
        assertEquals((double) wins / draws, out[0], 0.04);
    }

    @Test
    void shouldTryAnActionAgainThatItHasNotPlayedForLong() {
        ChangePointThompson learner = new ChangePointThompson(2);
        for (int i = 0; i < 60; i++) {
            learner.learn(1, 0, 0.5);
        }
        for (int i = 0; i < 20; i++) {
            learner.learn(0, i % 2, 0.5);
        }
        double[] soon = new double[2];
        learner.bestProbabilities(soon);
        for (int i = 0; i < 400; i++) {
            learner.learn(0, i % 2, 0.5);
        }
        double[] later = new double[2];
        learner.bestProbabilities(later);
        assertTrue(soon[1] < 0.01, "given up: p=" + soon[1]);
        assertTrue(later[1] > 3 * soon[1] && later[1] > 0.01, "tried again: p=" + later[1] + ", before=" + soon[1]);
    }

    @Test
    void shouldBelieveInLoneChangesMoreWhenOneActionChangesByItself() {
        ChangePointThompson learner = new ChangePointThompson(4);
        SplittableRandom random = new SplittableRandom(SEED);
        double before = 0;
        for (int t = 0; t < 4_000; t++) {
            int action = t % 4;
            // Every 500 rewards one action turns over; the other three stay as they are.
            boolean isTurned = (t / 500 + 1 + action) / 4 % 2 == 0;
            learner.learn(action, random.nextDouble() < (isTurned ? 0.9 : 0.1) ? 1 : 0, 0.5);
            before = t == 0 ? learner.aloneWeight() : before;
        }
        assertTrue(learner.aloneWeight() > 0.9, "weight=" + learner.aloneWeight() + ", at first=" + before);
    }

    @Test
    void shouldGoOnAsTheOriginalAfterWriteAndRead() {
        ChangePointThompson learner = trained(5, 3_000, new SplittableRandom(SEED));
        ChangePointThompson copy = new ChangePointThompson(5);
        copy.read(ByteBuffer.wrap(bytes(learner, 5)));
        double[] expected = new double[5];
        double[] actual = new double[5];
        SplittableRandom random = new SplittableRandom(SEED + 1);
        for (int t = 0; t < 200; t++) {
            int action = random.nextInt(5);
            double reward = random.nextDouble();
            learner.learn(action, reward, 0.3);
            copy.learn(action, reward, 0.3);
            learner.bestProbabilities(expected);
            copy.bestProbabilities(actual);
            assertArrayEquals(expected, actual);
        }
        assertArrayEquals(bytes(learner, 5), bytes(copy, 5));
    }

    @Test
    void shouldRefuseBadInputWithoutChangeOfState() {
        ChangePointThompson learner = trained(3, 500, new SplittableRandom(SEED));
        byte[] before = bytes(learner, 3);
        double[][] bad = {
            {-1, 1, 0.5},
            {3, 1, 0.5},
            {0, -0.1, 0.5},
            {0, 1.1, 0.5},
            {0, Double.NaN, 0.5},
            {0, 1, 0},
            {0, 1, 1.1},
            {0, 1, Double.NaN}
        };
        for (double[] input : bad) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> learner.learn((int) input[0], input[1], input[2]),
                    Arrays.toString(input));
        }
        assertArrayEquals(before, bytes(learner, 3));
    }

    @Test
    void shouldApproximateTheNormalDistribution() {
        // Against Simpson's rule over the density.
        for (double z = -7; z <= 7; z += 0.137) {
            double sum = 0;
            int cells = 2_000;
            double width = (z + 9) / cells;
            for (int i = 0; i <= cells; i++) {
                double x = -9 + i * width;
                double factor = i == 0 || i == cells ? 1 : i % 2 == 1 ? 4 : 2;
                sum += factor * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
            }
            assertEquals(sum * width / 3, Normal.cdf(z), 5e-6, "z=" + z);
        }
    }
}
