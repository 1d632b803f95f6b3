package rondo.jmh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import rondo.kernel.cli.UsageException;

/**
 * Says whether what {@code bench} measured has become worse. Each time is divided by the run's own {@code calibrationUs}, so that a slower hour or machine is
 * not taken for slower code; several runs of the same thing show how far such a ratio moves by itself.
 */
final class Comparison {
    /** What one run on a shared machine may differ from the next where only one was kept. */
    private static final double SPREAD_OF_ONE = 0.3;

    private static final double SPREAD_MIN = 0.05;
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> TIMES = List.of("p50Us", "p99Us");

    private final String what;
    private final String machine;
    private final Map<String, List<Double>> ratios;

    private Comparison(String what, String machine, Map<String, List<Double>> ratios) {
        this.what = what;
        this.machine = machine;
        this.ratios = ratios;
    }

    /**
     * Compares.
     *
     * @param base a file that {@code bench … --json} wrote, or a folder of such files of the same benchmark.
     * @param now  the same.
     * @return true when nothing is worse.
     */
    static boolean run(Path base, Path now, ObjectNode json) throws IOException {
        Comparison before = read(base);
        Comparison after = read(now);
        if (!before.what.equals(after.what)) {
            throw new UsageException(
                    "these are not of the same benchmark: base=" + before.what + ", now=" + after.what);
        }
        json.put("what", before.what);
        json.put("sameMachine", before.machine.equals(after.machine));
        boolean isWorse = false;
        boolean isBetter = false;
        ArrayNode rows = json.putArray("rows");
        for (Map.Entry<String, List<Double>> entry : before.ratios.entrySet()) {
            List<Double> values = after.ratios.get(entry.getKey());
            if (values == null) {
                continue;
            }
            double ratio = median(values) / median(entry.getValue());
            double spread = spread(entry.getValue()) + spread(values);
            boolean isRowWorse = ratio > 1 + spread;
            isWorse |= isRowWorse;
            isBetter |= ratio < 1 / (1 + spread);
            rows.addObject()
                    .put("name", entry.getKey())
                    .put("base", median(entry.getValue()))
                    .put("now", median(values))
                    .put("ratio", ratio)
                    .put("spread", spread)
                    .put("worse", isRowWorse);
        }
        if (rows.isEmpty()) {
            throw new UsageException("no row is in both: base=" + base + ", now=" + now);
        }
        json.put("verdict", isWorse ? "worse" : isBetter ? "better" : "same");
        return !isWorse;
    }

    private static Comparison read(Path from) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(from)) {
            try (Stream<Path> all = Files.list(from)) {
                all.filter(file -> file.toString().endsWith(".json")).sorted().forEach(files::add);
            }
        } else {
            files.add(from);
        }
        if (files.isEmpty()) {
            throw new UsageException("no .json file in the folder: folder=" + from);
        }
        Map<String, List<Double>> ratios = new LinkedHashMap<>();
        String what = "";
        String machine = "";
        for (Path file : files) {
            JsonNode run = parse(file);
            String one = run.path("what").asText();
            if (!what.isEmpty() && !what.equals(one)) {
                throw new UsageException(
                        file + ": of another benchmark than the file before: what=" + one + ", before=" + what);
            }
            what = one;
            machine = run.at("/machine/cpuModel").asText()
                    + run.at("/machine/cpus").asText();
            double calibrationUs = run.path("calibrationUs").asDouble();
            if (calibrationUs <= 0) {
                throw new UsageException(file + ": there is no calibrationUs to measure by");
            }
            for (JsonNode row : run.path("rows")) {
                for (String time : TIMES) {
                    if (!row.path("rival").asBoolean() && row.path(time).isNumber()) {
                        String name = row.path("name").asText() + ", "
                                + row.path("note").asText() + ": " + time.replace("Us", "");
                        ratios.computeIfAbsent(name, key -> new ArrayList<>())
                                .add(row.path(time).asDouble() / calibrationUs);
                    }
                }
            }
        }
        return new Comparison(what, machine, ratios);
    }

    private static JsonNode parse(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new UsageException("no such file: file=" + file);
        }
        try {
            JsonNode run = MAPPER.readTree(Files.readAllBytes(file));
            if (run.path("rows").isArray()) {
                return run;
            }
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new UsageException(file + ": " + e.getOriginalMessage() + ": line="
                    + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()));
        }
        throw new UsageException(file + ": this is not what 'rondo bench' prints with --json");
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** Half of the range, as a share of the median. */
    private static double spread(List<Double> values) {
        return values.size() == 1
                ? SPREAD_OF_ONE
                : Math.max(SPREAD_MIN, (Collections.max(values) - Collections.min(values)) / 2 / median(values));
    }
}
