package rondo.tools.imports;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Parquet through an in-memory DuckDB that streams its result. A row's line is its number, from 1. */
final class ParquetTable implements TableReader {
    private static final String MAGIC = "PAR1";

    private final Path file;
    private final Connection connection;
    private final List<String> columns = new ArrayList<>();
    private final ResultSet rows;
    private final long rowCount;
    private long row;

    ParquetTable(Path file) throws IOException {
        this.file = file;
        requireMagic();
        Connection opened = null;
        try {
            opened = DriverManager.getConnection("jdbc:duckdb:", properties());
            connection = opened;
            List<String> selected = new ArrayList<>();
            try (ResultSet described = query("DESCRIBE SELECT * FROM read_parquet(?)")) {
                while (described.next()) {
                    String name = described.getString(1);
                    columns.add(name);
                    selected.add(selection(name, described.getString(2)));
                }
            }
            try (ResultSet counted = query("SELECT count(*) FROM read_parquet(?)")) {
                counted.next();
                rowCount = counted.getLong(1);
            }
            rows = query("SELECT " + String.join(", ", selected) + " FROM read_parquet(?)");
        } catch (SQLException e) {
            close(opened);
            throw refusal(e);
        }
    }

    private void requireMagic() throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer head = ByteBuffer.allocate(MAGIC.length());
            ByteBuffer tail = ByteBuffer.allocate(MAGIC.length());
            if (channel.size() < 12
                    || channel.read(head, 0) != MAGIC.length()
                    || channel.read(tail, channel.size() - MAGIC.length()) != MAGIC.length()
                    || !new String(head.array(), StandardCharsets.ISO_8859_1).equals(MAGIC)
                    || !new String(tail.array(), StandardCharsets.ISO_8859_1).equals(MAGIC)) {
                throw new IOException(
                        file + ": a Parquet file starts and ends with " + MAGIC + ": fileLength=" + channel.size());
            }
        }
    }

    /** Streams instead of gathering the result, fetches no extension from anywhere, and writes no file. */
    private static Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("jdbc_stream_results", "true");
        properties.setProperty("autoinstall_known_extensions", "false");
        properties.setProperty("autoload_known_extensions", "false");
        properties.setProperty("temp_directory", "");
        return properties;
    }

    /** Dates and times are asked for as text, which depends on no time zone. */
    private static String selection(String name, String type) {
        String quoted = '"' + name.replace("\"", "\"\"") + '"';
        boolean isTime = (type.startsWith("DATE") || type.startsWith("TIME")) && !type.endsWith("]");
        return isTime ? "CAST(" + quoted + " AS VARCHAR) AS " + quoted : quoted;
    }

    /** Asks about the file; what would make its name a pattern is put in brackets. */
    private ResultSet query(String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.closeOnCompletion();
        statement.setString(1, file.toString().replaceAll("[*?\\[]", "[$0]"));
        return statement.executeQuery();
    }

    @Override
    public @Nullable Row next() throws IOException {
        try {
            if (!rows.next()) {
                return null;
            }
            row++;
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                values.put(columns.get(i), value(rows.getObject(i + 1)));
            }
            return new Row(file + ":" + row, values);
        } catch (SQLException e) {
            throw refusal(e);
        }
    }

    private static @Nullable Object value(@Nullable Object value) throws SQLException {
        if (value instanceof String text && text.isEmpty()) {
            return null;
        }
        if (value instanceof Array array) {
            List<Object> list = new ArrayList<>();
            for (Object element : (Object[]) array.getArray()) {
                if (element != null) {
                    list.add(element);
                }
            }
            return list;
        }
        return value;
    }

    private IOException refusal(SQLException e) {
        String message = String.valueOf(e.getMessage());
        return new IOException(
                file + ":" + (row + 1) + ": cannot be read as Parquet: reason="
                        + message.lines().findFirst().orElse(""),
                e);
    }

    @Override
    public long done() {
        return row;
    }

    @Override
    public long total() {
        return rowCount;
    }

    @Override
    public void close() throws IOException {
        close(connection);
    }

    private void close(@Nullable Connection opened) throws IOException {
        try {
            if (opened != null) {
                opened.close();
            }
        } catch (SQLException e) {
            throw refusal(e);
        }
    }
}
