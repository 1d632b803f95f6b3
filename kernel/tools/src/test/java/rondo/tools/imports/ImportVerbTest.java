package rondo.tools.imports;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.FilterExpression;
import rondo.tools.VerbRun;

/** Real files through the verb; a refusal leaves the data directory as it was. */
class ImportVerbTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ITEMS = "item_id,title,genres,year\n5,Five,Drama|War,1995\n7,Seven,Comedy,\n";

    @TempDir
    Path files;

    private Path directory = Path.of("");

    @BeforeEach
    void chooseDirectory() {
        directory = files.resolve("data");
    }

    private VerbRun run(Object... options) throws IOException {
        List<Object> arguments = new ArrayList<>(List.of("--directory", directory));
        arguments.addAll(Arrays.asList(options));
        VerbRun run = VerbRun.of(new ImportVerb(), arguments.toArray());
        assertFalse(run.said().contains("\tat "), run.said());
        return run;
    }

    private VerbRun imported(Object... options) throws IOException {
        VerbRun result = run(options);
        assertEquals(0, result.exitCode(), result.json().toString());
        assertTrue(result.json().path("ok").asBoolean());
        return result;
    }

    /** Checks the sentence of a refusal, and that neither the listing nor the newest version changed. */
    private void refused(List<Object> options, Object... parts) throws IOException {
        if (!Files.exists(directory)) {
            imported("--items", file("good.csv", ITEMS));
        }
        List<String> before = listing();
        Path newest = Catalog.newest(directory.resolve("catalog"));
        VerbRun result = run(options.toArray());
        assertEquals(2, result.exitCode(), result.json().toString());
        assertFalse(result.json().path("ok").asBoolean());
        for (Object part : parts) {
            assertTrue(result.error().contains(part.toString()), "expected=" + part + ", found=" + result.error());
        }
        assertEquals(1, result.error().lines().count(), result.error());
        assertEquals(before, listing());
        assertEquals(newest, Catalog.newest(directory.resolve("catalog")));
    }

    private List<String> listing() throws IOException {
        try (Stream<Path> found = Files.walk(directory)) {
            return found.map(path -> path + " " + path.toFile().length() + " "
                            + path.toFile().lastModified())
                    .sorted()
                    .toList();
        }
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(files.resolve(name), text);
    }

    private Path packed(String name, String text) throws IOException {
        Path file = files.resolve(name);
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    private Path file(String name, ByteBuffer bytes) throws IOException {
        byte[] content = new byte[bytes.capacity()];
        bytes.rewind().get(content);
        return Files.write(files.resolve(name), content);
    }

    private static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private Path parquet(String name, String select) throws Exception {
        Path file = files.resolve(name);
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
        }
        return file;
    }

    private static ByteBuffer npy(int major, String descr, String shape, ByteBuffer data) {
        String header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
        int headAt = major == 1 ? 10 : 12;
        ByteBuffer bytes = buffer(headAt + header.length() + data.capacity());
        bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) major, 0});
        if (major == 1) {
            bytes.putShort((short) header.length());
        } else {
            bytes.putInt(header.length());
        }
        return bytes.put(header.getBytes(StandardCharsets.ISO_8859_1))
                .put(data.duplicate().rewind());
    }

    private static ByteBuffer floats(float... values) {
        ByteBuffer bytes = buffer(values.length * Float.BYTES);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.rewind();
    }

    private static ByteBuffer fbin(int count, int dimension, float... values) {
        return buffer(8 + values.length * Float.BYTES)
                .putInt(count)
                .putInt(dimension)
                .put(floats(values));
    }

    private static ByteBuffer fvecs(float[]... rows) {
        ByteBuffer bytes =
                buffer(Arrays.stream(rows).mapToInt(row -> 4 + 4 * row.length).sum());
        for (float[] row : rows) {
            bytes.putInt(row.length).put(floats(row));
        }
        return bytes;
    }

    /** Everything that a catalogue says, as text. */
    private static String describe(VerbRun result) throws IOException {
        StringBuilder text = new StringBuilder();
        try (Catalog catalog = open(result)) {
            text.append(catalog.categoryNames())
                    .append(catalog.attributeNames())
                    .append('\n');
            float[] vector = new float[catalog.dimension()];
            for (int row = 0; row < catalog.itemCount(); row++) {
                boolean hasVector = catalog.copyItemVector(row, vector);
                text.append(catalog.itemId(row) + " " + catalog.title(row) + " " + catalog.categories(row) + " "
                        + (hasVector ? Arrays.toString(vector) : "") + "\n");
            }
            for (String filter : List.of("year >= 1990", "country = \"PT\"", "genre = \"War\"", "code != \"007\"")) {
                text.append(rows(catalog, filter)).append('\n');
            }
            catalog.forEachInteraction((user, row) -> text.append(user + ":" + row + " "));
            text.append(catalog.itemToItem() == null ? "" : "item to item");
        }
        return text.toString();
    }

    private static List<Integer> rows(Catalog catalog, String filter) {
        var rows = FilterExpression.parse(filter).compile(catalog).rows();
        List<Integer> passing = new ArrayList<>();
        for (int row = 0; row < catalog.itemCount(); row++) {
            if (rows.passes(row)) {
                passing.add(row);
            }
        }
        return passing;
    }

    private static Catalog open(VerbRun result) throws IOException {
        return Catalog.open(Path.of(result.json().path("catalog").asText()));
    }

    private record Item(
            long id,
            String title,
            List<String> genres,
            @Nullable Integer year,
            @Nullable String country,
            String code) {
        String csv(char separator) {
            List<String> fields = List.of(
                    Long.toString(id),
                    separator == ',' ? '"' + title.replace("\"", "\"\"") + '"' : title,
                    String.join("|", genres),
                    year == null ? "" : year.toString(),
                    country == null ? "" : country,
                    code);
            return String.join(Character.toString(separator), fields) + "\r\n";
        }

        ObjectNode json() {
            ObjectNode json = MAPPER.createObjectNode().put("item_id", id).put("title", title);
            genres.forEach(json.putArray("genres")::add);
            return json.put("year", year).put("country", country).put("code", code);
        }

        String sql() {
            return "(" + id + "::bigint, '" + title.replace("'", "''") + "', ["
                    + String.join(", ", genres.stream().map(g -> "'" + g + "'").toList()) + "]::varchar[], " + year
                    + "::integer, " + (country == null ? "NULL" : "'" + country + "'") + ", '" + code + "')";
        }
    }

    /** Goal: the format does not matter. Method: random items and interactions written in each, compared with the first. */
    @Test
    void shouldMakeTheSameCatalogueFromEveryFormat() throws Exception {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            items.add(new Item(
                    1_000_000_000_000L + 3 * i,
                    "a \"title\", it's ü " + i,
                    i == 0
                            ? List.of("War")
                            : Stream.of("Drama", "War", "Sci Fi")
                                    .filter(g -> random.nextBoolean())
                                    .toList(),
                    i == 0
                            ? Integer.valueOf(1990)
                            : random.nextInt(5) == 0 ? null : Integer.valueOf(1980 + random.nextInt(20)),
                    i == 0
                            ? "PT"
                            : random.nextInt(5) == 0
                                    ? null
                                    : List.of("PT", "DE").get(random.nextInt(2)),
                    i == 0 ? "007" : Integer.toString(random.nextInt(3))));
        }
        StringBuilder csv = new StringBuilder("item_id,title,genres,year,country,code\r\n");
        StringBuilder tsv = new StringBuilder("item_id\ttitle\tgenres\tyear\tcountry\tcode\r\n");
        StringBuilder jsonl = new StringBuilder();
        for (Item item : items) {
            csv.append(item.csv(','));
            tsv.append(item.csv('\t'));
            jsonl.append(item.json()).append("\n\n");
        }
        StringBuilder interactionsCsv = new StringBuilder("user_id,item_id,timestamp\n");
        StringBuilder interactionsJson = new StringBuilder();
        List<String> interactionsSql = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int user = random.nextInt(10);
            long item = 1_000_000_000_000L + random.nextInt(320);
            int time = random.nextInt(50);
            interactionsCsv.append(user + "," + item + "," + time + "\n");
            interactionsJson.append("{\"userId\":" + user + ",\"itemId\":" + item + ",\"ts\":" + time + "}\n");
            interactionsSql.add("(" + user + ", " + item + ", " + time + ")");
        }
        String columns = "(item_id, title, genres, year, country, code)";
        String values = String.join(", ", items.stream().map(Item::sql).toList());
        float[][] rows = new float[items.size()][4];
        float[] flat = new float[items.size() * 4];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = rows[i / 4][i % 4] = random.nextInt(-500, 500) / 8f;
        }
        ByteBuffer doubles = buffer(flat.length * Double.BYTES);
        ByteBuffer halves = buffer(flat.length * Short.BYTES);
        for (float value : flat) {
            doubles.putDouble(value);
            halves.putShort(Float.floatToFloat16(value));
        }
        List<Path> itemFiles = List.of(
                file("items.csv", "\uFEFF" + csv),
                packed("items.csv.gz", csv.toString()),
                file("items.tsv", tsv.toString()),
                file("items.jsonl", jsonl.toString()),
                packed("items.jsonl.gz", jsonl.toString()),
                parquet("it[e]ms.parquet", "SELECT * FROM (VALUES " + values + ") AS items" + columns));
        List<Path> vectorFiles = List.of(
                file("v1.npy", npy(1, "<f4", "(100, 4)", floats(flat))),
                file("v2.npy", npy(2, "<f8", "(100, 4)", doubles)),
                file("v3.npy", npy(3, "<f2", "(100, 4)", halves)),
                file("v.fbin", fbin(100, 4, flat)),
                file("v.fvecs", fvecs(rows)),
                file("w.fbin", fbin(100, 4, flat)));
        List<Path> interactionFiles = List.of(
                file("x.csv", interactionsCsv.toString()),
                packed("x.tsv.gz", interactionsCsv.toString().replace(',', '\t')),
                file("x.jsonl", interactionsJson.toString()),
                packed("x.ndjson.gz", interactionsJson.toString()),
                file("x.tsv", interactionsCsv.toString().replace(',', '\t')),
                parquet(
                        "x.parquet",
                        "SELECT * FROM (VALUES " + String.join(", ", interactionsSql)
                                + ") AS x(\"user\", item, \"time\")"));

        String expected = "";
        for (int i = 0; i < itemFiles.size(); i++) {
            VerbRun result = imported(
                    "--items",
                    itemFiles.get(i),
                    "--vectors",
                    vectorFiles.get(i),
                    "--interactions",
                    interactionFiles.get(i));
            assertEquals(i + 1, result.json().path("version").asLong());
            assertEquals(100, result.json().path("items").asInt());
            assertEquals(4, result.json().path("dimension").asInt());
            assertEquals(
                    "[\"code\",\"country\",\"year\"]",
                    result.json().path("attributes").toString());
            int taken = result.json().path("interactions").asInt();
            assertEquals(300, taken + result.json().at("/skipped/unknownItems").asInt());
            String described = describe(result);
            expected = i == 0 ? described : expected;
            assertEquals(expected, described, itemFiles.get(i) + ", seed=" + seed);
        }
    }

    @Test
    void shouldFilterOverWhatWasImported() throws IOException {
        VerbRun result = imported(
                "--items",
                file(
                        "items.csv",
                        "id,name,category,release year,zip,note,price\n1,A,x;y,1995,0123,\"two\nlines\",2.5\n2,B,y,,77,,1e1\n"),
                "--category-separator",
                ";",
                "--ignore",
                "note");
        assertEquals("[\"x\",\"y\"]", result.json().path("categories").toString());
        assertEquals(
                "[\"price\",\"release_year\",\"zip\"]",
                result.json().path("attributes").toString());
        try (Catalog catalog = open(result)) {
            assertEquals(List.of(0), rows(catalog, "category = \"x\""));
            assertEquals(List.of(0, 1), rows(catalog, "genre in (\"x\", \"y\")"));
            assertEquals(List.of(0), rows(catalog, "release_year < 2000"));
            assertEquals(List.of(1), rows(catalog, "not release_year < 2000"));
            assertEquals(List.of(0), rows(catalog, "zip = \"0123\""));
            assertEquals(List.of(1), rows(catalog, "zip = \"77\" and price = 10"));
            assertEquals("A", catalog.title(0));
        }
    }

    @Test
    void shouldMakeAnAttributeOfACategoryColumnThatIsNotWanted() throws IOException {
        VerbRun result = imported("--items", file("i.csv", ITEMS), "--categories", "", "--title", "");
        assertEquals("[]", result.json().path("categories").toString());
        assertEquals(
                "[\"genres\",\"title\",\"year\"]",
                result.json().path("attributes").toString());
        try (Catalog catalog = open(result)) {
            assertEquals(List.of(0), rows(catalog, "genres = \"Drama|War\" and title = \"Five\""));
        }
    }

    @Test
    void shouldTakeInteractionsByTimeAndEqualTimesInFileOrder() throws IOException {
        Path interactions = file("x.csv", """
                userId,movieId,rating,timestamp
                1,7,3,2020-01-02T00:00:00Z
                1,5,3,2020-01-01
                2,5,1,2020-01-03 10:00:00
                2,7,1,2020-01-03T10:00:00Z
                1,99,3,2020-01-01
                """);
        VerbRun result = imported("--items", file("i.csv", ITEMS), "--interactions", interactions);
        assertEquals(2, result.json().path("users").asInt());
        assertEquals(4, result.json().path("interactions").asInt());
        assertEquals(1, result.json().at("/skipped/unknownItems").asInt());
        List<String> taken = new ArrayList<>();
        try (Catalog catalog = open(result)) {
            catalog.forEachInteraction((user, row) -> taken.add(user + ":" + catalog.itemId(row)));
            assertTrue(catalog.itemToItem() != null);
        }
        assertEquals(List.of("1:5", "1:7", "2:5", "2:7"), taken);
        VerbRun without =
                imported("--items", file("i.csv", ITEMS), "--interactions", interactions, "--no-item-to-item");
        try (Catalog catalog = open(without)) {
            assertTrue(catalog.itemToItem() == null);
        }
    }

    @Test
    void shouldTakeUserVectorsByTheirIds() throws IOException {
        Path vectors = file("u.fvecs", fvecs(new float[] {1, 2}, new float[] {3, 4}));
        Path items = file("i.csv", ITEMS);
        ByteBuffer oneRecord = buffer(12).putInt(2).putInt(40).putInt(-41);
        ByteBuffer twoRecords = buffer(16).putInt(1).putInt(40).putInt(1).putInt(-41);
        for (Path ids : List.of(
                file("ids.txt", "40\n -41\n\n"), file("ids.ivecs", oneRecord), file("ids2.ivecs", twoRecords))) {
            VerbRun result = imported("--items", items, "--user-vectors", vectors, "--user-ids", ids);
            assertEquals(2, result.json().path("userVectors").asInt());
            try (Catalog catalog = open(result)) {
                float[] found = new float[2];
                assertTrue(catalog.copyUserVector(-41, found));
                assertEquals(3, found[0]);
                assertFalse(catalog.copyUserVector(1, found));
            }
        }
    }

    @Test
    void shouldTakeIntegerVectors() throws IOException {
        ByteBuffer ivecs =
                buffer(24).putInt(2).putInt(1).putInt(-2).putInt(2).putInt(3).putInt(4);
        VerbRun result = imported("--items", file("i.csv", ITEMS), "--vectors", file("v.ivecs", ivecs));
        try (Catalog catalog = open(result)) {
            float[] vector = new float[2];
            assertTrue(catalog.copyItemVector(0, vector));
            assertArrayEquals(new float[] {1, -2}, vector);
        }
    }

    @Test
    void shouldRefuseABrokenCsvRowNamingItsLine() throws IOException {
        String head = "item_id,title\n1,\"two\nlines\"\n";
        refused(List.of("--items", file("a.csv", head + "2,x,y\n3,z\n")), "a.csv:4: ", "fields=3", "header=2");
        refused(List.of("--items", file("a.csv", head + "2\n")), "a.csv:4: ", "fields=1");
        refused(List.of("--items", file("a.csv", head + "2,\"x\"y\n3,z\n")), "a.csv:4: ", "closing quote");
        refused(List.of("--items", file("a.csv", head + "2,\"x\n3,z\n")), "a.csv:4: ", "quote");
        refused(List.of("--items", file("a.csv", head + "two,x\n")), "a.csv:4: ", "item_id=two");
        refused(List.of("--items", file("a.csv", head + "2.5,x\n")), "a.csv:4: ", "item_id=2.5");
        refused(List.of("--items", file("a.csv", head + ",x\n")), "a.csv:4: ", "empty", "item_id");
        refused(List.of("--items", file("a.csv", head + "4,x\n1,y\n")), "a.csv:5: ", "occurs twice", "itemId=1");
        refused(List.of("--items", file("a.csv", "a,b\n1,2\n")), "a.csv:2: ", "--id", "[a, b]");
        refused(List.of("--items", file("a.csv", "id,b,b\n1,2,3\n")), "a.csv:1: ", "columns=[id, b, b]");
        refused(List.of("--items", file("a.csv", "id,seen\n1,2\n")), "a.csv:2: ", "column=seen", "--ignore");
        refused(List.of("--items", file("a.csv", "")), "a.csv:1: ", "header");
        refused(List.of("--items", file("a.csv", "id,b\n")), "a.csv:1: ", "items=0");
        refused(List.of("--items", file("a.csv", ITEMS), "--title", "nope"), "a.csv: ", "--title=nope");
        StringBuilder many = new StringBuilder("id,genre\n");
        for (int i = 0; i < 65; i++) {
            many.append(i + ",g" + i + "\n");
        }
        refused(List.of("--items", file("a.csv", many.toString())), "a.csv:66: ", "64 categories", "g64");
    }

    @Test
    void shouldRefuseBytesThatAreNoTextNamingTheirLine() throws IOException {
        byte[] bad = ITEMS.getBytes(StandardCharsets.ISO_8859_1);
        bad[bad.length - 3] = (byte) 0xFF;
        refused(List.of("--items", Files.write(files.resolve("a.csv"), bad)), "a.csv:3: ", "UTF-8");
        refused(
                List.of("--items", Files.write(files.resolve("a.jsonl"), new byte[] {'{', '}', '\n', (byte) 0xC3})),
                "a.jsonl");
        refused(List.of("--items", file("a.csv.gz", ITEMS)), "a.csv.gz:1: ", "gzip");
        byte[] packed = Files.readAllBytes(packed("b.csv.gz", ITEMS));
        refused(
                List.of("--items", Files.write(files.resolve("b.csv.gz"), Arrays.copyOf(packed, packed.length - 10))),
                "b.csv.gz:",
                "cut short");
    }

    @Test
    void shouldRefuseABrokenJsonRowNamingItsLine() throws IOException {
        String head = "{\"id\":1,\"title\":\"x\"}\n\n";
        refused(List.of("--items", file("a.jsonl", head + "{\"id\":2,\n")), "a.jsonl:3: ", "column=");
        refused(List.of("--items", file("a.jsonl", head + "[1]\n")), "a.jsonl:3: ", "found=ARRAY");
        refused(List.of("--items", file("a.jsonl", head + "{\"id\":2} {}\n")), "a.jsonl:3: ");
        refused(List.of("--items", file("a.jsonl", head + "{\"id\":2,\"id\":3}\n")), "a.jsonl:3: ", "uplicate");
        refused(List.of("--items", file("a.jsonl", head + "{\"title\":\"y\"}\n")), "a.jsonl:3: ", "lacks", "id");
        refused(List.of("--items", file("a.jsonl", head + "{\"id\":2.5}\n")), "a.jsonl:3: ", "id=2.5");
        refused(List.of("--items", file("a.jsonl", head + "{\"id\":null}\n")), "a.jsonl:3: ", "empty");
        refused(
                List.of("--items", file("a.jsonl", head + "{\"id\":2,\"shape\":{\"a\":1}}\n")),
                "a.jsonl:3: ",
                "shape=",
                "--ignore");
    }

    @Test
    void shouldRefuseABrokenParquetFile() throws Exception {
        refused(List.of("--items", file("a.parquet", "id,title\n1,x\n")), "a.parquet: ", "PAR1");
        refused(List.of("--items", file("a.parquet", "PAR1 is not enough PAR1")), "a.parquet:1: ", "Parquet");
        refused(List.of("--items", parquet("b.parquet", "SELECT 'x' AS id")), "b.parquet:1: ", "id=x");
        refused(
                List.of("--items", parquet("b.parquet", "SELECT 1 AS id, {'a': 1} AS nested")),
                "b.parquet:1: ",
                "nested=",
                "--ignore");
    }

    @Test
    void shouldRefuseABrokenInteractionNamingItsLine() throws IOException {
        Path items = file("i.csv", ITEMS);
        String head = "user_id,item_id,timestamp\n1,5,1\n";
        refused(List.of("--items", items, "--interactions", file("x.csv", head + "1,5\n")), "x.csv:3: ", "fields=2");
        refused(List.of("--items", items, "--interactions", file("x.csv", head + "u,5,1\n")), "x.csv:3: ", "user_id=u");
        refused(List.of("--items", items, "--interactions", file("x.csv", head + "1,,1\n")), "x.csv:3: ", "item_id");
        refused(List.of("--items", items, "--interactions", file("x.csv", head + "1,5,now\n")), "x.csv:3: ", "=now");
        refused(List.of("--items", items, "--interactions", file("x.csv", "a,b\n1,2\n")), "x.csv:2: ", "user_id");
    }

    @Test
    void shouldRefuseAnInteractionWithoutATimeAmongOthersThatHaveOne() throws IOException {
        Path items = file("i.csv", ITEMS);
        String head = "{\"user\":1,\"item\":5,\"ts\":1}\n";
        Path interactions = file("x.jsonl", head + "{\"user\":1,\"item\":5}\n");
        refused(List.of("--items", items, "--interactions", interactions), "x.jsonl:2: ", "ts");
        refused(
                List.of("--items", items, "--interactions", interactions, "--interaction-time", "at"),
                "x.jsonl:1: ",
                "--interaction-time",
                "at");
    }

    @Test
    void shouldSayWhyAVersionCannotBeWritten() throws IOException {
        directory = file("taken", "a file where the data directory should be");
        VerbRun result = run("--items", file("i.csv", ITEMS));
        assertEquals(2, result.exitCode());
        assertTrue(result.error().contains("cannot be written, nothing was imported: version=1"), result.error());
        assertEquals(Files.size(directory), 41);
    }

    @Test
    void shouldRefuseAVectorThatIsNotFiniteNamingItsRow() throws IOException {
        Path items = file("i.csv", ITEMS);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            String value = "value=" + bad;
            refused(
                    List.of(
                            "--items",
                            items,
                            "--vectors",
                            file("v.npy", npy(1, "<f4", "(2, 2)", floats(1, 2, 3, bad)))),
                    "v.npy: ",
                    "row=1, dimension=1",
                    value);
            refused(
                    List.of("--items", items, "--vectors", file("v.fbin", fbin(2, 2, 1, 2, bad, 4))),
                    "row=1, dimension=0",
                    value);
            refused(
                    List.of("--items", items, "--vectors", file("v.fvecs", fvecs(new float[] {bad, 1}, new float[] {2, 3
                    }))),
                    "row=0, dimension=0",
                    value);
        }
        ByteBuffer tooLarge =
                buffer(32).putDouble(1).putDouble(2).putDouble(1e300).putDouble(4);
        refused(
                List.of("--items", items, "--vectors", file("v.npy", npy(1, "<f8", "(2, 2)", tooLarge))),
                "row=1, dimension=0",
                "value=1.0E300");
    }

    @Test
    void shouldRefuseAVectorOfAnotherDimensionNamingItsRow() throws IOException {
        Path items = file("i.csv", ITEMS);
        refused(
                List.of("--items", items, "--vectors", file("v.fvecs", fvecs(new float[] {1, 2}, new float[] {1, 2, 3
                }))),
                "v.fvecs: ",
                "row=1",
                "dimension=3",
                "expected=2");
        refused(List.of("--items", items, "--vectors", file("v.fbin", fbin(2, 0))), "[1, 4096]", "dimension=0");
        refused(List.of("--items", items, "--vectors", file("v.fbin", fbin(2, 5000))), "dimension=5000");
        refused(
                List.of(
                        "--items",
                        items,
                        "--vectors",
                        file("v.fbin", fbin(2, 1, 1, 2)),
                        "--user-vectors",
                        file("u.fbin", fbin(1, 2, 1, 2)),
                        "--user-ids",
                        file("u.txt", "1\n")),
                "u.fbin: ",
                "dimension=2",
                "items=1");
    }

    @Test
    void shouldRefuseAVectorFileThatIsCutShortBeforeItTakesMemoryForIt() throws IOException {
        Path items = file("i.csv", ITEMS);
        List<ByteBuffer> npys = List.of(
                npy(1, "<f4", "(2, 2)", floats(1, 2, 3)),
                npy(1, "<f4", "(999999999999999999, 4000)", floats(1, 2, 3)),
                buffer(20).put(npy(1, "<f4", "(2, 2)", floats(1, 2, 3)).array(), 0, 20),
                buffer(3));
        for (ByteBuffer npy : npys) {
            refused(List.of("--items", items, "--vectors", file("v.npy", npy)), "v.npy: ", "cut short");
        }
        refused(
                List.of("--items", items, "--vectors", file("v.fbin", fbin(2, 2, 1, 2, 3))),
                "v.fbin: ",
                "cut short",
                "rows=2");
        refused(
                List.of("--items", items, "--vectors", file("v.fbin", fbin(-1, 2, 1, 2, 3))),
                "cut short",
                "rows=4294967295");
        refused(List.of("--items", items, "--vectors", file("v.fbin", fbin(1, 2, 1, 2, 3))), "last row", "bytes=20");
        ByteBuffer fvecs =
                buffer(20).put(fvecs(new float[] {1, 2}, new float[] {3, 4}).array(), 0, 20);
        refused(List.of("--items", items, "--vectors", file("v.fvecs", fvecs)), "v.fvecs: ", "cut short", "row=1");
        refused(List.of("--items", items, "--vectors", file("v.fvecs", buffer(0))), "v.fvecs: ", "cut short");
        Path ids = file("u.ivecs", buffer(12).putInt(3).putInt(1).putInt(2));
        refused(
                List.of("--items", items, "--user-vectors", file("u.fbin", fbin(1, 1, 1)), "--user-ids", ids),
                "u.ivecs: ",
                "ids=3",
                "found=2");
    }

    @Test
    void shouldRefuseAnArrayThatIsNoTableOfFloats() throws IOException {
        Path items = file("i.csv", ITEMS);
        refused(
                List.of("--items", items, "--vectors", file("v.npy", npy(1, ">f4", "(2, 2)", floats(1, 2, 3, 4)))),
                "descr=>f4");
        refused(
                List.of("--items", items, "--vectors", file("v.npy", npy(1, "<i8", "(2, 1)", floats(1, 2, 3, 4)))),
                "descr=<i8");
        refused(
                List.of("--items", items, "--vectors", file("v.npy", npy(1, "<f4", "(4,)", floats(1, 2, 3, 4)))),
                "shape=(4,)");
        refused(
                List.of("--items", items, "--vectors", file("v.npy", npy(4, "<f4", "(2, 2)", floats(1, 2, 3, 4)))),
                "version=4");
        byte[] fortran = new String(npy(1, "<f4", "(2, 2)", floats(1, 2, 3, 4)).array(), StandardCharsets.ISO_8859_1)
                .replace("False", "True ")
                .getBytes(StandardCharsets.ISO_8859_1);
        refused(
                List.of("--items", items, "--vectors", Files.write(files.resolve("v.npy"), fortran)),
                "fortran_order=True");
    }

    @Test
    void shouldRefuseOtherCountsNamingBoth() throws IOException {
        Path items = file("i.csv", ITEMS);
        refused(
                List.of("--items", items, "--vectors", file("v.fbin", fbin(3, 1, 1, 2, 3))),
                "v.fbin: ",
                "vectors=3",
                "items=2");
        refused(
                List.of(
                        "--items",
                        items,
                        "--user-vectors",
                        file("u.fbin", fbin(2, 1, 1, 2)),
                        "--user-ids",
                        file("u.txt", "1\n2\n3\n")),
                "u.fbin: ",
                "vectors=2",
                "users=3");
        refused(
                List.of(
                        "--items",
                        items,
                        "--user-vectors",
                        file("u.fbin", fbin(2, 1, 1, 2)),
                        "--user-ids",
                        file("u.txt", "1\n1\n")),
                "u.txt:2: ",
                "occurs twice",
                "id=1");
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow() throws IOException {
        Path items = file("i.csv", ITEMS);
        refused(
                List.of("--items", file("items.xlsx", "x")),
                "items.xlsx: ",
                "unknown file type",
                "type=xlsx",
                "parquet");
        refused(List.of("--items", items, "--vectors", file("v.bin", "x")), "v.bin: ", "unknown file type", "npy");
        refused(List.of("--items", files.resolve("nowhere.csv")), "nowhere.csv", "no such file");
        refused(List.of("--items", items, "--vectors", files.resolve("nowhere.npy")), "nowhere.npy", "no such file");
        refused(List.of("--items", items, "--user-vectors", file("u.fbin", fbin(1, 1, 1))), "--user-ids");
    }
}
