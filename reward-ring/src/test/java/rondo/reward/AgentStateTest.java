package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.policy.ChangePointThompson;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;

class AgentStateTest {
    @Test
    void shouldReadAStateOfJustItsLengthOnly() {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = new DecisionSpace(List.of("a", "b"), 0);
        }
        PolicyBlock block = new PolicyTable(spaces, 0.02).current(AgentKind.RANKING, 3);
        ByteBuffer whole = AgentState.encode(block, new ChangePointThompson(2));
        AgentState state = AgentState.decode(whole);
        assertEquals(block.version(), state.policyVersion());
        assertEquals(2, state.actionCount());
        assertEquals(block.probability(1), state.probability(1));
        for (int length = 0; length < whole.limit(); length++) {
            ByteBuffer cut = whole.slice(0, length);
            assertThrows(IllegalArgumentException.class, () -> AgentState.decode(cut), "length=" + length);
        }
    }
}
