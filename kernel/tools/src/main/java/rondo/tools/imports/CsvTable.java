package rondo.tools.imports;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * CSV with a header line, or the same with tabs and without quoting. Fields in double quotes may hold line breaks; a row's line is the one it starts
 * on. An empty field is no value.
 */
final class CsvTable implements TableReader {
    /** A noncharacter: no text holds it, so it can mark the end, and can stand for quotes where there are none. */
    private static final char END = '\uFFFF';

    private static final char NO_QUOTE = '\uFFFE';
    private static final Pattern FAILED_LINE = Pattern.compile("line (\\d+)");

    private final TextFile text;
    private final CsvReader<CsvRecord> reader;
    private final Iterator<CsvRecord> records;
    private final List<String> columns;
    private long line;

    CsvTable(TextFile text, char separator) throws IOException {
        this.text = text;
        try {
            reader = CsvReader.builder()
                    .fieldSeparator(separator)
                    .quoteCharacter(separator == '\t' ? NO_QUOTE : '"')
                    .commentStrategy(CommentStrategy.READ)
                    .commentCharacter(END)
                    .allowExtraFields(true)
                    .allowMissingFields(true)
                    .ofCsvRecord(new EndMarked(text.reader()));
            records = reader.iterator();
            CsvRecord header = nextRecord();
            if (header == null) {
                throw new IOException(text.where(1) + ": a header line is expected: found=nothing");
            }
            columns = header.getFields().stream().map(String::strip).toList();
            Set<String> distinct = new LinkedHashSet<>();
            for (String column : columns) {
                if (column.isEmpty() || !distinct.add(column)) {
                    throw new IOException(
                            text.where(line) + ": every column has a name of its own: columns=" + columns);
                }
            }
        } catch (IOException e) {
            text.close();
            throw e;
        }
    }

    @Override
    public @Nullable Row next() throws IOException {
        CsvRecord csv = nextRecord();
        if (csv == null) {
            return null;
        }
        if (csv.getFieldCount() != columns.size()) {
            throw new IOException(text.where(line) + ": a row has as many fields as the header: fields="
                    + csv.getFieldCount() + ", header=" + columns.size());
        }
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            String field = csv.getField(i);
            values.put(columns.get(i), field.isEmpty() ? null : NumberText.of(field));
        }
        return new Row(text.where(line), values);
    }

    /** The next record, or null at the end mark. A record that swallowed the mark has a quote that nothing closes. */
    private @Nullable CsvRecord nextRecord() throws IOException {
        try {
            CsvRecord csv = records.next();
            line = csv.getStartingLineNumber();
            if (csv.isComment()) {
                return null;
            }
            String last = csv.getField(csv.getFieldCount() - 1);
            if (!last.isEmpty() && last.charAt(last.length() - 1) == END) {
                throw new IOException(
                        text.where(line) + ": a field that starts with a quote ends with one: found=end of file");
            }
            return csv;
        } catch (CsvParseException e) {
            Matcher failed = FAILED_LINE.matcher(String.valueOf(e.getMessage()));
            String reason = String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
            throw new IOException(
                    text.where(failed.find() ? Long.parseLong(failed.group(1)) : line + 1)
                            + ": the row is broken: reason=" + reason,
                    e);
        } catch (UncheckedIOException e) {
            throw text.refusal(line + 1, Objects.requireNonNull(e.getCause()));
        }
    }

    @Override
    public long done() throws IOException {
        return text.done();
    }

    @Override
    public long total() throws IOException {
        return text.length();
    }

    @Override
    public void close() throws IOException {
        text.close();
    }

    /** Text with a line of its own behind it that holds the end mark. */
    private static final class EndMarked extends Reader {
        private static final char[] MARK = {'\n', END};

        private final Reader text;
        private int marked = -1;

        EndMarked(Reader text) {
            this.text = text;
        }

        @Override
        public int read(char[] out, int offset, int length) throws IOException {
            if (marked < 0) {
                int count = text.read(out, offset, length);
                if (count >= 0) {
                    return count;
                }
                marked = 0;
            }
            int count = Math.min(length, MARK.length - marked);
            System.arraycopy(MARK, marked, out, offset, count);
            marked += count;
            return count == 0 && length > 0 ? -1 : count;
        }

        @Override
        public void close() throws IOException {
            text.close();
        }
    }
}
