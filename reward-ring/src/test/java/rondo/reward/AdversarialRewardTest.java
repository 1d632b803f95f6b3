package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.Segment;
import rondo.agents.policy.CounterRandom;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeKind;

/**
 * The bounds of a policy hold whatever the rewards are. An adversary sees the block in force and chooses every reward; the ring is driven as in
 * production, and each block it publishes is held against the block that was in force when the epoch began.
 */
class AdversarialRewardTest {
    private static final int STREAMS = 10_000;
    private static final int OUTCOMES = 1_000;
    private static final int ACTIONS = 2;
    private static final int EPOCH = 50;
    private static final int REFRESH = 25;
    private static final double FLOOR = 0.02;
    private static final double DEVIATION_MAX = 0.1;
    private static final int[] SEGMENTS = {0, 7};
    private static final long SEED = 23;

    private static final int ADVERSARIES = 8;

    /** So little that a thousand outcomes can spend it. */
    private static final double LOSS_MAX = 0.001;

    /** The decision that spends the last of a budget may cost more than is left: at most a reward of 1, of which the advance is 2,000. */
    private static final double LAST_LOSS_MAX = 1.0 / 2_000;

    /** What the adversary pays for an action, having seen the block. */
    private static boolean isPaid(int adversary, int stream, int t, int action, PolicyBlock block) {
        int least = 0;
        for (int a = 1; a < ACTIONS; a++) {
            least = block.probability(a) < block.probability(least) ? a : least;
        }
        return switch (adversary) {
            case 0 -> action == least;
            case 1 -> action != block.best();
            // Flips in the middle of every other epoch.
            case 2 -> action == (t / (EPOCH * 3 / 2) + stream) % ACTIONS;
            // Pays one action until the epoch's last outcomes, then the others.
            case 3 -> (t % EPOCH < EPOCH - REFRESH) == (action == stream % ACTIONS);
            case 4 -> false;
            case 5 -> true;
            // Lures the policy away from its static action, and pays that one alone once it has come.
            case 6 -> action == (block.probability(1) > FLOOR ? 0 : 1);
            default -> CounterRandom.bits(SEED, stream, t) < 0;
        };
    }

    /** One published block against its epoch's first one. */
    private static final class Bounds {
        final PolicyBlock[] starts = new PolicyBlock[Segment.COUNT];
        final int[] outcomes = new int[Segment.COUNT];
        long blocks;
        double deviationMost;

        void check(PolicyBlock block) {
            PolicyBlock start = starts[block.segment()];
            double deviation = 0;
            double sum = 0;
            for (int a = 0; a < ACTIONS; a++) {
                deviation += Math.abs((double) block.probability(a) - start.probability(a)) / 2;
                sum += block.probability(a);
                assertTrue(block.probability(a) >= FLOOR / ACTIONS * (1 - 1e-5), "floor: p=" + block.probability(a));
            }
            assertEquals(1, sum, 1e-6);
            assertTrue(deviation <= DEVIATION_MAX, "deviation=" + deviation);
            deviationMost = Math.max(deviationMost, deviation);
            blocks++;
        }
    }

    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[DecisionRecord.length(1, 1)]);
    private final DecisionRecord record = new DecisionRecord();

    private static DecisionSpace[] spaces() {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        Arrays.setAll(spaces, i -> new DecisionSpace(List.of("a", "b"), 0));
        return spaces;
    }

    /** One outcome of a stream. */
    private void step(RewardRing ring, int stream, int t, PolicyBlock block) {
        int action = block.draw(CounterRandom.uniform(SEED, t, stream), 1f);
        record.wrap(bytes, 0)
                .requestId(t)
                .userId(t % 5)
                .decidedAtMs(t)
                .decisionId(t)
                .segment(block.segment())
                .agentCount(1)
                .flags(0)
                .slateCount(1);
        record.agent(
                0,
                AgentKind.RETRIEVAL.code(),
                action,
                block.probability(action),
                block.version(),
                block.checksum(),
                Float.NaN);
        record.slate(0, 1, t % 9, 0, 0);
        boolean isPaid = isPaid(stream % ADVERSARIES, stream, t, action, block);
        ring.onDecision(record);
        ring.onOutcome(
                new Outcome(
                        t,
                        isPaid ? 1 : 0,
                        isPaid ? 0 : -1,
                        (isPaid ? OutcomeKind.CLICK : OutcomeKind.NONE).code(),
                        isPaid ? 1f : 0f,
                        t,
                        true),
                isPaid ? action * 20 : -1);
    }

    @Test
    void shouldKeepEveryBlockWithinItsBoundsInTenThousandAdversarialStreams() {
        DecisionSpace[] spaces = spaces();
        long blocks = 0;
        double deviationMost = 0;
        for (int stream = 0; stream < STREAMS; stream++) {
            Bounds bounds = new Bounds();
            PolicyTable policies = new PolicyTable(spaces, FLOOR, bounds::check);
            RewardRing ring = new RewardRing(
                    new RewardConfig(true, 1_000, 64, FLOOR, DEVIATION_MAX, EPOCH, REFRESH, 0.2, 0.8, 1, false),
                    policies,
                    row -> {});
            for (int segment : SEGMENTS) {
                bounds.starts[segment] = policies.current(AgentKind.RETRIEVAL, segment);
            }
            for (int t = 0; t < OUTCOMES; t++) {
                int segment = SEGMENTS[t & 1];
                PolicyBlock block = policies.current(AgentKind.RETRIEVAL, segment);
                // The ring counts an outcome before it publishes, and its epoch begins with the block in force then.
                if (++bounds.outcomes[segment] % EPOCH == 0) {
                    bounds.starts[segment] = block;
                }
                step(ring, stream, t, block);
            }
            assertTrue(
                    ring.budget().used() <= DEVIATION_MAX,
                    "used=" + ring.budget().used());
            blocks += bounds.blocks;
            deviationMost = Math.max(deviationMost, bounds.deviationMost);
        }
        assertEquals((long) STREAMS * OUTCOMES / REFRESH, blocks);
        assertTrue(deviationMost > DEVIATION_MAX * 0.99, "no adversary reached the bound: vacuous");
    }

    @Test
    void shouldSpendNoMoreThanItsBudgetInTenThousandAdversarialStreams() {
        DecisionSpace[] spaces = spaces();
        int spentStreams = 0;
        for (int stream = 0; stream < STREAMS; stream++) {
            PolicyTable policies = new PolicyTable(spaces, FLOOR);
            RewardRing ring = new RewardRing(
                    new RewardConfig(true, 1_000, 64, FLOOR, DEVIATION_MAX, EPOCH, REFRESH, 0.2, 0.8, 1, true)
                            .with(LOSS_MAX, Map.of()),
                    policies,
                    row -> {});
            boolean isSpent = false;
            for (int t = 0; t < OUTCOMES; t++) {
                step(ring, stream, t, policies.current(AgentKind.RETRIEVAL, SEGMENTS[t & 1]));
                isSpent |= ring.budget().isSpent(AgentKind.RETRIEVAL);
            }
            double most = ring.budget().mostLossShare(AgentKind.RETRIEVAL);
            assertTrue(most <= LOSS_MAX + LAST_LOSS_MAX, "stream=" + stream + ", most=" + most);
            spentStreams += isSpent ? 1 : 0;
        }
        assertTrue(spentStreams > STREAMS / 10, "vacuous: spent in " + spentStreams);
    }
}
