package rondo.tools.experiment;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Writes a report as Markdown, a CSV file for each table and a PNG file for each plot. */
final class ReportFiles {
    private ReportFiles() {}

    /** The whole report for people. */
    static String markdown(Experiment experiment, Report report) {
        StringBuilder out = new StringBuilder();
        for (Report.Table table : report.tables()) {
            out.append("\n## ").append(table.name()).append("\n\n");
            out.append("| ").append(String.join(" | ", table.columns())).append(" |\n");
            out.append("|---".repeat(table.columns().size())).append("|\n");
            for (List<Object> row : table.rows()) {
                out.append("| ")
                        .append(String.join(
                                " | ", row.stream().map(Report::text).toList()))
                        .append(" |\n");
            }
        }
        if (!report.targets().isEmpty()) {
            out.append("\n## targets\n\n| target | wanted | reached | met |\n|---|---|---|---|\n");
            for (Report.Target target : report.targets()) {
                out.append("| ").append(target.name()).append(" | ").append(target.target());
                out.append(" | ").append(target.reached()).append(" | ");
                out.append(target.isMet() ? "yes" : "**no**").append(" |\n");
            }
        }
        for (String note : report.notes()) {
            out.append('\n').append(note).append('\n');
        }
        for (Report.Plot plot : report.plots()) {
            String file = experiment.id() + "-" + plot.name() + ".png";
            out.append("\n![").append(plot.name()).append("](").append(file).append(")\n");
        }
        return out.toString();
    }

    /**
     * Writes every file into {@code directory}, which is made when it is not there.
     *
     * @return the files' names.
     */
    static List<String> write(
            Experiment experiment, Report report, Path directory, long seed, double scale, String commit)
            throws IOException {
        Files.createDirectories(directory);
        List<String> names = new ArrayList<>();
        for (Report.Table table : report.tables()) {
            String name = experiment.id() + "-" + table.name() + ".csv";
            try (CsvWriter csv = CsvWriter.builder().build(directory.resolve(name))) {
                csv.writeRecord(table.columns());
                for (List<Object> row : table.rows()) {
                    csv.writeRecord(row.stream().map(String::valueOf).toList());
                }
            }
            names.add(name);
        }
        for (Report.Plot plot : report.plots()) {
            String name = experiment.id() + "-" + plot.name() + ".png";
            try {
                draw(plot, directory.resolve(name));
                names.add(name);
            } catch (RuntimeException | LinkageError | InternalError e) {
                // A machine without any font cannot draw; the figures are in the tables all the same.
                System.err.println("rondo experiment: no plot, " + name + " was not written: " + e);
            }
        }
        String name = experiment.id() + ".md";
        String head = "# " + experiment.id() + "\n\n" + experiment.question() + "\n\nWritten by `bin/rondo experiment "
                + experiment.id() + " --out DIR` on " + LocalDate.now(ZoneOffset.UTC) + ", seed " + seed + ", scale "
                + Report.text(scale) + ", commit " + commit + ".\n";
        Files.writeString(directory.resolve(name), head + markdown(experiment, report));
        names.add(name);
        return names;
    }

    private static void draw(Report.Plot plot, Path file) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(560)
                .title(plot.name())
                .xAxisTitle(plot.xLabel())
                .yAxisTitle(plot.yLabel())
                .build();
        chart.getStyler().setXAxisLogarithmic(plot.isLogX());
        for (Report.Plot.Series series : plot.series()) {
            chart.addSeries(series.name(), series.x(), series.y())
                    .setMarker(series.x().length > 60 ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
        }
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }
}
