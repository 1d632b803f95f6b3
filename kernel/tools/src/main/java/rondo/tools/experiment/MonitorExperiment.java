package rondo.tools.experiment;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import rondo.reward.monitor.Alarm;
import rondo.reward.monitor.CompatMonitor;
import rondo.reward.monitor.HardenedMonitors;
import rondo.reward.monitor.MonitorConfig;
import rondo.reward.monitor.Signal;

/** E7: how often the monitors cry wolf, and how soon they cry when there is one, beside the source article's own. */
final class MonitorExperiment implements Experiment {
    private static final int EPOCH = 1_000;
    private static final int QUIET_EPOCHS = 20;
    private static final int LONG_QUIET_EPOCHS = 300;
    private static final int SICK_EPOCHS = 40;

    /** What the best actions are worth where something goes wrong: enough to be missed. */
    private static final double SICK_GAP = 0.1;

    private static final int SICK_RUNS = 100;
    private static final int HEALTHY_EVENTS = 5_000_000;
    private static final int HEALTHY_RUN_EVENTS = 100_000;

    /** Requests between two looks of the article's monitors. */
    private static final int COMPAT_REQUESTS = 10;

    /** Where the boundary of the mixture is tightest, in requests held back. */
    private static final double MIXTURE_AT = 1_000;

    private static final double KPI_ERROR = 0.05;

    /** A sickness: what it is, when it has set in so many requests ago, and what should see it. */
    private record Sickness(String name, Set<Signal> signals, boolean isHarmful, int quietEpochs, Course course) {}

    @FunctionalInterface
    private interface Course {
        void at(MonitorWorld world, int requestsSick);
    }

    private static final List<Sickness> SICKNESSES = List.of(
            new Sickness(
                    "collapse", EnumSet.of(Signal.ENTROPY), true, QUIET_EPOCHS, (world, n) -> world.closedAgents = 1),
            new Sickness("popularity capture", EnumSet.of(Signal.DIVERSITY), true, QUIET_EPOCHS, (world, n) -> {
                // Slates narrow within two epochs; users tire of them over ten.
                world.slateDistance = 0.6 - 0.45 * Math.min(1, n / (2.0 * EPOCH));
                world.harm = 0.05 * Math.min(1, n / (10.0 * EPOCH));
            }),
            new Sickness("reward inflation", EnumSet.of(Signal.DIVERGENCE), true, QUIET_EPOCHS, (world, n) -> {
                world.inflation = 0.1;
                world.harm = 0.05 * Math.min(1, n / (10.0 * EPOCH));
            }),
            new Sickness(
                    "two-agent coalition",
                    EnumSet.of(Signal.COLLUSION, Signal.COALITION),
                    true,
                    QUIET_EPOCHS,
                    (world, n) -> {
                        world.together = 0.6;
                        world.jointGain = 0.2;
                        world.jointLoss = 0.15;
                    }),
            new Sickness("frozen pair", EnumSet.of(Signal.FROZEN), false, QUIET_EPOCHS, (world, n) -> {
                world.closedAgents = 2;
                world.isFrozen = true;
            }),
            new Sickness("stuck-high alpha", EnumSet.of(Signal.ALPHA_STUCK), false, QUIET_EPOCHS, (world, n) -> {
                world.alpha = 0.8;
                world.volatility = 0.15;
            }),
            new Sickness(
                    "variance only",
                    EnumSet.of(Signal.VARIANCE),
                    false,
                    QUIET_EPOCHS,
                    // The click brings its own share of the variance; this doubles the sum of both.
                    (world, n) -> world.localNoise = 0.25),
            new Sickness(
                    "jump after 300 quiet epochs",
                    EnumSet.of(Signal.JUMP),
                    false,
                    LONG_QUIET_EPOCHS,
                    (world, n) -> world.harm = 0.25));

    @Override
    public String id() {
        return "E7";
    }

    @Override
    public String question() {
        return "How often do the monitors alarm on honest learning, and how soon on what is not?";
    }

    @Override
    public void run(Report report, long seed, double scale) {
        healthy(report, seed, scale);
        sick(report, seed, scale);
        knownFailures(report, seed, scale);
        report.note("An epoch is " + EPOCH
                + " requests of four agents with four actions each; sicknesses set in anywhere within one. False alarms are alarms raised; the article's monitors "
                + "look every " + COMPAT_REQUESTS + " requests and count each time they begin to alarm.");
        report.note(
                "Lead: from the alarm to the first request at which an anytime-valid test (Robbins' normal mixture, 5 %) on the global reward against "
                        + "a concurrent holdback of 5 % finds a loss, looked at for " + SICK_EPOCHS + " epochs.");
    }

    // Healthy

    private static void healthy(Report report, long seed, double scale) {
        Report.Table table = report.table(
                "false-alarms",
                "healthy scenario",
                "events",
                "hardened alarms",
                "per million events",
                "which",
                "article: entropy per million",
                "article: correlation per million",
                "article: divergence, share of looks",
                "article: distance per million");
        int runs = Experiment.repetitions(HEALTHY_EVENTS / HEALTHY_RUN_EVENTS, scale);
        String[] names = {"epsilon-greedy", "Thompson converging", "common context", "seasonality", "open policies"};
        MonitorWorld.Policy[] policies = {
            MonitorWorld.Policy.EPSILON_GREEDY,
            MonitorWorld.Policy.THOMPSON,
            MonitorWorld.Policy.COMMON_CONTEXT,
            MonitorWorld.Policy.THOMPSON,
            MonitorWorld.Policy.OPEN
        };
        for (int s = 0; s < names.length; s++) {
            Watch watch = new Watch();
            for (int run = 0; run < runs; run++) {
                MonitorWorld world = new MonitorWorld(policies[s], seed * 1_000_003 + s * 1_009L + run);
                world.season = names[s].equals("seasonality") ? 0.5 : 0;
                watch.begin();
                for (int i = 0; i < HEALTHY_RUN_EVENTS; i++) {
                    world.step();
                    watch.see(world);
                }
            }
            double millions = (double) runs * HEALTHY_RUN_EVENTS / 1e6;
            double rate = watch.alarmCount / millions;
            table.row(
                    names[s],
                    runs * HEALTHY_RUN_EVENTS,
                    watch.alarmCount,
                    rate,
                    watch.counts.isEmpty() ? "none" : watch.counts.toString(),
                    watch.compat.entropyAlarms / millions,
                    watch.compat.correlationAlarms / millions,
                    (double) watch.compat.divergenceLooks / watch.compat.looks,
                    watch.compat.distanceAlarms / millions);
            report.atMost("false alarms per million events, " + names[s], 1, rate);
        }
    }

    // Sick

    private static void sick(Report report, long seed, double scale) {
        Report.Table table = report.table(
                "detection",
                "sick scenario",
                "signals",
                "runs",
                "detected",
                "delay median (events)",
                "delay max (epochs)",
                "KPI loss significant, median (events)",
                "lead median (events)",
                "alarm first",
                "A/B p > 0.05 at the alarm",
                "false before onset",
                "article: detected anew",
                "article: alarmed already");
        Report.Plot plot = report.plot("detection", "events since onset", "share of runs alarmed", false);
        for (int s = 0; s < SICKNESSES.size(); s++) {
            Sickness sickness = SICKNESSES.get(s);
            int runs = Experiment.repetitions(sickness.quietEpochs() > QUIET_EPOCHS ? SICK_RUNS / 5 : SICK_RUNS, scale);
            double[] delays = new double[runs];
            double[] losses = new double[runs];
            double[] leads = new double[runs];
            int detected = 0;
            int first = 0;
            int invisible = 0;
            int before = 0;
            int compatAnew = 0;
            int compatAlready = 0;
            for (int run = 0; run < runs; run++) {
                Case one = new Case(sickness, seed * 7_000_003 + s * 1_013L + run);
                delays[run] = one.delay;
                losses[run] = one.loss;
                leads[run] = one.loss - one.delay;
                detected += one.delay < Double.POSITIVE_INFINITY ? 1 : 0;
                first += one.delay < one.loss ? 1 : 0;
                invisible += one.isInvisibleAtAlarm ? 1 : 0;
                before += one.falseBefore;
                compatAnew += one.isCompatAnew ? 1 : 0;
                compatAlready += one.isCompatAlready ? 1 : 0;
            }
            plotDetection(plot, sickness.name(), delays);
            double delayMax = max(delays) / EPOCH;
            table.row(
                    sickness.name(),
                    sickness.signals().toString(),
                    runs,
                    (double) detected / runs,
                    median(delays),
                    delayMax,
                    sickness.isHarmful() ? cell(median(losses)) : "–",
                    sickness.isHarmful() ? cell(median(leads)) : "–",
                    sickness.isHarmful() ? (double) first / runs : "–",
                    sickness.isHarmful() ? (double) invisible / runs : "–",
                    before,
                    (double) compatAnew / runs,
                    (double) compatAlready / runs);
            report.atMost("delay in epochs, slowest run, " + sickness.name(), 3, delayMax);
            if (sickness.isHarmful()) {
                report.target(
                        "alarm before the KPI's loss is significant, " + sickness.name(),
                        "median lead > 0",
                        cell(median(leads)),
                        median(leads) > 0);
            }
        }
    }

    private static String cell(double events) {
        return events == Double.POSITIVE_INFINITY ? "> " + SICK_EPOCHS * EPOCH : Report.text(events);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double max(double[] values) {
        double most = 0;
        for (double value : values) {
            most = Math.max(most, value);
        }
        return most;
    }

    private static void plotDetection(Report.Plot plot, String name, double[] delays) {
        int points = 41;
        double[] x = new double[points];
        double[] y = new double[points];
        for (int i = 0; i < points; i++) {
            x[i] = i * 100;
            for (double delay : delays) {
                y[i] += delay <= x[i] ? 1.0 / delays.length : 0;
            }
        }
        plot.line(name, x, y);
    }

    /** One run of a sickness: quiet, onset, and what was seen when. */
    private static final class Case {
        private double delay = Double.POSITIVE_INFINITY;
        private double loss = Double.POSITIVE_INFINITY;
        private boolean isInvisibleAtAlarm;
        private int falseBefore;
        private boolean isCompatAnew;
        private boolean isCompatAlready;

        Case(Sickness sickness, long seed) {
            MonitorWorld world = new MonitorWorld(MonitorWorld.Policy.OPEN, seed);
            world.gap = SICK_GAP;
            Watch watch = new Watch();
            watch.begin();
            int onset = sickness.quietEpochs() * EPOCH + new SplittableRandom(seed).nextInt(EPOCH);
            for (int i = 0; i < onset; i++) {
                world.step();
                watch.see(world);
            }
            falseBefore = watch.alarmCount;
            isCompatAlready = watch.compat.isSteady(sickness.signals());
            Comparison kpi = new Comparison();
            int horizon = sickness.isHarmful() ? SICK_EPOCHS * EPOCH : 5 * EPOCH;
            for (int n = 1; n <= horizon; n++) {
                sickness.course().at(world, n);
                world.step();
                watch.see(world);
                kpi.record(world);
                if (delay == Double.POSITIVE_INFINITY && watch.hasRaised(sickness.signals())) {
                    delay = n;
                    isInvisibleAtAlarm = kpi.errors() < 1.96;
                }
                if (loss == Double.POSITIVE_INFINITY && kpi.isLoss()) {
                    loss = n;
                }
                if (n <= 3 * EPOCH && !isCompatAlready) {
                    // An alarm that comes and goes, as it did before, says nothing.
                    isCompatAnew |= watch.compat.isSteady(sickness.signals());
                }
                if (n > 5 * EPOCH && delay < Double.POSITIVE_INFINITY && loss < Double.POSITIVE_INFINITY) {
                    break;
                }
            }
        }
    }

    /** The global reward beside that of the holdback. */
    private static final class Comparison {
        private double served;
        private double servedSum;
        private double held;
        private double heldSum;

        void record(MonitorWorld world) {
            served++;
            servedSum += world.global();
            if (world.isHeldBack()) {
                held++;
                heldSum += world.holdback();
            }
        }

        private double pairs() {
            return held > 0 ? 1 / (1 / held + 1 / served) : 0;
        }

        private double variance() {
            double mean = (servedSum + heldSum) / (served + held);
            return mean * (1 - mean);
        }

        /** The loss in standard errors. */
        double errors() {
            double pairs = pairs();
            return pairs > 0 && variance() > 0
                    ? (heldSum / held - servedSum / served) * Math.sqrt(pairs / variance())
                    : 0;
        }

        /** Robbins' normal mixture, which may be looked at after every request. */
        boolean isLoss() {
            double n = pairs();
            double bound = Math.sqrt(
                    (n + MIXTURE_AT) / n * (Math.log((n + MIXTURE_AT) / MIXTURE_AT) + 2 * Math.log(1 / KPI_ERROR)));
            return held >= 20 && errors() > bound;
        }
    }

    // What the article's own figures come to

    private static void knownFailures(Report report, long seed, double scale) {
        SplittableRandom random = new SplittableRandom(seed);
        Report.Table table = report.table("article-known-failures", "what", "n", "trials", "alarms");
        int trials = Experiment.repetitions(200_000, scale);
        for (int n : new int[] {5, 6, 10, 15, 30}) {
            int alarms = 0;
            for (int trial = 0; trial < trials; trial++) {
                double[] a = new double[n];
                double[] b = new double[n];
                for (int i = 0; i < n; i++) {
                    a[i] = random.nextGaussian();
                    b[i] = random.nextGaussian();
                }
                alarms += CompatMonitor.isColluding(a, b) ? 1 : 0;
            }
            table.row("two independent series", n, trials, (double) alarms / trials);
        }
        CompatMonitor unlike = new CompatMonitor();
        int diverged = 0;
        for (int i = 0; i < trials; i++) {
            // Recall about 0.9, click-through about 0.03.
            unlike.record(0.9 + 0.02 * random.nextGaussian(), random.nextDouble() < 0.03 ? 1 : 0);
            diverged += i >= 10 && unlike.isDecoupled() ? 1 : 0;
        }
        table.row("recall 0.9 beside click-through 0.03", 10, trials, (double) diverged / (trials - 10));
        double[] frozen = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2};
        table.row("two frozen agents", frozen.length, 1, CompatMonitor.isColluding(frozen, frozen) ? 1.0 : 0.0);
    }

    // Both kinds of monitors on one world

    private static final class Watch {
        private final Map<Signal, Integer> counts = new EnumMap<>(Signal.class);
        private final Compat compat = new Compat();
        private @Nullable HardenedMonitors monitors;
        private int alarmCount;

        void begin() {
            int[] actions = new int[MonitorWorld.AGENTS];
            Arrays.fill(actions, MonitorWorld.ACTIONS);
            monitors =
                    new HardenedMonitors(MonitorConfig.standard(MonitorWorld.RANDOM_DISTANCE), actions, this::onAlarm);
            compat.begin();
        }

        private void onAlarm(Alarm alarm) {
            if (alarm.isRaised()) {
                alarmCount++;
                counts.merge(alarm.signal(), 1, Integer::sum);
            }
        }

        void see(MonitorWorld world) {
            HardenedMonitors hardened = Objects.requireNonNull(monitors);
            for (int a = 0; a < MonitorWorld.AGENTS; a++) {
                hardened.decision(a, world.action(a), world.propensities(a), world.local(a));
            }
            hardened.request(0, world.global(), world.alpha, world.distance());
            if (world.requests() % MonitorWorld.TICK_REQUESTS == 0) {
                hardened.alphaTick(world.alpha, world.volatility);
            }
            compat.see(world);
        }

        boolean hasRaised(Set<Signal> signals) {
            HardenedMonitors hardened = Objects.requireNonNull(monitors);
            for (Signal signal : signals) {
                if (hardened.raised(signal) > 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /** The article's four monitors, looking every few requests: at the first two agents' actions, at the first one's policy and reward. */
    private static final class Compat {
        private static final int SERIES = 5;
        private static final int STEADY = 20;

        private CompatMonitor rewards = new CompatMonitor();
        private final double[] first = new double[SERIES];
        private final double[] second = new double[SERIES];
        private final double[] policy = new double[MonitorWorld.ACTIONS];

        /** By signal: looks in a row at which it alarmed. */
        private final int[] inARow = new int[4];

        private int looks;
        private int divergenceLooks;
        private int entropyAlarms;
        private int correlationAlarms;
        private int distanceAlarms;
        private int at;

        void begin() {
            rewards = new CompatMonitor();
            Arrays.fill(inARow, 0);
        }

        void see(MonitorWorld world) {
            rewards.record(world.local(0), world.global());
            first[at] = world.action(0);
            second[at] = world.action(1);
            at = (at + 1) % SERIES;
            if (world.requests() % COMPAT_REQUESTS != 0) {
                return;
            }
            for (int k = 0; k < policy.length; k++) {
                policy[k] = world.propensities(0)[k];
            }
            looks++;
            entropyAlarms += look(0, rewards.isExplorationHalted(policy));
            correlationAlarms += look(1, CompatMonitor.isColluding(first, second));
            look(2, rewards.isDecoupled());
            divergenceLooks += inARow[2] > 0 ? 1 : 0;
            distanceAlarms += look(3, CompatMonitor.isCollapsed(world.distance()));
        }

        /** 1 when an alarm begins. */
        private int look(int signal, boolean isAlarmed) {
            inARow[signal] = isAlarmed ? inARow[signal] + 1 : 0;
            return inARow[signal] == 1 ? 1 : 0;
        }

        private static int index(Set<Signal> signals) {
            return switch (signals.iterator().next()) {
                case ENTROPY -> 0;
                case COLLUSION, COALITION, FROZEN -> 1;
                case DIVERGENCE -> 2;
                case DIVERSITY -> 3;
                // The article has nothing for these.
                case ALPHA_STUCK, VARIANCE, JUMP -> -1;
            };
        }

        /** True when it has alarmed at every one of the last looks. */
        boolean isSteady(Set<Signal> signals) {
            return index(signals) >= 0 && inARow[index(signals)] >= STEADY;
        }
    }
}
