package rondo.tools.closure;

import rondo.agents.policy.CounterRandom;

/**
 * A simulated audience that nothing was trained on: items with vectors, categories and popularity, and users without number, each a function of its
 * number. Users are of three strata: the mainstream wants what is popular in one category, the niche shuns it, the varied want two categories and tire
 * of either.
 */
final class HeldOutAudience {
    static final int ITEMS = 300;
    static final int DIMENSION = 8;
    static final int CATEGORIES = 12;
    static final int STRATA = 3;

    /** What popularity adds to the appeal of an item, by stratum. */
    private static final double[] POPULARITY_APPEAL = {0.9, -0.6, 0};

    /** Share of its appeal that an item loses with each item of its category before it, by stratum. */
    private static final double[] FATIGUE = {0.05, 0.25, 0.6};

    private final long seed;
    private final double[][] centroids = new double[CATEGORIES][DIMENSION];
    private final double[][] vectors = new double[ITEMS][DIMENSION];
    private final int[] categories = new int[ITEMS];
    private final double[] popularity = new double[ITEMS];
    private User last = new User(-1, 0, 0, 0, new double[DIMENSION]);

    /** A visitor. */
    static final class User {
        private final long input;
        private final int stratum;
        private final int first;
        private final int second;
        private final double[] taste;

        private User(long input, int stratum, int first, int second, double[] taste) {
            this.input = input;
            this.stratum = stratum;
            this.first = first;
            this.second = second;
            this.taste = taste;
        }

        int stratum() {
            return stratum;
        }

        double taste(int dimension) {
            return taste[dimension];
        }

        /** Share of the user's consumption that lies in a category. */
        double share(int category) {
            return (category == first ? 0.5 : 0) + (category == second ? 0.5 : 0);
        }
    }

    HeldOutAudience(long seed) {
        this.seed = seed;
        for (int c = 0; c < CATEGORIES; c++) {
            for (int d = 0; d < DIMENSION; d++) {
                centroids[c][d] = normal(c, 10 + d);
            }
            normalise(centroids[c]);
        }
        for (int i = 0; i < ITEMS; i++) {
            categories[i] = i % CATEGORIES;
            for (int d = 0; d < DIMENSION; d++) {
                vectors[i][d] = centroids[categories[i]][d] + 0.2 * normal(i, 30 + d);
            }
            normalise(vectors[i]);
            popularity[i] = CounterRandom.uniform(seed, i, 50);
        }
    }

    /** Near enough to a standard normal deviate, and the same on every machine. */
    double normal(long key, long stream) {
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            sum += CounterRandom.uniform(seed, key, stream * 4 + i);
        }
        return (sum - 2) * 1.7320508075688772;
    }

    double uniform(long key, long stream) {
        return CounterRandom.uniform(seed, key, stream);
    }

    /** A whole number in [0, bound). */
    int draw(long key, long stream, int bound) {
        return (int) (CounterRandom.uniform(seed, key, stream) * bound);
    }

    static void normalise(double[] vector) {
        double square = 0;
        for (double value : vector) {
            square += value * value;
        }
        double scale = square > 0 ? 1 / Math.sqrt(square) : 0;
        for (int d = 0; d < vector.length; d++) {
            vector[d] *= scale;
        }
    }

    User user(long input) {
        if (last.input == input) {
            return last;
        }
        int stratum = stratum(input);
        int first = draw(input, 1, CATEGORIES);
        int second = stratum == 2 ? draw(input, 2, CATEGORIES) : first;
        double[] taste = new double[DIMENSION];
        for (int d = 0; d < DIMENSION; d++) {
            taste[d] = centroids[first][d] + centroids[second][d] + 0.2 * normal(input, 10 + d);
        }
        normalise(taste);
        last = new User(input, stratum, first, second, taste);
        return last;
    }

    int stratum(long input) {
        return draw(input, 3, STRATA);
    }

    double[] vector(int item) {
        return vectors[item].clone();
    }

    double component(int item, int dimension) {
        return vectors[item][dimension];
    }

    int category(int item) {
        return categories[item];
    }

    /** In [0, 1). */
    double popularity(int item) {
        return popularity[item];
    }

    double similarity(User user, int item) {
        double sum = 0;
        for (int d = 0; d < DIMENSION; d++) {
            sum += user.taste[d] * vectors[item][d];
        }
        return sum;
    }

    /** The probability that a user consumes an item seen alone, in (0, 1). */
    double relevance(User user, int item) {
        return squash(4 * similarity(user, item) - 2.5 + POPULARITY_APPEAL[user.stratum] * (2 * popularity[item] - 1));
    }

    /** A sigmoid without an exponential. */
    static double squash(double z) {
        return 0.5 + 0.5 * z / (1 + Math.abs(z));
    }

    double fatigue(User user) {
        return FATIGUE[user.stratum];
    }
}
