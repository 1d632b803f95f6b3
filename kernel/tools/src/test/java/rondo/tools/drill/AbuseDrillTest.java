package rondo.tools.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AbuseDrillTest {
    /** Goal: whoever asks properly is served, whoever does not is let go, in bounded memory. Method: the drill in small numbers; how fast is for the long one. */
    @Test
    void shouldServeWhoAsksProperly() throws Exception {
        List<AbuseDrill.Size> crowds = new ArrayList<>();
        for (Crowd.Way way : Crowd.Way.values()) {
            crowds.add(new AbuseDrill.Size(way, way == Crowd.Way.IDLE || way == Crowd.Way.SLOW ? 600 : 20));
        }
        List<String> said = new ArrayList<>();
        ObjectNode json = new ObjectMapper().createObjectNode();
        boolean holds = new AbuseDrill(crowds, 1, 1, said::add).run(json);
        assertTrue(holds, () -> said + " " + json);
        assertEquals(crowds.size() + 1, json.path("rows").size());
        assertTrue(json.path("operations").asLong() > 1_000, json.toString());
        for (String way : List.of("noise", "deaf")) {
            assertTrue(json.path("rows").findValuesAsText("name").contains(way));
        }
        json.path("rows").forEach(row -> {
            if (row.path("name").asText().equals("noise")) {
                assertTrue(row.path("dropped").asLong() > 0, row.toString());
            }
        });
    }
}
