package rondo.agents.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ContextualLearnersTest {
    private static final long SEED = 23;

    private static double[] context(SplittableRandom random, int dimension) {
        double[] context = new double[dimension];
        context[0] = 1;
        for (int i = 1; i < dimension; i++) {
            context[i] = random.nextDouble() * 2 - 1;
        }
        return context;
    }

    @Test
    void shouldWeighGapsAsThePaperDoes() {
        SquareCb learner = new SquareCb(1, 3, 1, 1);
        double[] one = {1};
        // A ridge of one row: four rewards of 1 give 4/5, four of .5 give 2/5; the third action stays at 0.
        for (int i = 0; i < 4; i++) {
            learner.learn(0, one, 1, 1);
            learner.learn(0, one, 2, 0.5);
        }
        learner.choose(0, one, 0.5);
        double gamma = 10 * Math.sqrt(8);
        assertEquals(0.8, learner.predict(0, 1, one), 1e-12);
        assertEquals(0.4, learner.predict(0, 2, one), 1e-12);
        assertEquals(1 / (3 + gamma * 0.8), learner.probability(0), 1e-12);
        assertEquals(1 / (3 + gamma * 0.4), learner.probability(2), 1e-12);
        assertEquals(1, learner.probability(0) + learner.probability(1) + learner.probability(2), 1e-12);
    }

    @Test
    void shouldPlayEverythingAlikeInAStratumThatItDoesNotKnow() {
        SquareCb learner = new SquareCb(2, 4, 2, 1);
        learner.learn(0, new double[] {1, 0}, 3, 1);
        learner.choose(1, new double[] {1, 0}, 0.99);
        for (int a = 0; a < 4; a++) {
            assertEquals(0.25, learner.probability(a), 1e-12);
        }
        assertEquals(1, learner.steps(0));
        assertEquals(0, learner.steps(1));
    }

    @Test
    void shouldAgreeWithTheNormalEquations() {
        int dimension = 4;
        SplittableRandom random = new SplittableRandom(SEED);
        SquareCb learner = new SquareCb(1, 1, dimension, 0.5);
        double[][] a = new double[dimension][dimension + 1];
        for (int i = 0; i < dimension; i++) {
            a[i][i] = 0.5;
        }
        for (int n = 0; n < 300; n++) {
            double[] x = context(random, dimension);
            double reward = random.nextDouble();
            learner.learn(0, x, 0, reward);
            for (int i = 0; i < dimension; i++) {
                for (int j = 0; j < dimension; j++) {
                    a[i][j] += x[i] * x[j];
                }
                a[i][dimension] += x[i] * reward;
            }
        }
        for (int k = 0; k < dimension; k++) {
            for (int i = 0; i < dimension; i++) {
                double times = i == k ? 0 : a[i][k] / a[k][k];
                for (int j = k; j <= dimension; j++) {
                    a[i][j] -= times * a[k][j];
                }
            }
        }
        double[] x = {1, 0.1, -0.1, 0.1};
        double expected = 0;
        for (int i = 0; i < dimension; i++) {
            expected += x[i] * a[i][dimension] / a[i][i];
        }
        assertEquals(expected, learner.predict(0, 0, x), 1e-9);
    }

    @Test
    void shouldDrawWithThePropensityThatItStates() {
        SplittableRandom random = new SplittableRandom(SEED);
        SquareCb square = new SquareCb(1, 3, 16, 1);
        LinearThompson thompson = new LinearThompson(3, 16, 1, 0.5, SEED);
        for (int i = 0; i < 50; i++) {
            double[] x = context(random, 16);
            int action = random.nextInt(3);
            square.learn(0, x, action, action / 2.0);
            thompson.learn(x, action, action / 2.0);
        }
        thompson.tick(SEED, 1);
        double[] x = context(random, 16);
        int[] drawn = new int[3];
        int[] sampled = new int[3];
        int draws = 200_000;
        for (int i = 0; i < draws; i++) {
            double uniform = CounterRandom.uniform(SEED, i, 0);
            int action = square.choose(0, x, uniform);
            assertEquals(square.probability(action), square.propensity());
            drawn[action]++;
            if (i % 10 == 0) {
                action = thompson.choose(x, uniform);
                assertEquals(thompson.probability(action), thompson.propensity());
                sampled[action]++;
            }
        }
        double squareSum = 0;
        double thompsonSum = 0;
        for (int a = 0; a < 3; a++) {
            assertEquals(square.probability(a), (double) drawn[a] / draws, 0.005);
            assertEquals(thompson.probability(a), sampled[a] / (draws / 10.0), 0.015);
            squareSum += square.probability(a);
            thompsonSum += thompson.probability(a);
        }
        assertEquals(1, squareSum, 1e-12);
        assertEquals(1, thompsonSum, 1e-12);
    }

    @Test
    void shouldKeepTheCholeskyFactorOfThePrecision() {
        SplittableRandom random = new SplittableRandom(SEED);
        LinearThompson learner = new LinearThompson(1, 5, 2, 1, SEED);
        double[][] precision = new double[5][5];
        for (int i = 0; i < 5; i++) {
            precision[i][i] = 2;
        }
        for (int n = 0; n < 200; n++) {
            double[] x = context(random, 5);
            learner.learn(x, 0, 0.5);
            for (int i = 0; i < 5; i++) {
                for (int j = 0; j < 5; j++) {
                    precision[i][j] += x[i] * x[j];
                }
            }
        }
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (int k = 0; k <= j; k++) {
                    sum += learner.factor(0, i, k) * learner.factor(0, j, k);
                }
                assertEquals(precision[i][j], sum, 1e-9);
            }
        }
    }

    @Test
    void shouldFindTheActionThatTheContextAsksFor() {
        SplittableRandom random = new SplittableRandom(SEED);
        SquareCb square = new SquareCb(1, 4, 16, 1);
        LinearThompson thompson = new LinearThompson(4, 16, 1, 0.3, SEED);
        int squareRight = 0;
        int thompsonRight = 0;
        for (int t = 0; t < 6_000; t++) {
            double[] x = context(random, 16);
            int right = (x[1] > 0 ? 1 : 0) + (x[2] > 0 ? 2 : 0);
            if (t % 10 == 0) {
                thompson.tick(SEED, t);
            }
            int a = square.choose(0, x, random.nextDouble());
            square.learn(0, x, a, a == right ? 1 : 0);
            int b = thompson.choose(x, random.nextDouble());
            thompson.learn(x, b, b == right ? 1 : 0);
            if (t >= 4_000) {
                squareRight += a == right ? 1 : 0;
                thompsonRight += b == right ? 1 : 0;
            }
        }
        assertTrue(squareRight > 0.8 * 2_000, "right=" + squareRight);
        assertTrue(thompsonRight > 0.8 * 2_000, "right=" + thompsonRight);
    }

    @Test
    void shouldRefuseWhatIsOutOfBoundsAndStayAsItWas() {
        SquareCb square = new SquareCb(1, 2, 2, 1);
        LinearThompson thompson = new LinearThompson(2, 2, 1, 1, SEED);
        double[] good = {1, 0.5};
        square.learn(0, good, 0, 1);
        double before = square.predict(0, 0, good);
        double[][] bad = {{1}, {1, Double.NaN}, {1, 11}, {1, Double.POSITIVE_INFINITY}};
        for (double[] context : bad) {
            assertThrows(IllegalArgumentException.class, () -> square.learn(0, context, 0, 1));
            assertThrows(IllegalArgumentException.class, () -> square.choose(0, context, 0));
            assertThrows(IllegalArgumentException.class, () -> thompson.learn(context, 0, 1));
            assertThrows(IllegalArgumentException.class, () -> thompson.choose(context, 0));
        }
        for (double reward : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> square.learn(0, good, 0, reward));
            assertThrows(IllegalArgumentException.class, () -> thompson.learn(good, 0, reward));
        }
        String message = assertThrows(IllegalArgumentException.class, () -> square.learn(0, good, 2, 1))
                .getMessage();
        assertEquals("action outside [0, 2): action=2", message);
        assertThrows(IllegalArgumentException.class, () -> square.learn(1, good, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> thompson.learn(good, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> square.choose(0, good, 1));
        assertEquals(before, square.predict(0, 0, good));
        assertEquals(1, square.steps(0));
        assertEquals(1, thompson.factor(0, 0, 0));
    }
}
