package rondo.tools.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import rondo.tools.data.Progress;

/**
 * E1: what a learner that is told nothing earns when intent shifts, against models that are retrained, fixed discounts and a change detector. Eight actions,
 * rewards 0 or 1, 20,000 events; the same games for every method.
 */
final class ShiftingIntent implements Experiment {
    private static final int ACTIONS = 8;
    private static final int STEPS = 20_000;
    private static final int REPETITIONS = 40;
    private static final double[] INTERVALS = {250, 500, 1_000, 2_000, 5_000, 20_000};
    private static final double[] TARGETS = {91.5, 94, 96, 97, 98, 98.5};
    private static final int LOW_STEPS = 200_000;
    private static final int LOW_REPETITIONS = 16;
    private static final double LOW_INTERVAL = 25_000;
    private static final double LOW_TOP = 0.1;
    private static final double DRIFT = 0.003;

    private static final String OURS = "ours, block every 1";
    private static final String DISCOUNTED = "discounted Thompson ";

    private record Method(String name, Player.Maker maker) {}

    private static final List<Method> METHODS = List.of(
            new Method("static, never retrained", Comparators.trained(1_000, false)),
            new Method("static, retrained each 1,000", Comparators.trained(1_000, true)),
            new Method("static, retrained each 2,000", Comparators.trained(2_000, true)),
            new Method("Thompson, stationary", Comparators.thompson(1)),
            new Method(DISCOUNTED + ".98", Comparators.thompson(0.98)),
            new Method(DISCOUNTED + ".99", Comparators.thompson(0.99)),
            new Method(DISCOUNTED + ".995", Comparators.thompson(0.995)),
            new Method(DISCOUNTED + ".998", Comparators.thompson(0.998)),
            new Method("GLR-klUCB", Comparators.glrKlUcb()),
            new Method(OURS, KernelPlayer.refreshedEvery(1)),
            new Method("ours, block every 10", KernelPlayer.refreshedEvery(10)),
            new Method("ours, block every 100", KernelPlayer.refreshedEvery(100)),
            new Method("ours, block every 1,000", KernelPlayer.refreshedEvery(1_000)),
            new Method("ours, every 10, running mean expected", KernelPlayer.againstRunningMean(10)),
            new Method("ours, every 10, floor 2 %", KernelPlayer.bounded(10, 0.02, 1, 50)),
            new Method("ours, every 10, floor 2 %, movement 0.1 per 50", KernelPlayer.bounded(10, 0.02, 0.10, 50)));

    /** Mean and standard error of the share of the oracle, in percent. */
    private record Mean(double share, double error) {}

    @Override
    public String id() {
        return "E1";
    }

    @Override
    public String question() {
        return "What share of an oracle's reward does the learner earn when intent shifts, told nothing of how often?";
    }

    @Override
    public void run(Report report, long seed, double scale) {
        int repetitions = Experiment.repetitions(REPETITIONS, scale);
        // Below a twentieth of the repetitions the games get shorter too: they are for trying things out.
        double length = Math.min(1, 20 * scale);
        try (Progress progress = new Progress("E1, shifts", (long) METHODS.size() * INTERVALS.length)) {
            shifts(report, seed, repetitions, (int) (STEPS * length), progress);
        }
        others(report, seed, scale, repetitions, (int) (STEPS * length), (int) (LOW_STEPS * length));
        report.note(
                "Share of the oracle = expected rewards of the chosen actions over those of the best action of each step, percent ± standard error "
                        + "over repetitions. 'Ours' is the production learner: each reward is learnt, the policy block is refreshed from its probabilities every so "
                        + "many events, actions are drawn from the block. It is told of each reward to expect "
                        + KernelPlayer.EXPECTED
                        + ", which is what one passes who knows nothing, not the running mean that the reward ring would pass; the row "
                        + "'running mean expected' has the latter. Rows without floor or movement are the learner alone; the last two rows add the exploration "
                        + "budget of the product's defaults.");
    }

    private static void shifts(Report report, long seed, int repetitions, int steps, Progress progress) {
        long done = 0;
        List<String> columns = new ArrayList<>(List.of("method"));
        for (double interval : INTERVALS) {
            columns.add("S = " + (int) interval);
            columns.add("± " + (int) interval);
        }
        Report.Table table = report.table("shifts", columns.toArray(String[]::new));
        Report.Plot plot = report.plot("share", "mean events between shifts", "percent of oracle", true);
        Report.Plot curves = report.plot("regret", "events, S = 1,000", "mean regret", false);
        double[] bestDiscount = new double[INTERVALS.length];
        double[] ours = new double[INTERVALS.length];
        for (Method method : METHODS) {
            List<Object> row = new ArrayList<>(List.of(method.name));
            double[] shares = new double[INTERVALS.length];
            for (int i = 0; i < INTERVALS.length; i++) {
                double interval = INTERVALS[i];
                double[] regrets = new double[101];
                Mean mean = mean(
                        method.maker,
                        random -> Environment.shifting(ACTIONS, 1, interval, random),
                        steps,
                        repetitions,
                        seed + i,
                        regrets);
                progress.at(++done);
                shares[i] = mean.share;
                row.add(mean.share);
                row.add(mean.error);
                if (interval == 1_000) {
                    curves.line(method.name, hundredths(steps), regrets);
                }
                if (method.name.startsWith(DISCOUNTED)) {
                    bestDiscount[i] = Math.max(bestDiscount[i], mean.share);
                }
            }
            if (method.name.equals(OURS)) {
                ours = shares;
            }
            table.row(row.toArray());
            plot.line(method.name, INTERVALS, shares);
        }
        for (int i = 0; i < INTERVALS.length; i++) {
            report.atLeast("share of oracle, S = " + (int) INTERVALS[i], TARGETS[i], ours[i]);
        }
        for (int i = 0; i < INTERVALS.length; i++) {
            report.target(
                    "above the best fixed discount, S = " + (int) INTERVALS[i],
                    "> " + Report.text(bestDiscount[i]),
                    Report.text(ours[i]),
                    ours[i] > bestDiscount[i]);
        }
    }

    private static void others(Report report, long seed, double scale, int repetitions, int steps, int lowSteps) {
        Report.Table table = report.table(
                "other-changes",
                "environment",
                "events",
                "repetitions",
                "ours, block every 1",
                "±",
                "Thompson",
                "dTS .998");
        for (int i = 0; i < INTERVALS.length - 1; i++) {
            double interval = INTERVALS[i];
            double reached = row(
                    table,
                    "each action alone, 1 / (8 · " + (int) interval + ")",
                    random -> Environment.independent(ACTIONS, interval, random),
                    steps,
                    repetitions,
                    seed + 100 + i);
            report.atLeast("share of oracle, actions change alone, S = " + (int) interval, 96, reached);
        }
        report.atLeast(
                "share of oracle, random walk",
                96,
                row(
                        table,
                        "random walk, " + DRIFT + " a step",
                        random -> Environment.drifting(ACTIONS, DRIFT, random),
                        steps,
                        repetitions,
                        seed + 200));
        int low = Experiment.repetitions(LOW_REPETITIONS, scale);
        report.atLeast(
                "share of oracle, means U(0, .1), S = 25,000",
                90,
                row(
                        table,
                        "means U(0, .1), S = 25,000",
                        random -> Environment.shifting(ACTIONS, LOW_TOP, LOW_INTERVAL, random),
                        lowSteps,
                        low,
                        seed + 300));
        report.atLeast(
                "share of oracle, means U(0, .1), no change",
                98,
                row(
                        table,
                        "means U(0, .1), no change",
                        random -> Environment.shifting(ACTIONS, LOW_TOP, Double.POSITIVE_INFINITY, random),
                        lowSteps,
                        low,
                        seed + 301));
    }

    private static double row(
            Report.Table table,
            String name,
            Function<SplittableRandom, Environment> environment,
            int steps,
            int repetitions,
            long seed) {
        Mean ours = mean(KernelPlayer.refreshedEvery(1), environment, steps, repetitions, seed);
        Mean stationary = mean(Comparators.thompson(1), environment, steps, repetitions, seed);
        Mean discounted = mean(Comparators.thompson(0.998), environment, steps, repetitions, seed);
        table.row(name, steps, repetitions, ours.share, ours.error, stationary.share, discounted.share);
        return ours.share;
    }

    private static Mean mean(
            Player.Maker maker,
            Function<SplittableRandom, Environment> environment,
            int steps,
            int repetitions,
            long seed) {
        return mean(maker, environment, steps, repetitions, seed, new double[101]);
    }

    /** As above; adds the mean regret at each hundredth of the game to {@code regrets}. */
    private static Mean mean(
            Player.Maker maker,
            Function<SplittableRandom, Environment> environment,
            int steps,
            int repetitions,
            long seed,
            double[] regrets) {
        double[] shares = new double[repetitions];
        Player.Score[] scores = Player.repetitions(maker, environment, ACTIONS, steps, seed, repetitions);
        for (int r = 0; r < repetitions; r++) {
            Player.Score score = scores[r];
            shares[r] = score.share();
            for (int i = 0; i < regrets.length; i++) {
                regrets[i] += score.regret(i) / repetitions;
            }
        }
        return new Mean(Arrays.stream(shares).average().orElseThrow(), Player.standardError(shares));
    }

    private static double[] hundredths(int steps) {
        double[] x = new double[101];
        for (int i = 0; i < x.length; i++) {
            x[i] = i * steps / 100.0;
        }
        return x;
    }
}
