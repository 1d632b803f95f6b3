package rondo.agents.catalog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.agrona.BufferUtil;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.agents.catalog.CatalogFormat.Section;
import rondo.ann.HotPath;
import rondo.ann.RowFilter;
import rondo.ann.Similarity;
import rondo.ann.VectorIndex;
import rondo.ann.flat.FlatVectorIndex;
import rondo.ann.partitioned.PartitionedVectorIndex;

/**
 * One version of the items and what was known of users when it was made; immutable, so any thread may read it until it is closed.
 *
 * <p>An item is a row, {@code 0 … itemCount−1}. What the hot path reads of it lies off-heap, sixteen bytes a row:
 *
 * <pre>
 *  0  itemId      int64
 *  8  categories  int64   bit c = category c
 * </pre>
 *
 * What filters read lies off-heap too: a bitmap of rows for each category, and a column or bitmaps for each {@link Attribute}, built when the version is
 * opened.
 */
public final class Catalog implements AutoCloseable {
    private static final int ROW_LENGTH = 16;

    /** What one buffer has room for. */
    private static final int ITEMS_MAX = (Integer.MAX_VALUE - 64) / ROW_LENGTH;

    private static final long ABSENT = Long.MIN_VALUE;

    private final Path directory;
    private final long version;
    private final int itemCount;
    private final int dimension;
    private final UnsafeBuffer items;
    private final Long2LongHashMap rows = new Long2LongHashMap(ABSENT);
    private final int[] titleStarts;
    private final byte[] titles;
    private final List<String> categoryNames;
    private final RowBitmaps categoryRows;
    private final Map<String, Attribute> attributes;
    private final @Nullable VectorIndex vectors;
    private final Long2LongHashMap userRows = new Long2LongHashMap(ABSENT);
    private final @Nullable FlatVectorIndex userVectors;
    private final ByteBuffer histories;
    private final @Nullable ItemToItem itemToItem;

    /** @param index over the item vectors, row by row, taken over; null when they are a section, or there are none. */
    private Catalog(Path directory, Map<Section, ByteBuffer> sections, @Nullable PartitionedVectorIndex index)
            throws IOException {
        this.directory = directory;
        SectionReader meta = SectionReader.of(directory, sections, Section.META);
        version = meta.int64();
        itemCount = meta.int32();
        dimension = meta.int32();
        meta.require(itemCount >= 1 && itemCount <= ITEMS_MAX, "itemCount=" + itemCount);
        meta.require(dimension >= 0 && dimension <= FlatVectorIndex.DIMENSION_MAX, "dimension=" + dimension);
        meta.requireEnd();
        SectionReader ids = SectionReader.of(directory, sections, Section.ITEM_IDS);
        ids.requireLeft("items", itemCount, Long.BYTES);
        SectionReader categories = SectionReader.of(directory, sections, Section.CATEGORIES);
        categories.requireLeft("items", itemCount, Long.BYTES);
        items = new UnsafeBuffer(BufferUtil.allocateDirectAligned(itemCount * ROW_LENGTH, 64));
        for (int row = 0; row < itemCount; row++) {
            long id = ids.int64();
            items.putLong(row * ROW_LENGTH, id);
            items.putLong(row * ROW_LENGTH + 8, categories.int64());
            ids.require(rows.put(id, row) == ABSENT, "an item id occurs twice: itemId=" + id);
        }
        SectionReader titleReader = SectionReader.of(directory, sections, Section.TITLES);
        titleReader.requireAtLeast("items", itemCount, Integer.BYTES);
        titleStarts = new int[itemCount + 1];
        titles = new byte[titleReader.bytes().remaining() - itemCount * Integer.BYTES];
        for (int row = 0; row < itemCount; row++) {
            int length = titleReader.count("title length", 1);
            titleReader.require(
                    length <= titles.length - titleStarts[row], "titles leave no room for each other: row=" + row);
            titleReader.bytes().get(titles, titleStarts[row], length);
            titleStarts[row + 1] = titleStarts[row] + length;
        }
        titleReader.requireEnd();
        SectionReader names = SectionReader.of(directory, sections, Section.CATEGORY_NAMES);
        categoryNames = names.strings();
        names.requireEnd();
        names.require(categoryNames.size() <= CatalogBuilder.CATEGORIES_MAX, "names=" + categoryNames.size());
        categoryRows = new RowBitmaps(categoryNames.size(), itemCount);
        for (int row = 0; row < itemCount; row++) {
            for (long bits = categories(row); bits != 0; bits &= bits - 1) {
                int category = Long.numberOfTrailingZeros(bits);
                categories.require(
                        category < categoryNames.size(), "a category without a name: row=" + row + ", bit=" + category);
                categoryRows.set(category, row);
            }
        }
        attributes = attributes(SectionReader.of(directory, sections, Section.ATTRIBUTES), itemCount);
        if (index != null) {
            requireRows(index);
        }
        SectionReader itemVectors = SectionReader.ofOptional(directory, sections, Section.ITEM_VECTORS);
        SectionReader users = SectionReader.of(directory, sections, Section.USERS);
        int userCount = users.count("users", Long.BYTES);
        for (int user = 0; user < userCount; user++) {
            userRows.put(users.int64(), user);
        }
        users.requireEnd();
        histories = histories(SectionReader.of(directory, sections, Section.HISTORIES), itemCount);
        itemToItem = itemToItem(SectionReader.ofOptional(directory, sections, Section.ITEM_TO_ITEM), itemCount);
        // Last, because their memory is not the collector's.
        FlatVectorIndex compared = vectors(itemVectors, itemCount, dimension);
        try {
            userVectors =
                    vectors(SectionReader.ofOptional(directory, sections, Section.USER_VECTORS), userCount, dimension);
        } catch (IOException | RuntimeException | Error e) {
            if (compared != null) {
                compared.close();
            }
            throw e;
        }
        vectors = index != null ? index : compared;
    }

    /**
     * Opens the version that a directory holds, checking every byte.
     *
     * @throws IOException naming file, offset, expected and found, when the file is cut short, damaged or of another format.
     */
    public static Catalog open(Path directory) throws IOException {
        Map<Section, ByteBuffer> sections = CatalogFormat.read(directory);
        if (!sections.containsKey(Section.VECTOR_INDEX)) {
            return new Catalog(directory, sections, null);
        }
        PartitionedVectorIndex index = PartitionedVectorIndex.open(directory.resolve(CatalogFormat.INDEX_NAME));
        try {
            return new Catalog(directory, sections, index);
        } catch (IOException | RuntimeException | Error e) {
            index.close();
            throw e;
        }
    }

    private void requireRows(PartitionedVectorIndex index) throws IOException {
        boolean fits = index.count() == itemCount && index.dimension() == dimension;
        for (int row = 0; row < itemCount && fits; row++) {
            fits = index.id(row) == itemId(row);
        }
        if (!fits) {
            throw new IOException(directory.resolve(CatalogFormat.INDEX_NAME)
                    + ": the index is of another catalogue: rows=" + index.count() + ", dimension=" + index.dimension()
                    + ", expected rows=" + itemCount + ", dimension=" + dimension + ", and their ids in this order");
        }
    }

    static Catalog of(Map<Section, ByteBuffer> sections, @Nullable PartitionedVectorIndex index) {
        try {
            return new Catalog(Path.of(""), sections, index);
        } catch (IOException e) {
            throw new IllegalStateException("a builder makes every section", e);
        }
    }

    /**
     * The newest version below {@code catalogs}.
     *
     * @throws IOException when there is none.
     */
    public static Path newest(Path catalogs) throws IOException {
        long newest = LongStream.of(versions(catalogs))
                .filter(version ->
                        Files.exists(catalogs.resolve(Long.toString(version)).resolve(CatalogFormat.FILE_NAME)))
                .max()
                .orElseThrow(() -> new IOException("no catalogue in " + catalogs + ": import one with 'rondo import'"));
        return catalogs.resolve(Long.toString(newest));
    }

    /** The version after every one below {@code catalogs}, whole or not; 1 when there is none. */
    public static long nextVersion(Path catalogs) throws IOException {
        return LongStream.of(versions(catalogs)).max().orElse(0) + 1;
    }

    private static long[] versions(Path catalogs) throws IOException {
        if (!Files.isDirectory(catalogs)) {
            return new long[0];
        }
        try (Stream<Path> children = Files.list(catalogs)) {
            return children.map(child -> child.getFileName().toString())
                    .filter(name -> name.matches("[1-9]\\d{0,17}"))
                    .mapToLong(Long::parseLong)
                    .toArray();
        }
    }

    private static Map<String, Attribute> attributes(SectionReader in, int itemCount) throws IOException {
        Map<String, Attribute> attributes = new HashMap<>();
        int count = in.count("attributes", Integer.BYTES + 1);
        for (int i = 0; i < count; i++) {
            String name = in.string();
            int kind = in.uint8();
            in.require(kind <= 1, "kind of attribute=" + kind);
            attributes.put(name, kind == 0 ? numbers(in, itemCount) : words(in, itemCount));
        }
        in.requireEnd();
        return attributes;
    }

    private static Attribute numbers(SectionReader in, int itemCount) throws IOException {
        in.requireAtLeast("items", itemCount, Double.BYTES);
        return new Attribute.Numbers(in.bytes(), itemCount);
    }

    private static Attribute words(SectionReader in, int itemCount) throws IOException {
        List<String> dictionary = in.strings();
        in.requireAtLeast("items", itemCount, Integer.BYTES);
        for (int row = 0; row < itemCount; row++) {
            int code = in.bytes().getInt(in.bytes().position() + row * Integer.BYTES);
            in.require(code >= -1 && code < dictionary.size(), "word of row " + row + "=" + code);
        }
        return new Attribute.Words(dictionary, in.bytes(), itemCount);
    }

    private static @Nullable FlatVectorIndex vectors(@Nullable SectionReader in, int count, int dimension)
            throws IOException {
        if (in == null) {
            return null;
        }
        in.require(dimension >= 1, "dimension=" + dimension);
        in.requireLeft("vectors", count, dimension * Float.BYTES);
        float[] values = new float[count * dimension];
        in.bytes().asFloatBuffer().get(values);
        try {
            return FlatVectorIndex.build(values, dimension, Similarity.INNER_PRODUCT);
        } catch (IllegalArgumentException e) {
            throw in.senseless(String.valueOf(e.getMessage()));
        }
    }

    /** Checked once, so that those who walk through them need not. */
    private static ByteBuffer histories(SectionReader in, int itemCount) throws IOException {
        ByteBuffer whole = in.bytes().slice();
        int userCount = in.count("users", Long.BYTES + Integer.BYTES);
        for (int user = 0; user < userCount; user++) {
            long userId = in.int64();
            int count = in.count("rows of a user", Integer.BYTES);
            for (int i = 0; i < count; i++) {
                int row = in.bytes().getInt();
                in.require(row >= 0 && row < itemCount, "userId=" + userId + ", row=" + row);
            }
        }
        in.requireEnd();
        return whole;
    }

    private static @Nullable ItemToItem itemToItem(@Nullable SectionReader in, int itemCount) throws IOException {
        if (in == null) {
            return null;
        }
        int rowCount = in.int32();
        in.require(rowCount == itemCount, "rows=" + rowCount + ", expected=" + itemCount);
        int pairCount = in.count("pairs", Integer.BYTES + Float.BYTES);
        in.requireLeft("int32 and float32", 2L * itemCount + 1 + 2L * pairCount, Integer.BYTES);
        int[] starts = new int[itemCount + 1];
        int[] targets = new int[pairCount];
        float[] weights = new float[pairCount];
        float[] bias = new float[itemCount];
        ByteBuffer bytes = in.bytes();
        bytes.asIntBuffer().get(starts);
        bytes.position(bytes.position() + starts.length * Integer.BYTES);
        in.require(starts[0] == 0 && starts[itemCount] == pairCount, "pairs do not begin and end where they are");
        for (int row = 0; row < itemCount; row++) {
            in.require(starts[row] <= starts[row + 1], "pairs are not in order: row=" + row);
        }
        bytes.asIntBuffer().get(targets);
        for (int target : targets) {
            in.require(target >= 0 && target < itemCount, "target=" + target);
        }
        bytes.position(bytes.position() + pairCount * Integer.BYTES);
        bytes.asFloatBuffer().get(weights);
        bytes.position(bytes.position() + pairCount * Float.BYTES);
        bytes.asFloatBuffer().get(bias);
        return new ItemToItem(starts, targets, weights, bias);
    }

    /** Where it was read from; empty when it was never written. */
    public Path directory() {
        return directory;
    }

    public long version() {
        return version;
    }

    public int itemCount() {
        return itemCount;
    }

    /** Dimension of the vectors, 0 without any. */
    public int dimension() {
        return dimension;
    }

    @HotPath
    public long itemId(int row) {
        return items.getLong(row * ROW_LENGTH);
    }

    /** The item's categories, one bit each. */
    @HotPath
    public long categories(int row) {
        return items.getLong(row * ROW_LENGTH + 8);
    }

    /** The row of an item, or −1. */
    @HotPath
    public int row(long itemId) {
        long row = rows.get(itemId);
        return row == ABSENT ? -1 : (int) row;
    }

    /** The item's first category, or −1. */
    public int firstCategory(int row) {
        long bits = categories(row);
        return bits == 0 ? -1 : Long.numberOfTrailingZeros(bits);
    }

    public String title(int row) {
        return new String(titles, titleStarts[row], titleStarts[row + 1] - titleStarts[row], StandardCharsets.UTF_8);
    }

    /** Names of the categories, at most 64; the index is the bit. */
    public List<String> categoryNames() {
        return categoryNames;
    }

    /** Lets the rows of a category pass {@code rows} too; none for a name that is no category. */
    void addCategory(String name, RowFilter rows) {
        int category = categoryNames.indexOf(name);
        if (category >= 0) {
            categoryRows.addTo(rows, category);
        }
    }

    /** Names of the attributes that a filter may ask about, beside the categories. */
    public List<String> attributeNames() {
        return attributes.keySet().stream().sorted().toList();
    }

    @Nullable
    Attribute attribute(String name) {
        return attributes.get(name);
    }

    /** The item vectors, or null when the catalogue has none. */
    public @Nullable VectorIndex vectors() {
        return vectors;
    }

    /** Copies an item's vector; false when there are none. */
    @HotPath
    public boolean copyItemVector(int row, float[] out) {
        if (vectors == null) {
            return false;
        }
        vectors.copyRow(row, out);
        return true;
    }

    /** Copies a user's stored vector; false when there is none. */
    @HotPath
    public boolean copyUserVector(long userId, float[] out) {
        if (userVectors == null) {
            return false;
        }
        long user = userRows.get(userId);
        if (user == ABSENT) {
            return false;
        }
        userVectors.copyRow((int) user, out);
        return true;
    }

    /** Weights between items over all imported interactions, or null. */
    public @Nullable ItemToItem itemToItem() {
        return itemToItem;
    }

    /** Receives one imported consumption. */
    @FunctionalInterface
    public interface InteractionConsumer {
        void accept(long userId, int row);
    }

    /** Hands every imported consumption on, user by user, oldest first. */
    public void forEachInteraction(InteractionConsumer consumer) {
        ByteBuffer bytes = histories.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int userCount = bytes.getInt();
        for (int user = 0; user < userCount; user++) {
            long userId = bytes.getLong();
            int count = bytes.getInt();
            for (int i = 0; i < count; i++) {
                consumer.accept(userId, bytes.getInt());
            }
        }
    }

    /** True when every row stands for the same item in both, so that tables by row carry over. */
    public boolean hasSameRowsAs(Catalog other) {
        if (itemCount != other.itemCount) {
            return false;
        }
        for (int row = 0; row < itemCount; row++) {
            if (itemId(row) != other.itemId(row)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        if (vectors != null) {
            vectors.close();
        }
        if (userVectors != null) {
            userVectors.close();
        }
    }
}
