package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.experience.RewardTrace;
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeKind;

class RewardTraceTest {
    private static final AgentKind[] KINDS = {AgentKind.RANKING, AgentKind.MODEL};
    private static final double FLOOR = 0.6;
    private static final int REQUESTS = 12_000;
    private static final int LEARNT_AFTER = 6_000;
    private static final double RATE = 0.3;
    private static final double EFFECT = 0.3;

    private final List<ExperienceRow> rows = new ArrayList<>();
    private final DecisionRecord record = new DecisionRecord();
    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[1024]);

    /** Policies stand still at 0.6, 0.2, 0.2; ranking's action 1 adds to the click rate, and the model agent's actions change nothing. */
    @Test
    void shouldCreditAPlantedEffectToWhoHasItAndAddUpExactly() {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = new DecisionSpace(List.of("a", "b", "c"), 0);
        }
        PolicyTable policies = new PolicyTable(spaces, FLOOR);
        RewardRing ring = new RewardRing(
                new RewardConfig(false, 1_000, 1 << 10, FLOOR, 0.1, 50, 10, 0, 0, 0.8, true), policies, this::keep);
        SplittableRandom random = new SplittableRandom(5);
        double[][] credits = new double[KINDS.length][3];
        int[][] counts = new int[KINDS.length][3];
        for (int id = 1; id <= REQUESTS; id++) {
            int[] actions = new int[KINDS.length];
            decide(policies, id, actions, random);
            ring.onDecision(record);
            boolean isClicked = random.nextDouble() < RATE + (actions[0] == 1 ? EFFECT : 0);
            int kind = (isClicked ? OutcomeKind.CLICK : OutcomeKind.NONE).code();
            rows.clear();
            ring.onOutcome(
                    new Outcome(id, isClicked ? 100 : 0, isClicked ? 0 : -1, kind, isClicked ? 1 : 0, id, true), 1);

            RewardTrace trace = new RewardTrace(id, id, rows);
            assertEquals(KINDS.length, trace.rows().size());
            double sum = trace.expected();
            for (ExperienceRow row : trace.rows()) {
                sum += row.credit();
            }
            assertEquals(isClicked ? 1.0 : 0.0, sum + trace.residual(), 0, "to the last bit, request=" + id);
            for (int i = 0; i < KINDS.length && id > LEARNT_AFTER; i++) {
                assertTrue(rows.get(i).isCredited());
                credits[i][actions[i]] += rows.get(i).credit();
                counts[i][actions[i]]++;
            }
        }
        double[] truth = {-0.2 * EFFECT, 0.8 * EFFECT, -0.2 * EFFECT};
        for (int a = 0; a < truth.length; a++) {
            assertEquals(truth[a], credits[0][a] / counts[0][a], 0.05, "ranking, action=" + a);
            assertEquals(0, credits[1][a] / counts[1][a], 0.04, "model, action=" + a);
        }
    }

    private void keep(ExperienceRow row) {
        ExperienceRow copy = new ExperienceRow();
        assertTrue(copy.read(row.buffer(), 0));
        rows.add(copy);
    }

    private void decide(PolicyTable policies, int id, int[] actions, SplittableRandom random) {
        record.wrap(bytes, 0)
                .requestId(id)
                .userId(id % 100)
                .decidedAtMs(id)
                .decisionId(id)
                .catalogVersion(1)
                .slateHash(id)
                .segment(2)
                .agentCount(KINDS.length)
                .flags(0)
                .slateCount(1);
        for (int i = 0; i < KINDS.length; i++) {
            PolicyBlock block = policies.current(KINDS[i], 2);
            actions[i] = block.draw(random.nextDouble(), 1f);
            record.agent(
                    i,
                    KINDS[i].code(),
                    actions[i],
                    block.propensity(actions[i], 1f),
                    block.version(),
                    block.checksum(),
                    0.5f);
        }
        record.slate(0, 100, 0, 0, 0);
    }

    @Test
    void shouldReadARowFromBeforeThereWereCreditsAsNotCredited() {
        ExperienceRow row = new ExperienceRow();
        row.fill(1, 2, 3, 4, 0.5f, 1f, 0.25f, 0.1f, 1, 2, 3, false, false, 0.3, Double.NaN);
        assertFalse(row.isCredited());
        assertEquals(0f, row.credit());
        assertEquals(0.3, row.expected(), 1e-5);
        row.fill(1, 2, 3, 4, 0.5f, 1f, 0.25f, 0.1f, 1, 2, 3, false, true, 1, -0.125);
        assertTrue(row.isCredited() && row.isStatic());
        assertEquals(-0.125f, row.credit());
        assertEquals(1, row.expected(), 1e-4, "an expectation of 1 must not wrap around to 0");
    }
}
