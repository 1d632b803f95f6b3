package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeKind;

/** An action that pays while it is played rarely, and less than the static one when it is relied on: whoever runs after it loses. */
class LossLedgerTest {
    private static final double LOSS_MAX = 0.001;
    private static final double FLOOR = 0.02;
    private static final int SEGMENT = 3;
    private static final int REQUESTS = 60_000;
    private static final double RARE = 0.3;

    private final Decisions decisions = new Decisions();

    /** What came of it. */
    private record Course(RewardRing ring, PolicyBlock last, int held) {}

    private Course play(double lossMax) {
        return play(lossMax, REQUESTS);
    }

    /** @param worthlessFrom request from which the static action pays next to nothing, and the other one always. */
    private Course play(double lossMax, int worthlessFrom) {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = new DecisionSpace(List.of("static", "tempting"), 0);
        }
        PolicyTable policies = new PolicyTable(spaces, FLOOR);
        RewardRing ring = new RewardRing(
                new RewardConfig(true, 1_000, 1 << 10, FLOOR, 0.1, 50, 10, 0, 0, 0.8, true).with(lossMax, Map.of()),
                policies,
                row -> {});
        SplittableRandom random = new SplittableRandom(3);
        int held = 0;
        for (int id = 1; id <= REQUESTS; id++) {
            PolicyBlock block = policies.current(AgentKind.TRAFFIC, SEGMENT);
            int action = block.draw(random.nextDouble(), 1f);
            ring.onDecision(decisions.made(id, id % 100, AgentKind.TRAFFIC, SEGMENT, action, block, Float.NaN));
            double tempting = block.probability(1) < RARE ? 0.9 : 0.1;
            double mean = id > worthlessFrom ? (action == 0 ? 0.02 : 0.5) : action == 0 ? 0.5 : tempting;
            boolean isClicked = random.nextDouble() < mean;
            ring.onOutcome(
                    new Outcome(
                            id,
                            isClicked ? 100 : 0,
                            isClicked ? 0 : -1,
                            (isClicked ? OutcomeKind.CLICK : OutcomeKind.NONE).code(),
                            isClicked ? 1f : 0f,
                            id,
                            true),
                    1);
            boolean isStill = policies.current(AgentKind.TRAFFIC, SEGMENT).probability(1) <= FLOOR;
            held += ring.budget().isSpent(AgentKind.TRAFFIC) && isStill ? 1 : 0;
        }
        return new Course(ring, policies.current(AgentKind.TRAFFIC, SEGMENT), held);
    }

    @Test
    void shouldStopPayingForExploringAtItsBound() {
        Course free = play(1);
        Course bound = play(LOSS_MAX);
        double freeShare = free.ring().budget().mostLossShare(AgentKind.TRAFFIC);
        double share = bound.ring().budget().mostLossShare(AgentKind.TRAFFIC);
        assertTrue(freeShare > 2 * LOSS_MAX, "vacuous: unbounded it costs " + freeShare);
        // The advance of 2,000 is a fifteenth of what is earned here.
        assertTrue(share < 1.1 * LOSS_MAX, "share=" + share);
        assertTrue(bound.held() > 1_000, "vacuous: held for " + bound.held());
    }

    @Test
    void shouldLetAnAgentLeaveAStaticActionThatHasBecomeWorthlessWhateverItOwes() {
        Course course = play(LOSS_MAX, REQUESTS - 10_000);
        assertTrue(course.held() > 1_000, "vacuous: held for " + course.held());
        assertTrue(course.last().probability(1) > 0.9, "p=" + course.last().probability(1));
    }

    @Test
    void shouldSayWhenAnAgentIsHeldAndWhenItMayGoOn() {
        List<Incident> incidents = play(LOSS_MAX).ring().incidents().stream()
                .filter(incident -> incident.signal().equals("LOSS"))
                .toList();
        assertFalse(incidents.isEmpty());
        assertTrue(incidents.getFirst().isRaised());
        for (int i = 0; i < incidents.size(); i++) {
            assertEquals(i % 2 == 0, incidents.get(i).isRaised(), "held and let go in turn");
            assertEquals("traffic", incidents.get(i).who());
            assertEquals(LOSS_MAX, incidents.get(i).threshold());
        }
    }
}
