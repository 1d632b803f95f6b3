package rondo.tools.closure;

import java.util.Arrays;
import rondo.agents.policy.CounterRandom;

/**
 * User and item vectors combined into a forecast of consumption. The combination is a choice; and because it puts out a forecast, what happened tells it
 * its own error, from which it corrects its weights without asking anybody.
 */
final class InteractionLayer extends ChoosingModule {
    private static final int SHOWN = 32;
    private static final int PLACES = 10;
    private static final int COMBINATIONS = 4;

    private final HeldOutAudience audience;
    private final WeightLoop weights;
    private final double[] scores = new double[SHOWN];

    InteractionLayer(HeldOutAudience audience, long seed) {
        super("interaction-layer", "NDCG@10 of 32 random items", PLACES, audience);
        this.audience = audience;
        this.weights = new WeightLoop(seed);
        settle(seed);
    }

    private int item(long input, int index) {
        return audience.draw(input, 200 + index, HeldOutAudience.ITEMS);
    }

    @Override
    public int count() {
        return COMBINATIONS;
    }

    @Override
    public int casesPerIteration() {
        return 4;
    }

    /** Product of the vectors, product and popularity added or taken away, popularity alone. */
    @Override
    public void act(int action, long input, double[] output) {
        HeldOutAudience.User user = audience.user(input);
        for (int i = 0; i < SHOWN; i++) {
            int item = item(input, i);
            double product = 4 * audience.similarity(user, item);
            double popularity = 2 * audience.popularity(item);
            scores[i] = switch (action) {
                case 0 -> product;
                case 1 -> product + popularity;
                case 2 -> product - popularity;
                default -> popularity;
            };
        }
        Gains.top(scores, PLACES, output);
    }

    @Override
    public double value(double[] output, long input) {
        HeldOutAudience.User user = audience.user(input);
        double[] relevance = new double[SHOWN];
        for (int i = 0; i < SHOWN; i++) {
            relevance[i] = audience.relevance(user, item(input, i));
        }
        return Gains.share(output, PLACES, relevance);
    }

    @Override
    public Loop loop() {
        return weights;
    }

    /** One weight for each component of the product; the distance is the error of the forecast beyond that of the best weights. */
    private final class WeightLoop implements Loop {
        private static final int POOL = 512;
        private static final int BATCH = 128;
        private static final double RIGHT = 4;
        private static final double DAMPING = 0.05;
        private static final double SHARE = 0.6;
        private static final double ERROR_AT_STAKE = 0.15;

        private final double[] products = new double[POOL * HeldOutAudience.DIMENSION];
        private final double[] consumed = new double[POOL];

        WeightLoop(long seed) {
            double[] right = new double[HeldOutAudience.DIMENSION];
            Arrays.fill(right, RIGHT);
            for (int i = 0; i < POOL; i++) {
                HeldOutAudience.User user = audience.user(CounterRandom.bits(seed, i, 6) >>> 1);
                int item = audience.draw(i, 5_000, HeldOutAudience.ITEMS);
                for (int d = 0; d < HeldOutAudience.DIMENSION; d++) {
                    products[i * HeldOutAudience.DIMENSION + d] = user.taste(d) * audience.component(item, d);
                }
                // The share of many impressions that were consumed, hence a little noise and no coin.
                consumed[i] = forecast(right, i) + 0.03 * audience.normal(i, 5_001);
            }
        }

        private double forecast(double[] state, int i) {
            double sum = -2.5;
            for (int d = 0; d < HeldOutAudience.DIMENSION; d++) {
                sum += state[d] * products[i * HeldOutAudience.DIMENSION + d];
            }
            return HeldOutAudience.squash(sum);
        }

        @Override
        public int stateLength() {
            return HeldOutAudience.DIMENSION;
        }

        @Override
        public void perturb(double[] state, long draw) {
            // Weights thrown off in one direction each: too strong or too weak a hand, component by component.
            double size = 2.5 + 1.5 * audience.uniform(draw, 5_100);
            for (int d = 0; d < HeldOutAudience.DIMENSION; d++) {
                state[d] = RIGHT + size * (audience.uniform(draw, 5_101 + d) < 0.7 ? -1 : 0.5);
            }
        }

        /** Most of a damped Gauss–Newton step, on the layer's own errors over a batch. */
        @Override
        public void correct(double[] state, long input) {
            int n = HeldOutAudience.DIMENSION;
            double[] gradient = new double[n];
            double[][] curvature = new double[n][n];
            for (int b = 0; b < BATCH; b++) {
                int i = audience.draw(input, 5_200 + b, POOL);
                double forecast = forecast(state, i);
                double tail = Math.min(forecast, 1 - forecast);
                double slope = 2 * tail * tail;
                for (int d = 0; d < n; d++) {
                    double by = slope * products[i * n + d];
                    gradient[d] += by * (consumed[i] - forecast);
                    for (int e = 0; e < n; e++) {
                        curvature[d][e] += by * slope * products[i * n + e];
                    }
                }
            }
            for (int d = 0; d < n; d++) {
                curvature[d][d] = curvature[d][d] * (1 + DAMPING) + DAMPING * BATCH / 1_000;
            }
            solve(curvature, gradient);
            for (int d = 0; d < n; d++) {
                state[d] += SHARE * gradient[d];
            }
        }

        /** Elimination without pivots, which a positive definite matrix does not need; the solution replaces {@code b}. */
        private static void solve(double[][] a, double[] b) {
            int n = b.length;
            for (int column = 0; column < n; column++) {
                for (int row = column + 1; row < n; row++) {
                    double factor = a[row][column] / a[column][column];
                    for (int k = column; k < n; k++) {
                        a[row][k] -= factor * a[column][k];
                    }
                    b[row] -= factor * b[column];
                }
            }
            for (int row = n - 1; row >= 0; row--) {
                for (int k = row + 1; k < n; k++) {
                    b[row] -= a[row][k] * b[k];
                }
                b[row] /= a[row][row];
            }
        }

        @Override
        public double distance(double[] state) {
            double square = 0;
            for (int i = 0; i < POOL; i++) {
                double error = forecast(state, i) - consumed[i];
                square += error * error;
            }
            return Math.max(0, Math.sqrt(square / POOL) - 0.03) / ERROR_AT_STAKE;
        }
    }
}
