package rondo.tools.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.tools.VerbRun;

/** The experiments at a small scale: what they write, and that a seed fixes it. What they find is for the full scale. */
class ExperimentVerbTest {
    private static final double SCALE = 0.005;
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G'};

    @TempDir
    Path files;

    private VerbRun run(String id, int seed, Path out) throws IOException {
        return VerbRun.of(new ExperimentVerb(), id, "--scale", SCALE, "--seed", seed, "--out", out);
    }

    @Test
    void shouldTellTheShareOfTheOracleForEveryMethodAndInterval() throws IOException {
        VerbRun run = run("E1", 1, files);
        assertTargetsDecideTheExitCode(run);
        assertEquals(20, run.json().path("targets").size());
        JsonNode shifts = run.json().at("/tables/0");
        assertEquals(16, shifts.path("rows").size());
        for (JsonNode row : shifts.path("rows")) {
            assertEquals(shifts.path("columns").size(), row.size());
            for (int i = 1; i < row.size(); i += 2) {
                double share = row.get(i).asDouble();
                assertTrue(share > 20 && share <= 100, "share of oracle=" + share + ", row=" + row);
            }
        }
        assertEquals(8, run.json().at("/tables/1/rows").size());
        assertFiles("E1.md", "E1-shifts.csv", "E1-other-changes.csv");
        assertPictures("E1-share.png", "E1-regret.png");
    }

    @Test
    void shouldTellTheRegretOfEveryMethodAndProblem() throws IOException {
        VerbRun run = run("E2", 1, files);
        assertTargetsDecideTheExitCode(run);
        assertEquals(4, run.json().path("targets").size());
        assertEquals(4 * 9, run.json().at("/tables/0/rows").size());
        for (JsonNode row : run.json().at("/tables/0/rows")) {
            double regret = row.get(3).asDouble();
            assertTrue(regret > 0 && regret < 3_500, "regret=" + regret + ", row=" + row);
        }
        for (JsonNode row : run.json().at("/tables/1/rows")) {
            assertTrue(row.get(2).asDouble() > 0, "ns per step, row=" + row);
            assertTrue(row.get(3).asDouble() < 0.1, "bytes per step, row=" + row);
        }
        assertFiles("E2.md", "E2-regret.csv", "E2-cost.csv");
        assertPictures("E2-regret.png");
    }

    @Test
    void shouldWriteTheSameFiguresForTheSameSeed() throws IOException {
        for (String table : new String[] {"E1-shifts.csv", "E1-other-changes.csv", "E2-regret.csv"}) {
            String id = table.substring(0, 2);
            for (int i = 0; i < 3; i++) {
                Path out = files.resolve("run" + i);
                if (!Files.exists(out.resolve(table))) {
                    run(id, i == 2 ? 2 : 1, out);
                }
            }
            byte[] first = Files.readAllBytes(files.resolve("run0").resolve(table));
            assertArrayEquals(first, Files.readAllBytes(files.resolve("run1").resolve(table)), table);
            assertNotEquals(
                    Arrays.hashCode(first),
                    Arrays.hashCode(Files.readAllBytes(files.resolve("run2").resolve(table))),
                    "another seed plays other games: " + table);
        }
    }

    @Test
    void shouldListTheExperimentsWhenAskedForAnUnknownOne() throws IOException {
        VerbRun run = VerbRun.of(new ExperimentVerb(), "E0");
        assertNotEquals(0, run.exitCode());
        assertTrue(run.error().contains("E1") && run.error().contains("E2"), run.error());
    }

    private static void assertTargetsDecideTheExitCode(VerbRun run) {
        boolean allMet = true;
        for (JsonNode target : run.json().path("targets")) {
            allMet &= target.path("met").asBoolean();
            assertTrue(!target.path("name").asText().isEmpty(), "name of " + target);
            assertTrue(!target.path("target").asText().isEmpty(), "what was wanted of " + target);
            assertTrue(!target.path("reached").asText().isEmpty(), "what was reached of " + target);
        }
        assertEquals(allMet ? 0 : 1, run.exitCode(), run.said());
    }

    private void assertFiles(String... names) throws IOException {
        for (String name : names) {
            assertTrue(Files.size(files.resolve(name)) > 50, name);
        }
    }

    private void assertPictures(String... names) throws IOException {
        for (String name : names) {
            byte[] bytes = Files.readAllBytes(files.resolve(name));
            assertArrayEquals(PNG, Arrays.copyOf(bytes, PNG.length), name);
        }
    }
}
