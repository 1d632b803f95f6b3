package rondo.tools.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.tools.VerbRun;

class ClosureExperimentTest {
    @TempDir
    private Path directory;

    @Test
    void shouldMeetItsTargetsAtASmallScaleAndWriteItsTables() throws IOException {
        VerbRun run = VerbRun.of(new ExperimentVerb(), "E5", "--scale", "0.02", "--out", directory);

        for (JsonNode target : run.json().path("targets")) {
            assertTrue(target.path("met").asBoolean(), target.toString());
        }
        assertEquals(0, run.exitCode(), run.error());
        assertEquals(12, run.json().path("targets").size());
        String table = Files.readString(directory.resolve("E5-closure.csv"));
        assertEquals(1 + 9 + 5, table.lines().count());
    }
}
