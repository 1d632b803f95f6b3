package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.reward.evolution.Challenger;
import rondo.reward.evolution.Contest;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeKind;

/** Experiment E6 in small: retrieval may flood its slates with what is popular, which is clicked more and satisfies less. */
class RewardCouplingTest {
    private static final int FLOOD = 1;
    private static final int SEGMENT = 2;
    private static final int REQUESTS = 6_000;

    private final Decisions decisions = new Decisions();

    /** What a ring came to. */
    private static final class Course {
        final List<ExperienceRow> rows = new ArrayList<>();
        double flood;
        double alpha;
        double schedule;
        Contest.@Nullable Standing contest;
        List<Incident> incidents = List.of();
    }

    private Course play(double alphaMin, double alphaMax) {
        return play(alphaMin, alphaMax, REQUESTS, Map.of());
    }

    private Course play(double alphaMin, double alphaMax, int requests, Map<AgentKind, Challenger> challengers) {
        Course course = new Course();
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = new DecisionSpace(List.of("diverse", "popular"), 0);
        }
        PolicyTable policies = new PolicyTable(spaces, 0.02);
        RewardRing ring = new RewardRing(
                new RewardConfig(true, 1_000, 1 << 10, 0.02, 0.1, 50, 10, alphaMin, alphaMax, 0.8, false)
                        .with(1, challengers),
                policies,
                row -> {
                    UnsafeBuffer copy = new UnsafeBuffer(new byte[ExperienceRow.LENGTH]);
                    copy.putBytes(0, row.buffer(), 0, ExperienceRow.LENGTH);
                    ExperienceRow kept = new ExperienceRow();
                    assertTrue(kept.read(copy, 0));
                    course.rows.add(kept);
                });
        SplittableRandom random = new SplittableRandom(11);
        for (int id = 1; id <= requests; id++) {
            PolicyBlock block = policies.current(AgentKind.RETRIEVAL, SEGMENT);
            int action = block.draw(random.nextDouble(), 1f);
            ring.onDecision(decisions.made(id, id % 100, AgentKind.RETRIEVAL, SEGMENT, action, block, Float.NaN));
            boolean isClicked = random.nextDouble() < (action == FLOOD ? 0.45 : 0.3);
            boolean isSatisfied = isClicked && random.nextDouble() < (action == FLOOD ? 0.05 : 0.4);
            Outcome outcome = isClicked
                    ? new Outcome(id, 100, 0, OutcomeKind.CLICK.code(), isSatisfied ? 1f : 0.001f, id, true)
                    : new Outcome(id, 0, -1, OutcomeKind.NONE.code(), 0f, id, true);
            ring.onOutcome(outcome, random.nextInt(20));
        }
        course.flood = policies.current(AgentKind.RETRIEVAL, SEGMENT).probability(FLOOD);
        course.alpha = ring.alpha(AgentKind.RETRIEVAL);
        course.schedule = ring.alpha();
        course.contest = ring.contest(AgentKind.RETRIEVAL);
        course.incidents = ring.incidents();
        return course;
    }

    @Test
    void shouldFloodWithWhatIsPopularWhenOnlyTheLocalRewardCounts() {
        assertTrue(play(1, 1).flood > 0.9, "α = 1");
        assertTrue(play(0, 0).flood < 0.1, "α = 0: the coupling is in what is learnt, not in what is shown");
    }

    @Test
    void shouldLearnTheSatisfyingActionOnTheScheduleBecauseTheLocalRewardLosesItsWeight() {
        Course course = play(0.2, 0.8);
        assertTrue(course.flood < 0.1, "flood=" + course.flood);
        assertTrue(course.schedule > 0.6, "a stable audience: schedule=" + course.schedule);
        assertTrue(course.alpha < 0.1, "alpha=" + course.alpha);
    }

    @Test
    void shouldBeReplacedByAChallengerThatLearnsFromTheGlobalRewardWhenTheLocalOneMisleads() {
        Course course = play(1, 1, 8 * REQUESTS, Map.of(AgentKind.RETRIEVAL, Challenger.GLOBAL_THOMPSON));
        Contest.Standing contest = Objects.requireNonNull(course.contest);
        assertEquals("global-thompson", contest.champion());
        assertEquals(1, contest.wins());
        assertTrue(course.flood < 0.1, "flood=" + course.flood);
        Incident adopted = course.incidents.getFirst();
        assertEquals("CHALLENGER", adopted.signal());
        assertEquals("ADOPT", adopted.response());
        assertTrue(adopted.value() > adopted.threshold(), "the gain is proven: " + adopted);
    }

    @Test
    void shouldLogTheAlphaThatWasUsedAndUseTheSameOneAgain() {
        Course course = play(0.2, 0.8);
        Course again = play(0.2, 0.8);
        assertEquals(REQUESTS, course.rows.size());
        float lowest = 1;
        for (int i = 0; i < REQUESTS; i++) {
            ExperienceRow row = course.rows.get(i);
            assertEquals(
                    row.alpha() * (double) row.buffer().getFloat(32, ByteOrder.LITTLE_ENDIAN)
                            + (1.0 - row.alpha()) * row.globalReward(),
                    row.totalReward(),
                    0);
            for (int at = 0; at < ExperienceRow.LENGTH; at++) {
                assertEquals(
                        row.buffer().getByte(at), again.rows.get(i).buffer().getByte(at), "row=" + i);
            }
            lowest = Math.min(lowest, row.alpha());
        }
        assertTrue(lowest < 0.1, "vacuous: lowest=" + lowest);
    }
}
