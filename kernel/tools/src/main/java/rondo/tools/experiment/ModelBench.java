package rondo.tools.experiment;

import java.util.Arrays;
import java.util.SplittableRandom;
import rondo.agents.AgentKind;
import rondo.agents.model.SuccessiveHalving;

/**
 * Real training of small models: logistic regression by gradient descent on rows with 32 features that matter less and less. A configuration is a learning
 * rate, a ridge and how many features are read; reading more takes longer, and what is too slow is never served. The static configuration is trained as long
 * as the winner was.
 */
final class ModelBench implements AgentBench {
    private static final double[] RATES = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3};
    private static final double[] RIDGES = {0, 0.001, 0.01, 0.1};
    private static final int[] WIDTHS = {4, 16, 32};
    private static final int CONFIGURATIONS = RATES.length * RIDGES.length * WIDTHS.length;

    /** Rate .1, ridge .001, sixteen features: what one would try first. */
    private static final int STATIC = (4 * RIDGES.length + 1) * WIDTHS.length + 1;

    private static final int FEATURES = 32;
    private static final int BUDGET = 4_000;
    private static final int UNIT_STEPS = 20;
    private static final int TRAINING_ROWS = 2_000;
    private static final int ROWS = 600;
    private static final int TEST_ROWS = 1_500;
    private static final double LATENCY_US_MAX = 200;

    @Override
    public AgentKind kind() {
        return AgentKind.MODEL;
    }

    @Override
    public String learner() {
        return "successive halving";
    }

    @Override
    public String primary() {
        return "AUC on unseen rows, of what is found";
    }

    @Override
    public String secondary() {
        return "p99 of an inference, µs";
    }

    @Override
    public boolean isBoundAbove() {
        return true;
    }

    @Override
    public double bound() {
        return LATENCY_US_MAX;
    }

    /** Rows with outcomes. */
    private static final class Rows {
        private final double[][] features;
        private final boolean[] outcomes;

        Rows(SplittableRandom random, double[] truth, int count) {
            this.features = new double[count][FEATURES];
            this.outcomes = new boolean[count];
            for (int r = 0; r < count; r++) {
                double margin = -1;
                for (int f = 0; f < FEATURES; f++) {
                    features[r][f] = random.nextGaussian();
                    margin += truth[f] * features[r][f];
                }
                outcomes[r] = random.nextDouble() < 1 / (1 + Math.exp(-margin));
            }
        }
    }

    /** One configuration's model, which keeps what it was trained. */
    private static final class Model {
        private final double rate;
        private final double ridge;
        private final int width;
        private final double[] weights = new double[FEATURES];
        private double intercept;
        private int steps;

        Model(int configuration) {
            this.width = WIDTHS[configuration % WIDTHS.length];
            this.ridge = RIDGES[configuration / WIDTHS.length % RIDGES.length];
            this.rate = RATES[configuration / WIDTHS.length / RIDGES.length];
        }

        double margin(double[] features) {
            double sum = intercept;
            for (int f = 0; f < width; f++) {
                sum += weights[f] * features[f];
            }
            return sum;
        }

        void train(Rows rows, int units) {
            while (steps < units * UNIT_STEPS) {
                int row = steps++ % TRAINING_ROWS;
                double[] features = rows.features[row];
                double error = 1 / (1 + Math.exp(-margin(features))) - (rows.outcomes[row] ? 1 : 0);
                intercept -= rate * error;
                for (int f = 0; f < width; f++) {
                    weights[f] -= rate * (error * features[f] + ridge * weights[f]);
                }
            }
        }

        double auc(Rows rows) {
            int count = rows.outcomes.length;
            double[] positive = new double[count];
            double[] negative = new double[count];
            int positives = 0;
            int negatives = 0;
            for (int r = 0; r < count; r++) {
                double margin = margin(rows.features[r]);
                if (rows.outcomes[r]) {
                    positive[positives++] = margin;
                } else {
                    negative[negatives++] = margin;
                }
            }
            Arrays.sort(positive, 0, positives);
            Arrays.sort(negative, 0, negatives);
            double above = 0;
            int below = 0;
            for (int p = 0; p < positives; p++) {
                while (below < negatives && negative[below] < positive[p]) {
                    below++;
                }
                above += below;
            }
            return above / positives / negatives;
        }

        double p99Us(SplittableRandom random) {
            double[] latencies = new double[1_000];
            for (int i = 0; i < latencies.length; i++) {
                latencies[i] = (30 + 5 * width) * Math.exp(0.2 * random.nextGaussian());
            }
            Arrays.sort(latencies);
            return latencies[990];
        }
    }

    @Override
    public Played play(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] truth = new double[FEATURES];
        for (int f = 0; f < FEATURES; f++) {
            truth[f] = random.nextGaussian() * Math.exp(-f / 10.0);
        }
        Rows training = new Rows(random, truth, TRAINING_ROWS);
        Rows validation = new Rows(random, truth, ROWS);
        Rows test = new Rows(random, truth, TEST_ROWS);
        Model[] models = new Model[CONFIGURATIONS];
        double[] p99Us = new double[CONFIGURATIONS];
        for (int c = 0; c < CONFIGURATIONS; c++) {
            models[c] = new Model(c);
            p99Us[c] = models[c].p99Us(random);
        }
        SuccessiveHalving search = new SuccessiveHalving(CONFIGURATIONS, BUDGET);
        while (!search.isFinished()) {
            int c = search.next();
            if (p99Us[c] > LATENCY_US_MAX) {
                search.learn(c, Double.POSITIVE_INFINITY);
            } else {
                models[c].train(training, search.resource());
                search.learn(c, -models[c].auc(validation));
            }
        }
        Model fixed = new Model(STATIC);
        fixed.train(training, search.resource());
        return new Played(fixed.auc(test), models[search.next()].auc(test), p99Us[search.next()]);
    }
}
