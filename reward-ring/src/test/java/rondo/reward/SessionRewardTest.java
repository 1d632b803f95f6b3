package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.GlobalReward;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeKind;

/** Requirement F3: what users do later reaches the experience rows, and the policies. */
class SessionRewardTest {
    private static final long WINDOW_MS = 10_000;
    private static final long GAP_MS = 1_000;
    private static final int SEGMENT = 2;
    private static final double RANDOM_DISTANCE = 0.8;

    private final DecisionRecord record = new DecisionRecord().wrap(new UnsafeBuffer(new byte[1024]), 0);
    private final PolicyTable policies;
    private final List<byte[]> rows = new ArrayList<>();

    SessionRewardTest() {
        policies = policies();
    }

    private static PolicyTable policies() {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = new DecisionSpace(List.of("a", "b", "c"), 0);
        }
        return new PolicyTable(spaces, 0.1);
    }

    private RewardRing ring(PolicyTable table, double sessionWeight, double diversityWeight) {
        GlobalReward global = new GlobalReward(0.2, 1, 1, 1, sessionWeight, diversityWeight, GAP_MS);
        return new RewardRing(
                new RewardConfig(
                        true,
                        WINDOW_MS,
                        1 << 10,
                        0.1,
                        0.1,
                        50,
                        10,
                        0.2,
                        0.8,
                        RANDOM_DISTANCE,
                        true,
                        global,
                        false,
                        1,
                        Map.of()),
                table,
                row -> {
                    byte[] copy = new byte[ExperienceRow.LENGTH];
                    row.buffer().getBytes(0, copy);
                    rows.add(copy);
                });
    }

    private ExperienceRow row(int index) {
        ExperienceRow row = new ExperienceRow();
        assertTrue(row.read(new UnsafeBuffer(rows.get(index)), 0));
        return row;
    }

    private void decide(RewardRing ring, long id, long userId, long atMs, int action, PolicyBlock block) {
        record.requestId(id)
                .userId(userId)
                .decidedAtMs(atMs)
                .decisionId(id)
                .catalogVersion(1)
                .slateHash(id)
                .segment(SEGMENT)
                .agentCount(1)
                .flags(0)
                .slateCount(2)
                .distance(0.4f);
        record.agent(
                0,
                block.kind().code(),
                action,
                block.propensity(action, 1f),
                block.version(),
                block.checksum(),
                Float.NaN);
        record.slate(0, 100, 0, 0, 0);
        record.slate(1, 101, 1, 1, 0);
        ring.onDecision(record);
    }

    @Test
    void shouldWriteTheWholeGlobalRewardIntoTheRows() {
        RewardRing ring = ring(policies, 0.3, 0.2);
        PolicyBlock block = policies.current(AgentKind.TRAFFIC, SEGMENT);
        decide(ring, 1, 7, 0, 1, block);
        ring.onOutcome(new Outcome(1, 100, 0, OutcomeKind.CLICK.code(), 0.5f, 5, true), 3);
        decide(ring, 2, 8, 10, 1, block);
        ring.onOutcome(new Outcome(2, 0, -1, OutcomeKind.NONE.code(), 0f, 15, true), -1);
        decide(ring, 3, 9, 20, 1, block);
        assertEquals(0, rows.size(), "all three wait");
        ring.onInteraction(7, 3, 30);
        assertEquals(
                0.5 * 0.5 + 0.3 + 0.2 * 0.5, row(0).globalReward(), 1e-5, "half a click, came back, half as diverse");
        ring.onTime(20 + GAP_MS);
        assertEquals(0.2 * 0.5, row(1).globalReward(), 1e-5, "nothing, and stayed away");
        assertTrue(!row(1).isDefaulted(), "it was told that nothing happened");
        ring.onInteraction(9, 3, 40);
        ring.onTime(20 + WINDOW_MS);
        assertEquals(3, rows.size());
        assertEquals(0.2 * 0.5, row(2).globalReward(), 1e-5, "told of too late");
        assertTrue(row(2).isDefaulted());
        decide(ring, 4, 9, 20_000, 1, block);
        ring.onInteraction(9, 3, 20_001);
        ring.onTime(20_000 + WINDOW_MS);
        assertEquals(0.3 + 0.2 * 0.5, row(3).globalReward(), 1e-5, "no outcome, but came back");
        assertTrue(row(3).isDefaulted(), "its status is about outcomes");
        assertEquals(2, ring.joiner().joinedCount());
        assertEquals(2, ring.joiner().defaultedCount());
    }

    /** Nobody ever clicks; users come back half of the time after action 2, else one time in ten. */
    private int play(RewardRing ring, PolicyTable table, AgentKind kind, int requests) {
        SplittableRandom random = new SplittableRandom(5);
        for (int id = 1; id <= requests; id++) {
            long atMs = id * 10L;
            PolicyBlock block = table.current(kind, SEGMENT);
            int action = block.draw(random.nextDouble(), 1f);
            decide(ring, id, id, atMs, action, block);
            ring.onOutcome(new Outcome(id, 0, -1, OutcomeKind.NONE.code(), 0f, atMs, true), -1);
            if (random.nextDouble() < (action == 2 ? 0.5 : 0.1)) {
                ring.onInteraction(id, random.nextInt(5), atMs + 1 + random.nextInt(9));
            }
        }
        ring.onTime(requests * 10L + WINDOW_MS);
        assertEquals(requests, ring.joiner().joinedCount());
        return table.current(kind, SEGMENT).best();
    }

    @Test
    void shouldComeToPreferTheActionThatMakesUsersComeBackAndReplayBitForBit() {
        assertEquals(2, play(ring(policies, 0.5, 0), policies, AgentKind.STRATEGY, 4_000));
        assertTrue(policies.current(AgentKind.STRATEGY, SEGMENT).probability(2) > 0.8);
        List<byte[]> first = List.copyOf(rows);
        assertEquals(4_000, first.size());
        rows.clear();
        PolicyTable again = policies();
        play(ring(again, 0.5, 0), again, AgentKind.STRATEGY, 4_000);
        for (int i = 0; i < first.size(); i++) {
            assertArrayEquals(first.get(i), rows.get(i), "row=" + i);
        }
        PolicyTable deaf = policies();
        play(ring(deaf, 0, 0), deaf, AgentKind.STRATEGY, 4_000);
        assertTrue(
                deaf.current(AgentKind.STRATEGY, SEGMENT).probability(2) < 0.6,
                "without the session part nothing tells: "
                        + deaf.current(AgentKind.STRATEGY, SEGMENT).probability(2));
    }
}
