package rondo.tools.experiment;

import java.util.Arrays;
import java.util.SplittableRandom;

/** The methods that the kernel's learner is measured against, each after its paper. Rewards are 0 or 1. */
final class Comparators {
    private Comparators() {}

    /** Index of the largest value, ties by lot, so that no action is favoured for its number. */
    private static int argmax(double[] values, SplittableRandom random) {
        int best = 0;
        int ties = 1;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
                ties = 1;
            } else if (values[i] == values[best] && random.nextInt(++ties) == 0) {
                best = i;
            }
        }
        return best;
    }

    /**
     * Thompson sampling with Beta posteriors and a uniform prior (Thompson, Biometrika 1933), forgetting by a discount on every action's counts at every
     * step (Raj and Kalyani, Taming non-stationary bandits, 2017).
     *
     * @param discount 1 for the stationary one.
     */
    static Player.Maker thompson(double discount) {
        return (actionCount, steps, random) -> new Player() {
            private final double[] successes = new double[actionCount];
            private final double[] failures = new double[actionCount];
            private final double[] draws = new double[actionCount];

            @Override
            public int choose() {
                for (int a = 0; a < actionCount; a++) {
                    double x = gamma(1 + successes[a], random);
                    draws[a] = x / (x + gamma(1 + failures[a], random));
                }
                return argmax(draws, random);
            }

            @Override
            public void learn(int action, double reward) {
                if (discount < 1) {
                    for (int a = 0; a < actionCount; a++) {
                        successes[a] *= discount;
                        failures[a] *= discount;
                    }
                }
                successes[action] += reward;
                failures[action] += 1 - reward;
            }
        };
    }

    /** A Gamma draw for a shape of 1 or more (Marsaglia and Tsang, A simple method for generating gamma variables, 2000). */
    private static double gamma(double shape, SplittableRandom random) {
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double z = random.nextGaussian();
            double v = 1 + c * z;
            if (v <= 0) {
                continue;
            }
            v = v * v * v;
            double u = random.nextDouble();
            if (u < 1 - 0.0331 * z * z * z * z || Math.log(u) < 0.5 * z * z + d * (1 - v + Math.log(v))) {
                return d * v;
            }
        }
    }

    /**
     * A model that is trained off-line: 5 % of the requests are given out evenly and logged; every {@code window} steps the action with the best mean among
     * the last window's logged requests is put in service.
     *
     * @param isRetrained false trains once, after the first window.
     */
    static Player.Maker trained(int window, boolean isRetrained) {
        return (actionCount, steps, random) -> new Player() {
            private static final double LOGGED_SHARE = 0.05;

            private final double[] successes = new double[actionCount];
            private final double[] counts = new double[actionCount];
            private int inService = random.nextInt(actionCount);
            private boolean isLogged;
            private int step;

            @Override
            public int choose() {
                isLogged = random.nextDouble() < LOGGED_SHARE;
                return isLogged ? random.nextInt(actionCount) : inService;
            }

            @Override
            public void learn(int action, double reward) {
                if (isLogged) {
                    successes[action] += reward;
                    counts[action]++;
                }
                if (++step % window == 0 && (isRetrained || step == window)) {
                    double[] means = new double[actionCount];
                    for (int a = 0; a < actionCount; a++) {
                        means[a] = counts[a] == 0 ? 0 : successes[a] / counts[a];
                    }
                    inService = argmax(means, random);
                    Arrays.fill(successes, 0);
                    Arrays.fill(counts, 0);
                }
            }
        };
    }

    /** Relative entropy of two Bernoulli variables. */
    private static double divergence(double p, double q) {
        double sum = 0;
        if (p > 0) {
            sum += p * Math.log(p / Math.max(q, 1e-12));
        }
        if (p < 1) {
            sum += (1 - p) * Math.log((1 - p) / Math.max(1 - q, 1e-12));
        }
        return sum;
    }

    /** The largest q with count · kl(mean, q) ≤ level, by bisection to 1e-4. */
    private static double upperBound(double mean, double count, double level) {
        double limit = level / count;
        double low = mean;
        double high = Math.min(1, mean + Math.sqrt(limit / 2));
        while (high - low > 1e-4) {
            double middle = 0.5 * (low + high);
            if (divergence(mean, middle) > limit) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return low;
    }

    /** kl-UCB with counts that may be thrown away (Garivier and Cappé, COLT 2011; level log t). */
    private static class KlUcb implements Player {
        final double[] successes;
        final double[] counts;
        final SplittableRandom random;
        private final double[] indices;
        private long step;

        KlUcb(int actionCount, SplittableRandom random) {
            this.successes = new double[actionCount];
            this.counts = new double[actionCount];
            this.indices = new double[actionCount];
            this.random = random;
        }

        @Override
        public int choose() {
            for (int a = 0; a < indices.length; a++) {
                indices[a] =
                        counts[a] == 0 ? 2 : upperBound(successes[a] / counts[a], counts[a], Math.log(level(step)));
            }
            return argmax(indices, random);
        }

        double level(long steps) {
            return Math.max(1, steps);
        }

        @Override
        public void learn(int action, double reward) {
            successes[action] += reward;
            counts[action]++;
            step++;
        }

        final void restart() {
            Arrays.fill(successes, 0);
            Arrays.fill(counts, 0);
            step = 0;
        }
    }

    static Player.Maker klUcb() {
        return (actionCount, steps, random) -> new KlUcb(actionCount, random);
    }

    /** kl-UCB that is told of each change and begins anew. */
    static Player.Maker oracleRestart() {
        return (actionCount, steps, random) -> new KlUcb(actionCount, random) {
            @Override
            public void onChange() {
                restart();
            }
        };
    }

    /** kl-UCB over the last {@code window} steps (Garivier and Moulines, On upper-confidence bound policies for switching bandits, ALT 2011). */
    static Player.Maker slidingWindowKlUcb(int window) {
        return (actionCount, steps, random) -> new KlUcb(actionCount, random) {
            private final int[] actions = new int[window];
            private final double[] rewards = new double[window];
            private int at;
            private boolean isFull;

            @Override
            double level(long played) {
                return Math.max(1, Math.min(played, window));
            }

            @Override
            public void learn(int action, double reward) {
                if (isFull) {
                    successes[actions[at]] -= rewards[at];
                    counts[actions[at]]--;
                }
                super.learn(action, reward);
                actions[at] = action;
                rewards[at] = reward;
                at = (at + 1) % window;
                isFull |= at == 0;
            }
        };
    }

    /**
     * GLR-klUCB with restarts of all actions (Besson, Kaufmann, Maillard and Seznec, Efficient change-point detection for tackling piecewise-stationary
     * bandits, JMLR 2022): a generalised likelihood ratio test for every action, threshold log(3 n√n / δ) with δ = 1/√T, at every tenth play over every
     * tenth split, and forced exploration of a share α = 0.05 √(K log T / T).
     */
    static Player.Maker glrKlUcb() {
        return (actionCount, steps, random) -> new KlUcb(actionCount, random) {
            private static final int LAZY = 10;

            private final int[][] sums = new int[actionCount][steps + 1];
            private final int[] plays = new int[actionCount];
            private final double delta = 1 / Math.sqrt(steps);
            private final double forced = 0.05 * Math.sqrt(actionCount * Math.log(steps) / steps);

            @Override
            public int choose() {
                return random.nextDouble() < forced ? random.nextInt(actionCount) : super.choose();
            }

            @Override
            public void learn(int action, double reward) {
                super.learn(action, reward);
                int n = ++plays[action];
                sums[action][n] = sums[action][n - 1] + (int) reward;
                if (n % LAZY == 0 && isChanged(sums[action], n)) {
                    restart();
                    Arrays.fill(plays, 0);
                }
            }

            private boolean isChanged(int[] sum, int n) {
                double threshold = Math.log(3 * n * Math.sqrt(n) / delta);
                double whole = (double) sum[n] / n;
                for (int s = LAZY; s < n; s += LAZY) {
                    double before = (double) sum[s] / s;
                    double after = (double) (sum[n] - sum[s]) / (n - s);
                    if (s * divergence(before, whole) + (n - s) * divergence(after, whole) > threshold) {
                        return true;
                    }
                }
                return false;
            }
        };
    }
}
