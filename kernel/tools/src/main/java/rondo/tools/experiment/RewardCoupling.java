package rondo.tools.experiment;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.reward.RewardConfig;
import rondo.reward.RewardRing;
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeKind;
import rondo.tools.data.Progress;

/**
 * E6: what the weight of the local reward does to what is learnt. One agent learns through the reward ring itself, from joined outcomes to policy blocks,
 * in three audiences whose clicks differ from their satisfaction. Twice a run the catalogue is swapped, and other actions become the right ones.
 */
final class RewardCoupling implements Experiment {
    private static final int REPETITIONS = 60;
    private static final int REQUESTS = 18_000;
    private static final int[] SWAPS = {6_000, 12_000};
    private static final int SEGMENT = 2;
    private static final int USERS = 3_000;
    private static final double FLOOR = 0.02;

    /** Requests before a swap, and before the end, over which diversity and recall count as settled. */
    private static final int SETTLED = 2_000;

    /** Share of the best action's satisfaction at which the policy has recovered. */
    private static final double RECOVERED = 0.85;

    /** A click without satisfaction: the place is known, the worth is as good as none. */
    private static final float MERE_CLICK = 1e-3f;

    private static final int POINTS = 90;

    /** A way to weigh the local reward. */
    private record Arm(String name, double alphaMin, double alphaMax, boolean isMonitored) {
        static Arm fixed(double alpha) {
            return new Arm("α = " + Report.text(alpha), alpha, alpha, false);
        }

        boolean isFixed() {
            return alphaMin == alphaMax;
        }
    }

    private record Regime(String name, AgentKind kind, Function<SplittableRandom, CouplingWorld> maker) {}

    private static final List<Arm> ARMS = List.of(
            Arm.fixed(1),
            Arm.fixed(0),
            Arm.fixed(0.2),
            Arm.fixed(0.4),
            Arm.fixed(0.6),
            Arm.fixed(0.8),
            new Arm("scheduled", 0.2, 0.8, false),
            new Arm("scheduled + monitor", 0.2, 0.8, true));

    private static final int ALPHA_ONE = 0;
    private static final int SCHEDULED = 6;

    private static final List<Regime> REGIMES = List.of(
            new Regime("long-term satisfaction", AgentKind.RANKING, CouplingWorld.LongTerm::new),
            new Regime("interest exploration", AgentKind.RANKING, CouplingWorld.Niche::new),
            new Regime("popularity flooding", AgentKind.RETRIEVAL, CouplingWorld.Flood::new));

    /** What one repetition came to, or the mean of many. */
    private static final class Run {
        private final double[] curve = new double[POINTS];
        private double global;
        private double recall;
        private double distance;
        private double recovery;
        private double alpha;
    }

    @Override
    public String id() {
        return "E6";
    }

    @Override
    public String question() {
        return "What does the weight of the local reward do to the global one, to diversity and to recovery from a swap of the catalogue?";
    }

    @Override
    public void run(Report report, long seed, double scale) {
        int repetitions = Experiment.repetitions(REPETITIONS, scale);
        Report.Table table = report.table(
                "coupling",
                "regime",
                "arm",
                "R_global",
                "±",
                "of best fixed α",
                "recall",
                "ILD ratio",
                "requests to recover",
                "±",
                "mean α");
        double[][] shares = new double[REGIMES.size()][];
        try (Progress progress = new Progress("E6", REGIMES.size())) {
            for (int g = 0; g < REGIMES.size(); g++) {
                shares[g] = regime(report, table, REGIMES.get(g), seed, repetitions);
                progress.at(g + 1);
            }
        }
        Report.Table overall = report.table("overall", "arm", "mean over regimes, of best fixed α");
        int best = 0;
        double[] means = new double[ARMS.size()];
        for (int a = 0; a < ARMS.size(); a++) {
            for (double[] share : shares) {
                means[a] += share[a] / REGIMES.size();
            }
            overall.row(ARMS.get(a).name, means[a]);
            best = means[a] > means[best] ? a : best;
        }
        report.target(
                "best arm over all regimes",
                "scheduled, with or without monitor",
                ARMS.get(best).name,
                !ARMS.get(best).isFixed());
        double[] lure = new CouplingWorld.LongTerm(new SplittableRandom(seed)).lure();
        report.note(String.format(
                Locale.ROOT,
                "R_global: expected satisfaction of the policy in force, mean over %d requests and %d repetitions, the same audiences for all arms. "
                        + "Recall (share of requests whose consumed item is in the slate) and ILD ratio (distance within a slate over that of random slates): "
                        + "over the last %d requests before each swap and the end. Recovered: %.2f of the best action's satisfaction; two swaps a run, at most "
                        + "%d requests each. Every arm is the reward ring itself with another α_min and α_max; mean α is the agent's own. "
                        + "Clickbait earns %+.0f %% at the first step and %+.0f %% over the session; these dynamics are RecSim's, rates of clicks and "
                        + "satisfaction, the other two regimes and the habit that clicks follow after a swap are our own modelling.",
                REQUESTS,
                repetitions,
                SETTLED,
                RECOVERED,
                SWAPS[0],
                100 * lure[0],
                100 * lure[1]));
        report.note(
                "The form and the constants of SurrogateWeight were chosen on these audiences with seeds 1 and 3, which flatters those. Seeds 2, 4 and 5, run afterwards, "
                        + "gave 0.992, 0.970, 0.992 of the best fixed α for long-term satisfaction, 0.999, 1.007, 1.002 for interest exploration and 0.976, 0.978, "
                        + "0.996 for flooding, which loses its start, when nothing is known against the local reward yet. Shares have a standard error of about "
                        + "0.013, and the best fixed α is the best of six noisy ones.");
    }

    /** Plays all arms; returns the global reward of each beside the best fixed α's. */
    private static double[] regime(Report report, Report.Table table, Regime regime, long seed, int repetitions) {
        CouplingWorld worth = regime.maker.apply(new SplittableRandom(seed));
        worth.measure();
        Report.Plot plot =
                report.plot(regime.name.replace(' ', '-'), "requests", "expected satisfaction, " + regime.name, false);
        double[] shares = new double[ARMS.size()];
        double bestFixed = 0;
        Run[][] runs = new Run[ARMS.size()][];
        for (int a = 0; a < ARMS.size(); a++) {
            Arm arm = ARMS.get(a);
            runs[a] = IntStream.range(0, repetitions)
                    .parallel()
                    .mapToObj(r -> new Game(arm, regime, worth, seed * 7919 + r).play())
                    .toArray(Run[]::new);
            shares[a] = mean(runs[a], run -> run.global);
            bestFixed = arm.isFixed() ? Math.max(bestFixed, shares[a]) : bestFixed;
            plot.line(arm.name, points(i -> (i + 1.0) * REQUESTS / POINTS), curve(runs[a]));
        }
        for (int a = 0; a < ARMS.size(); a++) {
            double global = shares[a];
            shares[a] = global / bestFixed;
            table.row(
                    regime.name,
                    ARMS.get(a).name,
                    global,
                    error(runs[a], run -> run.global),
                    shares[a],
                    mean(runs[a], run -> run.recall),
                    mean(runs[a], run -> run.distance),
                    mean(runs[a], run -> run.recovery),
                    error(runs[a], run -> run.recovery),
                    mean(runs[a], run -> run.alpha));
        }
        report.atLeast("R_global of scheduled α, share of the best fixed α, " + regime.name, 0.98, shares[SCHEDULED]);
        if (regime.kind == AgentKind.RETRIEVAL) {
            double distance = mean(runs[ALPHA_ONE], run -> run.distance);
            report.target("ILD ratio at α = 1, " + regime.name, "< 0.30", Report.text(distance), distance < 0.30);
            double recall = mean(runs[ALPHA_ONE], run -> run.recall) / mean(runs[SCHEDULED], run -> run.recall);
            report.target(
                    "recall at α = 1 over recall of scheduled, " + regime.name, "> 1", Report.text(recall), recall > 1);
            double loss = shares[ALPHA_ONE] / shares[SCHEDULED];
            report.target(
                    "R_global at α = 1 over that of scheduled, " + regime.name, "< 1", Report.text(loss), loss < 1);
        }
        return shares;
    }

    private static double[] points(IntToDoubleFunction of) {
        return IntStream.range(0, POINTS).mapToDouble(of).toArray();
    }

    private static double[] curve(Run[] runs) {
        return points(i -> mean(runs, run -> run.curve[i]));
    }

    private static double mean(Run[] runs, ToDoubleFunction<Run> figure) {
        return Arrays.stream(runs).mapToDouble(figure).average().orElseThrow();
    }

    private static double error(Run[] runs, ToDoubleFunction<Run> figure) {
        return Player.standardError(Arrays.stream(runs).mapToDouble(figure).toArray());
    }

    /** One repetition of one arm. */
    private static final class Game {
        private final Regime regime;
        private final CouplingWorld world;
        private final CouplingWorld worth;
        private final SplittableRandom random;
        private final PolicyTable policies;
        private final RewardRing ring;
        private final DecisionRecord record = new DecisionRecord();
        private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[1024]);

        Game(Arm arm, Regime regime, CouplingWorld worth, long seed) {
            this.regime = regime;
            this.random = new SplittableRandom(seed);
            this.world = regime.maker.apply(random.split());
            this.worth = worth;
            List<String> actions = IntStream.range(0, world.actionCount())
                    .mapToObj(a -> "a" + a)
                    .toList();
            DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
            Arrays.setAll(spaces, i -> new DecisionSpace(actions, 0));
            this.policies = new PolicyTable(spaces, FLOOR);
            this.ring = new RewardRing(
                    new RewardConfig(
                            true,
                            1_000,
                            1 << 12,
                            FLOOR,
                            0.1,
                            50,
                            10,
                            arm.alphaMin,
                            arm.alphaMax,
                            CouplingWorld.RANDOM_DISTANCE,
                            arm.isMonitored),
                    policies,
                    row -> {});
        }

        Run play() {
            Run run = new Run();
            int preference = 0;
            int before = 0;
            int swappedAt = -REQUESTS;
            int swap = 0;
            boolean isRecovered = true;
            for (int t = 0; t < REQUESTS; t++) {
                if (swap < SWAPS.length && t == SWAPS[swap]) {
                    before = preference;
                    preference = (preference + 1 + random.nextInt(CouplingWorld.PREFERENCES - 1))
                            % CouplingWorld.PREFERENCES;
                    swappedAt = t;
                    swap++;
                    isRecovered = false;
                }
                PolicyBlock block = policies.current(regime.kind, SEGMENT);
                int action = block.draw(random.nextDouble(), 1f);
                world.step(action, preference, before, t - swappedAt);
                serve(t, action, block, random.nextDouble() < world.satisfied);
                ring.onInteraction(world.organic(preference));
                double expected = score(run, block, preference, isSettled(t));
                run.curve[t * POINTS / REQUESTS] += expected * POINTS / REQUESTS;
                isRecovered |= expected >= RECOVERED * worth.best(preference);
                run.recovery += isRecovered ? 0 : 1.0 / SWAPS.length;
            }
            return run;
        }

        private static boolean isSettled(int t) {
            int next = t < SWAPS[0] ? SWAPS[0] : t < SWAPS[1] ? SWAPS[1] : REQUESTS;
            return t >= next - SETTLED;
        }

        /** Adds what the policy in force is worth; returns its expected satisfaction. */
        private double score(Run run, PolicyBlock block, int preference, boolean isSettled) {
            double expected = 0;
            for (int a = 0; a < world.actionCount(); a++) {
                expected += block.probability(a) * worth.satisfaction(a, preference);
                if (isSettled) {
                    double share = block.probability(a) / SETTLED / (SWAPS.length + 1);
                    run.recall += share * worth.recall(a, preference);
                    run.distance += share * worth.distance(a);
                }
            }
            run.global += expected / REQUESTS;
            run.alpha += ring.alpha(regime.kind) / REQUESTS;
            return expected;
        }

        private void serve(int t, int action, PolicyBlock block, boolean isSatisfied) {
            int slateCount = Double.isNaN(world.slateDistance) ? 1 : CouplingWorld.SLATE;
            record.wrap(bytes, 0)
                    .requestId(t)
                    .userId(random.nextInt(USERS))
                    .decidedAtMs(t)
                    .decisionId(t)
                    .catalogVersion(1)
                    .slateHash(t)
                    .segment(SEGMENT)
                    .agentCount(1)
                    .flags(0)
                    .slateCount(slateCount)
                    .distance(slateCount == 1 ? 0 : (float) world.slateDistance);
            record.agent(
                    0,
                    regime.kind.code(),
                    action,
                    block.probability(action),
                    block.version(),
                    block.checksum(),
                    Float.NaN);
            for (int i = 0; i < slateCount; i++) {
                record.slate(i, i, i, i, 0);
            }
            ring.onDecision(record);
            int rank = world.clickedRank;
            boolean isSomething = rank >= 0 || isSatisfied;
            Outcome outcome = new Outcome(
                    t,
                    Math.max(0, rank),
                    rank,
                    (isSomething ? OutcomeKind.CLICK : OutcomeKind.NONE).code(),
                    isSatisfied ? 1f : rank >= 0 ? MERE_CLICK : 0f,
                    t,
                    true);
            ring.onOutcome(outcome, rank >= 0 ? world.clickedCategory : -1);
        }
    }
}
