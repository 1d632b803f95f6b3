package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.Segment;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeKind;
import rondo.reward.join.OutcomeStatus;

/**
 * What cannot be, and what comes too late, twice or from elsewhere, has a status, is counted, and moves no belief. Method: a ring that has learnt
 * something gets one bad thing after the other, and the states of all its learners are compared byte by byte. The ledger counts statuses; see
 * {@code BadOutcomeDoorTest} for that and for what never reaches the ring.
 */
class BadOutcomeTest {
    private static final int WINDOW_MS = 1_000;
    private static final int REMEMBERED_MAX = 1 << 10;
    private static final int SEGMENT = 2;
    private static final int CLICK = OutcomeKind.CLICK.code();
    private static final int VIEW = OutcomeKind.VIEW.code();

    private final DecisionRecord record = new DecisionRecord();
    private final PolicyTable policies = policies();
    private final RewardRing ring = new RewardRing(
            new RewardConfig(true, WINDOW_MS, REMEMBERED_MAX, 0.02, 0.1, 50, 10, 0.2, 0.8, 0.8, true),
            policies,
            row -> {});
    private long nextId;
    private long nowMs = 1;

    private static PolicyTable policies() {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = new DecisionSpace(List.of("a", "b", "c"), 0);
        }
        return new PolicyTable(spaces, 0.02);
    }

    /** A decision of all kinds with two items, 100 and 101. */
    private DecisionRecord decision(int segment, int action) {
        nextId++;
        record.wrap(new UnsafeBuffer(new byte[1024]), 0)
                .requestId(nextId)
                .userId(1)
                .decidedAtMs(nowMs)
                .decisionId(nextId)
                .catalogVersion(1)
                .segment(segment)
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

    private long decide() {
        ring.onDecision(decision(SEGMENT, (int) (nextId % 3)));
        return nextId;
    }

    private OutcomeStatus report(long id, long itemId, int position, int kind, double value, boolean closes) {
        return ring.onOutcome(new Outcome(id, itemId, position, kind, (float) value, nowMs, closes), 1);
    }

    private OutcomeStatus click(long id) {
        return report(id, 101, 1, CLICK, 1, true);
    }

    @BeforeEach
    void learnSomething() {
        for (int i = 0; i < 60; i++) {
            assertEquals(OutcomeStatus.ACCEPTED, click(decide()));
        }
        assertNotNull(ring.state(AgentKind.RANKING, SEGMENT));
    }

    private List<@Nullable ByteBuffer> states() {
        List<@Nullable ByteBuffer> states = new ArrayList<>();
        for (AgentKind kind : AgentKind.values()) {
            for (int segment = 0; segment < Segment.COUNT; segment++) {
                states.add(ring.state(kind, segment));
            }
        }
        return states;
    }

    private void assertMovesNothing(Runnable badThings) {
        List<@Nullable ByteBuffer> before = states();
        badThings.run();
        assertEquals(before, states());
    }

    @Test
    void shouldCallInvalidWhatCannotBe() {
        long id = decide();
        assertMovesNothing(() -> {
            for (double value : new double[] {
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                -Float.MIN_VALUE,
                1.0001,
                Float.MAX_VALUE
            }) {
                assertEquals(OutcomeStatus.INVALID, report(id, 101, 1, CLICK, value, true), "value=" + value);
            }
            for (int kind : new int[] {-1, OutcomeKind.values().length, 255}) {
                assertEquals(OutcomeStatus.INVALID, report(id, 101, 1, kind, 1, true), "kind=" + kind);
            }
            for (int position : new int[] {-2, 2, Integer.MAX_VALUE}) {
                assertEquals(OutcomeStatus.INVALID, report(id, 101, position, CLICK, 1, true), "position=" + position);
            }
            assertEquals(OutcomeStatus.INVALID, report(id, 100, 1, CLICK, 1, true), "another item is at that place");
        });
        assertEquals(1, ring.joiner().waitingCount(), "the decision still waits for a sound one");
        assertEquals(OutcomeStatus.ACCEPTED, click(id));
    }

    @Test
    void shouldNotKnowADecisionThatNobodyMade() {
        assertMovesNothing(() -> {
            for (long id : new long[] {0, -1, nextId + 1, Long.MAX_VALUE, Long.MIN_VALUE}) {
                assertEquals(OutcomeStatus.UNKNOWN, click(id), "id=" + id);
            }
        });
    }

    @Test
    void shouldLearnNothingFromTheSameOutcomeAgainOrFromOneThatIsLate() {
        long joined = decide();
        long defaulted = decide();
        assertEquals(OutcomeStatus.ACCEPTED, click(joined));
        nowMs += WINDOW_MS;
        ring.onTime(nowMs);
        assertMovesNothing(() -> {
            assertEquals(OutcomeStatus.DUPLICATE, click(joined));
            assertEquals(OutcomeStatus.LATE, click(defaulted));
            assertEquals(OutcomeStatus.DUPLICATE, click(defaulted));
        });
        assertEquals(1, ring.joiner().lateCount());
        assertEquals(0, ring.joiner().defaultedCount());
    }

    /** What follows the closing outcome of its decision comes too late; in which order the others come does not matter. */
    @Test
    void shouldLearnTheSameFromOutcomesInAnotherOrderAndNothingFromWhatFollowsTheLast() {
        BadOutcomeTest other = new BadOutcomeTest();
        other.learnSomething();
        long id = decide();
        assertEquals(id, other.decide());
        assertEquals(OutcomeStatus.ACCEPTED, report(id, 100, 0, VIEW, 1, false));
        assertEquals(OutcomeStatus.ACCEPTED, report(id, 100, 0, CLICK, 0.5, false));
        assertEquals(OutcomeStatus.ACCEPTED, other.report(id, 100, 0, CLICK, 0.5, false));
        assertEquals(OutcomeStatus.ACCEPTED, other.report(id, 100, 0, VIEW, 1, false));
        for (BadOutcomeTest each : List.of(this, other)) {
            assertEquals(OutcomeStatus.ACCEPTED, each.report(id, 0, -1, OutcomeKind.NONE.code(), 0, true));
        }
        assertEquals(states(), other.states());
        assertMovesNothing(() -> assertEquals(OutcomeStatus.DUPLICATE, click(id)));
    }

    @Test
    void shouldLetTheOthersLearnWhenAnActionWasRetiredInFlight() {
        ring.onDecision(decision(SEGMENT, 1));
        long id = nextId;
        record.agent(AgentKind.RANKING.code(), AgentKind.RANKING.code(), 3, 0.5f, 0, 0, 0.9f);
        // The ring has copied the record; this is the one with the retired action.
        record.decisionId(++nextId);
        ring.onDecision(record);
        assertEquals(OutcomeStatus.ACCEPTED, click(id));
        ByteBuffer ranking = ring.state(AgentKind.RANKING, SEGMENT);
        ByteBuffer filter = ring.state(AgentKind.FILTER, SEGMENT);
        assertEquals(OutcomeStatus.ACCEPTED, click(nextId));
        assertEquals(ranking, ring.state(AgentKind.RANKING, SEGMENT));
        assertEquals(1, ring.strangeCount());
        assertNotEquals(filter, ring.state(AgentKind.FILTER, SEGMENT));
    }

    /** Goal: a second record of a decision leaves nothing behind for a third, which comes when the first is forgotten and names an action that there is not. */
    @Test
    void shouldTakeNothingFromASecondRecordOfADecision() {
        PolicyBlock block = policies.current(AgentKind.RANKING, SEGMENT + 1);
        Decisions decisions = new Decisions();
        long id = 1_000_000;
        ring.onDecision(decisions.made(id, 7, AgentKind.RANKING, SEGMENT + 1, 1, block, 0.3f));
        assertEquals(OutcomeStatus.ACCEPTED, report(id, 100, 0, CLICK, 1, true));
        ring.onDecision(decisions.made(id, 7, AgentKind.RANKING, SEGMENT + 1, 1, block, 0.3f));
        for (int i = 0; i < REMEMBERED_MAX; i++) {
            assertEquals(OutcomeStatus.ACCEPTED, click(decide()));
        }
        assertEquals(OutcomeStatus.UNKNOWN, report(id, 100, 0, CLICK, 1, true), "forgotten");
        DecisionRecord third = decisions.made(id, 7, AgentKind.RANKING, SEGMENT + 1, 1, block, 0.3f);
        third.agent(0, AgentKind.RANKING.code(), 3, 0.5f, block.version(), block.checksum(), 0.3f);
        ring.onDecision(third);
        assertEquals(OutcomeStatus.ACCEPTED, report(id, 100, 0, CLICK, 1, true));
    }

    @Test
    void shouldForgetDecisionsThatWereNotMadeHere() {
        assertMovesNothing(() -> {
            ring.onDecision(decision(Segment.COUNT, 1));
            assertEquals(OutcomeStatus.UNKNOWN, click(nextId), "no such segment");

            DecisionRecord foreign = decision(SEGMENT, 1);
            long published = policies.current(AgentKind.MODEL, SEGMENT).version();
            foreign.agent(0, AgentKind.MODEL.code(), 1, 0.5f, published + 1, 0, 0.9f);
            ring.onDecision(foreign);
            assertEquals(OutcomeStatus.UNKNOWN, click(nextId), "a policy block that nobody published here");

            foreign = decision(SEGMENT, 1);
            foreign.agent(0, AgentKind.COUNT, 1, 0.5f, 0, 0, 0.9f);
            ring.onDecision(foreign);
            assertEquals(OutcomeStatus.UNKNOWN, click(nextId), "no such agent");

            foreign = decision(SEGMENT, 1);
            foreign.agent(0, foreign.agentKind(1), 1, 0.5f, 0, 0, 0.9f);
            ring.onDecision(foreign);
            assertEquals(OutcomeStatus.UNKNOWN, click(nextId), "an agent twice");

            foreign = decision(SEGMENT, 1);
            foreign.agent(0, foreign.agentKind(0), 1, Float.NaN, 0, 0, 0.9f);
            ring.onDecision(foreign);
            assertEquals(OutcomeStatus.UNKNOWN, click(nextId), "a propensity that is no number");

            foreign = decision(SEGMENT, 1);
            foreign.agent(AgentKind.FILTER.code(), AgentKind.FILTER.code(), 1, 0.5f, 0, 0, Float.POSITIVE_INFINITY);
            ring.onDecision(foreign);
            assertEquals(OutcomeStatus.UNKNOWN, click(nextId), "an infinite local context");

            ring.onDecision(decision(SEGMENT, 1).decisionId(Long.MIN_VALUE));
            assertEquals(OutcomeStatus.UNKNOWN, click(Long.MIN_VALUE), "no such id");
        });
        assertEquals(7, ring.strangeCount());
        assertEquals(0, ring.joiner().waitingCount());
    }

    @Test
    void shouldBeginWithTheFirstPolicyInASegmentNeverSeen() {
        int fresh = Segment.COUNT - 1;
        List<@Nullable ByteBuffer> before = states();
        assertNull(ring.state(AgentKind.RANKING, fresh));
        ring.onDecision(decision(fresh, 1));
        assertEquals(OutcomeStatus.ACCEPTED, click(nextId));
        assertNotNull(ring.state(AgentKind.RANKING, fresh));
        assertEquals(0, policies.current(AgentKind.RANKING, fresh).version());
        for (AgentKind kind : AgentKind.values()) {
            assertEquals(before.get(kind.code() * Segment.COUNT + SEGMENT), ring.state(kind, SEGMENT), kind.label());
        }
    }

    @Test
    void shouldCloseNothingWhenTheClockGoesBack() {
        long id = decide();
        assertMovesNothing(() -> {
            nowMs -= 10 * WINDOW_MS;
            ring.onTime(nowMs);
            ring.onTime(Long.MIN_VALUE);
            decide();
            assertEquals(2, ring.joiner().waitingCount());
        });
        assertEquals(OutcomeStatus.ACCEPTED, click(id));
        assertEquals(OutcomeStatus.ACCEPTED, click(nextId));
    }

    @Test
    void shouldRefuseADecisionSpaceWithoutActions() {
        assertThrows(IllegalArgumentException.class, () -> new DecisionSpace(List.of(), 0));
    }
}
