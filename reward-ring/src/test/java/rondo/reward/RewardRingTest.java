package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeKind;
import rondo.reward.join.OutcomeStatus;

class RewardRingTest {
    private static final int WINDOW_MS = 1_000;

    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[1024]);
    private final DecisionRecord record = new DecisionRecord();
    private final List<Double> totals = new ArrayList<>();

    private static PolicyTable policies() {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = new DecisionSpace(List.of("a", "b", "c"), 0);
        }
        return new PolicyTable(spaces, 0.02);
    }

    private RewardRing ring(PolicyTable policies) {
        return new RewardRing(
                new RewardConfig(true, WINDOW_MS, 1 << 16, 0.02, 0.1, 50, 10, 0.2, 0.8, 0.8, true),
                policies,
                row -> totals.add(row.totalReward()));
    }

    private DecisionRecord decision(long id, long atMs, int action) {
        record.wrap(bytes, 0)
                .requestId(id)
                .userId(1)
                .decidedAtMs(atMs)
                .decisionId(id)
                .catalogVersion(1)
                .slateHash(id)
                .segment(2)
                .agentCount(AgentKind.COUNT)
                .flags(0)
                .slateCount(2);
        for (AgentKind kind : AgentKind.values()) {
            record.agent(kind.code(), kind.code(), action, 0.5f, 0, 0, 0.9f);
        }
        record.slate(0, 100, 4, 0, 0);
        record.slate(1, 101, 0, 1, 0);
        return record;
    }

    /** The agent's own metric pays for what users like less; its own exploration shows it, and the policy goes back. */
    @Test
    void shouldRevertAPolicyThatHarmsUsersAndLeaveAHarmlessOneAlone() {
        assertEquals(1, reversions(0.15, 40_000), "half of the clicks are lost");
        assertEquals(0, reversions(0.3, 40_000), "no click is lost");
    }

    /** Clicks on what the static action brings: 30 %; on what action 1 brings: {@code rate}, and its own metric is three times as high. */
    private int reversions(double rate, int requests) {
        PolicyTable policies = policies();
        RewardRing ring = new RewardRing(
                new RewardConfig(true, WINDOW_MS, 1 << 10, 0.1, 0.1, 50, 10, 1, 1, 0.8, true), policies, row -> {});
        // Time stands still, so that one decision, in a segment of its own, is never closed.
        PolicyBlock other = policies.current(AgentKind.FILTER, 5);
        ring.onDecision(new Decisions().made(1, 7, AgentKind.FILTER, 5, 0, other, 0.3f));
        SplittableRandom random = new SplittableRandom(3);
        long seen = 0;
        for (int id = 2; id <= requests; id++) {
            PolicyBlock block = policies.current(AgentKind.FILTER, 2);
            int action = block.draw(random.nextDouble(), 1f);
            record.wrap(bytes, 0)
                    .requestId(id)
                    .userId(id % 100)
                    .decidedAtMs(1)
                    .decisionId(id)
                    .catalogVersion(1)
                    .slateHash(id)
                    .segment(2)
                    .agentCount(1)
                    .flags(0)
                    .slateCount(2)
                    .distance(0.8f);
            record.agent(
                    0,
                    AgentKind.FILTER.code(),
                    action,
                    block.propensity(action, 1f),
                    block.version(),
                    block.checksum(),
                    action == 1 ? 0.9f : 0.3f);
            record.slate(0, 100, 0, 0, 0);
            record.slate(1, 101, 1, 1, 0);
            ring.onDecision(record);
            boolean isClicked = random.nextDouble() < (action == 1 ? rate : 0.3);
            ring.onOutcome(isClicked ? click(id, 1) : new Outcome(id, 0, -1, OutcomeKind.NONE.code(), 0f, 1, true), 1);
            if (ring.incidents().stream().anyMatch(incident -> incident.signal().equals("HARM"))) {
                assertTrue(
                        block.probability(1) > 0.2,
                        "it plays the harmful action: " + block.probability(1) + ", request=" + id);
                assertEquals(0, policies.current(AgentKind.FILTER, 2).best(), "and is back at its static action");
                ring.drainChanges((kind, segment, state) -> assertEquals(2, segment, "nothing is known of another"));
                return 1;
            }
            seen += action;
        }
        assertTrue(seen > requests / 2, "the agent did come to prefer action 1: seen=" + seen);
        return 0;
    }

    private static Outcome click(long id, long atMs) {
        return new Outcome(id, 101, 1, OutcomeKind.CLICK.code(), 1f, atMs, true);
    }

    @Test
    void shouldMixTheRewardsByAlphaAndLeaveCoordinationToTheGlobalOne() {
        RewardRing ring = ring(policies());
        ring.onDecision(decision(1, 0, 1));
        assertEquals(OutcomeStatus.ACCEPTED, ring.onOutcome(click(1, 10), 3));
        double alpha = 0.5;
        assertEquals(1.0, totals.get(0), 1e-6, "traffic: alpha is 0");
        assertEquals(1.0, totals.get(1), 1e-6, "retrieval had put it first");
        double surrogate = ring.alpha(AgentKind.RANKING);
        assertTrue(surrogate > 0 && surrogate < alpha, "what a stand-in weighs before anything is known: " + surrogate);
        assertEquals(
                surrogate * Math.log(2) / Math.log(3) + (1 - surrogate),
                totals.get(2),
                1e-6,
                "ranking had put it second");
        assertEquals(1.0, totals.get(3), 1e-6, "filter: its aim has no price yet");
    }

    @Test
    void shouldPayTheFilterForDiversityOnlyWhileThereIsTooLittleOfIt() {
        RewardRing ring = ring(policies());
        long id = 0;
        double before = 0;
        for (int round = 0; round < 4; round++) {
            id = decideAndClick(ring, id, 25, 0.3f);
            double now = ring.alpha(AgentKind.FILTER);
            assertTrue(now > before, "the price rises with each slate that is too uniform: " + now);
            assertTrue(now <= ring.alpha(), "never above the schedule");
            before = now;
        }
        // The aim is 0.95 on average, so 0.65 too little a hundred times takes 0.05 too much thirteen hundred times.
        id = decideAndClick(ring, id, 1_200, 1f);
        assertTrue(ring.alpha(AgentKind.FILTER) > 0);
        id = decideAndClick(ring, id, 200, 1f);
        decideAndClick(ring, id, 1, 7f);
        assertEquals(0, ring.alpha(AgentKind.FILTER), "diversity that comes by itself is paid nothing");
    }

    private long decideAndClick(RewardRing ring, long lastId, int count, float filterMetric) {
        long id = lastId;
        for (int i = 0; i < count; i++) {
            id++;
            DecisionRecord made = decision(id, id, 0);
            made.agent(AgentKind.FILTER.code(), AgentKind.FILTER.code(), 0, 0.5f, 0, 0, filterMetric);
            ring.onDecision(made);
            ring.onOutcome(click(id, id), 3);
        }
        return id;
    }

    @Test
    void shouldCountEachOutcomeOnceAndNameWhatIsWrongWithTheOthers() {
        RewardRing ring = ring(policies());
        ring.onDecision(decision(1, 0, 0));
        Outcome open = new Outcome(1, 100, 0, OutcomeKind.VIEW.code(), 1f, 1, false);
        assertEquals(OutcomeStatus.ACCEPTED, ring.onOutcome(open, -1));
        assertEquals(OutcomeStatus.DUPLICATE, ring.onOutcome(open, -1));
        assertEquals(
                OutcomeStatus.INVALID,
                ring.onOutcome(new Outcome(1, 999, 0, 2, 1f, 1, false), -1),
                "item not at that place");
        assertEquals(
                OutcomeStatus.INVALID,
                ring.onOutcome(new Outcome(1, 100, 9, 2, 1f, 1, false), -1),
                "place not in the slate");
        assertEquals(OutcomeStatus.INVALID, ring.onOutcome(new Outcome(1, 100, 0, 2, Float.NaN, 1, false), -1));
        assertEquals(OutcomeStatus.INVALID, ring.onOutcome(new Outcome(1, 100, 0, 77, 1f, 1, false), -1));
        assertEquals(OutcomeStatus.UNKNOWN, ring.onOutcome(click(2, 1), -1));
        ring.onDecision(decision(3, 0, 0));
        ring.onTime(WINDOW_MS);
        assertEquals(OutcomeStatus.LATE, ring.onOutcome(click(3, WINDOW_MS + 1), -1));
        assertEquals(OutcomeStatus.DUPLICATE, ring.onOutcome(click(3, WINDOW_MS + 1), -1));
        assertEquals(1, ring.joiner().lateCount());
    }

    @Test
    void shouldAccountForEveryDecision() {
        // 3 % lost, 5 % late, duplicates, and outcomes out of order.
        RewardRing ring = ring(policies());
        SplittableRandom random = new SplittableRandom(5);
        int decisions = 100_000;
        List<Outcome> held = new ArrayList<>();
        for (int id = 1; id <= decisions; id++) {
            long nowMs = id / 10;
            ring.onDecision(decision(id, nowMs, id % 3));
            double fate = random.nextDouble();
            if (fate < 0.05) {
                held.add(click(id, nowMs));
            } else if (fate >= 0.08) {
                ring.onOutcome(click(id, nowMs), 1);
                if (random.nextInt(10) == 0) {
                    assertEquals(OutcomeStatus.DUPLICATE, ring.onOutcome(click(id, nowMs), 1));
                }
            }
        }
        ring.onTime(decisions);
        for (int i = held.size() - 1; i >= 0; i--) {
            OutcomeStatus status = ring.onOutcome(held.get(i), 1);
            assertTrue(status == OutcomeStatus.LATE || status == OutcomeStatus.UNKNOWN, "status=" + status);
        }
        assertEquals(decisions, ring.joiner().decisionCount());
        assertEquals(
                decisions,
                ring.joiner().joinedCount()
                        + ring.joiner().defaultedCount()
                        + ring.joiner().lateCount());
        assertTrue(ring.joiner().lateCount() > 1_000 && ring.joiner().defaultedCount() > 1_000, "vacuous");
    }

    @Test
    void shouldLearnTheBetterActionAndReplayBitForBit() {
        PolicyTable first = policies();
        PolicyTable second = policies();
        RewardRing ring = ring(first);
        RewardRing replay = ring(second);
        for (RewardRing each : List.of(ring, replay)) {
            SplittableRandom random = new SplittableRandom(9);
            for (int id = 1; id <= 4_000; id++) {
                int action = random.nextInt(3);
                each.onDecision(decision(id, id, action));
                boolean isClicked = random.nextDouble() < (action == 2 ? 0.5 : 0.1);
                each.onOutcome(
                        isClicked ? click(id, id) : new Outcome(id, 0, -1, OutcomeKind.NONE.code(), 0f, id, true), 1);
            }
        }
        assertEquals(2, first.current(AgentKind.RETRIEVAL, 2).best());
        assertTrue(first.current(AgentKind.RETRIEVAL, 2).probability(2) > 0.8);
        for (AgentKind kind : AgentKind.values()) {
            assertEquals(ring.state(kind, 2), replay.state(kind, 2));
            for (int a = 0; a < 3; a++) {
                assertEquals(
                        first.current(kind, 2).probability(a),
                        second.current(kind, 2).probability(a),
                        0f);
            }
        }
        assertTrue(ring.budget().used() <= ring.budget().limit());
    }

    @Test
    void shouldLowerAlphaWhenTheAudienceChangesAndRaiseItWhenItSettles() {
        VolatilityAlpha alpha = new VolatilityAlpha(0.2, 0.8);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 10_000; i++) {
            alpha.record(random.nextInt(20));
        }
        assertTrue(alpha.alpha() > 0.6, "stable and diverse: alpha=" + alpha.alpha());
        int ticks = 0;
        while (alpha.alpha() >= 0.3 && ticks < 5) {
            for (int i = 0; i < VolatilityAlpha.EVENTS_PER_TICK; i++) {
                alpha.record(40 + random.nextInt(5));
            }
            ticks++;
        }
        assertTrue(alpha.alpha() < 0.3, "after " + ticks + " ticks: alpha=" + alpha.alpha());
        for (int i = 0; i < 20_000; i++) {
            alpha.record(40 + random.nextInt(5));
        }
        assertTrue(alpha.alpha() > 0.6, "settled: alpha=" + alpha.alpha());
    }

    @Test
    void shouldLowerAlphaTheMoreTheMoreTheAudienceChanges() {
        double before = 1;
        for (double moved : new double[] {0, 0.25, 0.5, 1}) {
            VolatilityAlpha alpha = new VolatilityAlpha(0.2, 0.8);
            SplittableRandom random = new SplittableRandom(4);
            for (int i = 0; i < 10_000; i++) {
                alpha.record(random.nextInt(20));
            }
            double lowest = alpha.alpha();
            for (int i = 0; i < 5 * VolatilityAlpha.EVENTS_PER_TICK; i++) {
                alpha.record(random.nextDouble() < moved ? 40 + random.nextInt(5) : random.nextInt(20));
                lowest = Math.min(lowest, alpha.alpha());
            }
            assertTrue(lowest <= before, "moved=" + moved + ", lowest=" + lowest + ", before=" + before);
            before = lowest;
        }
        assertTrue(before < 0.3, "everybody moved: lowest=" + before);
    }

    @Test
    void shouldSealEveryRow() {
        ExperienceRow row = new ExperienceRow();
        row.fill(1, 2, 3, 4, 0.5f, 1f, 0.25f, 0.1f, 1, 2, 3, false, false, 0.3, 0.1);
        UnsafeBuffer copy = new UnsafeBuffer(new byte[ExperienceRow.LENGTH]);
        copy.putBytes(0, row.buffer(), 0, ExperienceRow.LENGTH);
        assertTrue(new ExperienceRow().read(copy, 0));
        assertEquals(0.25 * 0.5 + 0.75, row.totalReward(), 0);
        for (int bit = 0; bit < ExperienceRow.LENGTH * 8; bit++) {
            copy.putByte(bit / 8, (byte) (copy.getByte(bit / 8) ^ 1 << bit % 8));
            assertTrue(!new ExperienceRow().read(copy, 0), "a flipped bit went unseen: bit=" + bit);
            copy.putByte(bit / 8, (byte) (copy.getByte(bit / 8) ^ 1 << bit % 8));
        }
    }
}
