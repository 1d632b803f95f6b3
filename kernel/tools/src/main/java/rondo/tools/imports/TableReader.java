package rondo.tools.imports;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import rondo.tools.data.InputFile;

/** Reads a table file row by row. One thread. A row that cannot be read is an {@link IOException} that names file and line. */
interface TableReader extends AutoCloseable {
    /** What {@link #open} can read, for people. */
    String KNOWN = "csv, tsv, jsonl, ndjson, each also with .gz, and parquet";

    /** @throws IOException when there is no such file, or its name does not end in a type that is known. */
    static TableReader open(Path file) throws IOException {
        String type = InputFile.type(file);
        return switch (type) {
            case "csv", "csv.gz" -> new CsvTable(new TextFile(file), ',');
            case "tsv", "tsv.gz" -> new CsvTable(new TextFile(file), '\t');
            case "jsonl", "jsonl.gz", "ndjson", "ndjson.gz" -> new JsonLinesTable(new TextFile(file));
            case "parquet" -> new ParquetTable(file);
            default -> throw InputFile.unknownType(file, type, KNOWN);
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
