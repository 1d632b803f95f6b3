package rondo.jmh.micro;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CatalogBuilder;
import rondo.agents.catalog.CompiledFilter;
import rondo.agents.catalog.FilterExpression;
import rondo.ann.RowFilter;

/**
 * Question: what does a filter expression over 100,000 items cost a request? The server keeps expressions compiled, so a request pays for the copy of the
 * bitmap alone. Baseline: parsing and evaluating it, which the first request with a new expression pays.
 */
@State(Scope.Thread)
public class FilterEvaluation {
    private static final int ITEMS = 100_000;
    private static final String TEXT = "genre = \"Comedy\" and year >= 1990 and not seen";

    private final Catalog catalog = newCatalog();
    private final CompiledFilter compiled = FilterExpression.parse(TEXT).compile(catalog);
    private final RowFilter rows = new RowFilter(ITEMS);

    private static Catalog newCatalog() {
        try {
            Path directory = Files.createTempDirectory("rondo-bench-");
            try {
                CatalogBuilder builder = new CatalogBuilder();
                for (int i = 0; i < ITEMS; i++) {
                    builder.addItem(i, "item", List.of(i % 3 == 0 ? "Comedy" : "Drama"), Map.of("year", 1950 + i % 70));
                }
                return Catalog.open(builder.writeTo(directory, 1));
            } finally {
                try (Stream<Path> files = Files.walk(directory)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a request with a known expression pays. */
    @Benchmark
    public RowFilter apply() {
        rows.copyFrom(compiled.rows());
        return rows;
    }

    /** The baseline: what the first request with an expression pays. */
    @Benchmark
    public CompiledFilter baselineFirstSeen() {
        return FilterExpression.parse(TEXT).compile(catalog);
    }
}
