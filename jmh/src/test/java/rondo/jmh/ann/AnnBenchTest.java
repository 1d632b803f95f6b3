package rondo.jmh.ann;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.kernel.cli.UsageException;

/** The comparison runs over a set too small to say anything about speed; what it says of recall is right. */
class AnnBenchTest {
    private final StringWriter progress = new StringWriter();

    @Test
    void shouldMeasureEveryIndexInJavaAtEveryKAndFilter() throws Exception {
        AnnData data = TwoTower.make("tiny", 4_000, false);
        ObjectNode json = new ObjectMapper().createObjectNode();
        new AnnBench(data, List.of("lucene", "jvector", "hnswlib-core"), 1, 0, new PrintWriter(progress))
                .run(json, json.putArray("rows"));
        Map<String, Set<String>> cells = new HashMap<>();
        Map<String, Double> best = new HashMap<>();
        for (JsonNode row : json.path("rows")) {
            String index = row.path("engine").asText() + " " + row.path("index").asText();
            String cell = row.path("k").asInt() + " " + row.path("filterName").asText();
            cells.computeIfAbsent(index, name -> new HashSet<>()).add(cell);
            best.merge(index + " " + cell, row.path("recall").asDouble(), Math::max);
            assertTrue(row.path("qps").asDouble() > 0 && row.path("p50Us").asDouble() > 0, row.toString());
            assertTrue(row.path("p99Us").asDouble() >= row.path("p50Us").asDouble(), row.toString());
            assertEquals(4_000, row.path("count").asInt());
        }
        assertEquals(5, cells.size(), cells.keySet().toString());
        assertEquals(15, cells.getOrDefault("rondo flat", Set.of()).size());
        assertEquals(15, cells.getOrDefault("rondo partitioned", Set.of()).size());
        assertEquals(
                3,
                cells.getOrDefault("hnswlib-core hnsw M=16 efC=200", Set.of()).size(),
                "it has no filters");
        best.forEach((cell, recall) -> {
            if (cell.startsWith("rondo flat")) {
                assertEquals(1, recall, cell);
            } else if (cell.startsWith("rondo")) {
                assertTrue(recall > 0.97, cell + ": recall=" + recall);
            } else if (cell.endsWith(" 10 none")) {
                // The rivals are driven right: at the k they are made for they find nearly all.
                assertTrue(recall > 0.9, cell + ": recall=" + recall);
            }
        });
    }

    @Test
    void shouldSayWhatItDoesNotKnow(@TempDir Path folder) throws Exception {
        PrintWriter out = new PrintWriter(progress);
        assertThrows(UsageException.class, () -> new AnnBench(null, null, List.of("none"), 1, out));
        assertThrows(UsageException.class, () -> new AnnBench(null, "two-tower", List.of("none"), 1, out));
        assertThrows(UsageException.class, () -> new AnnBench(folder, null, List.of("none"), 1, out));
        AnnData data = TwoTower.make("tiny", 600, false);
        assertThrows(UsageException.class, () -> new AnnBench(data, List.of("annoy"), 1, 0, out));
        assertTrue(Files.isDirectory(folder));
    }
}
