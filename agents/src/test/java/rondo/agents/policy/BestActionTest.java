package rondo.agents.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BestActionTest {
    private static final long SEED = 11;

    @Test
    void shouldGiveTheShareOfDrawsThatAnActionWins() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 12; round++) {
            int actionCount = 2 + random.nextInt(5);
            int terms = 1 + random.nextInt(3);
            BestAction best = new BestAction(actionCount, terms);
            double[][] merits = new double[actionCount][terms];
            double[][] deviations = new double[actionCount][terms];
            for (int a = 0; a < actionCount; a++) {
                for (int i = 0; i < terms; i++) {
                    merits[a][i] = 1 + 0.5 * random.nextDouble();
                    deviations[a][i] = 0.02 + 0.2 * random.nextDouble();
                    best.term(a, 1, merits[a][i], 1 / deviations[a][i]);
                }
            }
            double[] wins = new double[actionCount];
            int draws = 100_000;
            for (int d = 0; d < draws; d++) {
                int winner = -1;
                double highest = Double.NEGATIVE_INFINITY;
                for (int a = 0; a < actionCount; a++) {
                    int i = random.nextInt(terms);
                    double merit = merits[a][i] + deviations[a][i] * random.nextGaussian();
                    if (merit > highest) {
                        highest = merit;
                        winner = a;
                    }
                }
                wins[winner] += 1.0 / draws;
            }
            double[] out = new double[actionCount];
            best.addTo(out, 1, 32);
            assertEquals(1, Arrays.stream(out).sum(), 1e-9);
            assertArrayEquals(wins, out, 0.012, "round=" + round + ", " + Arrays.toString(wins));
        }
    }

    @Test
    void shouldGiveAllToTheOnlyActionThatCanBeBest() {
        BestAction best = new BestAction(3, 1);
        best.term(0, 1, 1, 100);
        best.term(1, 1, 2, 100);
        best.term(2, 1, 1.5, 100);
        double[] out = new double[3];
        best.addTo(out, 0.25, 16);
        assertArrayEquals(new double[] {0, 0.25, 0}, out);
    }

    @Test
    void shouldMultiplyPowersAsStrictMathDoes() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 200_000; i++) {
            double mean = 0.002 + 0.978 * random.nextDouble();
            double reward = i % 10 == 0 ? i / 10 % 2 : random.nextDouble();
            double expected = StrictMath.pow(mean, reward) * StrictMath.pow(1 - mean, 1 - reward);
            assertEquals(
                    1, Bernoulli.probability(mean, reward) / expected, 1e-5, "mean=" + mean + ", reward=" + reward);
        }
    }

    @Test
    void shouldMultiplyPowersThatAreAllButOne() {
        for (double reward = 1; reward > 1e-300; reward /= 7) {
            for (double mean : new double[] {0.3, Math.nextDown(0.5), 0.5, Math.nextUp(0.5), 0.7}) {
                double expected = StrictMath.pow(mean, reward) * StrictMath.pow(1 - mean, 1 - reward);
                assertEquals(
                        expected, Bernoulli.probability(mean, reward), 1e-5, "mean=" + mean + ", reward=" + reward);
            }
        }
    }

    @Test
    void shouldKnowTheChanceThatAnEventOfARateHasHappened() {
        for (long steps = 0; steps < 2_000_000; steps = steps * 5 / 4 + 1) {
            assertEquals(-StrictMath.expm1(-1e-3 * steps), Bernoulli.happened(1e-3, steps), 1e-5, "steps=" + steps);
        }
    }
}
