package rondo.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import rondo.tools.demo.DemoVerb;

/** After the shift the loop regains at least half of what it lost and the static arm does not, whatever the seed. */
class DemoTest {
    private static final int SEEDS = 10;

    private static JsonNode demo(long seed) throws Exception {
        PrintStream stdout = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            int exitCode = new CommandLine(new DemoVerb())
                    .execute("--json", "--requests", "24000", "--items", "2000", "--seed", Long.toString(seed));
            assertEquals(0, exitCode);
        } finally {
            System.setOut(stdout);
        }
        return new ObjectMapper().readTree(captured.toString(StandardCharsets.UTF_8));
    }

    @Test
    void shouldRegainHalfOfTheDropWhateverTheSeed() throws Exception {
        for (long seed = 1; seed <= SEEDS; seed++) {
            JsonNode json = demo(seed);
            String what = "seed=" + seed + ", reward=" + json.path("reward") + ", recovered=" + json.path("recovered");
            assertEquals(24_000, json.path("requests").asInt(), what);
            assertEquals(0, json.path("lost").asInt(), what);
            assertTrue(json.path("recovered").asDouble() >= 0.5, what);
            assertTrue(json.path("recoveredStatic").asDouble() < 0.5, what);
            assertTrue(
                    json.at("/explorationBudget/used").asDouble()
                            <= json.at("/explorationBudget/limit").asDouble(),
                    what);
        }
    }
}
