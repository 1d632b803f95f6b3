package rondo.tools.experiment;

import java.util.SplittableRandom;

/**
 * An audience whose clicks and whose satisfaction are not the same thing. A click is frequent and seen at once; satisfaction, the global reward, is
 * rare. Both depend on the action played and on what the audience prefers in the catalogue as it is. A swap of the catalogue changes that preference;
 * clicks follow habit for a while then, and satisfaction does not.
 */
abstract class CouplingWorld {
    static final int PREFERENCES = 4;
    static final int SLATE = 10;

    /** Distance of two items of one category; of two categories it is 1. */
    private static final double WITHIN = 0.2;

    private static final int CATEGORIES = 20;

    /** Intra-list distance of a random slate. */
    static final double RANDOM_DISTANCE = 1 - (1 - WITHIN) / CATEGORIES;

    /** Requests after which a habit has faded to 1/e. */
    private static final double HABIT = 600;

    private static final int SAMPLES = 20_000;

    final SplittableRandom random;
    private final int actionCount;
    private final double[][] satisfaction;
    private final double[][] recall;
    private final double[] distance;

    /** What the last request came to. */
    int clickedRank;

    int clickedCategory;
    double satisfied;
    double slateDistance;

    CouplingWorld(int actionCount, SplittableRandom random) {
        this.random = random;
        this.actionCount = actionCount;
        this.satisfaction = new double[actionCount][PREFERENCES];
        this.recall = new double[actionCount][PREFERENCES];
        this.distance = new double[actionCount];
    }

    /** Finds what each action is worth by playing it. */
    final void measure() {
        for (int a = 0; a < actionCount; a++) {
            for (int p = 0; p < PREFERENCES; p++) {
                for (int i = 0; i < SAMPLES; i++) {
                    serve(a, p, p);
                    satisfaction[a][p] += satisfied / SAMPLES;
                    recall[a][p] += (clickedRank < 0 ? 0.0 : 1.0) / SAMPLES;
                    distance[a] += slateDistance / RANDOM_DISTANCE / SAMPLES / PREFERENCES;
                }
            }
        }
    }

    /** One request: what the audience prefers, and what it is used to click on. */
    final void step(int action, int preference, int before, double sinceChange) {
        serve(action, preference, random.nextDouble() < Math.exp(-sinceChange / HABIT) ? before : preference);
    }

    /** Plays an action: sets {@link #clickedRank}, −1 for none, {@link #clickedCategory}, {@link #satisfied} as a probability, {@link #slateDistance}. */
    abstract void serve(int action, int preference, int habit);

    final int actionCount() {
        return actionCount;
    }

    /** Expected satisfaction. */
    final double satisfaction(int action, int preference) {
        return satisfaction[action][preference];
    }

    /** Share of requests whose consumed item is in the slate, habits apart. */
    final double recall(int action, int preference) {
        return recall[action][preference];
    }

    /** Intra-list distance as a share of that of random slates. */
    final double distance(int action) {
        return distance[action];
    }

    final double best(int preference) {
        double best = 0;
        for (int a = 0; a < actionCount; a++) {
            best = Math.max(best, satisfaction[a][preference]);
        }
        return best;
    }

    /** What the audience consumes elsewhere: six in ten where its preference lies, the rest anywhere. */
    final int organic(int preference) {
        return random.nextDouble() < 0.6 ? 1 + preference : random.nextInt(CATEGORIES);
    }

    final int anyCategory() {
        return random.nextInt(CATEGORIES);
    }

    static double distance(int[] categories) {
        double sum = 0;
        for (int i = 0; i < categories.length; i++) {
            for (int j = 0; j < i; j++) {
                sum += categories[i] == categories[j] ? WITHIN : 1;
            }
        }
        return 2 * sum / (categories.length * (categories.length - 1));
    }

    /**
     * Long-term satisfaction, after RecSim's environment of that name (Ie et al., 2019): an action is a topic and a style, solid or
     * clickbait. Clickbait engages more at first and wears the user out: satisfaction is the logistic function of {@code sensitivity} times what has
     * accumulated, which fades by 0.7 a step.
     */
    static final class LongTerm extends CouplingWorld {
        private static final double SENSITIVITY = 0.2;
        private static final int STEPS = 60;
        private final double solidFirst;
        private final double solidSession;
        private double first;
        private double session;

        LongTerm(SplittableRandom random) {
            super(2 * PREFERENCES, random);
            this.solidFirst = Math.exp(4 * 0.5 + 0.5);
            double sum = 0;
            for (int i = 0; i < SAMPLES; i++) {
                session(0);
                sum += session;
            }
            this.solidSession = sum / SAMPLES;
        }

        /** Plays a session of one style. */
        private void session(int style) {
            double exposure = 0;
            session = 0;
            for (int t = 0; t < STEPS; t++) {
                double mood = 1 / (1 + Math.exp(-SENSITIVITY * exposure));
                double engagement = Math.exp((4 + style) * mood + random.nextGaussian());
                first = t == 0 ? engagement : first;
                session += engagement;
                exposure = 0.7 * exposure - 2 * (style - 0.5) + 0.05 * random.nextGaussian();
            }
        }

        /** Mean first-step and session engagement of clickbait over those of solid content, less 1. */
        double[] lure() {
            double[] sums = new double[4];
            for (int i = 0; i < 2 * SAMPLES; i++) {
                session(i % 2);
                sums[i % 2] += first;
                sums[2 + i % 2] += session;
            }
            return new double[] {sums[1] / sums[0] - 1, sums[3] / sums[2] - 1};
        }

        @Override
        void serve(int action, int preference, int habit) {
            int topic = action / 2;
            session(action % 2);
            clickedRank = random.nextDouble() < 0.45 * (topic == habit ? 1 : 0.5) * Math.min(2.2, first / solidFirst)
                    ? 0
                    : -1;
            clickedCategory = 1 + topic;
            satisfied = Math.min(0.9, 0.06 * (topic == preference ? 1 : 0.5) * session / solidSession);
            slateDistance = Double.NaN;
        }
    }

    /** A ranker that knows what is popular and has to find out which niche the audience likes: everybody clicks on the popular, and few are glad of it. */
    static final class Niche extends CouplingWorld {
        private final int[] slate = new int[SLATE];

        Niche(SplittableRandom random) {
            super(1 + PREFERENCES, random);
        }

        @Override
        void serve(int action, int preference, int habit) {
            for (int i = 0; i < SLATE; i++) {
                slate[i] = i < 7 ? action : i < 9 ? 0 : anyCategory();
            }
            clickedRank = -1;
            satisfied = 0;
            double open = 1;
            boolean isTypical = random.nextDouble() < 0.8;
            int wants = 1 + (isTypical ? preference : random.nextInt(PREFERENCES));
            int clicks = 1 + (isTypical ? habit : random.nextInt(PREFERENCES));
            for (int i = 0; i < SLATE && clickedRank < 0; i++) {
                double attraction = slate[i] == 0 ? 0.14 : slate[i] == clicks ? 0.15 : 0.04;
                if (random.nextDouble() < attraction) {
                    clickedRank = i;
                    clickedCategory = slate[i];
                }
            }
            for (int i = 0; i < SLATE; i++) {
                satisfied += open * (slate[i] == 0 ? 0.0015 : slate[i] == wants ? 0.0050 : 0.0012);
                open *= 0.97;
            }
            slateDistance = distance(slate);
        }
    }

    /**
     * Two stages: retrieval chooses which route it trusts and how much of its list it floods with what is popular; a ranker keeps their order. What people
     * consume next is popular more often than not, so flooding raises retrieval's own recall; but the popular they would have found by themselves, and
     * what satisfies them is the rest, as long as there is a choice of it.
     */
    static final class Flood extends CouplingWorld {
        private static final double[] SHARES = {0.2, 0, 0.5, 1};
        private final int[] slate = new int[SLATE];

        Flood(SplittableRandom random) {
            super(SHARES.length * PREFERENCES, random);
        }

        @Override
        void serve(int action, int preference, int habit) {
            int route = action / SHARES.length;
            int popular = (int) (SLATE * SHARES[action % SHARES.length]);
            for (int i = 0; i < SLATE; i++) {
                slate[i] = i < popular ? 0 : random.nextDouble() < 0.4 ? 1 + route : anyCategory();
            }
            // The item consumed next: where had retrieval put it, if it had it at all?
            clickedRank = -1;
            boolean isPopular = random.nextDouble() < 0.6;
            if (isPopular) {
                int rank = random.nextInt(SLATE + 4);
                clickedRank = rank < popular ? rank / 3 : -1;
                clickedCategory = 0;
            } else if (random.nextDouble() < (route == habit ? 0.5 : 0.2) * (SLATE - popular) / SLATE) {
                clickedRank = Math.min(SLATE - 1, popular / 2 + random.nextInt(3));
                clickedCategory = 1 + habit;
            }
            slateDistance = distance(slate);
            satisfied = (0.01 + (route == preference ? 0.09 : 0.04) * (SLATE - popular) / SLATE) * slateDistance;
        }
    }
}
