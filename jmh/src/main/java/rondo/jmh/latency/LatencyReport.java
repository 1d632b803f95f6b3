package rondo.jmh.latency;

import java.awt.Color;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Writes curves as {@code .hgrm} files, which HdrHistogram's own plotter reads, and as a picture. */
public final class LatencyReport {
    private static final int TICKS_PER_HALF = 5;
    private static final double US = 1e3;
    private static final double NINES_MAX = 5;
    private static final double NINES_STEP = 0.05;
    private static final int WIDTH = 1_100;
    private static final int HEIGHT = 600;

    private LatencyReport() {}

    /**
     * Writes a file for each curve and {@code latency.png} into a folder, which is made when it is not there.
     *
     * @return the files' names.
     */
    public static List<String> write(List<LatencyBench.Curve> curves, Path folder) throws IOException {
        Files.createDirectories(folder);
        List<String> names = new ArrayList<>();
        for (LatencyBench.Curve curve : curves) {
            String name = "latency-" + curve.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + ".hgrm";
            try (PrintStream out =
                    new PrintStream(Files.newOutputStream(folder.resolve(name)), false, StandardCharsets.UTF_8)) {
                // In microseconds.
                curve.times().outputPercentileDistribution(out, TICKS_PER_HALF, US);
            }
            names.add(name);
        }
        try {
            draw(curves, folder.resolve("latency.png"));
            names.add("latency.png");
        } catch (RuntimeException | LinkageError | InternalError e) {
            // A machine without any font cannot draw; the figures are in the files all the same.
            System.err.println("rondo bench latency: no plot, latency.png was not written: " + e);
        }
        return names;
    }

    /** Nines to the right, microseconds upwards; what is measured in strong lines, the baseline in thin ones of the same colour. */
    private static void draw(List<LatencyBench.Curve> curves, Path file) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("from the intended send to the slate")
                .xAxisTitle("nines: 1 is 90 %, 2 is 99 %, 3 is 99.9 %")
                .yAxisTitle("us")
                .build();
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setYAxisMin(1.0);
        chart.getStyler().setXAxisDecimalPattern("0.0");
        chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        long measured = curves.stream().filter(curve -> !curve.isRival()).count();
        int place = -1;
        for (LatencyBench.Curve curve : curves) {
            place += curve.isRival() ? 0 : 1;
            Color colour = Color.getHSBColor((float) place / Math.max(1, measured), 0.85f, 0.8f);
            List<Double> nines = new ArrayList<>();
            List<Double> us = new ArrayList<>();
            Histogram times = curve.times();
            double most = Math.min(NINES_MAX, Math.log10(Math.max(10.0, (double) times.getTotalCount())));
            for (double at = 0; at <= most; at += NINES_STEP) {
                nines.add(at);
                us.add(Math.max(US, (double) times.getValueAtPercentile(100 * (1 - Math.pow(10, -at)))) / US);
            }
            chart.addSeries(curve.name(), nines, us)
                    .setMarker(SeriesMarkers.NONE)
                    .setLineColor(colour)
                    .setLineStyle(SeriesLines.SOLID)
                    .setLineWidth(curve.isRival() ? 0.7f : 2.5f)
                    .setShowInLegend(!curve.isRival());
        }
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }
}
