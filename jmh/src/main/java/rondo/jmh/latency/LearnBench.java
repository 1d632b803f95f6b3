package rondo.jmh.latency;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.Segment;
import rondo.agents.chain.DecisionSpaces;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.agents.retrieval.Route;
import rondo.reward.RewardConfig;
import rondo.reward.RewardRing;
import rondo.reward.evolution.Challenger;
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeKind;

/**
 * What does it cost to learn from an outcome, and how far is the block in force behind when outcomes come at a rate? Decisions of 64 segments are drawn from
 * the blocks in force and closed by their outcomes on one thread: join, rewards, learning, monitors, blocks. Baseline: the same without blocks being made.
 */
public final class LearnBench {
    private static final int REFRESH_OUTCOMES = 10;
    private static final int SLATE = 20;
    private static final long WARM_OUTCOMES = 150_000;
    private static final int CALIBRATION_OUTCOMES = 1 << 20;

    private final int seconds;
    private final int ratePerSecond;

    /**
     * @param seconds       of each measurement.
     * @param ratePerSecond outcomes that come in a second.
     */
    public LearnBench(int seconds, int ratePerSecond) {
        this.seconds = seconds;
        this.ratePerSecond = ratePerSecond;
    }

    /** Measures, and adds a row for each number of agents and for the baseline. */
    public void run(ObjectNode json, ArrayNode rows) {
        int[] counts = {1, 4, AgentKind.COUNT};
        for (int count : counts) {
            Loop loop = new Loop(count, true);
            loop.warm();
            atFullSpeed(rows, "learning from one outcome, " + count + " agents", false, loop);
            atRate(rows, count, loop);
        }
        Loop without = new Loop(AgentKind.COUNT, false);
        without.warm();
        atFullSpeed(rows, "the same without making blocks, " + AgentKind.COUNT + " agents", true, without);
        json.put("calibrationUs", calibration());
        json.put("disturbedWindows", 0);
    }

    private void atFullSpeed(ArrayNode rows, String name, boolean isRival, Loop loop) {
        Histogram times = new Histogram(3);
        long endNs = System.nanoTime() + seconds * 1_000_000_000L;
        long cpuNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long allocated = allocatedBytes();
        long count = 0;
        long nowNs = System.nanoTime();
        while (nowNs < endNs) {
            loop.outcome();
            long afterNs = System.nanoTime();
            times.recordValue(afterNs - nowNs);
            nowNs = afterNs;
            count++;
        }
        cpuNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuNs;
        row(rows, name, isRival, times)
                .put("perSecond", (double) count / seconds)
                .put("bytesPerOp", (double) (allocatedBytes() - allocated) / count)
                .put("cpuUs", cpuNs / 1e3 / count)
                .put("note", "as fast as it goes; decision and outcome");
    }

    /** How long after it was due each outcome's effect was in force. */
    private void atRate(ArrayNode rows, int agentCount, Loop loop) {
        Histogram lag = new Histogram(3);
        long total = (long) seconds * ratePerSecond;
        long startNs = System.nanoTime();
        for (long i = 0; i < total; i++) {
            long dueNs = startNs + i * 1_000_000_000L / ratePerSecond;
            while (System.nanoTime() < dueNs) {
                Thread.onSpinWait();
            }
            loop.outcome();
            lag.recordValue(System.nanoTime() - dueNs);
        }
        double elapsed = (System.nanoTime() - startNs) / 1e9;
        row(rows, "outcome due to learnt, " + agentCount + " agents", false, lag)
                .put("rate", ratePerSecond)
                .put("perSecond", total / elapsed)
                .put(
                        "note",
                        "a block is made with every " + REFRESH_OUTCOMES + "th outcome of its segment, at most "
                                + loop.outcomesBehind + " were not in the block");
    }

    private static ObjectNode row(ArrayNode rows, String name, boolean isRival, Histogram times) {
        return rows.addObject()
                .put("name", name)
                .put("rival", isRival)
                .put("p50Us", times.getValueAtPercentile(50) / 1e3)
                .put("p99Us", times.getValueAtPercentile(99) / 1e3)
                .put("p999Us", times.getValueAtPercentile(99.9) / 1e3)
                .put("maxUs", times.getMaxValue() / 1e3);
    }

    /** A loop of dependent multiplications: how fast this machine was while the rows were measured. */
    private static double calibration() {
        long startNs = System.nanoTime();
        double x = 1;
        for (int i = 0; i < CALIBRATION_OUTCOMES; i++) {
            x = x * 1.0000001 + 1e-9;
        }
        double us = (System.nanoTime() - startNs) / 1e3;
        if (x == 0) {
            throw new IllegalStateException("the loop was not run: x=" + x);
        }
        return us;
    }

    private static long allocatedBytes() {
        return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean bean
                ? bean.getCurrentThreadAllocatedBytes()
                : 0;
    }

    /** A reward ring, and decisions drawn from its blocks. */
    private static final class Loop {
        private final PolicyTable policies;
        private final RewardRing ring;
        private final int agentCount;
        private final DecisionRecord record = new DecisionRecord();
        private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[DecisionRecord.length(AgentKind.COUNT, SLATE)]);
        private final SplittableRandom random = new SplittableRandom(5);
        private final int[] sinceBlock = new int[Segment.COUNT];
        private final long[] versions = new long[Segment.COUNT];
        private long id;
        private int outcomesBehind;

        Loop(int agentCount, boolean isLearning) {
            this.agentCount = agentCount;
            DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
            for (AgentKind kind : AgentKind.values()) {
                spaces[kind.code()] = DecisionSpaces.of(kind, Route.EVERYTHING);
            }
            this.policies = new PolicyTable(spaces, 0.02);
            this.ring = new RewardRing(
                    new RewardConfig(isLearning, 60_000, 1 << 16, 0.02, 0.1, 50, REFRESH_OUTCOMES, 0.2, 0.8, 0.8, true)
                            .with(0.01, Map.of(AgentKind.RANKING, Challenger.SQUARECB)),
                    policies,
                    row -> {});
        }

        void warm() {
            for (long i = 0; i < WARM_OUTCOMES; i++) {
                outcome();
            }
            outcomesBehind = 0;
        }

        /** One decision and the outcome that closes it. */
        void outcome() {
            id++;
            int segment = (int) (id % Segment.COUNT);
            long nowMs = id / 50;
            record.wrap(bytes, 0)
                    .requestId(id)
                    .userId(id % 5_000)
                    .decidedAtMs(nowMs)
                    .decisionId(id)
                    .catalogVersion(1)
                    .slateHash(id)
                    .segment(segment)
                    .agentCount(agentCount)
                    .flags(0)
                    .slateCount(SLATE)
                    .distance(0.6f);
            double best = 0;
            for (int code = 0; code < agentCount; code++) {
                AgentKind kind = AgentKind.ofCode(code);
                PolicyBlock block = policies.current(kind, segment);
                int action = block.draw(random.nextDouble(), 1f);
                best += action == (segment + code) % block.actionCount() ? 0.05 : 0;
                record.agent(code, code, action, block.propensity(action, 1f), block.version(), block.checksum(), 0.7f);
            }
            for (int place = 0; place < SLATE; place++) {
                record.slate(place, place, place, place, 0);
            }
            ring.onDecision(record);
            boolean isClicked = random.nextDouble() < 0.05 + best;
            ring.onOutcome(
                    new Outcome(
                            id,
                            3,
                            isClicked ? 3 : -1,
                            isClicked ? OutcomeKind.CLICK.code() : OutcomeKind.NONE.code(),
                            isClicked ? 1f : 0f,
                            nowMs,
                            true),
                    (int) (id % 7));
            long version = policies.current(AgentKind.TRAFFIC, segment).version();
            sinceBlock[segment] = version == versions[segment] ? sinceBlock[segment] + 1 : 0;
            versions[segment] = version;
            outcomesBehind = Math.max(outcomesBehind, sinceBlock[segment]);
        }
    }
}
