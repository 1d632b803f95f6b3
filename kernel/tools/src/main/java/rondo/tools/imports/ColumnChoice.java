package rondo.tools.imports;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which column plays a part: the one that an option names, or the first usual name that a row has; from then on always the same. */
final class ColumnChoice {
    private final String option;
    private final boolean isNamed;
    private final List<String> names;
    private @Nullable String chosen;

    /**
     * @param option the option that names the column, for messages.
     * @param named  its value: null takes the usual names, empty no column at all.
     */
    ColumnChoice(String option, @Nullable String named, String... usual) {
        this.option = option;
        this.isNamed = named != null && !named.isEmpty();
        this.names = named == null ? List.of(usual) : named.isEmpty() ? List.of() : List.of(named);
    }

    /** True when an option names the column. */
    boolean isNamed() {
        return isNamed;
    }

    /** The column, or null when no row has had it yet. */
    @Nullable
    String in(Row row) {
        if (chosen == null) {
            chosen = names.stream().filter(row::has).findFirst().orElse(null);
        }
        return chosen;
    }

    /** The column, which this row must have. */
    String required(Row row) throws IOException {
        String column = in(row);
        if (column == null || !row.has(column)) {
            throw new IOException(row.where() + ": the row lacks a column that " + option + " can name: looked for="
                    + (column == null ? names : column) + ", columns="
                    + row.values().keySet());
        }
        return column;
    }

    /** Refuses a column that was named and never seen. */
    void requireFound(Path file) throws IOException {
        if (isNamed && chosen == null) {
            throw new IOException(file + ": there is no such column: " + option + "=" + names.getFirst());
        }
    }
}
