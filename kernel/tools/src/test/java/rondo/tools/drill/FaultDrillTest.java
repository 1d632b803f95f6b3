package rondo.tools.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultDrillTest {
    /** Goal: a loop that nobody can end costs a server its agents and nothing else. Method: the drill in short; how fast is for the long one. */
    @Test
    void shouldServeWithoutAgentsThatLoop() throws Exception {
        List<String> said = new ArrayList<>();
        ObjectNode json = new ObjectMapper().createObjectNode();
        boolean holds = new FaultDrill(List.of("rank:loop:1"), 1, said::add).run(json);
        assertTrue(holds, () -> said + " " + json);
        assertEquals(500, json.path("operations").asInt());
        assertTrue(json.path("rows").path(0).path("withoutAgents").asInt() > 250, json.toString());
    }
}
