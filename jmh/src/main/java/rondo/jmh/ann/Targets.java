package rondo.jmh.ann;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What this project wants of its index on the data sets it is judged by, beside what a run reached. A rival that did not run is not judged against. */
final class Targets {
    private static final double NEVER_US = Double.POSITIVE_INFINITY;
    private static final int[] KS = {10, 100, 500};

    /** One line of the table. */
    record Target(String name, String wanted, String reached, boolean isMet) {}

    private final JsonNode rows;
    private final List<Target> targets = new ArrayList<>();

    private Targets(JsonNode rows) {
        this.rows = rows;
    }

    /** The lines for a data set; none for one that is not in the table. */
    static List<Target> of(String dataset, JsonNode rows) {
        Targets all = new Targets(rows);
        switch (dataset) {
            case "gowalla" -> all.gowalla();
            case "two-tower-1m" -> all.twoTower();
            case "two-tower-1m-unit" -> all.unit();
            case "glove40k", "glove-340k" -> all.glove();
            case "fashion-mnist-gt", "sift5k" -> all.times("hnswlib", 2, 10, "none", 0.99);
            default -> {}
        }
        all.scaling();
        return all.targets;
    }

    private void gowalla() {
        times("flat", 25, 100, "none", 0.99);
        times("hnswlib", 2, 10, "none", 0.95);
        for (String graph : List.of("hnswlib", "usearch", "lucene", "jvector", "hnswlib-core")) {
            times(graph, 2, 10, "none", 0.99);
            times(graph, 2, 100, "none", 0.99);
            times(graph, 2, 500, "none", 0.95);
        }
    }

    private void twoTower() {
        latency("none", 0.95, 500, 120, true);
        latency("half", 0.95, 500, 150, true);
        latency("tenth", 0.95, 500, 300, true);
        latency("hundredth", 0.95, 500, 400, true);
        latency("correlated", 0.95, 500, 400, true);
        latency("half", 0.99, 500, 300, false);
        latency("hundredth", 1, 500, 400, false);
        latency("none", 0.99, 100, 80, false);
        times("faiss", 20, 500, "half", 0.95);
        times("hnswlib", 3, 10, "none", 0.95);
        build();
    }

    private void unit() {
        latency("half", 0.95, 500, 500, false);
        times("faiss", 3, 500, "half", 0.95);
    }

    private void glove() {
        double factor = hasAvx512() ? 5 : 3;
        for (int k : KS) {
            times("hnswlib", factor, k, "none", 0.96);
            times("lucene", 4, k, "none", 0.96);
            times("jvector", 4, k, "none", 0.96);
            times("hnswlib", 5, k, "half", 0.96);
        }
    }

    private static boolean hasAvx512() {
        try {
            return Files.readString(Path.of("/proc/cpuinfo")).contains(" avx512f");
        } catch (IOException e) {
            return false;
        }
    }

    /** The quickest row of an engine that reaches a recall; null when none does. */
    static @Nullable JsonNode best(JsonNode rows, String engine, int k, String filter, double recall, int threads) {
        JsonNode best = null;
        for (JsonNode row : rows) {
            if (is(row, engine)
                    && row.path("k").asInt() == k
                    && row.path("filterName").asText().equals(filter)
                    && row.path("recall").asDouble() >= recall
                    && row.path("threads").asInt() == threads
                    && (best == null
                            || row.path("qps").asDouble() > best.path("qps").asDouble())) {
                best = row;
            }
        }
        return best;
    }

    /** {@code flat} and {@code partitioned} are ours, all else are names of engines. */
    private static boolean is(JsonNode row, String engine) {
        boolean isOurs = "rondo".equals(row.path("engine").asText());
        return engine.equals(row.path(isOurs ? "index" : "engine").asText());
    }

    private boolean hasRun(String engine) {
        for (JsonNode row : rows) {
            if (is(row, engine)) {
                return true;
            }
        }
        return false;
    }

    private void times(String rival, double factor, int k, String filter, double recall) {
        if (!hasRun(rival)) {
            return;
        }
        JsonNode ours = best(rows, "partitioned", k, filter, recall, 1);
        JsonNode theirs = best(rows, rival, k, filter, recall, 1);
        String name = text("k=%d, filter %s, recall >= %.2f, against %s", k, filter, recall, rival);
        String wanted = text("%.0f x", factor);
        if (ours == null) {
            targets.add(new Target(name, wanted, "does not reach the recall", false));
        } else if (theirs == null) {
            String reached = text(
                    "%,.0f/s, %s does not reach the recall", ours.path("qps").asDouble(), rival);
            targets.add(new Target(name, wanted, reached, true));
        } else {
            double ratio = ours.path("qps").asDouble() / theirs.path("qps").asDouble();
            String reached = text(
                    "%.1f x (%,.0f/s to %,.0f/s)",
                    ratio, ours.path("qps").asDouble(), theirs.path("qps").asDouble());
            targets.add(new Target(name, wanted, reached, ratio >= factor));
        }
    }

    private void latency(String filter, double recall, int k, double mostUs, boolean isTailWanted) {
        JsonNode ours = best(rows, "partitioned", k, filter, recall, 1);
        double p50Us = ours == null ? NEVER_US : ours.path("p50Us").asDouble();
        double p99Us = ours == null ? NEVER_US : ours.path("p99Us").asDouble();
        targets.add(new Target(
                text("k=%d, filter %s, recall >= %.2f, p50", k, filter, recall),
                text("<= %.0f us%s", mostUs, isTailWanted ? ", p99 <= 2 p50" : ""),
                ours == null ? "does not reach the recall" : text("%.0f us, p99 %.0f us", p50Us, p99Us),
                p50Us <= mostUs && (!isTailWanted || p99Us <= 2 * p50Us)));
    }

    private void build() {
        for (JsonNode row : rows) {
            if (is(row, "partitioned")) {
                double seconds = row.path("buildSeconds").asDouble();
                double extra = row.path("bytesPerVector").asDouble()
                        - Float.BYTES * row.path("dim").asDouble();
                targets.add(new Target("build, two threads", "<= 8 s", text("%.1f s", seconds), seconds <= 8));
                targets.add(new Target("bytes per vector beyond the rows", "<= 30", text("%.1f", extra), extra <= 30));
                return;
            }
        }
    }

    /** Two searchers against one, wherever a run has both. */
    private void scaling() {
        for (int k : KS) {
            JsonNode one = best(rows, "partitioned", k, "none", 0.95, 1);
            JsonNode two = best(rows, "partitioned", k, "none", 0.95, 2);
            if (one != null && two != null) {
                double ratio = two.path("qps").asDouble() / one.path("qps").asDouble();
                targets.add(new Target(
                        text("k=%d, recall >= 0.95, two threads against one", k),
                        "1.8 x",
                        text("%.2f x", ratio),
                        ratio >= 1.8));
            }
        }
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
