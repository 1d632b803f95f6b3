package rondo.agents.closure.live;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import rondo.agents.catalog.Audience;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CatalogBuilder;
import rondo.agents.catalog.CoVisits;
import rondo.agents.catalog.Popularity;
import rondo.agents.policy.CounterRandom;
import rondo.agents.retrieval.RetrievalSources;

/**
 * A small catalogue and the visits of a simulated audience to it. A visit is one user with a past and a wish; what they would consume of any slate is known
 * exactly, as a probability for each place, so nothing is sampled.
 *
 * <pre>
 * stratum      wants                                           what the chain knows of them
 * mainstream   what is popular within a category               a true vector and a long history
 * niche        one category, and what few others consume       a true vector and a long history
 * drifting     another category than until lately              a vector of the old wish; a history whose newest part is of the new one
 * varied       two categories, and soon tires of either        a vector between both, a noisy history
 * </pre>
 */
final class HeldOutAudience implements AutoCloseable {
    /** The kind of user: what a segment is to the server. */
    enum Stratum {
        MAINSTREAM(0.8, 0.05, 0.2, 0.2),
        NICHE(-1.2, 0.05, 0.2, 0.2),
        DRIFTING(0.6, 0.05, 0.1, 0.2),
        VARIED(-0.5, 0.5, 0.3, 0.45);

        private static final Stratum[] ALL = values();

        /** What popularity adds to the appeal of an item. */
        private final double popularityAppeal;

        /** Share of its appeal that a category loses with each of its items looked at before. */
        private final double fatigue;

        /** Share of the history that was met by chance. */
        private final double noise;

        /** How far the stored vector is off what it stands for, in each component. */
        private final double vectorNoise;

        Stratum(double popularityAppeal, double fatigue, double noise, double vectorNoise) {
            this.popularityAppeal = popularityAppeal;
            this.fatigue = fatigue;
            this.noise = noise;
            this.vectorNoise = vectorNoise;
        }
    }

    static final int STRATA = Stratum.ALL.length;

    private static final int ITEMS = 240;
    private static final int CATEGORIES = 12;
    private static final int DIMENSION = 8;
    private static final double SECOND_CATEGORY = 0.3;

    /** Items consumed before the visit. */
    private static final int HISTORY = 120;

    /** The newest of them that follow the new wish of a drifting user. */
    private static final int DRIFTED = 25;

    /** The newest of them that follow a passing whim of a varied user. */
    private static final int WHIM = 10;

    /** What a drifting user's vector has taken up of the new wish, for one part of the old. */
    private static final double TAKEN_UP = 0.6;

    /** Chance that a user who looked at a place and took nothing looks at the next one. */
    private static final double PATIENCE = 0.85;

    /** Chance of consuming a perfectly fitting item that is looked at. */
    private static final double TAKE = 0.4;

    private static final double VECTOR_NOISE = 0.2;
    private static final int CO_VISIT_EVENTS = 8;
    private static final int CO_VISIT_HISTORY = 4;

    private static final long ITEM = 1L << 32;
    private static final long CENTROID = 2L << 32;

    private final long seed;
    private final int visits;
    private final double[][] centroids = new double[CATEGORIES][];
    private final double[][] vectors = new double[ITEMS][];
    private final double[] popularities = new double[ITEMS];
    private final double[][] wishes;
    private final Catalog catalog;
    private final RetrievalSources sources;
    private final double[] appetite = new double[Long.SIZE];

    /** @param visits how many there are, numbered from 0; the number is the user's id. */
    HeldOutAudience(long seed, int visits) {
        this.seed = seed;
        this.visits = visits;
        this.wishes = new double[visits][];
        for (int c = 0; c < CATEGORIES; c++) {
            centroids[c] = around(new double[DIMENSION], 1, CENTROID + c);
        }
        this.catalog = catalogue();
        this.sources = new RetrievalSources(
                catalog, new Audience(visits), new CoVisits(ITEMS), new Popularity(catalog, Long.MAX_VALUE));
        for (int row = 0; row < ITEMS; row++) {
            for (double count = StrictMath.exp(5 * popularities[row]); count >= 1; count--) {
                sources.popularity().count(row);
            }
        }
        sources.popularity().refresh();
        int[] recent = new int[CO_VISIT_HISTORY];
        for (int visit = 0; visit < visits; visit++) {
            past(visit, recent);
        }
    }

    private Catalog catalogue() {
        CatalogBuilder builder = new CatalogBuilder();
        float[] itemVectors = new float[ITEMS * DIMENSION];
        for (int row = 0; row < ITEMS; row++) {
            int first = row % CATEGORIES;
            int second = uniform(ITEM + row, 1) < SECOND_CATEGORY ? draw(ITEM + row, 2, CATEGORIES) : first;
            builder.addItem(
                    row, "", first == second ? List.of(name(first)) : List.of(name(first), name(second)), Map.of());
            vectors[row] = around(centroids[first], VECTOR_NOISE, ITEM + row);
            popularities[row] = uniform(ITEM + row, 3);
            copy(vectors[row], itemVectors, row);
        }
        builder.itemVectors(itemVectors, DIMENSION);
        long[] ids = new long[visits];
        float[] userVectors = new float[visits * DIMENSION];
        for (int visit = 0; visit < visits; visit++) {
            ids[visit] = visit;
            double[] wish = centroids[category(visit)];
            if (kind(visit) == Stratum.VARIED) {
                wish = between(wish, centroids[other(visit)], 1);
            }
            wishes[visit] = around(wish, VECTOR_NOISE, visit);
            double[] known = kind(visit) == Stratum.DRIFTING
                    ? between(centroids[other(visit)], wishes[visit], TAKEN_UP)
                    : wishes[visit];
            copy(around(known, kind(visit).vectorNoise, visit + (long) visits), userVectors, visit);
        }
        builder.userVectors(ids, userVectors, DIMENSION);
        return builder.build(1);
    }

    private static String name(int category) {
        return "category " + category;
    }

    private static void copy(double[] vector, float[] out, int row) {
        for (int d = 0; d < DIMENSION; d++) {
            out[row * DIMENSION + d] = (float) vector[d];
        }
    }

    /** What the user consumed before the visit. */
    private void past(int visit, int[] recent) {
        double noise = kind(visit).noise;
        for (int i = 0; i < HISTORY; i++) {
            int category = historyCategory(visit, i);
            // Rows are of their categories in turn.
            int row = uniform(visit, 100 + i) < noise
                    ? draw(visit, 300 + i, ITEMS)
                    : category + CATEGORIES * draw(visit, 300 + i, ITEMS / CATEGORIES);
            if (i >= HISTORY - CO_VISIT_EVENTS) {
                sources.coVisits().record(row, recent, sources.audience().history(visit, recent));
            }
            sources.audience().record(visit, row);
        }
    }

    private int historyCategory(int visit, int event) {
        int left = HISTORY - event;
        return switch (kind(visit)) {
            case MAINSTREAM, NICHE -> category(visit);
            case DRIFTING -> left <= DRIFTED ? category(visit) : other(visit);
            case VARIED -> left <= WHIM ? draw(visit, 4, CATEGORIES) : event % 2 == 0 ? category(visit) : other(visit);
        };
    }

    private double uniform(long key, long stream) {
        return CounterRandom.uniform(seed, key, stream);
    }

    /** A whole number in [0, bound). */
    private int draw(long key, long stream, int bound) {
        return (int) (uniform(key, stream) * bound);
    }

    /** A unit vector near {@code centre}: each component off by {@code noise} times what is near enough to a standard normal deviate. */
    private double[] around(double[] centre, double noise, long key) {
        double[] vector = new double[DIMENSION];
        for (int d = 0; d < DIMENSION; d++) {
            double sum = -2;
            for (int i = 0; i < 4; i++) {
                sum += uniform(key, 1_000 + d * 4 + i);
            }
            vector[d] = centre[d] + noise * sum * 1.7320508075688772;
        }
        return normalised(vector);
    }

    private static double[] between(double[] a, double[] b, double partsOfB) {
        double[] vector = new double[DIMENSION];
        for (int d = 0; d < DIMENSION; d++) {
            vector[d] = a[d] + partsOfB * b[d];
        }
        return normalised(vector);
    }

    private static double[] normalised(double[] vector) {
        double square = 0;
        for (double value : vector) {
            square += value * value;
        }
        double scale = square > 0 ? 1 / Math.sqrt(square) : 0;
        for (int d = 0; d < DIMENSION; d++) {
            vector[d] *= scale;
        }
        return vector;
    }

    /** What the routes read. */
    RetrievalSources sources() {
        return sources;
    }

    private Stratum kind(int visit) {
        return Stratum.ALL[stratum(visit)];
    }

    /** The place of the visit's {@link Stratum} among all of them. */
    int stratum(int visit) {
        return draw(visit, 1, STRATA);
    }

    /** The category that the user wants now. */
    private int category(int visit) {
        return draw(visit, 2, CATEGORIES);
    }

    /** The category that the user wanted before, or wants as well. */
    private int other(int visit) {
        return (category(visit) + 1 + draw(visit, 3, CATEGORIES - 1)) % CATEGORIES;
    }

    /** The appeal of an item seen alone, in (0, 1). */
    private double appeal(int visit, int row) {
        double similarity = 0;
        for (int d = 0; d < DIMENSION; d++) {
            similarity += wishes[visit][d] * vectors[row][d];
        }
        double z = 5 * similarity - 3.5 + kind(visit).popularityAppeal * (2 * popularities[row] - 1);
        // A sigmoid without an exponential.
        return 0.5 + 0.5 * z / (1 + Math.abs(z));
    }

    /**
     * How likely each place of a slate is to be the one consumed; what is missing to 1 is the chance that none is.
     *
     * @param rows  of the slate, in order.
     * @param out   receives a probability for each place.
     */
    void consumption(int visit, int[] rows, int count, double[] out) {
        Arrays.fill(appetite, 1);
        double keep = 1 - kind(visit).fatigue;
        double looks = 1;
        for (int place = 0; place < count; place++) {
            int category = catalog.firstCategory(rows[place]);
            out[place] = looks * TAKE * appeal(visit, rows[place]) * appetite[category];
            appetite[category] *= keep;
            looks = (looks - out[place]) * PATIENCE;
        }
    }

    /** Frees the catalogue's vectors. */
    @Override
    public void close() {
        catalog.close();
    }
}
