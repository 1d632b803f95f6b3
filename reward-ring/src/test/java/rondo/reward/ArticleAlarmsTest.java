package rondo.reward;

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
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.GlobalReward;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeKind;

/** Requirement G7: the source article's monitors beside the hardened ones, which stay the only ones that act. */
class ArticleAlarmsTest {
    private static final int SEGMENT = 2;
    private static final int REQUESTS = 6_000;
    private static final AgentKind[] AGENTS = {AgentKind.RETRIEVAL, AgentKind.RANKING, AgentKind.FILTER};

    private record Played(List<Incident> incidents, List<PolicyBlock> blocks, RewardRing ring) {}

    /** Honest learning of three agents; the second half of the slates are alike, which both kinds of monitors see. */
    private static Played play(boolean isArticleHeard) {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = new DecisionSpace(List.of("off", "light", "medium", "strong"), 0);
        }
        List<PolicyBlock> blocks = new ArrayList<>();
        PolicyTable policies = new PolicyTable(spaces, 0.1, blocks::add);
        RewardRing ring = new RewardRing(
                new RewardConfig(
                        true,
                        1_000,
                        1 << 10,
                        0.1,
                        0.1,
                        50,
                        10,
                        0.2,
                        0.8,
                        0.8,
                        true,
                        GlobalReward.STANDARD,
                        isArticleHeard,
                        1,
                        Map.of()),
                policies,
                row -> {});
        SplittableRandom random = new SplittableRandom(4);
        DecisionRecord record = new DecisionRecord().wrap(new UnsafeBuffer(new byte[1024]), 0);
        for (int id = 1; id <= REQUESTS; id++) {
            record.requestId(id)
                    .userId(id % 100)
                    .decidedAtMs(id)
                    .decisionId(id)
                    .catalogVersion(1)
                    .slateHash(id)
                    .segment(SEGMENT)
                    .agentCount(AGENTS.length)
                    .flags(0)
                    .slateCount(2)
                    .distance(id > REQUESTS / 2 ? 0.1f : 0.6f);
            for (int i = 0; i < AGENTS.length; i++) {
                PolicyBlock block = policies.current(AGENTS[i], SEGMENT);
                int action = block.draw(random.nextDouble(), 1f);
                float propensity = block.propensity(action, 1f);
                record.agent(i, AGENTS[i].code(), action, propensity, block.version(), block.checksum(), 0.5f);
            }
            record.slate(0, 100, 0, 0, 0);
            record.slate(1, 101, 1, 1, 0);
            ring.onDecision(record);
            boolean isClicked = random.nextDouble() < 0.3;
            ring.onOutcome(
                    isClicked
                            ? new Outcome(id, 101, 1, OutcomeKind.CLICK.code(), 1f, id, true)
                            : new Outcome(id, 0, -1, OutcomeKind.NONE.code(), 0f, id, true),
                    1);
        }
        return new Played(ring.incidents(), blocks, ring);
    }

    @Test
    void shouldTellOfTheArticlesAlarmsAndLetNothingFollow() {
        Played without = play(false);
        Played with = play(true);
        assertTrue(without.incidents().stream().noneMatch(each -> each.signal().startsWith("ARTICLE_")));
        List<Incident> article = with.incidents().stream()
                .filter(each -> each.signal().startsWith("ARTICLE_"))
                .toList();
        assertEquals(Watch.ARTICLE_INCIDENTS_MAX, article.size(), "many, and bounded");
        for (Incident incident : article) {
            assertEquals("REPORT", incident.response(), incident.toString());
            assertTrue(incident.cause().startsWith("by the article's formula"), incident.toString());
        }
        assertTrue(article.stream()
                .anyMatch(each ->
                        each.signal().equals("ARTICLE_COLLUSION") && each.who().equals("retrieval and ranking")));

        List<Incident> others = with.incidents().stream()
                .filter(each -> !each.signal().startsWith("ARTICLE_"))
                .toList();
        assertEquals(without.incidents(), others, "the others say what they would have said");
        assertTrue(others.stream().anyMatch(each -> each.signal().equals("DIVERSITY")), "vacuous: " + others);
        assertEquals(without.ring().standing(), with.ring().standing());
        assertEquals(without.blocks().size(), with.blocks().size());
        for (int i = 0; i < with.blocks().size(); i++) {
            assertEquals(
                    without.blocks().get(i).checksum(), with.blocks().get(i).checksum());
        }
    }
}
