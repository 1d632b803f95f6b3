package rondo.tools.imports;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a table file row by row. One thread. A row that cannot be read is an {@link IOException} that names file and line. */
interface TableReader extends AutoCloseable {
    /** What {@link #open} can read, for people. */
    String KNOWN = "csv, tsv, jsonl, ndjson, each also with .gz, and parquet";

    /** @throws IOException when there is no such file, or its name does not end in a type that is known. */
    static TableReader open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ": there is no such file: file=" + file);
        }
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean isPackedText = name.endsWith(".gz") && !name.endsWith(".parquet.gz");
        String plain = isPackedText ? name.substring(0, name.length() - 3) : name;
        String type = plain.substring(plain.lastIndexOf('.') + 1);
        return switch (type) {
            case "csv" -> new CsvTable(new TextFile(file), ',');
            case "tsv" -> new CsvTable(new TextFile(file), '\t');
            case "jsonl", "ndjson" -> new JsonLinesTable(new TextFile(file));
            case "parquet" -> new ParquetTable(file);
            default -> throw new IOException(file + ": unknown file type: type=" + type + ", known=" + KNOWN);
        };
    }

    /** The next row, or null after the last one. */
    @Nullable
    Row next() throws IOException;

    /** How much of {@link #total()} has been read. */
    long done() throws IOException;

    /** Bytes or rows; what a progress bar ends at. */
    long total() throws IOException;

    @Override
    void close() throws IOException;
}
