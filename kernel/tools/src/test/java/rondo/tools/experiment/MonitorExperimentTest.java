package rondo.tools.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import rondo.tools.VerbRun;

class MonitorExperimentTest {
    @Test
    void shouldMeetItsTargetsAtASmallScaleWhereTheArticlesMonitorsFail() throws IOException {
        VerbRun run = VerbRun.of(new ExperimentVerb(), "E7", "--scale", "0.02");

        for (JsonNode target : run.json().path("targets")) {
            assertTrue(target.path("met").asBoolean(), target.toString());
        }
        assertEquals(0, run.exitCode(), run.error());
        assertEquals(17, run.json().path("targets").size());
        JsonNode healthy = run.json().path("tables").path(0);
        assertEquals("false-alarms", healthy.path("name").asText());
        assertEquals(5, healthy.path("rows").size());
        for (JsonNode row : healthy.path("rows")) {
            assertTrue(row.path(6).asDouble() > 1_000, "the article's correlation alarms on chance: " + row);
        }
    }
}
