package rondo.agents.catalog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.ann.RowFilter;

class CatalogTest {
    private static final List<String> GENRES = List.of("Comedy", "Drama", "Horror", "War");

    @TempDir
    Path catalogs;

    /** An item as a plain object: what the filters are compared with. */
    private record Item(List<String> genres, Map<String, Object> attributes) {
        boolean is(String genre) {
            return genres.contains(genre);
        }

        boolean says(String attribute, Predicate<Object> condition) {
            @Nullable Object value = attributes.get(attribute);
            return value != null && condition.test(value);
        }
    }

    private static Item item(SplittableRandom random, int tagCount) {
        List<String> genres =
                GENRES.stream().filter(genre -> random.nextInt(3) == 0).toList();
        Map<String, Object> attributes = new HashMap<>();
        if (random.nextInt(10) > 0) {
            attributes.put("year", 1980 + random.nextInt(30));
        }
        if (random.nextInt(10) > 0) {
            attributes.put("country", List.of("DE", "FR", "PT").get(random.nextInt(3)));
        }
        if (random.nextInt(10) > 0) {
            attributes.put("tag", "tag " + random.nextInt(tagCount));
        }
        return new Item(genres, attributes);
    }

    private static CatalogBuilder builder(List<Item> items) {
        CatalogBuilder builder = new CatalogBuilder();
        for (Item item : items) {
            builder.addItem(builder.itemCount(), "", item.genres(), item.attributes());
        }
        return builder;
    }

    /** Goal: bitmaps and columns answer as a look at every item does. Method: random items of every count around a word's edge, and more words than bitmaps. */
    @Test
    void shouldFilterAsALookAtEveryItemDoes() throws IOException {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Predicate<Item>> filters = new HashMap<>();
        filters.put("genre = \"Drama\"", item -> item.is("Drama"));
        filters.put("category != \"Drama\"", item -> !item.is("Drama"));
        filters.put("genre in (\"Drama\", \"War\", \"Unheard\")", item -> item.is("Drama") || item.is("War"));
        filters.put("country = \"PT\"", item -> item.says("country", "PT"::equals));
        filters.put("country != \"PT\"", item -> !item.says("country", "PT"::equals));
        filters.put("country in (\"DE\", \"FR\")", item -> item.says("country", c -> !c.equals("PT")));
        filters.put("tag = \"tag 1\"", item -> item.says("tag", "tag 1"::equals));
        filters.put("tag != \"tag 1\"", item -> !item.says("tag", "tag 1"::equals));
        filters.put("tag = \"unheard\"", item -> false);
        filters.put("year >= 1990", item -> item.says("year", y -> (int) y >= 1990));
        filters.put("not year >= 1990", item -> !item.says("year", y -> (int) y >= 1990));
        filters.put(
                "(genre = \"War\" or country = \"DE\") and year < 2000 and not seen",
                item -> (item.is("War") || item.says("country", "DE"::equals))
                        && item.says("year", y -> (int) y < 2000));
        int version = 0;
        for (int count : new int[] {1, 63, 64, 65, 128, 1000}) {
            List<Item> items = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                items.add(item(random, 2 * Attribute.Words.BITMAPS_MAX));
            }
            items.set(0, new Item(List.of("Drama"), Map.of("year", 1990, "country", "PT", "tag", "tag 1")));
            Path directory = builder(items).writeTo(catalogs, ++version);
            try (Catalog catalog = Catalog.open(directory)) {
                filters.forEach((text, expected) -> {
                    RowFilter rows =
                            FilterExpression.parse(text).compile(catalog).rows();
                    for (int row = 0; row < items.size(); row++) {
                        assertEquals(
                                expected.test(items.get(row)),
                                rows.passes(row),
                                text + ", row=" + row + ", count=" + items.size() + ", seed=" + seed);
                    }
                    assertEquals(items.stream().filter(expected).count(), rows.cardinality(), text + ", seed=" + seed);
                });
            }
        }
    }

    @Test
    void shouldNeverChangeAVersionThatIsThere() throws IOException {
        Path first = builder(List.of(new Item(List.of(), Map.of()))).writeTo(catalogs, 1);
        byte[] before = Files.readAllBytes(first.resolve(CatalogFormat.FILE_NAME));
        CatalogBuilder other = builder(List.of(new Item(List.of("War"), Map.of()), new Item(List.of(), Map.of())));
        assertThrows(FileAlreadyExistsException.class, () -> other.writeTo(catalogs, 1));
        assertArrayEquals(before, Files.readAllBytes(first.resolve(CatalogFormat.FILE_NAME)));
        try (Stream<Path> children = Files.list(catalogs)) {
            assertEquals(List.of(first), children.toList());
        }
    }

    /** Goal: no count is believed that the bytes behind it do not bear out. Method: each count of a file made huge, with the checksum that it then has. */
    @Test
    void shouldRefuseACountThatItsSectionDoesNotBearOut() throws IOException {
        Path directory = builder(List.of(new Item(List.of("War"), Map.of("country", "DE"))))
                .writeTo(catalogs, 1);
        Path file = directory.resolve(CatalogFormat.FILE_NAME);
        byte[] whole = Files.readAllBytes(file);
        int refusedCount = 0;
        for (int at = 16; at < whole.length; ) {
            ByteBuffer bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
            int code = bytes.getInt(at);
            int length = (int) bytes.getLong(at + 8);
            // The count of META stands behind the version; ids and categories have none.
            int count = at + 16 + (code == CatalogFormat.Section.META.code ? Long.BYTES : 0);
            if (code != CatalogFormat.Section.ITEM_IDS.code && code != CatalogFormat.Section.CATEGORIES.code) {
                CRC32C crc = new CRC32C();
                bytes.putInt(count, Integer.MAX_VALUE);
                crc.update(bytes.array(), at + 16, length);
                bytes.putInt(at + 4, (int) crc.getValue());
                Files.write(file, bytes.array());
                String message = String.valueOf(assertThrows(IOException.class, () -> Catalog.open(directory))
                        .getMessage());
                assertTrue(message.contains("section=") && message.contains("2147483647"), message);
                refusedCount++;
            }
            at += 16 + length;
        }
        assertEquals(6, refusedCount);
    }

    @Test
    void shouldTakeNoLeftoverForAVersion() throws IOException {
        assertEquals(1, Catalog.nextVersion(catalogs.resolve("nowhere")));
        assertThrows(IOException.class, () -> Catalog.newest(catalogs));
        Path whole = builder(List.of(new Item(List.of(), Map.of()))).writeTo(catalogs, 9);
        Path leftover = Files.createDirectories(catalogs.resolve(".tmp-12").resolve("11"));
        Files.copy(whole.resolve(CatalogFormat.FILE_NAME), leftover.resolve(CatalogFormat.FILE_NAME));
        Files.createDirectories(catalogs.resolve("10"));
        Files.createDirectories(catalogs.resolve("99999999999999999999"));
        assertEquals(whole, Catalog.newest(catalogs));
        assertEquals(11, Catalog.nextVersion(catalogs));
    }

    @Test
    void shouldLetAnAttributeTakeTheNameGenre() throws IOException {
        Path directory = builder(List.of(new Item(List.of("War"), Map.of("genre", "Drama"))))
                .writeTo(catalogs, 1);
        try (Catalog catalog = Catalog.open(directory)) {
            assertTrue(FilterExpression.parse("genre = \"Drama\"")
                    .compile(catalog)
                    .rows()
                    .passes(0));
            assertFalse(FilterExpression.parse("genre = \"War\"")
                    .compile(catalog)
                    .rows()
                    .passes(0));
            assertTrue(FilterExpression.parse("category = \"War\"")
                    .compile(catalog)
                    .rows()
                    .passes(0));
        }
    }
}
