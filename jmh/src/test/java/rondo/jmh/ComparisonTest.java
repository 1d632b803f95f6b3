package rondo.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.kernel.cli.UsageException;

class ComparisonTest {
    private final ObjectMapper mapper = new ObjectMapper();

    @TempDir
    Path folder;

    /** A run of two rows and a rival. */
    private Path run(String name, double calibrationUs, double firstUs, double secondUs) throws IOException {
        ObjectNode run = mapper.createObjectNode().put("what", "path").put("calibrationUs", calibrationUs);
        run.putObject("machine").put("cpus", 2).put("cpuModel", "any");
        run.putArray("rows");
        run.withArray("rows").addObject().put("name", "first").put("note", "a").put("p50Us", firstUs);
        run.withArray("rows").addObject().put("name", "second").put("note", "").put("p50Us", secondUs);
        run.withArray("rows")
                .addObject()
                .put("name", "theirs")
                .put("rival", true)
                .put("p50Us", 1_000 * firstUs);
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, run.toString());
        return file;
    }

    private ObjectNode compare(Path base, Path now, boolean isSound) throws IOException {
        ObjectNode json = mapper.createObjectNode();
        assertEquals(isSound, Comparison.run(base, now, json), json.toString());
        return json;
    }

    @Test
    void shouldNotTakeASlowerHourForSlowerCode() throws Exception {
        ObjectNode json = compare(run("base.json", 10, 5, 8), run("now.json", 20, 10, 16), true);
        assertEquals("same", json.path("verdict").asText());
        assertEquals(2, json.path("rows").size(), "a rival is not judged");
        assertEquals(1, json.at("/rows/0/ratio").asDouble(), 1e-9);
        assertTrue(json.path("sameMachine").asBoolean());
    }

    @Test
    void shouldSayWhichRowBecameWorseOrBetter() throws Exception {
        ObjectNode json = compare(run("base.json", 10, 5, 8), run("now.json", 10, 10, 8), false);
        assertEquals("worse", json.path("verdict").asText());
        assertEquals("first, a: p50", json.at("/rows/0/name").asText());
        assertTrue(json.at("/rows/0/worse").asBoolean());
        assertFalse(json.at("/rows/1/worse").asBoolean());
        assertEquals(
                "better",
                compare(folder.resolve("now.json"), run("base.json", 10, 5, 8), true)
                        .path("verdict")
                        .asText());
    }

    @Test
    void shouldJudgeMoreStrictlyByRunsThatAgree() throws Exception {
        for (int i = 0; i < 3; i++) {
            run("old/" + i + ".json", 10, 5 + 0.05 * i, 8);
            run("new/" + i + ".json", 10, 6 + 0.05 * i, 8);
        }
        assertEquals(
                "worse",
                compare(folder.resolve("old"), folder.resolve("new"), false)
                        .path("verdict")
                        .asText());
        Path one = folder.resolve("old/0.json");
        assertEquals(
                "same",
                compare(one, folder.resolve("new/0.json"), true).path("verdict").asText());
    }

    @Test
    void shouldSayWhatCannotBeCompared() throws Exception {
        Path sound = run("base.json", 10, 5, 8);
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"rows\": [}");
        Path other =
                Files.writeString(folder.resolve("other.json"), "{\"rows\":[],\"what\":\"shm\",\"calibrationUs\":1}");
        Path none = run("none.json", 0, 5, 8);
        for (Path now : new Path[] {broken, other, none, folder.resolve("missing.json")}) {
            UsageException e = assertThrows(UsageException.class, () -> compare(sound, now, true));
            assertTrue(e.toString().length() > 60, e.toString());
        }
    }
}
