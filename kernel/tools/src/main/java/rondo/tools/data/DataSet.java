package rondo.tools.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A data set folder, in one of three layouts.
 *
 * <pre>
 * split by user    train.txt.gz, test.txt.gz           "user item item …" a line, indexes from 0
 * in time order    ratings.tsv.gz, movies.tsv.gz       with header lines: userId movieId rating timestamp; movieId title genres
 * in file order    train.txt.gz as above, vroots.tsv.gz    with a header line: id title url; one user's visits after the other's
 * both, optional   ials64_items.f32.gz, ials64_users.f32.gz    float32 little endian, row-major, 64 a row
 *                  golden_query_users.i32.gz, golden_mips_top100_ids.i32.gz    int32 little endian; 100 item indexes for each query user
 *                  item_ids.txt.gz, user_ids.txt.gz    original id of each index, a line each
 * </pre>
 */
public final class DataSet {
    static final int DIMENSION = 64;
    private static final int GOLDEN_DEPTH = 100;
    private static final Pattern YEAR = Pattern.compile("\\((\\d{4})\\)\\s*$");

    private final Path folder;

    /** Something to recommend. */
    public record Item(
            long id,
            String title,
            List<String> categories,
            @Nullable Integer year) {}

    /** Somebody consumed something. */
    public record Rating(long userId, long itemId, long timeSeconds) {}

    private DataSet(Path folder) {
        this.folder = folder;
    }

    /** @throws IOException when the folder is not there. */
    public static DataSet open(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException("there is no such data folder: folder=" + folder);
        }
        return new DataSet(folder);
    }

    /** The folder's own name. */
    public String name() {
        return folder.toAbsolutePath().normalize().getFileName().toString();
    }

    /** True when it holds {@code train.txt.gz} and {@code test.txt.gz}. */
    public boolean isSplitByUser() {
        return has("train.txt.gz") && has("test.txt.gz");
    }

    /** True when its events have an order: it holds {@code movies.tsv.gz} with ratings, or {@code vroots.tsv.gz} with visits. */
    public boolean isInOrder() {
        return (has("ratings.tsv.gz") && has("movies.tsv.gz")) || isInFileOrder();
    }

    private boolean isInFileOrder() {
        return has("vroots.tsv.gz") && has("train.txt.gz");
    }

    public boolean hasVectors() {
        return has("ials64_items.f32.gz") && has("ials64_users.f32.gz");
    }

    public boolean hasGolden() {
        return has("golden_query_users.i32.gz") && has("golden_mips_top100_ids.i32.gz");
    }

    private boolean has(String file) {
        return Files.exists(folder.resolve(file));
    }

    /** Items of each user, by user index; the index of the array is the user. */
    public int[][] interactions(String file) throws IOException {
        List<int[]> rows = new ArrayList<>();
        forEachLine(file, (number, line) -> {
            String[] fields = line.trim().split(" +");
            int user = number(file, number, fields[0]);
            int[] items = new int[fields.length - 1];
            for (int i = 0; i < items.length; i++) {
                items[i] = number(file, number, fields[i + 1]);
            }
            while (rows.size() <= user) {
                rows.add(new int[0]);
            }
            rows.set(user, items);
        });
        return rows.toArray(new int[0][]);
    }

    /** All events in their order: ratings by time, equal times by user, then item; visits as they stand in the file, a second apart. */
    public List<Rating> ratings() throws IOException {
        List<Rating> ratings = new ArrayList<>();
        if (isInFileOrder()) {
            forEachLine("train.txt.gz", (number, line) -> {
                String[] fields = line.trim().split(" +");
                for (int i = 1; i < fields.length; i++) {
                    ratings.add(new Rating(
                            number("train.txt.gz", number, fields[0]),
                            number("train.txt.gz", number, fields[i]),
                            ratings.size()));
                }
            });
            return ratings;
        }
        forEachRow("ratings.tsv.gz", 4, (number, fields) -> {
            ratings.add(new Rating(
                    number("ratings.tsv.gz", number, fields[0]),
                    number("ratings.tsv.gz", number, fields[1]),
                    number("ratings.tsv.gz", number, fields[3])));
        });
        ratings.sort(Comparator.comparingLong(Rating::timeSeconds)
                .thenComparingLong(Rating::userId)
                .thenComparingLong(Rating::itemId));
        return ratings;
    }

    /** All items, in file order. */
    public List<Item> items() throws IOException {
        List<Item> items = new ArrayList<>();
        if (isInFileOrder()) {
            forEachRow(
                    "vroots.tsv.gz",
                    3,
                    (number, fields) -> items.add(
                            new Item(number("vroots.tsv.gz", number, fields[0]), fields[1], List.of(), null)));
            return items;
        }
        forEachRow("movies.tsv.gz", 3, (number, fields) -> {
            Matcher year = YEAR.matcher(fields[1]);
            List<String> genres = fields[2].startsWith("(") ? List.of() : Arrays.asList(fields[2].split("\\|"));
            items.add(new Item(
                    number("movies.tsv.gz", number, fields[0]),
                    fields[1],
                    genres,
                    year.find() ? Integer.valueOf(year.group(1)) : null));
        });
        return items;
    }

    /** Item vectors by original item id; empty when the folder has none. */
    public Map<Long, float[]> itemVectors() throws IOException {
        return byId("ials64_items.f32.gz", "item_ids.txt.gz");
    }

    /** User vectors by original user id. */
    public Map<Long, float[]> userVectors() throws IOException {
        return byId("ials64_users.f32.gz", "user_ids.txt.gz");
    }

    private Map<Long, float[]> byId(String file, String idFile) throws IOException {
        float[] values = floats(file);
        long[] ids = new long[values.length / DIMENSION];
        if (has(idFile)) {
            int[] count = {0};
            forEachLine(idFile, (number, line) -> ids[count[0]++] = Long.parseLong(line.trim()));
        } else {
            Arrays.setAll(ids, i -> i);
        }
        Map<Long, float[]> vectors = new LinkedHashMap<>();
        for (int i = 0; i < ids.length; i++) {
            vectors.put(ids[i], Arrays.copyOfRange(values, i * DIMENSION, (i + 1) * DIMENSION));
        }
        return vectors;
    }

    /** Golden top-100 item indexes by user index. */
    public Map<Integer, int[]> golden() throws IOException {
        int[] users = ints("golden_query_users.i32.gz");
        int[] ids = ints("golden_mips_top100_ids.i32.gz");
        Map<Integer, int[]> golden = new HashMap<>();
        for (int q = 0; q < users.length; q++) {
            golden.put(users[q], Arrays.copyOfRange(ids, q * GOLDEN_DEPTH, (q + 1) * GOLDEN_DEPTH));
        }
        return golden;
    }

    /** A whole file of float32. */
    public float[] floats(String file) throws IOException {
        ByteBuffer bytes = bytes(file);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    private int[] ints(String file) throws IOException {
        ByteBuffer bytes = bytes(file);
        int[] values = new int[bytes.remaining() / Integer.BYTES];
        bytes.asIntBuffer().get(values);
        return values;
    }

    private ByteBuffer bytes(String file) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(folder.resolve(file)), 1 << 16)) {
            return ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    private interface RowReader {
        void accept(int number, String[] fields) throws IOException;
    }

    /** The lines of a table with tabs, below its header. */
    private void forEachRow(String file, int columns, RowReader reader) throws IOException {
        forEachLine(file, (number, line) -> {
            String[] fields = line.split("\t");
            if (number > 1 && fields.length != columns) {
                throw new IOException(folder.resolve(file) + ":" + number + ": expected " + columns + " fields, found "
                        + fields.length);
            }
            if (number > 1) {
                reader.accept(number, fields);
            }
        });
    }

    private interface LineReader {
        void accept(int number, String line) throws IOException;
    }

    private void forEachLine(String file, LineReader reader) throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(folder.resolve(file)), 1 << 16), StandardCharsets.UTF_8))) {
            int number = 0;
            String line;
            while ((line = in.readLine()) != null) {
                number++;
                if (!line.isBlank()) {
                    reader.accept(number, line);
                }
            }
        } catch (UncheckedIOException e) {
            throw new IOException(folder.resolve(file) + ": cannot be read", e);
        }
    }

    private int number(String file, int line, String text) throws IOException {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IOException(folder.resolve(file) + ":" + line + ": expected a whole number, found " + text, e);
        }
    }
}
