package rondo.agents.fusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FusionLearnersTest {
    private static final long SEED = 43;

    @Test
    void shouldTakeTheFirstStepOfThePaper() {
        FusionWeights weights = new FusionWeights(new double[] {0, 0});
        weights.learn(new double[] {1, 0}, 1);
        // Gradient -1/2: z = -1/2, n = 1/4, so the weight is .5 / ((1 + .5) / .1 + 1) = 1/32.
        assertEquals(1.0 / 32, weights.learnt(0), 1e-12);
        assertEquals(0, weights.learnt(1));
        assertEquals(0, weights.weight(0), "in force only from the next epoch");
        assertEquals(1.0 / 32, weights.endEpoch(), 1e-12);
        assertEquals(1.0 / 32, weights.weight(0), 1e-12);
    }

    @Test
    void shouldFindTheWeightsThatMadeTheOutcomes() {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] truth = {2, -1, 0.5};
        FusionWeights weights = new FusionWeights(new double[] {1, 1, 1});
        for (int t = 0; t < 100_000; t++) {
            double[] scores = {random.nextDouble() * 2 - 1, random.nextDouble() * 2 - 1, 1};
            double margin = 0;
            for (int i = 0; i < 3; i++) {
                margin += truth[i] * scores[i];
            }
            weights.learn(scores, random.nextDouble() < 1 / (1 + Math.exp(-margin)) ? 1 : 0);
            if (t % 1_000 == 999) {
                double moved = weights.endEpoch();
                assertTrue(moved <= FusionWeights.CHANGE_MAX + 1e-12, "moved=" + moved);
            }
        }
        for (int i = 0; i < 3; i++) {
            assertEquals(truth[i], weights.weight(i), 0.1, "source=" + i);
        }
    }

    @Test
    void shouldMoveNoFurtherThanItsBoundWhateverTheOutcomesAre() {
        SplittableRandom random = new SplittableRandom(SEED);
        FusionWeights weights = new FusionWeights(new double[] {1, 1});
        double[] before = new double[2];
        for (int epoch = 0; epoch < 500; epoch++) {
            for (int i = 0; i < 20; i++) {
                weights.learn(new double[] {random.nextBoolean() ? 10 : -10, 10}, epoch / 50 % 2);
            }
            before[0] = weights.weight(0);
            before[1] = weights.weight(1);
            weights.endEpoch();
            double moved = Math.abs(weights.weight(0) - before[0]) + Math.abs(weights.weight(1) - before[1]);
            assertTrue(moved <= FusionWeights.CHANGE_MAX + 1e-12, "moved=" + moved);
        }
    }

    @Test
    void shouldPoolAdjacentViolators() {
        IsotonicCalibration calibration = new IsotonicCalibration();
        // Cell means 0, 1, .5, 1 become 0, .75, .75, 1; the second row of each pair is held out.
        double[][] rows = {{0.1, 0}, {0.3, 1}, {0.5, 0.5}, {0.9, 1}};
        for (double[] row : rows) {
            calibration.learn(row[0], row[1]);
            calibration.learn(row[0], row[1]);
        }
        assertEquals(0.3, calibration.calibrated(0.3));
        calibration.refit();
        assertEquals(0, calibration.calibrated(0.1), 1e-12);
        assertEquals(0.75, calibration.calibrated(0.3), 1e-12);
        assertEquals(0.75, calibration.calibrated(0.5), 1e-12);
        assertEquals(1, calibration.calibrated(0.9), 1e-12);
        assertEquals(1, calibration.calibrated(1), 1e-12);
        // Gaps of the raw scores: .1, .7, 0, .1.
        assertEquals(0.9 / 4, calibration.errorBefore(), 1e-12);
        assertEquals(0, calibration.errorAfter(), 1e-12);
    }

    @Test
    void shouldRiseWithTheScoreAndComeTrue() {
        SplittableRandom random = new SplittableRandom(SEED);
        IsotonicCalibration calibration = new IsotonicCalibration();
        for (int i = 0; i < 40_000; i++) {
            double score = random.nextDouble();
            calibration.learn(score, random.nextDouble() < score * score ? 1 : 0);
        }
        calibration.refit();
        double before = 0;
        for (double score = 0; score <= 1; score += 0.001) {
            double probability = calibration.calibrated(score);
            assertTrue(probability >= before && probability <= 1, "score=" + score);
            before = probability;
        }
        assertEquals(0.25, calibration.calibrated(0.5), 0.05);
        assertTrue(calibration.errorBefore() > 0.1, "before=" + calibration.errorBefore());
        assertTrue(calibration.errorAfter() < 0.02, "after=" + calibration.errorAfter());
    }

    @Test
    void shouldRefuseWhatIsOutOfBounds() {
        FusionWeights weights = new FusionWeights(new double[] {1, 1});
        assertThrows(IllegalArgumentException.class, () -> weights.learn(new double[] {1}, 1));
        assertThrows(IllegalArgumentException.class, () -> weights.learn(new double[] {1, Double.NaN}, 1));
        assertThrows(IllegalArgumentException.class, () -> weights.learn(new double[] {1, 11}, 1));
        assertThrows(IllegalArgumentException.class, () -> weights.learn(new double[] {1, 1}, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new FusionWeights(new double[] {Double.NaN}));
        assertEquals(0, weights.endEpoch());
        IsotonicCalibration calibration = new IsotonicCalibration();
        assertThrows(IllegalArgumentException.class, () -> calibration.learn(1.1, 1));
        assertThrows(IllegalArgumentException.class, () -> calibration.learn(0.5, -1));
        assertThrows(IllegalArgumentException.class, () -> calibration.calibrated(Double.NaN));
        calibration.refit();
        assertEquals(0.7, calibration.calibrated(0.7), "nothing to fit");
    }
}
