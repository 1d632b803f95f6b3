package rondo.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The benchmark programs run, at sizes too small to say anything about speed. */
class BenchVerbTest {
    private static JsonNode bench(String... arguments) throws Exception {
        PrintStream stdout = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        int exitCode;
        try {
            exitCode = new CommandLine(new BenchVerb()).execute(arguments);
        } finally {
            System.setOut(stdout);
        }
        String json = captured.toString(StandardCharsets.UTF_8);
        assertEquals(0, exitCode, json);
        return new ObjectMapper().readTree(json);
    }

    private static void assertHasRivalsAndFigures(JsonNode json, String figure) {
        Set<Boolean> rivals = new HashSet<>();
        for (JsonNode row : json.path("rows")) {
            assertTrue(row.path(figure).isNumber(), row.toString());
            rivals.add(row.path("rival").asBoolean());
        }
        assertEquals(Set.of(true, false), rivals);
    }

    @Test
    void shouldMeasureAScanBesideAPlainRead() throws Exception {
        JsonNode json = bench("scan", "--json", "--items", "1000", "--seconds", "1");
        assertHasRivalsAndFigures(json, "gigabytesPerSecond");
        assertTrue(json.path("share").asDouble() > 0);
    }

    @Test
    void shouldMeasureThePathThroughARealServer() throws Exception {
        JsonNode json = bench("path", "--json", "--items", "1000", "--seconds", "1", "--rate", "50");
        assertHasRivalsAndFigures(json, "p50Us");
        assertEquals(0, json.path("lost").asInt());
        assertEquals(100, json.path("requests").asInt());
    }

    @Test
    void shouldMeasureTheDoorBesideRawSockets() throws Exception {
        JsonNode json = bench("tcp", "--json", "--seconds", "1");
        assertHasRivalsAndFigures(json, "p50Us");
    }

    @Test
    void shouldMeasureWhatLearningFromAnOutcomeCosts() throws Exception {
        JsonNode json = bench("learn", "--json", "--seconds", "1");
        assertHasRivalsAndFigures(json, "p99Us");
        assertTrue(json.path("calibrationUs").asDouble() > 0);
    }

    @Test
    void shouldRunEveryMicroBenchmark() throws Exception {
        JsonNode json = bench("micro", "--json", "--forks", "0");
        assertHasRivalsAndFigures(json, "bytesPerOp");
        assertFalse(json.path("rows").isEmpty());
    }
}
