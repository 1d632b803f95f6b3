package rondo.tools.experiment;

import java.util.Arrays;
import java.util.List;
import rondo.tools.data.Progress;

/** C: each kind of agent in a small world of its own, against the static action that it may replace (requirements C1 to C6). */
final class AgentBenches implements Experiment {
    private static final int REPETITIONS = 40;
    private static final double ERRORS_MIN = 2;

    private static final List<AgentBench> BENCHES = List.of(
            new TrafficBench(),
            new RetrievalBench(),
            new RankingBench(),
            new FilterBench(),
            new FeatureBench(),
            new ResourceBench(),
            new ModelBench(),
            new FusionBench(),
            new StrategyBench());

    @Override
    public String id() {
        return "C";
    }

    @Override
    public String question() {
        return "Does every kind of agent beat its static action, and keep what it must not spoil?";
    }

    @Override
    public void run(Report report, long seed, double scale) {
        int repetitions = Experiment.repetitions(REPETITIONS, scale);
        Report.Table table = report.table(
                "agents",
                "agent",
                "learner",
                "primary metric",
                "static",
                "agent's",
                "gain",
                "standard error",
                "secondary metric",
                "bound",
                "value",
                "held");
        try (Progress progress = new Progress("C", (long) BENCHES.size() * repetitions)) {
            int done = 0;
            for (AgentBench bench : BENCHES) {
                double[] gains = new double[repetitions];
                double fixed = 0;
                double agent = 0;
                double secondary = 0;
                for (int r = 0; r < repetitions; r++) {
                    AgentBench.Played played = bench.play(seed * 1_000_003 + r);
                    gains[r] = bench.isLessBetter() ? played.fixed() - played.agent() : played.agent() - played.fixed();
                    fixed += played.fixed() / repetitions;
                    agent += played.agent() / repetitions;
                    secondary = r == 0
                            ? played.secondary()
                            : bench.isBoundAbove()
                                    ? Math.max(secondary, played.secondary())
                                    : Math.min(secondary, played.secondary());
                    progress.at(++done);
                }
                double gain = Arrays.stream(gains).average().orElseThrow();
                double error = Player.standardError(gains);
                boolean isHeld = bench.isBoundAbove() ? secondary <= bench.bound() : secondary >= bench.bound();
                String bound = (bench.isBoundAbove() ? "<= " : ">= ") + Report.text(bench.bound());
                String kind = bench.kind().label();
                table.row(
                        kind,
                        bench.learner(),
                        bench.primary() + (bench.isLessBetter() ? " (less is better)" : ""),
                        fixed,
                        agent,
                        gain,
                        error,
                        bench.secondary(),
                        bound,
                        secondary,
                        isHeld ? "yes" : "no");
                report.target(
                        kind + ": gain over the static action, in standard errors",
                        "> " + Report.text(ERRORS_MIN),
                        Report.text(gain / error),
                        gain > ERRORS_MIN * error);
                report.target(kind + ": " + bench.secondary(), bound, Report.text(secondary), isHeld);
            }
        }
        RankingBench.compare(report, seed * 1_000_003, repetitions);
        FeatureBench.attribute(report, seed);
        report.note(
                "Means over " + repetitions
                        + " worlds, and the worst of them for the secondary metric; the agent and the static action meet the same ones, and the standard error is that of"
                        + " the difference. Each bench counts what happens while the agent still learns, unless its metric says otherwise.");
        report.note("These are simulated worlds, made to have something to learn. They show that a learner finds it and"
                + " keeps its bound, not how much there is to find in a shop.");
    }
}
