package rondo.tools.experiment;

import java.util.Arrays;
import java.util.SplittableRandom;
import rondo.agents.AgentKind;
import rondo.agents.policy.ChangePointThompson;
import rondo.agents.policy.ExplorationBudget;
import rondo.agents.policy.PolicyBlock;
import rondo.tools.data.Progress;

/**
 * E8: can two stages that explore each for itself lock each other out of the best item, and does coupling free them (Hron, Krauth, Jordan and
 * Kilbertus, On component interactions in two-stage recommender systems, NeurIPS 2021)?
 *
 * <p>Each nominator owns a pool of arms, puts one forward, and a ranker serves one of those. Linear bandits on one-hot features, a posterior mean and
 * variance per arm, upper confidence bounds. Priors do not match: the ranker has seen much of every arm already; a nominator has not, and believes too
 * well of one poor arm. The ranker never serves that arm, so the nominator never learns, and never proposes another.
 */
final class TwoStageDeadlock implements Experiment {
    private static final int REPETITIONS = 60;
    private static final int ROUNDS = 32_000;
    private static final int NOMINATORS = 4;
    private static final int POOL = 4;
    private static final int ARMS = NOMINATORS * POOL;

    /** Width of the confidence bounds, in standard deviations of the posterior. */
    private static final double WIDTH = 2;

    private static final double NOISE = 0.5;

    /** Rewards that the ranker's prior of every arm is worth, and a nominator's. */
    private static final double RANKER_PRIOR = 400;

    private static final double NOMINATOR_PRIOR = 4;

    /** What a nominator's prior is off by. */
    private static final double MISMATCH = 0.5;

    private static final double ALPHA = 0.5;
    private static final double FLOOR = 0.02;
    private static final double DEVIATION_MAX = 0.1;
    private static final int EPOCH = 50;
    private static final int REFRESH = 10;
    private static final int POINTS = 64;

    // As the reward ring's baseline has them.
    private static final double MEAN_START = 0.3;
    private static final double MEAN_STEP = 1.0 / 100;

    /** How the stages learn. */
    private enum Coupling {
        /** Each stage believes what it has seen and explores by itself. */
        INDEPENDENT("independent UCB"),
        /** A nominator less certain than the ranker of an arm takes over its mean and variance before it proposes: the paper's remedy. */
        SYNCHRONISED("synchronised uncertainty"),
        /** Rondo's learners as nominators, on their local reward alone: what one's own proposal earned. */
        LOCAL("Rondo, α = 1"),
        /** The same learners on α·local + (1 − α)·global, where the global reward is what the served item earned. */
        COUPLED("Rondo, α = 0.5");

        private final String label;

        Coupling(String label) {
            this.label = label;
        }

        boolean isRondo() {
            return this == LOCAL || this == COUPLED;
        }
    }

    @Override
    public String id() {
        return "E8";
    }

    @Override
    public String question() {
        return "Do two stages that explore each for itself lock each other out of the best item, and does coupling free them?";
    }

    @Override
    public void run(Report report, long seed, double scale) {
        int repetitions = Experiment.repetitions(REPETITIONS, scale);
        Report.Table table = report.table(
                "regret", "stages", "regret at T/8", "at T/4", "at T/2", "at T", "±", "slope, T/2 to T", "±", "T");
        Report.Plot plot = report.plot("regret", "rounds", "mean cumulative regret", false);
        double[] finals = new double[Coupling.values().length];
        double[] slopes = new double[finals.length];
        try (Progress progress = new Progress("E8", finals.length)) {
            for (Coupling coupling : Coupling.values()) {
                double[] curve = new double[POINTS + 1];
                double[] ends = new double[repetitions];
                double[] halves = new double[repetitions];
                for (int r = 0; r < repetitions; r++) {
                    double[] one = new Game(coupling, new SplittableRandom(seed * 7919 + r)).play();
                    for (int i = 0; i <= POINTS; i++) {
                        curve[i] += one[i] / repetitions;
                    }
                    ends[r] = one[POINTS];
                    halves[r] = one[POINTS / 2];
                }
                int c = coupling.ordinal();
                finals[c] = curve[POINTS];
                slopes[c] = Math.log(curve[POINTS] / curve[POINTS / 2]) / Math.log(2);
                double slopeError = slopeError(ends, halves);
                table.row(
                        coupling.label,
                        curve[POINTS / 8],
                        curve[POINTS / 4],
                        curve[POINTS / 2],
                        curve[POINTS],
                        Player.standardError(ends),
                        slopes[c],
                        slopeError,
                        ROUNDS);
                double[] rounds = new double[POINTS + 1];
                for (int i = 0; i <= POINTS; i++) {
                    rounds[i] = (double) ROUNDS * i / POINTS;
                }
                plot.line(coupling.label, rounds, curve);
                progress.at(c + 1);
            }
        }
        double independent = finals[Coupling.INDEPENDENT.ordinal()];
        report.atLeast("slope of independent stages", 0.9, slopes[Coupling.INDEPENDENT.ordinal()]);
        for (Coupling coupling : new Coupling[] {Coupling.SYNCHRONISED, Coupling.COUPLED}) {
            report.atMost("slope, " + coupling.label, 0.7, slopes[coupling.ordinal()]);
            report.atMost(
                    "regret at T beside independent stages, " + coupling.label,
                    0.25,
                    finals[coupling.ordinal()] / independent);
        }
        report.note("Regret in expected rewards of the served arm against the best arm of all pools, mean over "
                + repetitions
                + " repetitions of " + ROUNDS
                + " rounds, standard errors beside; slope = log2 of regret at T over regret at T/2 (1 is linear), its "
                + "error by leaving out one repetition at a time. The same priors and the same ranker in all rows: prior worth "
                + RANKER_PRIOR
                + " rewards and unbiased. Every nominator overrates one poor arm of its pool by " + MISMATCH
                + ". The mechanism is the paper's; the "
                + "constants are ours, not taken from it.");
    }

    /** Jackknife over repetitions. */
    private static double slopeError(double[] ends, double[] halves) {
        int n = ends.length;
        double end = 0;
        double half = 0;
        for (int r = 0; r < n; r++) {
            end += ends[r];
            half += halves[r];
        }
        double sum = 0;
        double squares = 0;
        for (int r = 0; r < n; r++) {
            double slope = Math.log((end - ends[r]) / (half - halves[r])) / Math.log(2);
            sum += slope;
            squares += slope * slope;
        }
        return Math.sqrt(Math.max(0, squares / n - sum / n * (sum / n)) * (n - 1));
    }

    /** One repetition. */
    private static final class Game {
        private final Coupling coupling;
        private final SplittableRandom random;
        private final double[] means = new double[ARMS];
        private final double[] rankerSums = new double[ARMS];
        private final double[] rankerCounts = new double[ARMS];
        private final double[] nominatorSums = new double[ARMS];
        private final double[] nominatorCounts = new double[ARMS];
        private final ChangePointThompson[] learners = new ChangePointThompson[NOMINATORS];
        private final PolicyBlock[] blocks = new PolicyBlock[NOMINATORS];
        private final PolicyBlock[] epochStarts = new PolicyBlock[NOMINATORS];
        private final ExplorationBudget budget = new ExplorationBudget(FLOOR, DEVIATION_MAX);
        private final double[] wanted = new double[POOL];
        private final int[] nominated = new int[NOMINATORS];
        private final double[] localMeans = new double[NOMINATORS];
        private final double[] totalMeans = new double[NOMINATORS];
        private double globalMean = MEAN_START;

        Game(Coupling coupling, SplittableRandom random) {
            this.coupling = coupling;
            this.random = random;
            for (int a = 0; a < ARMS; a++) {
                boolean isTrap = a % POOL == 0;
                means[a] = isTrap ? 0.15 + 0.1 * random.nextDouble() : 0.3 + 0.4 * random.nextDouble();
                rankerCounts[a] = RANKER_PRIOR;
                rankerSums[a] = RANKER_PRIOR * (means[a] + random.nextGaussian() * NOISE / Math.sqrt(RANKER_PRIOR));
                nominatorCounts[a] = NOMINATOR_PRIOR;
                nominatorSums[a] = NOMINATOR_PRIOR * (isTrap ? means[a] + 0.2 + MISMATCH : means[a]);
            }
            // One nominator has no trap: its proposals are always good enough to be served, and never the best.
            means[0] = 0.45;
            nominatorSums[0] = NOMINATOR_PRIOR * 0.9;
            Arrays.fill(localMeans, MEAN_START);
            Arrays.fill(totalMeans, MEAN_START);
            for (int n = 0; n < NOMINATORS; n++) {
                learners[n] = new ChangePointThompson(POOL);
                blocks[n] = PolicyBlock.initial(AgentKind.RETRIEVAL, n, POOL, 0, FLOOR);
                epochStarts[n] = blocks[n];
            }
        }

        double[] play() {
            double best = 0;
            for (double mean : means) {
                best = Math.max(best, mean);
            }
            double[] curve = new double[POINTS + 1];
            double regret = 0;
            for (int t = 0; t < ROUNDS; t++) {
                for (int n = 0; n < NOMINATORS; n++) {
                    nominated[n] = coupling.isRondo() ? n * POOL + blocks[n].draw(random.nextDouble(), 1f) : propose(n);
                }
                int served = nominated[0];
                for (int arm : nominated) {
                    served = bound(rankerSums, rankerCounts, arm) > bound(rankerSums, rankerCounts, served)
                            ? arm
                            : served;
                }
                double reward = means[served] + NOISE * random.nextGaussian();
                rankerSums[served] += reward;
                rankerCounts[served]++;
                nominatorSums[served] += reward;
                nominatorCounts[served]++;
                if (coupling.isRondo()) {
                    learn(served, Math.max(0, Math.min(1, reward)), t);
                }
                regret += best - means[served];
                if ((t + 1) % (ROUNDS / POINTS) == 0) {
                    curve[(t + 1) / (ROUNDS / POINTS)] = regret;
                }
            }
            return curve;
        }

        private int propose(int nominator) {
            int from = nominator * POOL;
            int top = from;
            for (int arm = from; arm < from + POOL; arm++) {
                if (coupling == Coupling.SYNCHRONISED && nominatorCounts[arm] < rankerCounts[arm]) {
                    nominatorCounts[arm] = rankerCounts[arm];
                    nominatorSums[arm] = rankerSums[arm];
                }
                top = bound(nominatorSums, nominatorCounts, arm) > bound(nominatorSums, nominatorCounts, top)
                        ? arm
                        : top;
            }
            return top;
        }

        private static double bound(double[] sums, double[] counts, int arm) {
            return sums[arm] / counts[arm] + WIDTH * NOISE / Math.sqrt(counts[arm]);
        }

        /** As the reward ring does: the local reward is what one's own proposal earned, 0 when another's was served, on the scale of the global one. */
        private void learn(int served, double global, int t) {
            double alpha = coupling == Coupling.LOCAL ? 1 : ALPHA;
            globalMean += MEAN_STEP * (global - globalMean);
            for (int n = 0; n < NOMINATORS; n++) {
                double own = nominated[n] == served ? global : 0;
                double local = Math.min(1, own * globalMean / Math.max(0.01, localMeans[n]));
                localMeans[n] += MEAN_STEP * (own - localMeans[n]);
                double total = alpha * local + (1 - alpha) * global;
                learners[n].learn(nominated[n] - n * POOL, total, Math.max(0.005, Math.min(0.95, totalMeans[n])));
                totalMeans[n] += MEAN_STEP * (total - totalMeans[n]);
                if (t % EPOCH == 0) {
                    epochStarts[n] = blocks[n];
                }
                if (t % REFRESH == 0) {
                    learners[n].bestProbabilities(wanted);
                    blocks[n] = budget.next(epochStarts[n], blocks[n], wanted);
                }
            }
        }
    }
}
