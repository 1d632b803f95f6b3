package rondo.agents.catalog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.ann.RowFilter;
import rondo.ann.TopK;
import rondo.ann.VectorIndex;
import rondo.ann.flat.FlatVectorIndex;
import rondo.ann.partitioned.PartitionedVectorIndex;

/** A catalogue of more items than a query is compared with. */
class CatalogIndexTest {
    private static final int COUNT = CatalogBuilder.COMPARED_COUNT_MAX + 1;
    private static final int DIMENSION = 6;
    private static final List<String> CATEGORIES = List.of("even", "odd");

    @TempDir
    Path catalogs;

    private static float[] vectors() {
        SplittableRandom random = new SplittableRandom(7);
        float[] vectors = new float[COUNT * DIMENSION];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = (float) random.nextGaussian();
        }
        return vectors;
    }

    private static long itemId(int added) {
        return 3L * added + 1;
    }

    private static CatalogBuilder builder(float[] vectors) {
        CatalogBuilder builder = new CatalogBuilder();
        for (int i = 0; i < COUNT; i++) {
            builder.addItem(
                    itemId(i), "item " + i, List.of(CATEGORIES.get(i % 2)), Map.of("number", i, "word", "w" + i % 10));
        }
        builder.itemVectors(vectors, DIMENSION);
        builder.interaction(5, itemId(11));
        builder.interaction(5, itemId(12));
        builder.interaction(6, itemId(12));
        builder.interaction(6, itemId(11));
        builder.withItemToItem();
        return builder;
    }

    /** Rows follow the index, and what belongs to an item follows its row. */
    @Test
    void shouldKeepEveryItemTogetherWhenItsRowsFollowTheIndex() throws IOException {
        float[] vectors = vectors();
        Path directory = builder(vectors).writeTo(catalogs, 1);
        try (Catalog catalog = Catalog.open(directory)) {
            VectorIndex index = Objects.requireNonNull(catalog.vectors());
            assertInstanceOf(PartitionedVectorIndex.class, index);
            float[] vector = new float[DIMENSION];
            RowFilter odd = FilterExpression.parse("category = \"odd\" and number < 1000 and word = \"w3\"")
                    .compile(catalog)
                    .rows();
            for (int i = 0; i < COUNT; i++) {
                int row = catalog.row(itemId(i));
                assertEquals(itemId(i), catalog.itemId(row));
                assertEquals("item " + i, catalog.title(row));
                assertEquals(i % 2, catalog.firstCategory(row));
                assertEquals(i % 10 == 3 && i < 1_000, odd.passes(row));
                assertTrue(catalog.copyItemVector(row, vector));
                assertArrayEquals(Arrays.copyOfRange(vectors, i * DIMENSION, (i + 1) * DIMENSION), vector);
            }
            StringBuilder histories = new StringBuilder();
            catalog.forEachInteraction((user, row) -> histories
                    .append(user)
                    .append(':')
                    .append(catalog.itemId(row))
                    .append(' '));
            assertEquals("5:34 5:37 6:37 6:34 ", histories.toString());
            checkRecall(catalog, index, vectors);
        }
    }

    private static void checkRecall(Catalog catalog, VectorIndex index, float[] vectors) {
        SplittableRandom random = new SplittableRandom(8);
        int hits = 0;
        try (FlatVectorIndex exact = FlatVectorIndex.build(vectors, DIMENSION, rondo.ann.Similarity.INNER_PRODUCT)) {
            TopK expected = new TopK(50);
            TopK found = new TopK(50);
            for (int i = 0; i < 40; i++) {
                float[] query = new float[DIMENSION];
                for (int d = 0; d < DIMENSION; d++) {
                    query[d] = (float) random.nextGaussian();
                }
                exact.newSearcher(50).search(query, 50, null, expected);
                index.newSearcher(50).search(query, 50, new RowFilter(COUNT), found);
                Set<Long> items = new HashSet<>();
                for (int j = 0; j < 50; j++) {
                    items.add(catalog.itemId(found.row(j)));
                }
                for (int j = 0; j < 50; j++) {
                    hits += items.contains(itemId(expected.row(j))) ? 1 : 0;
                }
            }
        }
        assertTrue(hits > 0.93 * 40 * 50, "recall=" + hits / 2_000.0);
    }

    @Test
    void shouldRefuseADamagedIndexAndThatOfAnotherCatalogue() throws IOException {
        float[] vectors = vectors();
        Path one = builder(vectors).writeTo(catalogs, 1);
        vectors[0] += 100;
        Path two = builder(vectors).writeTo(catalogs, 2);
        Path index = one.resolve(CatalogFormat.INDEX_NAME);
        byte[] bytes = Files.readAllBytes(index);
        bytes[bytes.length / 2] ^= 4;
        Files.write(index, bytes);
        String message = String.valueOf(
                assertThrows(IOException.class, () -> Catalog.open(one).close()).getMessage());
        assertTrue(message.contains(CatalogFormat.INDEX_NAME) && message.contains("offset="), message);
        Files.copy(two.resolve(CatalogFormat.INDEX_NAME), index, StandardCopyOption.REPLACE_EXISTING);
        message = String.valueOf(
                assertThrows(IOException.class, () -> Catalog.open(one).close()).getMessage());
        assertTrue(message.contains("of another catalogue"), message);
        Files.delete(index);
        assertThrows(IOException.class, () -> Catalog.open(one).close());
        Catalog.open(two).close();
    }
}
