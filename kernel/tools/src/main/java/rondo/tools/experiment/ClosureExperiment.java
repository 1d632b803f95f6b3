package rondo.tools.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import rondo.agents.closure.ClosureGate;
import rondo.agents.closure.ClosureModule;
import rondo.agents.closure.ClosureSpec;
import rondo.agents.closure.ClosureVerdict;
import rondo.agents.policy.CounterRandom;
import rondo.tools.closure.ReferenceModules;

/** E5: what the closure gate says of nine modules and five impostors, whether it says so again, and how often it errs. */
final class ClosureExperiment implements Experiment {
    private static final int SEEDS = 100;
    private static final int GATE_RUNS = 100_000;

    /** Verdicts that the source article states; the other rows are whatever is measured. */
    private static final Map<String, String> STATED = new TreeMap<>(Map.of(
            "embedding-lookup", "FAIL",
            "hash-encoder", "FAIL",
            "feature-cross", "PARTIAL",
            "interaction-layer", "PASS",
            "ann-retrieval", "PASS",
            "ranker-ensemble", "PASS",
            "mmr-reranker", "PASS"));

    @Override
    public String id() {
        return "E5";
    }

    @Override
    public String question() {
        return "Which modules may become agents, by measurement, and how often does the gate err?";
    }

    @Override
    public void run(Report report, long seed, double scale) {
        ClosureSpec spec = ClosureSpec.standard();
        Map<String, String> first = closureTable(report, spec, seed);
        stability(report, spec, seed, Experiment.repetitions(SEEDS, scale), first);
        operatingCharacteristic(report, spec, seed, Experiment.repetitions(GATE_RUNS, scale));
        productionBias(report, spec, seed, scale);
        report.note(
                "Business filter: FAIL, because a rule that could be chosen against would be no rule: it has one action. Batcher: PASS, its "
                        + "length is a choice that matters differently under each load, and its own latency corrects it.");
        report.note("A success is a score of at least " + spec.passMark()
                + "; a module is evaluable when its true success rate exceeds " + spec.requiredRate()
                + " with confidence " + (1 - spec.delta()) + " (Clopper-Pearson, one-sided).");
    }

    private static Map<String, String> closureTable(Report report, ClosureSpec spec, long seed) {
        Report.Table table = report.table(
                "closure",
                "module",
                "success rate",
                "lower bound",
                "distinct actions",
                "contraction",
                "evaluable",
                "decision space",
                "closed loop",
                "verdict",
                "evidence");
        Map<String, String> verdicts = new TreeMap<>();
        int impostorsPassed = 0;
        try (ReferenceModules modules = new ReferenceModules(seed)) {
            for (ClosureModule module : modules.modules()) {
                verdicts.put(module.id(), add(table, ClosureGate.examine(module, spec, seed)));
            }
            for (ClosureModule module : modules.impostors()) {
                String verdict = add(table, ClosureGate.examine(module, spec, seed));
                impostorsPassed += verdict.equals("FAIL") ? 0 : 1;
                verdicts.put(module.id(), verdict);
            }
            report.atMost("impostors not turned down", 0, impostorsPassed);
        }
        STATED.forEach((id, stated) -> {
            String found = String.valueOf(verdicts.get(id));
            report.target("verdict on " + id, stated, found, found.equals(stated));
        });
        return verdicts;
    }

    private static String add(Report.Table table, ClosureVerdict verdict) {
        table.row(
                verdict.id(),
                verdict.successRate(),
                verdict.successLower(),
                verdict.distinctActions(),
                verdict.contraction(),
                verdict.evaluable().toString(),
                verdict.decisionSpace().toString(),
                verdict.closedLoop().toString(),
                verdict.verdict().name(),
                verdict.evidenceHash().substring(0, 16));
        return verdict.verdict().name();
    }

    /** Another audience and other draws each time. */
    private static void stability(Report report, ClosureSpec spec, long seed, int seeds, Map<String, String> expected) {
        List<String> ids = new ArrayList<>();
        Map<String, int[]> same = new TreeMap<>();
        Map<String, double[]> least = new TreeMap<>();
        for (int i = 0; i < seeds; i++) {
            long one = seed + i;
            try (ReferenceModules modules = new ReferenceModules(one)) {
                List<ClosureModule> all = new ArrayList<>(modules.modules());
                all.addAll(modules.impostors());
                for (ClosureModule module : all) {
                    ClosureVerdict verdict = ClosureGate.examine(module, spec, one);
                    if (i == 0) {
                        ids.add(module.id());
                    }
                    int agrees = verdict.verdict().name().equals(expected.get(module.id())) ? 1 : 0;
                    same.computeIfAbsent(module.id(), id -> new int[1])[0] += agrees;
                    double[] lows = least.computeIfAbsent(module.id(), id -> new double[] {1, 0, 1, 0});
                    lows[0] = Math.min(lows[0], verdict.successLower());
                    lows[1] = Math.max(lows[1], verdict.successLower());
                    lows[2] = Math.min(lows[2], verdict.contraction());
                    lows[3] = Math.max(lows[3], verdict.contraction());
                }
            }
        }
        Report.Table table = report.table(
                "stability",
                "module",
                "verdict",
                "seeds",
                "same verdict",
                "lower bound min",
                "lower bound max",
                "contraction min",
                "contraction max");
        int unstable = 0;
        for (String id : ids) {
            int count = same.getOrDefault(id, new int[1])[0];
            double[] lows = least.getOrDefault(id, new double[4]);
            unstable += count == seeds ? 0 : 1;
            table.row(id, String.valueOf(expected.get(id)), seeds, count, lows[0], lows[1], lows[2], lows[3]);
        }
        report.atMost("modules whose verdict changes over " + seeds + " seeds", 0, unstable);
    }

    /** Binomial draws through the decision rule itself, beside the rule that looks at the rate alone. */
    private static void operatingCharacteristic(Report report, ClosureSpec spec, long seed, int runs) {
        int needed = 0;
        while (needed < spec.iterations() && !spec.isEvaluable(needed)) {
            needed = spec.lowerBound(needed, spec.iterations()) < spec.requiredRate() - 0.02 ? needed + 50 : needed + 1;
        }
        Report.Table table =
                report.table("operating-characteristic", "true rate", "runs", "promoted", "promoted by the bare rate");
        double[] rates = {0.84, 0.845, 0.85, 0.855, 0.86, 0.865, 0.87, 0.875, 0.88};
        double[] shares = new double[rates.length];
        double[] bare = new double[rates.length];
        SplittableRandom random = new SplittableRandom(seed);
        for (int r = 0; r < rates.length; r++) {
            int promoted = 0;
            int byRate = 0;
            for (int run = 0; run < runs; run++) {
                int successes = binomial(random, spec.iterations(), rates[r]);
                promoted += successes >= needed ? 1 : 0;
                byRate += successes > spec.requiredRate() * spec.iterations() ? 1 : 0;
            }
            shares[r] = (double) promoted / runs;
            bare[r] = (double) byRate / runs;
            table.row(rates[r], runs, shares[r], bare[r]);
        }
        report.target("promoted at true rate 0.84", "< 0.001", Report.text(shares[0]), shares[0] < 0.001);
        report.target("promoted at true rate 0.87", "> 0.99", Report.text(shares[6]), shares[6] > 0.99);
        report.note("The rule promotes from " + needed + " successes of " + spec.iterations() + " on.");
        report.plot("operating-characteristic", "true success rate", "share promoted", false)
                .line("lower bound above 0.85", rates, shares)
                .line("rate above 0.85", rates, bare);
    }

    /** Exact, by counting how far geometric gaps between failures reach. */
    private static int binomial(SplittableRandom random, int n, double rate) {
        double log = Math.log(rate);
        int failures = 0;
        double at = 0;
        while (true) {
            // Trials up to and with the next failure.
            at += Math.floor(Math.log(1 - random.nextDouble()) / log) + 1;
            if (at > n) {
                return n - failures;
            }
            failures++;
        }
    }

    private static void productionBias(Report report, ClosureSpec spec, long seed, double scale) {
        int cases = Experiment.repetitions(spec.iterations(), scale);
        double[] sums = new double[2];
        double[] squares = new double[2];
        int[] passed = new int[2];
        try (ReferenceModules modules = new ReferenceModules(seed)) {
            for (int i = 0; i < cases; i++) {
                long input = CounterRandom.bits(seed, i, 9) >>> 1;
                double[] scores = {modules.heldOutScore(input), modules.productionScore(input)};
                for (int s = 0; s < 2; s++) {
                    sums[s] += scores[s];
                    squares[s] += scores[s] * scores[s];
                    passed[s] += scores[s] >= spec.passMark() ? 1 : 0;
                }
            }
        }
        Report.Table table =
                report.table("production-bias", "ranker scored on", "cases", "mean", "standard error", "pass");
        String[] names = {"held-out simulation", "production log"};
        for (int s = 0; s < 2; s++) {
            double mean = sums[s] / cases;
            double error = Math.sqrt(Math.max(0, squares[s] / cases - mean * mean) / cases);
            table.row(names[s], cases, mean, error, (double) passed[s] / cases);
        }
        double flattery = (sums[1] - sums[0]) / cases;
        report.target("production score less held-out score", "> 0", Report.text(flattery), flattery > 0);
        report.note(
                "On a production log users could consume only what the same ranker had shown them, so its order looks better than it is: that is why "
                        + "the gate refuses input tagged as production.");
    }
}
