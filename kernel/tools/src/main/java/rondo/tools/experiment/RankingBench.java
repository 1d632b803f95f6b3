package rondo.tools.experiment;

import java.util.Arrays;
import java.util.SplittableRandom;
import rondo.agents.AgentKind;
import rondo.agents.policy.LinearThompson;
import rondo.agents.policy.SquareCb;

/**
 * Thirty candidates with three scores each; how much a user cares for each score depends on the context and on the stratum. The agent chooses one of five
 * weight vectors, the even one is static, and earns the NDCG@10 of the order that comes out.
 */
final class RankingBench implements AgentBench {
    private static final double[][] WEIGHTS = {{1, 1, 1}, {3, 0.3, 0.3}, {0.3, 3, 0.3}, {0.3, 0.3, 3}, {2, 2, 0}};
    private static final int STRATA = 2;
    private static final int DIMENSION = 16;
    private static final int CANDIDATES = 30;
    private static final int STEPS = 6_000;
    private static final int TOP = 10;
    private static final int BINS = 20;

    /** Spread of an NDCG around its prediction. */
    private static final double SPREAD = 0.15;

    /** Decisions between draws of the parameter sets. */
    private static final int TICK = 10;

    @Override
    public AgentKind kind() {
        return AgentKind.RANKING;
    }

    @Override
    public String learner() {
        return "SquareCB over ridge regressions by stratum";
    }

    @Override
    public String primary() {
        return "NDCG@10";
    }

    @Override
    public String secondary() {
        return "calibration error of the predicted NDCG";
    }

    @Override
    public boolean isBoundAbove() {
        return true;
    }

    @Override
    public double bound() {
        return 0.05;
    }

    @Override
    public Played play(long seed) {
        return play(seed, false);
    }

    /** The same worlds with the other contextual learner, linear Thompson sampling, beside SquareCB. */
    static void compare(Report report, long seed, int repetitions) {
        Report.Table table = report.table("ranking", "learner", "NDCG@10", "gain over static", "standard error");
        for (boolean isThompson : new boolean[] {false, true}) {
            double[] gains = new double[repetitions];
            double ndcg = 0;
            for (int r = 0; r < repetitions; r++) {
                Played played = play(seed + r, isThompson);
                gains[r] = played.agent() - played.fixed();
                ndcg += played.agent() / repetitions;
            }
            table.row(
                    isThompson ? "linear Thompson, 64 drawn parameter sets" : "SquareCB",
                    ndcg,
                    Arrays.stream(gains).average().orElseThrow(),
                    Player.standardError(gains));
        }
    }

    private static Played play(long seed, boolean isThompson) {
        SplittableRandom random = new SplittableRandom(seed);
        SquareCb learner = new SquareCb(STRATA, WEIGHTS.length, DIMENSION, 1);
        LinearThompson[] thompson = new LinearThompson[STRATA];
        for (int s = 0; s < STRATA; s++) {
            thompson[s] = new LinearThompson(WEIGHTS.length, DIMENSION, 1, SPREAD, seed + s);
        }
        double[] context = new double[DIMENSION];
        double[] gaps = new double[BINS];
        double[][] features = new double[CANDIDATES][3];
        boolean[] relevant = new boolean[CANDIDATES];
        double fixed = 0;
        double agent = 0;
        for (int t = 0; t < STEPS; t++) {
            int stratum = random.nextInt(STRATA);
            context[0] = 1;
            for (int i = 1; i < DIMENSION; i++) {
                context[i] = random.nextDouble() * 2 - 1;
            }
            double lean = 2 * context[1] + context[2];
            for (int c = 0; c < CANDIDATES; c++) {
                double margin = -4;
                for (int f = 0; f < 3; f++) {
                    features[c][f] = random.nextDouble() * 2 - 1;
                    // The second stratum reads the context the other way round.
                    double care = f == 0 ? lean : f == 1 ? -lean : 0.5;
                    margin += 2 * features[c][f] * Math.max(0, (stratum == 0 ? care : f == 2 ? 0.5 : -care));
                }
                relevant[c] = random.nextDouble() < 1 / (1 + Math.exp(-margin - 2));
            }
            double uniform = random.nextDouble();
            int action =
                    isThompson ? thompson[stratum].choose(context, uniform) : learner.choose(stratum, context, uniform);
            double predicted = learner.predict(stratum, action, context);
            double reward = ndcg(features, relevant, WEIGHTS[action]);
            learner.learn(stratum, context, action, reward);
            if (isThompson) {
                thompson[stratum].learn(context, action, reward);
                if (t % TICK == 0) {
                    thompson[stratum].tick(seed + stratum, t + 1);
                }
            }
            if (t >= STEPS / 2) {
                gaps[Math.min(BINS - 1, (int) (predicted * BINS))] += predicted - reward;
            }
            agent += reward;
            fixed += ndcg(features, relevant, WEIGHTS[0]);
        }
        double error = Arrays.stream(gaps).map(Math::abs).sum() / (STEPS - STEPS / 2);
        return new Played(fixed / STEPS, agent / STEPS, error);
    }

    private static double ndcg(double[][] features, boolean[] relevant, double[] weights) {
        Integer[] order = new Integer[CANDIDATES];
        double[] scores = new double[CANDIDATES];
        int relevantCount = 0;
        for (int c = 0; c < CANDIDATES; c++) {
            order[c] = c;
            relevantCount += relevant[c] ? 1 : 0;
            for (int f = 0; f < 3; f++) {
                scores[c] -= weights[f] * features[c][f];
            }
        }
        Arrays.sort(order, (a, b) -> Double.compare(scores[a], scores[b]));
        double gained = 0;
        double ideal = 0;
        for (int i = 0; i < TOP; i++) {
            double discount = Math.log(2) / Math.log(i + 2);
            gained += relevant[order[i]] ? discount : 0;
            ideal += i < relevantCount ? discount : 0;
        }
        return ideal == 0 ? 0 : gained / ideal;
    }
}
