package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.Segment;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.reward.evolution.Promotion;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeKind;
import rondo.reward.monitor.Signal;

/**
 * What alarms do to the blocks that are published while they stand, and after. Method: a ring is fed with requests of agents that draw from its own blocks,
 * in a world that makes the real monitors alarm; every block is held against the bound of its epoch.
 */
class ResponsesTest {
    private static final int SEGMENT = 2;
    private static final int OTHER_SEGMENT = 5;
    private static final int EPOCH_REQUESTS = 1_000;
    private static final int REFRESH = 10;
    private static final double DEVIATION_MAX = 0.1;

    /** Rounding of a block's floats. */
    private static final double HAIR = 1e-6;

    /** Agents that draw from the blocks in force, users that click, and what the ring made of it. */
    private static final class Loop {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[1024]);
        final DecisionRecord record = new DecisionRecord();
        final SplittableRandom random = new SplittableRandom(7);
        final List<byte[]> records = new ArrayList<>();
        final List<Outcome> outcomes = new ArrayList<>();
        final List<Promotion> promotions = new ArrayList<>();
        final List<PolicyBlock> published = new ArrayList<>();
        final int[] actions = new int[AgentKind.COUNT];
        final float[] alphas = new float[AgentKind.COUNT];
        final PolicyTable policies;
        final RewardRing ring;
        final AgentKind[] agents;
        ToDoubleFunction<int[]> click = drawn -> 0.3;
        ToDoubleFunction<int[]> distance = drawn -> 0.6;
        BooleanSupplier isTogether = () -> false;

        Loop(double floor, boolean isLearning, AgentKind... agents) {
            DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
            for (AgentKind kind : AgentKind.values()) {
                spaces[kind.code()] = new DecisionSpace(
                        kind == AgentKind.FILTER ? List.of("off", "light", "medium", "strong") : List.of("a", "b", "c"),
                        0);
            }
            this.policies = new PolicyTable(spaces, floor, published::add);
            this.ring = new RewardRing(
                    new RewardConfig(
                            isLearning, 1_000, 1 << 10, floor, DEVIATION_MAX, 50, REFRESH, 0.2, 0.8, 0.8, true),
                    policies,
                    this::onRow);
            this.agents = agents;
            for (AgentKind kind : agents) {
                promote(kind, true);
            }
        }

        private void onRow(ExperienceRow row) {
            alphas[row.agent()] = row.alpha();
        }

        void promote(AgentKind kind, boolean isPromoted) {
            Promotion promotion = new Promotion(0, kind, isPromoted, 1, "", "test");
            promotions.add(promotion);
            ring.onPromotion(promotion);
        }

        PolicyBlock block(AgentKind kind) {
            return policies.current(kind, SEGMENT);
        }

        void request(int segment) {
            int id = records.size() + 1;
            double shared = random.nextDouble();
            boolean areTogether = isTogether.getAsBoolean();
            record.wrap(bytes, 0)
                    .requestId(id)
                    .userId(id % 100)
                    .decidedAtMs(id)
                    .decisionId(id)
                    .catalogVersion(1)
                    .slateHash(id)
                    .segment(segment)
                    .agentCount(agents.length)
                    .flags(0)
                    .slateCount(2);
            for (int i = 0; i < agents.length; i++) {
                PolicyBlock block = policies.current(agents[i], segment);
                int action = block.draw(areTogether ? shared : random.nextDouble(), 1f);
                actions[agents[i].code()] = action;
                record.agent(
                        i,
                        agents[i].code(),
                        action,
                        block.propensity(action, 1f),
                        block.version(),
                        block.checksum(),
                        0.5f);
            }
            record.distance((float) distance.applyAsDouble(actions));
            record.slate(0, 100, 0, 0, 0);
            record.slate(1, 101, 1, 1, 0);
            boolean isClicked = random.nextDouble() < click.applyAsDouble(actions);
            Outcome outcome = isClicked
                    ? new Outcome(id, 101, 1, OutcomeKind.CLICK.code(), 1f, id, true)
                    : new Outcome(id, 0, -1, OutcomeKind.NONE.code(), 0f, id, true);
            byte[] copy = new byte[record.length()];
            bytes.getBytes(0, copy);
            records.add(copy);
            outcomes.add(outcome);
            ring.onDecision(record);
            ring.onOutcome(outcome, 1);
        }

        /** Requests until an alarm of the signal stands, or none does any more; fails after twenty epochs. */
        void requestUntil(Signal signal, boolean isRaised) {
            for (int i = 0; i < 20 * EPOCH_REQUESTS; i++) {
                request(SEGMENT);
                if (ring.raised(signal) > 0 == isRaised) {
                    return;
                }
            }
            throw new AssertionError(signal + " never came to isRaised=" + isRaised + ": " + ring.incidents());
        }

        void requests(int count) {
            for (int i = 0; i < count; i++) {
                request(SEGMENT);
            }
        }

        long countIncidents(String signal, boolean isRaised) {
            return ring.incidents().stream()
                    .filter(one -> one.signal().equals(signal) && one.isRaised() == isRaised)
                    .count();
        }

        /** The same records through another ring. Promotions are given first, so only loops that promote at the start can be replayed. */
        Loop replay(double floor) {
            Loop again = new Loop(floor, true, agents);
            for (int i = 0; i < records.size(); i++) {
                again.record.wrap(new UnsafeBuffer(records.get(i)), 0);
                again.ring.onDecision(again.record);
                again.ring.onOutcome(outcomes.get(i), 1);
            }
            return again;
        }
    }

    private static double least(PolicyBlock block) {
        double least = 1;
        for (int a = 0; a < block.actionCount(); a++) {
            least = Math.min(least, block.probability(a));
        }
        return least;
    }

    private static double variation(PolicyBlock one, PolicyBlock other) {
        double sum = 0;
        for (int a = 0; a < one.actionCount(); a++) {
            sum += Math.abs((double) one.probability(a) - other.probability(a)) / 2;
        }
        return sum;
    }

    private static void assertStatic(PolicyBlock block, double floor) {
        assertEquals(1 - floor + floor / block.actionCount(), block.probability(0), HAIR, "static, and the floor");
    }

    private static void assertSameBlocks(Loop loop, Loop again) {
        assertEquals(loop.published.size(), again.published.size());
        for (int i = 0; i < loop.published.size(); i++) {
            PolicyBlock one = loop.published.get(i);
            PolicyBlock other = again.published.get(i);
            assertEquals(one.kind(), other.kind());
            assertEquals(one.segment(), other.segment());
            assertEquals(one.version(), other.version());
            assertEquals(one.floor(), other.floor(), 0);
            for (int a = 0; a < one.actionCount(); a++) {
                assertEquals(one.probability(a), other.probability(a), 0f, "block=" + i + ", action=" + a);
            }
        }
        for (AgentKind kind : AgentKind.values()) {
            for (int segment = 0; segment < Segment.COUNT; segment++) {
                assertEquals(loop.ring.state(kind, segment), again.ring.state(kind, segment));
            }
        }
        assertEquals(loop.ring.incidents(), again.ring.incidents());
    }

    /** The static action is clearly best, so the policy closes on it; with so low a floor hardly anything else is drawn then. */
    private static Loop closing(double floor) {
        Loop loop = new Loop(floor, true, AgentKind.RANKING);
        loop.click = drawn -> drawn[AgentKind.RANKING.code()] == 0 ? 0.5 : 0.05;
        for (int i = 0; i < 30; i++) {
            loop.request(OTHER_SEGMENT);
        }
        return loop;
    }

    @Test
    void shouldRaiseTheFloorOfASegmentThatHardlyExploresAndOfNoOther() {
        double floor = 0.005;
        Loop loop = closing(floor);
        loop.requestUntil(Signal.ENTROPY, true);
        assertEquals(0, loop.ring.raised(Signal.FROZEN), "vacuous");
        PolicyBlock first = loop.block(AgentKind.RANKING);
        assertEquals(first, loop.published.getLast());
        PolicyBlock before = loop.published.get(loop.published.size() - 2);
        assertTrue(least(before) < 2 * floor / 3, "before: " + least(before));
        assertEquals(Responses.RAISED_FLOOR, first.floor(), 0);
        assertTrue(least(first) >= Responses.RAISED_FLOOR / 3 - HAIR, "at once: " + least(first));
        assertTrue(variation(before, first) < DEVIATION_MAX, "TV=" + variation(before, first));
        assertEquals(
                floor, loop.policies.current(AgentKind.RANKING, OTHER_SEGMENT).floor(), 0);

        int from = loop.published.size();
        loop.requestUntil(Signal.ENTROPY, false);
        List<PolicyBlock> raised = loop.published.subList(from, loop.published.size() - 1);
        assertTrue(raised.size() > 200, "blocks=" + raised.size());
        for (PolicyBlock block : raised) {
            assertTrue(least(block) >= Responses.RAISED_FLOOR / 3 - HAIR, "while it stands: " + least(block));
        }
        PolicyBlock back = loop.block(AgentKind.RANKING);
        assertEquals(floor, back.floor(), 0);
        assertTrue(least(back) < 2 * floor / 3, "back at once: " + least(back));
        assertTrue(loop.ring.budget().used() <= DEVIATION_MAX);
    }

    @Test
    void shouldNotBlameThePolicyForTheRaisedFloor() {
        Loop loop = closing(0.005);
        loop.requestUntil(Signal.ENTROPY, true);
        loop.requestUntil(Signal.ENTROPY, false);
        assertEquals(
                0,
                loop.countIncidents("HARM", true),
                () -> loop.ring.incidents().toString());
    }

    @Test
    void shouldRaiseTheFloorOfAFrozenAgentInAllItsSegmentsAndInNewOnesAtTheirFirstOutcome() {
        double floor = 0.002;
        Loop loop = closing(floor);
        loop.requestUntil(Signal.FROZEN, true);
        int fresh = OTHER_SEGMENT + 1;
        // Exploration may count as halted as well, but only where nearly all requests are.
        assertTrue(
                loop.ring.standing().stream()
                        .allMatch(alarm -> alarm.signal() == Signal.FROZEN || alarm.second() == SEGMENT),
                "vacuous: " + loop.ring.standing());
        assertEquals(Responses.RAISED_FLOOR, loop.block(AgentKind.RANKING).floor(), 0);
        assertEquals(
                Responses.RAISED_FLOOR,
                loop.policies.current(AgentKind.RANKING, OTHER_SEGMENT).floor(),
                0);
        assertEquals(floor, loop.policies.current(AgentKind.RANKING, fresh).floor(), 0);
        loop.request(fresh);
        assertEquals(1, loop.policies.current(AgentKind.RANKING, fresh).version());
        assertEquals(
                Responses.RAISED_FLOOR,
                loop.policies.current(AgentKind.RANKING, fresh).floor(),
                0);
        assertEquals(0, loop.policies.current(AgentKind.MODEL, SEGMENT).version(), "another agent");

        loop.requestUntil(Signal.FROZEN, false);
        for (int segment : new int[] {OTHER_SEGMENT, fresh}) {
            assertEquals(
                    floor, loop.policies.current(AgentKind.RANKING, segment).floor(), 0);
        }
        assertTrue(loop.ring.budget().used() <= DEVIATION_MAX);
    }

    @Test
    void shouldLeaveAKindAloneThatIsNoAgentAnyMore() {
        Loop loop = closing(0.005);
        loop.requestUntil(Signal.ENTROPY, true);
        assertEquals(Responses.RAISED_FLOOR, loop.block(AgentKind.RANKING).floor(), 0);
        loop.promote(AgentKind.RANKING, false);
        assertEquals(0.005, loop.block(AgentKind.RANKING).floor(), 0);
        loop.promote(AgentKind.RANKING, true);
        assertEquals(Responses.RAISED_FLOOR, loop.block(AgentKind.RANKING).floor(), 0, "the alarm still stands");
    }

    /** Retrieval finds a better action than its static one, ranking has none; then they begin to draw together, until they are caught. */
    private static Loop pair(double floor) {
        Loop loop = new Loop(floor, true, AgentKind.RETRIEVAL, AgentKind.RANKING);
        loop.click = drawn -> (drawn[AgentKind.RETRIEVAL.code()] == 1 ? 0.5 : 0.2)
                - (drawn[AgentKind.RANKING.code()] == 0 ? 0 : 0.15);
        loop.isTogether = () -> loop.ring.raised(Signal.COLLUSION) == 0 && loop.records.size() > EPOCH_REQUESTS / 2;
        return loop;
    }

    @Test
    void shouldFreezeTheOneThatMovedFartherAndLetTheOtherLearnFromTheGlobalRewardAlone() {
        double floor = 0.02;
        Loop loop = pair(floor);
        loop.requestUntil(Signal.COLLUSION, true);
        List<PolicyBlock> published = loop.published;
        PolicyBlock frozen = loop.block(AgentKind.RETRIEVAL);
        PolicyBlock moved = published.reversed().stream()
                .filter(block -> block.kind() == AgentKind.RETRIEVAL && block != frozen)
                .findFirst()
                .orElseThrow();
        PolicyBlock other = loop.block(AgentKind.RANKING);
        assertTrue(moved.probability(0) < other.probability(0), "retrieval had moved farther");
        assertEquals(moved.version() + 1, frozen.version());
        assertStatic(frozen, floor);
        assertEquals(0, loop.ring.alpha(AgentKind.RANKING), 0);
        assertTrue(loop.ring.alpha(AgentKind.RETRIEVAL) > 0);
        assertEquals(1, loop.countIncidents("SEPARATION", true));
        assertFalse(loop.ring.isDistrusted(), "separation is tried first");

        while (loop.ring.raised(Signal.COLLUSION) > 0) {
            loop.request(SEGMENT);
            assertEquals(frozen, loop.block(AgentKind.RETRIEVAL), "it stands still");
            assertEquals(0, loop.alphas[AgentKind.RANKING.code()], 0, "what it learnt from");
            assertFalse(loop.ring.isDistrusted());
        }
        assertTrue(loop.ring.raised(Signal.ENTROPY) > 0, "it is closed on the worse action, and that is not its doing");
        assertTrue(loop.block(AgentKind.RANKING).version() > other.version() + 100, "the other learns");
        assertEquals(1, loop.countIncidents("SEPARATION", false));
        assertTrue(loop.ring.alpha(AgentKind.RANKING) > 0);
        loop.isTogether = () -> false;
        loop.requests(RewardRing.COOLDOWN_OUTCOMES - 1);
        assertEquals(frozen, loop.block(AgentKind.RETRIEVAL), "and for the cooldown after");
        loop.requests(1);
        PolicyBlock freed = loop.block(AgentKind.RETRIEVAL);
        assertEquals(frozen.version() + 1, freed.version());
        assertEquals(Responses.RAISED_FLOOR, freed.floor(), 0, "what was found of it meanwhile is in force now");
        loop.requests(EPOCH_REQUESTS / 2);
        assertTrue(loop.block(AgentKind.RETRIEVAL).probability(1) > 0.5, "it learns again");
    }

    @Test
    void shouldFreezeTheLaterInThePipelineOfTwoThatNeverMoved() {
        Loop loop = new Loop(0.5, false, AgentKind.RANKING, AgentKind.RETRIEVAL);
        loop.isTogether = () -> true;
        loop.requestUntil(Signal.COLLUSION, true);
        assertEquals(List.of(), loop.published, "nothing learns");
        assertEquals(
                List.of("ranking and retrieval"),
                loop.ring.incidents().stream()
                        .filter(one -> one.signal().equals("SEPARATION"))
                        .map(Incident::who)
                        .toList());
        assertEquals(0, loop.ring.alpha(AgentKind.RETRIEVAL), 0);
    }

    @Test
    void shouldDistrustTheAgentsWhenSeparationDoesNotPartThem() {
        Loop loop = pair(0.1);
        loop.isTogether = () -> true;
        loop.requestUntil(Signal.COLLUSION, true);
        for (int i = 0; i < Responses.SEPARATION_DECISIONS; i++) {
            assertFalse(loop.ring.isDistrusted(), "decisions since=" + i);
            loop.request(SEGMENT);
        }
        loop.request(SEGMENT);
        assertEquals(1, loop.ring.raised(Signal.COLLUSION));
        assertTrue(loop.ring.isDistrusted());
        assertEquals(1, loop.countIncidents("SEPARATION", true), "it was tried once");

        loop.promote(AgentKind.RANKING, false);
        assertFalse(loop.ring.isDistrusted(), "one that is no agent any more does nothing together");
        assertEquals(1, loop.countIncidents("SEPARATION", false));
        loop.promote(AgentKind.RANKING, true);
        assertFalse(loop.ring.isDistrusted(), "a new separation has its time");
        assertEquals(2, loop.countIncidents("SEPARATION", true));
    }

    @Test
    void shouldTrustTheAgentsAgainWhenTheyPartAfterAll() {
        Loop loop = pair(0.1);
        loop.isTogether = () -> true;
        loop.requestUntil(Signal.COLLUSION, true);
        loop.requests(Responses.SEPARATION_DECISIONS + 1);
        assertTrue(loop.ring.isDistrusted());
        loop.isTogether = () -> false;
        loop.requestUntil(Signal.COLLUSION, false);
        assertFalse(loop.ring.isDistrusted());
    }

    @Test
    void shouldDistrustTheAgentsAtOnceWhenTwoPairsCollude() {
        Loop loop = new Loop(0.02, true, AgentKind.RETRIEVAL, AgentKind.RANKING, AgentKind.MODEL);
        loop.isTogether = () -> true;
        loop.requestUntil(Signal.COLLUSION, true);
        assertTrue(loop.ring.raised(Signal.COLLUSION) >= 2, "vacuous");
        assertTrue(loop.ring.isDistrusted());
    }

    /** Users click more on slates that are alike. */
    private static Loop alike() {
        Loop loop = new Loop(0.02, true, AgentKind.FILTER);
        loop.click = drawn -> drawn[AgentKind.FILTER.code()] == 0 ? 0.5 : 0.25;
        loop.distance = drawn -> new double[] {0.1, 0.15, 0.5, 0.6}[drawn[AgentKind.FILTER.code()]];
        return loop;
    }

    @Test
    void shouldPlayOnlyStrongDiversificationWhileSlatesAreAlike() {
        Loop loop = alike();
        loop.requestUntil(Signal.DIVERSITY, true);
        PolicyBlock first = loop.block(AgentKind.FILTER);
        assertEquals(first, loop.published.getLast());
        PolicyBlock before = loop.published.get(loop.published.size() - 2);
        assertTrue(
                weak(first) < weak(before) - 0.05, "at once, within the bound: " + weak(before) + " to " + weak(first));
        double weakest = 1;
        while (loop.ring.raised(Signal.DIVERSITY) > 0) {
            weakest = Math.min(weakest, weak(loop.block(AgentKind.FILTER)));
            before = loop.block(AgentKind.FILTER);
            loop.request(SEGMENT);
        }
        assertEquals(0.02 / 2, weakest, HAIR, "nothing but the floor, which stays");
        assertEquals(weakest, weak(before), HAIR);
        assertEquals(0, loop.countIncidents("HARM", true), "its learner did not choose that");
        assertTrue(weak(loop.block(AgentKind.FILTER)) > 0.09, "free again at once");
        // Soon slates will be alike again, and the alarm back.
        loop.requests(EPOCH_REQUESTS / 4);
        assertTrue(loop.block(AgentKind.FILTER).probability(0) > 0.5, "back at what users click");
        assertTrue(loop.ring.budget().used() <= DEVIATION_MAX);
    }

    private static double weak(PolicyBlock block) {
        return (double) block.probability(0) + block.probability(1);
    }

    @Test
    void shouldSayThatNothingIsDoneWhenTheFilterIsNoAgent() {
        Loop loop = new Loop(0.02, true, AgentKind.RANKING);
        loop.distance = drawn -> 0.1;
        loop.requestUntil(Signal.DIVERSITY, true);
        assertTrue(loop.ring.incidents().getFirst().cause().endsWith("the filter is no agent"));
        assertEquals(0, loop.block(AgentKind.FILTER).version());
        loop.promote(AgentKind.FILTER, true);
        loop.promote(AgentKind.FILTER, false);
        assertEquals(0, loop.block(AgentKind.FILTER).version(), "nothing was learnt, so there is nothing to steer");
    }

    @Test
    void shouldMakeTheSameBlocksOfTheSameRecords() {
        Loop floors = closing(0.005);
        floors.requestUntil(Signal.ENTROPY, true);
        floors.requestUntil(Signal.ENTROPY, false);
        assertSameBlocks(floors, floors.replay(0.005));
        Loop pairs = pair(0.1);
        pairs.requestUntil(Signal.COLLUSION, true);
        pairs.requestUntil(Signal.COLLUSION, false);
        pairs.requests(EPOCH_REQUESTS);
        assertSameBlocks(pairs, pairs.replay(0.1));
        Loop slates = alike();
        slates.requestUntil(Signal.DIVERSITY, true);
        slates.requestUntil(Signal.DIVERSITY, false);
        assertSameBlocks(slates, slates.replay(0.02));
    }
}
