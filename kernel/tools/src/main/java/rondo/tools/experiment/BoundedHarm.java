package rondo.tools.experiment;

import java.util.SplittableRandom;
import rondo.reward.evaluation.HarmDetector;
import rondo.tools.data.Progress;

/**
 * E4: how soon a harmful policy is found out, beside the least that any method needs, and how often a harmless one is accused. Events are drawn one by
 * one: the parent serves a share of them, rewards are clicks. The comparison is the z-test that is looked at again after every hundred events.
 */
final class BoundedHarm implements Experiment {
    private static final double EVENTS_PER_FALSE_ALARM = 1e8;
    private static final double DELTA = 1e-4;
    private static final int REPETITIONS = 200;
    private static final int HEALTHY_RUNS = 40;
    private static final int HEALTHY_EVENTS = 1_000_000;
    private static final double RATIO_MAX = 3;
    private static final int PEEK = 100;
    private static final double Z = 1.959964;

    @Override
    public String id() {
        return "E4";
    }

    @Override
    public String question() {
        return "How soon is a harmful policy reverted, and how often a harmless one?";
    }

    /** A running guess of the mean of all events, as the reward ring has one. */
    private static final class Mean {
        private double sum = 1;
        private double count = 5;

        double next(double reward) {
            double before = sum / count;
            sum += reward;
            count++;
            return before;
        }
    }

    @Override
    public void run(Report report, long seed, double scale) {
        int repetitions = Experiment.repetitions(REPETITIONS, scale);
        Report.Table table = report.table(
                "detection",
                "click rate",
                "harm",
                "parent share",
                "events to reversion",
                "standard error",
                "lower bound",
                "ratio",
                "clicks lost");
        double[] rates = {0.01, 0.05, 0.2};
        double[] harms = {0.1, 0.2, 0.5};
        double[] shares = {0.02, 0.05, 0.2, 0.5};
        Report.Plot plot = report.plot("delay", "parent share", "events to reversion over the lower bound", true);
        double worst = 0;
        try (Progress progress = new Progress("E4", (long) rates.length * harms.length * shares.length)) {
            int done = 0;
            for (double rate : rates) {
                for (double harm : harms) {
                    double[] ratios = new double[shares.length];
                    for (int s = 0; s < shares.length; s++) {
                        double bound = HarmDetector.lowerBound(rate, rate * (1 - harm), shares[s], DELTA);
                        // The rarer events are by far the longest; their mean settles with fewer runs.
                        int runs = bound > 50_000 ? Math.max(2, repetitions / 5) : repetitions;
                        double sum = 0;
                        double squares = 0;
                        SplittableRandom random = new SplittableRandom(seed * 31 + done);
                        for (int r = 0; r < runs; r++) {
                            double events = eventsToAlarm(random, rate, rate * (1 - harm), shares[s]);
                            sum += events;
                            squares += events * events;
                        }
                        double mean = sum / runs;
                        double error = Math.sqrt(Math.max(0, squares / runs - mean * mean) / runs);
                        ratios[s] = mean / bound;
                        if (harm == 0.2) {
                            worst = Math.max(worst, ratios[s]);
                        }
                        table.row(
                                rate,
                                harm,
                                shares[s],
                                mean,
                                error,
                                bound,
                                ratios[s],
                                mean * (1 - shares[s]) * rate * harm);
                        progress.at(++done);
                    }
                    plot.line("clicks " + rate + ", harm " + harm, shares, ratios);
                }
            }
        }
        report.atMost(
                "events to reversion over the lower bound, harm 20 %, worst of all click rates and shares",
                RATIO_MAX, worst);
        healthy(report, seed, Experiment.repetitions(HEALTHY_RUNS, scale));
    }

    private static double eventsToAlarm(SplittableRandom random, double parentRate, double policyRate, double share) {
        HarmDetector detector = new HarmDetector(EVENTS_PER_FALSE_ALARM);
        Mean mean = new Mean();
        for (long events = 1; ; events++) {
            boolean isParent = random.nextDouble() < share;
            double reward = random.nextDouble() < (isParent ? parentRate : policyRate) ? 1 : 0;
            detector.observe(isParent, share, 1, reward, mean.next(reward));
            if (detector.isHarmful()) {
                return events;
            }
        }
    }

    /** No harm: equal rates that stand still, equal rates that rise and fall, and a policy that is better. */
    private static void healthy(Report report, long seed, int runs) {
        Report.Table table = report.table(
                "false-alarms", "traffic", "events", "reversions", "per million events", "peeked z-test per million");
        String[] names = {"equal", "equal, rate rises and falls", "policy 5 % better"};
        long total = 0;
        long alarms = 0;
        for (int scenario = 0; scenario < names.length; scenario++) {
            long events = 0;
            long own = 0;
            long peeked = 0;
            for (int r = 0; r < runs; r++) {
                SplittableRandom random = new SplittableRandom(seed * 7919 + r * 31L + scenario);
                HarmDetector detector = new HarmDetector(EVENTS_PER_FALSE_ALARM);
                Mean mean = new Mean();
                double[] counts = new double[2];
                double[] clicks = new double[2];
                for (int t = 0; t < HEALTHY_EVENTS; t++) {
                    double rate = scenario == 1 ? 0.1 + 0.08 * Math.sin(t / 20_000.0) : 0.1;
                    boolean isParent = random.nextDouble() < 0.05;
                    double reward = random.nextDouble() < rate * (scenario == 2 && !isParent ? 1.05 : 1) ? 1 : 0;
                    detector.observe(isParent, 0.05, 1, reward, mean.next(reward));
                    events++;
                    if (detector.isHarmful()) {
                        own++;
                        detector.reset();
                    }
                    int arm = isParent ? 1 : 0;
                    counts[arm]++;
                    clicks[arm] += reward;
                    if (t % PEEK == PEEK - 1 && isWorse(counts, clicks)) {
                        peeked++;
                        counts = new double[2];
                        clicks = new double[2];
                    }
                }
            }
            table.row(names[scenario], events, own, own * 1e6 / events, peeked * 1e6 / events);
            total += events;
            alarms += own;
        }
        report.atMost("false reversions per million events", 1, alarms * 1e6 / total);
    }

    private static boolean isWorse(double[] counts, double[] clicks) {
        if (clicks[0] < 10 || clicks[1] < 10) {
            return false;
        }
        double policy = clicks[0] / counts[0];
        double parent = clicks[1] / counts[1];
        double variance = policy * (1 - policy) / counts[0] + parent * (1 - parent) / counts[1];
        return (parent - policy) / Math.sqrt(variance) > Z;
    }
}
