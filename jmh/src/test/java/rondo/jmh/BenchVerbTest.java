package rondo.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
    void shouldMeasureLatencyAtSeveralRates(@TempDir Path folder) throws Exception {
        JsonNode json = bench("latency", "--json", "--items", "1000", "--seconds", "1", "--out", folder.toString());
        assertHasRivalsAndFigures(json, "p999Us");
        double rate = 0;
        for (JsonNode row : json.path("rows")) {
            assertTrue(row.path("rate").asDouble() > 0, row.toString());
            if (!row.path("rival").asBoolean()) {
                assertEquals(0, row.path("notWhole").asInt(), row.toString());
                assertTrue(row.path("p50Us").asDouble() <= row.path("p99Us").asDouble(), row.toString());
                rate = row.path("rate").asDouble();
            }
        }
        assertTrue(rate > 100);
        assertTrue(Files.size(folder.resolve("latency.png")) > 0);
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> curves =
                    files.filter(file -> file.toString().endsWith(".hgrm")).toList();
            assertEquals(json.path("rows").size(), curves.size());
            for (Path curve : curves) {
                List<String> lines = Files.readAllLines(curve);
                assertTrue(lines.getFirst().matches(" +Value +Percentile +TotalCount +1/\\(1-Percentile\\)"));
                assertTrue(lines.getLast().startsWith("#[Buckets ="), lines.getLast());
            }
        }
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
