package rondo.tools.imports;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import rondo.agents.catalog.CatalogBuilder;
import rondo.tools.data.Progress;

/** Takes the items of a table file into a catalogue: an id, a title, categories, and every other column as an attribute. */
final class ItemImport {
    /** Words that a filter expression reads before it looks for an attribute. */
    private static final Set<String> RESERVED = Set.of("not", "seen");

    private static final Pattern NOT_IN_A_NAME = Pattern.compile("[^\\p{L}\\p{Nd}_]");

    private final ColumnChoice id;
    private final ColumnChoice title;
    private final ColumnChoice categories;
    private final String categorySeparator;
    private final Set<String> ignored;
    private final Map<String, String> attributeNames = new HashMap<>();

    ItemImport(
            ColumnChoice id,
            ColumnChoice title,
            ColumnChoice categories,
            String categorySeparator,
            List<String> ignored) {
        this.id = id;
        this.title = title;
        this.categories = categories;
        this.categorySeparator = categorySeparator;
        this.ignored = Set.copyOf(ignored);
    }

    /** @throws IOException for the first row that cannot be an item. */
    void read(Path file, CatalogBuilder catalog) throws IOException {
        try (TableReader table = TableReader.open(file);
                Progress progress = new Progress("items", table.total())) {
            for (Row row = table.next(); row != null; row = table.next()) {
                add(row, catalog);
                progress.at(table.done());
            }
        }
        if (catalog.itemCount() == 0) {
            throw new IOException(file + ":1: a catalogue needs at least one item: items=0");
        }
        title.requireFound(file);
        categories.requireFound(file);
    }

    private void add(Row row, CatalogBuilder catalog) throws IOException {
        String idColumn = id.required(row);
        String titleColumn = title.in(row);
        String categoryColumn = categories.in(row);
        Map<String, Object> attributes = new LinkedHashMap<>();
        for (String column : row.values().keySet()) {
            if (column.equals(idColumn)
                    || column.equals(titleColumn)
                    || column.equals(categoryColumn)
                    || ignored.contains(column)) {
                continue;
            }
            String name = attributeName(row, column);
            Object value = row.attribute(column);
            if (value != null) {
                attributes.put(name, value);
            }
        }
        try {
            catalog.addItem(
                    row.whole(idColumn),
                    row.text(titleColumn),
                    row.words(categoryColumn, categorySeparator),
                    attributes);
        } catch (IllegalArgumentException e) {
            throw new IOException(row.where() + ": " + e.getMessage(), e);
        }
    }

    /** The column's name as a filter can write it: what is neither letter, digit nor underscore becomes an underscore. */
    private String attributeName(Row row, String column) throws IOException {
        String known = attributeNames.get(column);
        if (known != null) {
            return known;
        }
        String name = NOT_IN_A_NAME.matcher(column).replaceAll("_");
        if (name.isEmpty() || RESERVED.contains(name.toLowerCase(Locale.ROOT)) || attributeNames.containsValue(name)) {
            throw new IOException(
                    row.where() + ": a filter cannot name this column apart; --ignore leaves it out: column=" + column
                            + ", attribute=" + name);
        }
        attributeNames.put(column, name);
        return name;
    }
}
