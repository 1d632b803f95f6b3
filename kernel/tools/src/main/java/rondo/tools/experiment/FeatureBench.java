package rondo.tools.experiment;

import java.util.SplittableRandom;
import rondo.agents.AgentKind;
import rondo.agents.feature.ShapleyAttribution;
import rondo.agents.feature.SubsetSearch;

/**
 * Eight feature groups with weights that somebody once fitted: four carry a signal, four have become noise. Half-way one of the good ones stops being
 * updated. The static action uses all groups.
 */
final class FeatureBench implements AgentBench {
    private static final int GROUPS = 8;
    private static final int ALL = (1 << GROUPS) - 1;
    private static final double[] SIGNAL = {1.2, 0.8, 0.6, 0.4, 0, 0, 0, 0};
    private static final double[] WEIGHTS = {1, 0.8, 0.6, 0.4, 0.5, 0.5, 0.4, 0.3};
    private static final int STALE = 2;
    private static final int ITEMS = 30;
    private static final int EPOCHS = 20;
    private static final int SLATES = 400;
    private static final double LAG_MS_MAX = 100;
    private static final int LOGGED = 50;
    private static final int PAIRS = 50;

    @Override
    public AgentKind kind() {
        return AgentKind.FEATURE;
    }

    @Override
    public String learner() {
        return "subset search by one difference";
    }

    @Override
    public String primary() {
        return "AUC";
    }

    @Override
    public String secondary() {
        return "oldest features used, ms";
    }

    @Override
    public boolean isBoundAbove() {
        return true;
    }

    @Override
    public double bound() {
        return LAG_MS_MAX;
    }

    /** Features of thirty items and which of them were liked. */
    private static final class Slate {
        private final double[][] features = new double[ITEMS][GROUPS];
        private final boolean[] liked = new boolean[ITEMS];

        void draw(SplittableRandom random, boolean isStale) {
            for (int i = 0; i < ITEMS; i++) {
                double margin = -0.5;
                for (int g = 0; g < GROUPS; g++) {
                    features[i][g] = random.nextGaussian();
                    margin += SIGNAL[g] * features[i][g];
                }
                if (isStale) {
                    features[i][STALE] = random.nextGaussian();
                }
                liked[i] = random.nextDouble() < 1 / (1 + Math.exp(-margin));
            }
        }

        /** Chance that a liked item is scored above one that was not. */
        double auc(int mask) {
            double[] scores = new double[ITEMS];
            for (int i = 0; i < ITEMS; i++) {
                for (int g = 0; g < GROUPS; g++) {
                    scores[i] += (mask >>> g & 1) * WEIGHTS[g] * features[i][g];
                }
            }
            double above = 0;
            int pairs = 0;
            for (int i = 0; i < ITEMS; i++) {
                for (int j = 0; j < ITEMS; j++) {
                    if (liked[i] && !liked[j]) {
                        pairs++;
                        above += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                    }
                }
            }
            return pairs == 0 ? 0.5 : above / pairs;
        }
    }

    @Override
    public Played play(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SubsetSearch search = new SubsetSearch(GROUPS, 1, ALL, LAG_MS_MAX);
        Slate slate = new Slate();
        double[] lagMs = new double[GROUPS];
        double fixed = 0;
        double agent = 0;
        double oldest = 0;
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            for (int s = 0; s < SLATES; s++) {
                boolean isStale = epoch >= EPOCHS / 2;
                slate.draw(random, isStale);
                for (int g = 0; g < GROUPS; g++) {
                    lagMs[g] = (g == STALE && isStale ? 500 : 20) + 30 * random.nextDouble();
                    search.observeLag(g, lagMs[g]);
                }
                int mask = search.mask();
                for (int g = 0; g < GROUPS; g++) {
                    oldest = Math.max(oldest, (mask >>> g & 1) * lagMs[g]);
                }
                double auc = slate.auc(mask);
                int challenger = search.nextChallenger();
                search.learn(challenger, slate.auc(mask ^ 1 << challenger) - auc);
                agent += auc;
                fixed += slate.auc(ALL);
            }
            search.endEpoch();
        }
        double slates = (double) EPOCHS * SLATES;
        return new Played(fixed / slates, agent / slates, oldest);
    }

    /** What each group contributes to the AUC on logged slates. */
    static void attribute(Report report, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Slate[] logged = new Slate[LOGGED];
        for (int i = 0; i < LOGGED; i++) {
            logged[i] = new Slate();
            logged[i].draw(random, false);
        }
        ShapleyAttribution shapley = new ShapleyAttribution(GROUPS);
        shapley.attribute(
                mask -> {
                    double sum = 0;
                    for (Slate slate : logged) {
                        sum += slate.auc(mask);
                    }
                    return sum / LOGGED;
                },
                PAIRS,
                seed);
        Report.Table table =
                report.table("shapley", "feature group", "true weight", "weight used", "Shapley value", "error");
        boolean isTold = true;
        for (int g = 0; g < GROUPS; g++) {
            table.row(g, SIGNAL[g], WEIGHTS[g], shapley.value(g), shapley.error(g));
            isTold &= shapley.value(g) > 0 == SIGNAL[g] > 0;
        }
        report.target(
                "feature: groups with a signal, and only those, have a Shapley value above 0",
                "yes",
                isTold ? "yes" : "no",
                isTold);
        double gap = Math.abs(shapley.efficiencyGap());
        report.target(
                "feature: contributions less v(all) - v(none), absolute", "<= 1e-9", String.valueOf(gap), gap <= 1e-9);
    }
}
