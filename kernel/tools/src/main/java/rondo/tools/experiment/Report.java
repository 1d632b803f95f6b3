package rondo.tools.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What an experiment found: tables, targets beside what was reached, notes and plots, in the order in which they were added. */
final class Report {
    private final List<Table> tables = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Plot> plots = new ArrayList<>();

    /**
     * A promise beside what came out.
     *
     * @param target  for people: {@code >= 91.5}.
     * @param reached the figure, for people.
     */
    record Target(String name, String target, String reached, boolean isMet) {}

    /** Rows of text or numbers under named columns. */
    static final class Table {
        private final String name;
        private final List<String> columns;
        private final List<List<Object>> rows = new ArrayList<>();

        private Table(String name, List<String> columns) {
            this.name = name;
            this.columns = columns;
        }

        /** Adds a row with a cell, text or a number, for every column. */
        Table row(Object... cells) {
            if (cells.length != columns.size()) {
                throw new IllegalArgumentException(
                        "a row has a cell for every column: cells=" + cells.length + ", columns=" + columns.size());
            }
            rows.add(List.of(cells));
            return this;
        }

        String name() {
            return name;
        }

        List<String> columns() {
            return columns;
        }

        List<List<Object>> rows() {
            return rows;
        }
    }

    /** Lines over one pair of axes. */
    static final class Plot {
        private final String name;
        private final String xLabel;
        private final String yLabel;
        private final boolean isLogX;
        private final List<Series> series = new ArrayList<>();

        /** One line. */
        static final class Series {
            private final String name;
            private final double[] x;
            private final double[] y;

            Series(String name, double[] x, double[] y) {
                this.name = name;
                this.x = x.clone();
                this.y = y.clone();
            }

            String name() {
                return name;
            }

            double[] x() {
                return x.clone();
            }

            double[] y() {
                return y.clone();
            }
        }

        private Plot(String name, String xLabel, String yLabel, boolean isLogX) {
            this.name = name;
            this.xLabel = xLabel;
            this.yLabel = yLabel;
            this.isLogX = isLogX;
        }

        Plot line(String seriesName, double[] x, double[] y) {
            series.add(new Series(seriesName, x, y));
            return this;
        }

        String name() {
            return name;
        }

        String xLabel() {
            return xLabel;
        }

        String yLabel() {
            return yLabel;
        }

        boolean isLogX() {
            return isLogX;
        }

        List<Series> series() {
            return series;
        }
    }

    /** @param name short, letters, digits and hyphens: it becomes part of a file's name. */
    Table table(String name, String... columns) {
        Table table = new Table(name, List.of(columns));
        tables.add(table);
        return table;
    }

    /** As {@link #table}, for a plot. */
    Plot plot(String name, String xLabel, String yLabel, boolean isLogX) {
        Plot plot = new Plot(name, xLabel, yLabel, isLogX);
        plots.add(plot);
        return plot;
    }

    void atLeast(String name, double limit, double reached) {
        targets.add(new Target(name, ">= " + text(limit), text(reached), reached >= limit));
    }

    void atMost(String name, double limit, double reached) {
        targets.add(new Target(name, "<= " + text(limit), text(reached), reached <= limit));
    }

    void target(String name, String target, String reached, boolean isMet) {
        targets.add(new Target(name, target, reached, isMet));
    }

    /** A sentence below the tables. */
    void note(String sentence) {
        notes.add(sentence);
    }

    List<Table> tables() {
        return tables;
    }

    List<Target> targets() {
        return targets;
    }

    List<String> notes() {
        return notes;
    }

    List<Plot> plots() {
        return plots;
    }

    /** A cell for people: four significant digits for numbers that are not whole. */
    static String text(Object cell) {
        if (!(cell instanceof Double || cell instanceof Float)) {
            return String.valueOf(cell);
        }
        double value = ((Number) cell).doubleValue();
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.isNaN(value) ? "–" : String.valueOf(value);
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e6) {
            return Long.toString((long) value);
        }
        int digits = (int) Math.max(0, Math.min(8, 3 - Math.floor(Math.log10(Math.abs(value)))));
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
