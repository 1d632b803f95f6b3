package rondo.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import rondo.tools.demo.DemoVerb;

/** After the shift the loop regains at least half of what it lost and the static arm does not, whatever the seed. */
class DemoTest {
    private static final int SEEDS = 10;

    private static JsonNode demo(long seed) throws IOException {
        VerbRun run = VerbRun.of(new DemoVerb(), "--requests", 24_000, "--items", 2_000, "--seed", seed);
        assertEquals(0, run.exitCode(), run.said());
        return run.json();
    }

    @Test
    void shouldRegainHalfOfTheDropWhateverTheSeed() throws IOException {
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
