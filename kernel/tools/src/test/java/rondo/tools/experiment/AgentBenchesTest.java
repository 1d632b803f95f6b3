package rondo.tools.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;
import rondo.tools.VerbRun;

class AgentBenchesTest {
    @Test
    void shouldPlayOneBenchForEveryKindAndTheSameAgainForTheSameSeed() throws IOException {
        VerbRun run = VerbRun.of(new ExperimentVerb(), "C", "--scale", "0.1");
        VerbRun again = VerbRun.of(new ExperimentVerb(), "C", "--scale", "0.1");

        assertEquals(run.json().path("tables"), again.json().path("tables"));
        JsonNode rows = run.json().path("tables").path(0).path("rows");
        assertEquals(AgentKind.COUNT, rows.size());
        for (JsonNode row : rows) {
            assertTrue(row.path(5).asDouble() > 0, "gain: " + row);
            assertEquals("yes", row.path(10).asText(), "secondary metric: " + row);
        }
    }
}
