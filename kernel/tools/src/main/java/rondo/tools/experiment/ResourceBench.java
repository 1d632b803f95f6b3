package rondo.tools.experiment;

import java.util.Arrays;
import java.util.SplittableRandom;
import rondo.agents.AgentKind;
import rondo.agents.resource.QualityFactor;
import rondo.agents.resource.SimplexPolicyGradient;

/**
 * Three stages in a row, each a queue with one server that gets a share of the machine. The static shares leave the last stage too little. The agent moves
 * shares by policy gradient on the mean latency per unit of work, and a quality factor takes work off every request while too many are late; an inference counts by the work
 * that was left to it.
 *
 * <p>The parent's shares serve the same arrivals beside it, so the reversion trigger has something to compare with; a stage that keeps its own third of the
 * deadline is not called late.
 */
final class ResourceBench implements AgentBench {
    private static final double[] STATIC = {0.4, 0.4, 0.2};
    private static final double[] WORK_MS = {0.1, 0.15, 0.17};
    private static final int STAGES = 3;
    private static final int WINDOWS = 800;
    private static final int WINDOW_REQUESTS = 1_000;
    private static final int EPOCH_WINDOWS = 20;
    private static final double DEADLINE_MS = 12;
    private static final double IN_TIME = 0.99;
    private static final double LEARNING_RATE = 0.02;

    @Override
    public AgentKind kind() {
        return AgentKind.RESOURCE;
    }

    @Override
    public String learner() {
        return "policy gradient on shares, quality factor";
    }

    @Override
    public String primary() {
        return "machine-ms per 1,000 inferences in time at full quality";
    }

    @Override
    public boolean isLessBetter() {
        return true;
    }

    @Override
    public String secondary() {
        return "p99 of a request, ms";
    }

    @Override
    public boolean isBoundAbove() {
        return true;
    }

    @Override
    public double bound() {
        return DEADLINE_MS;
    }

    /** The queues, and what came out of them. */
    private static final class Machine {
        private final double[] freeAtMs = new double[STAGES];
        private final double[][] stageMs = new double[STAGES][WINDOW_REQUESTS];
        private final double[] requestMs = new double[WINDOWS * WINDOW_REQUESTS];
        private int requests;
        private double inTime;

        double serve(double arrivalMs, double[] shares, double quality, double[] work) {
            double atMs = arrivalMs;
            for (int s = 0; s < STAGES; s++) {
                double beganMs = Math.max(atMs, freeAtMs[s]);
                freeAtMs[s] = beganMs + WORK_MS[s] * work[s] * quality / shares[s];
                stageMs[s][requests % WINDOW_REQUESTS] = freeAtMs[s] - atMs;
                atMs = freeAtMs[s];
            }
            double latencyMs = atMs - arrivalMs;
            requestMs[requests++] = latencyMs;
            inTime += latencyMs <= DEADLINE_MS ? quality : 0;
            return latencyMs;
        }

        void p99(double[] out, double least) {
            for (int s = 0; s < STAGES; s++) {
                Arrays.sort(stageMs[s]);
                out[s] = Math.max(least, stageMs[s][WINDOW_REQUESTS * 99 / 100]);
            }
        }
    }

    @Override
    public Played play(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SimplexPolicyGradient learner = new SimplexPolicyGradient(STATIC, LEARNING_RATE);
        QualityFactor quality = new QualityFactor(IN_TIME, DEADLINE_MS, 0.3);
        Machine fixed = new Machine();
        Machine agent = new Machine();
        double[] shares = new double[STAGES];
        double[] work = new double[STAGES];
        double[] p99 = new double[STAGES];
        double[] parentP99 = new double[STAGES];
        double nowMs = 0;
        for (int window = 0; window < WINDOWS; window++) {
            if (window % EPOCH_WINDOWS == 0) {
                learner.beginEpoch();
            }
            boolean isOverloaded = Arrays.stream(agent.freeAtMs).max().orElseThrow() > nowMs + 2 * DEADLINE_MS;
            learner.play(seed, window, isOverloaded, shares);
            double latencies = 0;
            for (int r = 0; r < WINDOW_REQUESTS; r++) {
                nowMs -= Math.log(1 - random.nextDouble());
                for (int s = 0; s < STAGES; s++) {
                    work[s] = -Math.log(1 - random.nextDouble());
                }
                fixed.serve(nowMs, STATIC, 1, work);
                double factor = quality.factor();
                double latencyMs = agent.serve(nowMs, shares, factor, work);
                quality.learn(latencyMs);
                // Per unit of work: else shares that make the quality fall would look as if they made requests fast.
                latencies += latencyMs / factor;
            }
            learner.learn(-Math.min(1, latencies / WINDOW_REQUESTS / DEADLINE_MS));
            agent.p99(p99, 0);
            fixed.p99(parentP99, DEADLINE_MS / STAGES);
            learner.guard(p99, parentP99);
        }
        Arrays.sort(agent.requestMs);
        return new Played(
                1_000 * nowMs / fixed.inTime, 1_000 * nowMs / agent.inTime, agent.requestMs[agent.requests * 99 / 100]);
    }
}
