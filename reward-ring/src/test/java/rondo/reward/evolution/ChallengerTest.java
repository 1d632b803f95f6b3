package rondo.reward.evolution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;

class ChallengerTest {
    @Test
    void shouldSayWhoIsChallengedByWhat() {
        assertEquals(Map.of(), Challenger.parse("none"));
        assertEquals(
                Map.of(AgentKind.RANKING, Challenger.SQUARECB, AgentKind.RETRIEVAL, Challenger.LINEAR_THOMPSON),
                Challenger.parse("ranking=squarecb, retrieval=linear-thompson"));
    }

    @Test
    void shouldNameMistakes() {
        assertMessage("", "several with commas");
        assertMessage("ranking", "challenger=ranking");
        assertMessage("ranking=squarecb,", "challenger=");
        assertMessage("ranker=squarecb", "agent=ranker");
        assertMessage("ranking=ucb", "learner=ucb");
        assertMessage("ranking=squarecb,ranking=global-thompson", "agent=ranking");
    }

    private static void assertMessage(String text, String part) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Challenger.parse(text));
        assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
}
