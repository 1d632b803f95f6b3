package rondo.jmh.ann;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/** What {@code bench ann} found, for people: tables, and as files the curves, drawn and in figures. */
public final class AnnReport {
    private static final List<String> COLUMNS = List.of(
            "engine",
            "index",
            "params",
            "dim",
            "count",
            "similarity",
            "k",
            "filterName",
            "filter",
            "threads",
            "recall",
            "qps",
            "p50Us",
            "p99Us",
            "bytesPerVector",
            "buildSeconds",
            "buildCpuSeconds");
    private static final double[] RECALLS = {0.9, 0.95, 0.99};

    /** What lies below is of no use to a recommender, and would press the rest together. */
    private static final double RECALL_MIN = 0.5;

    private static final int PANEL_WIDTH = 560;
    private static final int PANEL_HEIGHT = 420;

    private final String dataset;
    private final List<JsonNode> rows = new ArrayList<>();
    private final Set<String> indexes = new LinkedHashSet<>();
    private final Set<String> filters = new LinkedHashSet<>();
    private final Set<Integer> ks = new LinkedHashSet<>();
    private final List<Targets.Target> targets;

    /** @param json as {@link AnnBench#run} filled it; receives {@code targets}. */
    public AnnReport(ObjectNode json) {
        this.dataset = json.path("dataset").asText();
        this.targets = Targets.of(dataset, json.path("rows"));
        for (JsonNode row : json.path("rows")) {
            rows.add(row);
            indexes.add(name(row));
            filters.add(row.path("filterName").asText());
            ks.add(row.path("k").asInt());
        }
        ArrayNode array = json.putArray("targets");
        for (Targets.Target target : targets) {
            array.addObject()
                    .put("name", target.name())
                    .put("wanted", target.wanted())
                    .put("reached", target.reached())
                    .put("met", target.isMet());
        }
    }

    private static String name(JsonNode row) {
        return row.path("engine").asText() + " " + row.path("index").asText();
    }

    /** The rows of one curve, by rising recall. */
    private List<JsonNode> curve(String index, int k, String filter, int threads) {
        return rows.stream()
                .filter(row -> name(row).equals(index)
                        && row.path("k").asInt() == k
                        && row.path("filterName").asText().equals(filter)
                        && row.path("threads").asInt() == threads)
                .sorted(Comparator.comparingDouble(row -> row.path("recall").asDouble()))
                .toList();
    }

    private List<Integer> threads() {
        return rows.stream().map(row -> row.path("threads").asInt()).distinct().toList();
    }

    /** Queries a second of every index at a few recalls, for each filter and k, and what is wanted; Markdown that reads as text too. */
    public String tables() {
        StringBuilder out = new StringBuilder();
        for (String filter : filters) {
            for (int k : ks) {
                line(out, "");
                line(out, "k = %d, filter %s, queries a second:", k, filter);
                line(out, "");
                line(
                        out,
                        "| %-34s | %7s | %11s | %11s | %11s | %11s | %10s | %8s |",
                        "index",
                        "threads",
                        "recall 0.90",
                        "0.95",
                        "0.99",
                        "best recall",
                        "bytes/row",
                        "build s");
                line(out, "|%s|%s|", "-".repeat(36), "---:|".repeat(6) + "---:");
                for (String index : indexes) {
                    for (int threads : threads()) {
                        List<JsonNode> curve = curve(index, k, filter, threads);
                        if (!curve.isEmpty()) {
                            line(out, "%s", tableRow(index, threads, curve));
                        }
                    }
                }
            }
        }
        if (!targets.isEmpty()) {
            line(out, "");
            line(out, "| %-58s | %-22s | %-40s | met |", "target", "wanted", "reached");
            line(out, "|---|---|---|---|");
            for (Targets.Target target : targets) {
                line(
                        out,
                        "| %-58s | %-22s | %-40s | %s |",
                        target.name(),
                        target.wanted(),
                        target.reached(),
                        target.isMet() ? "yes" : "**no**");
            }
        }
        return out.toString();
    }

    private static String tableRow(String index, int threads, List<JsonNode> curve) {
        StringBuilder out = new StringBuilder(String.format(Locale.ROOT, "| %-34s | %7d |", index, threads));
        for (double recall : RECALLS) {
            double qps = curve.stream()
                    .filter(row -> row.path("recall").asDouble() >= recall)
                    .mapToDouble(row -> row.path("qps").asDouble())
                    .max()
                    .orElse(0);
            out.append(
                    qps > 0
                            ? String.format(Locale.ROOT, " %,11.0f |", qps)
                            : String.format(Locale.ROOT, " %11s |", ""));
        }
        JsonNode last = curve.getLast();
        double bytes = last.path("bytesPerVector").asDouble();
        out.append(String.format(Locale.ROOT, " %11.4f |", last.path("recall").asDouble()));
        out.append(
                bytes > 0 ? String.format(Locale.ROOT, " %10.0f |", bytes) : String.format(Locale.ROOT, " %10s |", ""));
        out.append(
                String.format(Locale.ROOT, " %8.1f |", last.path("buildSeconds").asDouble()));
        return out.toString();
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static void line(StringBuilder out, String format, Object... arguments) {
        out.append(String.format(Locale.ROOT, format, arguments)).append('\n');
    }

    /**
     * Writes {@code ann-DATASET.csv}, {@code .md} and {@code .png} into a folder, which is made when it is not there.
     *
     * @param commit that was measured.
     * @return the files' names.
     */
    public List<String> write(Path folder, String commit) throws IOException {
        Files.createDirectories(folder);
        String name = "ann-" + dataset;
        List<String> names = new ArrayList<>(List.of(name + ".csv", name + ".md"));
        try (CsvWriter csv = CsvWriter.builder().build(folder.resolve(name + ".csv"))) {
            csv.writeRecord(COLUMNS);
            for (JsonNode row : rows) {
                csv.writeRecord(COLUMNS.stream()
                        .map(column -> row.path(column).asText())
                        .toList());
            }
        }
        String picture = "";
        try {
            draw(folder.resolve(name + ".png"));
            names.add(name + ".png");
            picture = "\n![recall against queries a second](" + name + ".png)\n";
        } catch (RuntimeException | LinkageError | InternalError e) {
            // A machine without any font cannot draw; the figures are in the tables all the same.
            System.err.println("rondo bench ann: no plot, " + name + ".png was not written: " + e);
        }
        Files.writeString(
                folder.resolve(name + ".md"),
                "# " + dataset + "\n\nWritten by `bin/rondo bench ann --out DIR`, "
                        + rows.getFirst().path("count").asInt()
                        + " x " + rows.getFirst().path("dim").asInt() + ", "
                        + rows.getFirst().path("similarity").asText() + ", commit " + commit
                        + ". Each query counts with its quickest answer of several.\n" + tables() + picture);
        return names;
    }

    /** A panel for each filter, downwards, and each k; one thread. */
    private void draw(Path file) throws IOException {
        List<XYChart> panels = new ArrayList<>();
        List<String> drawn = indexes.stream().toList();
        for (String filter : filters) {
            for (int k : ks) {
                XYChart chart = new XYChartBuilder()
                        .width(PANEL_WIDTH)
                        .height(PANEL_HEIGHT)
                        .title("k = " + k + ", filter " + filter)
                        .xAxisTitle("recall")
                        .yAxisTitle("queries/s")
                        .build();
                chart.getStyler().setYAxisLogarithmic(true);
                chart.getStyler().setXAxisMin(RECALL_MIN).setXAxisMax(1.0);
                chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideSW);
                chart.getStyler().setMarkerSize(6);
                chart.getStyler().setChartBackgroundColor(Color.WHITE);
                for (String index : drawn) {
                    List<JsonNode> curve = curve(index, k, filter, 1).stream()
                            .filter(row -> row.path("recall").asDouble() >= RECALL_MIN)
                            .toList();
                    if (!curve.isEmpty()) {
                        // The same colour in each panel.
                        Color colour = Color.getHSBColor((float) drawn.indexOf(index) / drawn.size(), 0.85f, 0.8f);
                        chart.addSeries(index, column(curve, "recall"), column(curve, "qps"))
                                .setMarkerColor(colour)
                                .setLineColor(colour);
                    }
                }
                panels.add(chart);
            }
        }
        BitmapEncoder.saveBitmap(panels, filters.size(), ks.size(), file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    private static double[] column(List<JsonNode> curve, String field) {
        return curve.stream().mapToDouble(row -> row.path(field).asDouble()).toArray();
    }
}
