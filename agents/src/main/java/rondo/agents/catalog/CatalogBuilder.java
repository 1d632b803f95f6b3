package rondo.agents.catalog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.agrona.collections.IntArrayList;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;
import rondo.agents.catalog.CatalogFormat.Section;
import rondo.ann.Similarity;
import rondo.ann.partitioned.PartitionedVectorIndex;

/** Gathers a new catalogue version in memory and writes it all or not at all. One thread. Errors name the row that they are about. */
public final class CatalogBuilder {
    /** Categories a catalogue can have. */
    public static final int CATEGORIES_MAX = 64;

    /** Bytes that one section can have, so that a buffer holds it; item vectors reach it first. */
    public static final int SECTION_LENGTH_MAX = Integer.MAX_VALUE - 64;

    /** Up to so many items a query is compared with all of them: that is exact, and takes some tenths of a millisecond at most. */
    static final int COMPARED_COUNT_MAX = 50_000;

    private static final long INDEX_SEED = 1;

    private final LongArrayList itemIds = new LongArrayList();
    private final Long2LongHashMap rows = new Long2LongHashMap(-1);
    private final List<String> titles = new ArrayList<>();
    private final LongArrayList categories = new LongArrayList();
    private final Map<String, Integer> categoryBits = new LinkedHashMap<>();
    /** A column ends with its last value; rows after it have none. */
    private final Map<String, List<@Nullable Object>> attributes = new TreeMap<>();

    private final Map<Long, IntArrayList> histories = new LinkedHashMap<>();
    private float @Nullable [] itemVectors;
    private float @Nullable [] userVectors;
    private long[] users = {};
    private int dimension;
    private boolean wantsItemToItem;

    /**
     * Adds an item and returns its row.
     *
     * @param names      categories; a new name becomes a new category.
     * @param properties attributes by name: a {@link Number} or a {@link String}; others are kept as text.
     */
    public int addItem(long itemId, String title, Collection<String> names, Map<String, Object> properties) {
        int row = itemIds.size();
        if (rows.containsKey(itemId)) {
            throw new IllegalArgumentException(
                    "an item id occurs twice: row=" + row + ", itemId=" + itemId + ", firstRow=" + rows.get(itemId));
        }
        rows.put(itemId, row);
        long bits = 0;
        for (String name : names) {
            Integer bit = categoryBits.get(name);
            if (bit == null) {
                bit = categoryBits.size();
                if (bit == CATEGORIES_MAX) {
                    throw new IllegalArgumentException("a catalogue has at most " + CATEGORIES_MAX + " categories: row="
                            + row + ", category=" + name);
                }
                categoryBits.put(name, bit);
            }
            bits |= 1L << bit;
        }
        itemIds.addLong(itemId);
        titles.add(title);
        categories.addLong(bits);
        properties.forEach((name, value) -> {
            List<@Nullable Object> column = attributes.computeIfAbsent(name, n -> new ArrayList<>());
            while (column.size() < row) {
                column.add(null);
            }
            column.add(value);
        });
        return row;
    }

    /** Items so far. */
    public int itemCount() {
        return itemIds.size();
    }

    /** The row of an item, or −1. */
    public int row(long itemId) {
        return (int) rows.get(itemId);
    }

    /** Categories so far; the index is the bit. */
    public List<String> categoryNames() {
        return List.copyOf(categoryBits.keySet());
    }

    /** Attributes so far, sorted. */
    public List<String> attributeNames() {
        return List.copyOf(attributes.keySet());
    }

    /** Gives every item its vector, in row order. */
    public void itemVectors(float[] values, int ofDimension) {
        requireShape("item", values, itemIds.size(), ofDimension);
        itemVectors = values;
        dimension = ofDimension;
    }

    /** Gives users their vectors, in the order of {@code ids}. */
    public void userVectors(long[] ids, float[] values, int ofDimension) {
        requireShape("user", values, ids.length, ofDimension);
        users = ids;
        userVectors = values;
        dimension = ofDimension;
    }

    private void requireShape(String what, float[] values, int count, int ofDimension) {
        if (ofDimension < 1 || (dimension != 0 && ofDimension != dimension)) {
            throw new IllegalArgumentException(what + " vectors must have the catalogue's dimension: dimension="
                    + ofDimension + ", catalogue=" + dimension);
        }
        if (values.length != (long) count * ofDimension) {
            throw new IllegalArgumentException("there must be one vector for each " + what + ": vectors="
                    + (double) values.length / ofDimension + ", expected=" + count);
        }
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException("a vector holds finite values only: " + what + " row="
                        + i / ofDimension + ", dimension=" + i % ofDimension + ", value=" + values[i]);
            }
        }
    }

    /** Adds one consumption, in the order in which it happened; false when the item is not known. */
    public boolean interaction(long userId, long itemId) {
        int row = row(itemId);
        if (row < 0) {
            return false;
        }
        histories.computeIfAbsent(userId, u -> new IntArrayList()).addInt(row);
        return true;
    }

    /** Users with at least one interaction. */
    public int historyCount() {
        return histories.size();
    }

    /** Users with a vector. */
    public int userVectorCount() {
        return users.length;
    }

    /** Asks for the weights between items over all interactions. */
    public void withItemToItem() {
        wantsItemToItem = true;
    }

    /**
     * Writes the version below {@code catalogs}, all of it or nothing.
     *
     * @return its directory.
     * @throws java.nio.file.FileAlreadyExistsException when there is such a version; it stays as it is.
     */
    public Path writeTo(Path catalogs, long version) throws IOException {
        Path directory = catalogs.resolve(Long.toString(version));
        try (PartitionedVectorIndex index = index()) {
            CatalogFormat.write(directory, sections(version, index), index);
        }
        return directory;
    }

    /** The version itself, without a file; for a catalogue that nobody opens again. The caller closes it. */
    public Catalog build(long version) {
        PartitionedVectorIndex index = index();
        return Catalog.of(sections(version, index), index);
    }

    /** An index over many item vectors; null for few, and for none. */
    private @Nullable PartitionedVectorIndex index() {
        return itemVectors == null || itemIds.size() <= COMPARED_COUNT_MAX
                ? null
                : PartitionedVectorIndex.build(
                        itemIds.toLongArray(),
                        itemVectors,
                        dimension,
                        Similarity.INNER_PRODUCT,
                        INDEX_SEED,
                        CatalogFormat.BUILD_THREADS,
                        PartitionedVectorIndex.RECALL_DEFAULT);
    }

    /** @param index whose rows the items' rows become; null to keep them as they were added. */
    private Map<Section, ByteBuffer> sections(long version, @Nullable PartitionedVectorIndex index) {
        if (itemIds.isEmpty()) {
            throw new IllegalArgumentException("a catalogue needs at least one item: items=0");
        }
        int count = itemIds.size();
        int[] order = new int[count];
        int[] rowOf = new int[count];
        for (int row = 0; row < count; row++) {
            order[row] = index == null ? row : row(index.id(row));
            rowOf[order[row]] = row;
        }
        Map<Section, ByteBuffer> sections = new EnumMap<>(Section.class);
        sections.put(
                Section.META,
                buffer(16).putLong(version).putInt(count).putInt(dimension).flip());
        ByteBuffer ids = buffer((long) count * Long.BYTES);
        ByteBuffer bits = buffer((long) count * Long.BYTES);
        for (int row : order) {
            ids.putLong(itemIds.getLong(row));
            bits.putLong(categories.getLong(row));
        }
        sections.put(Section.ITEM_IDS, ids.flip());
        sections.put(Section.CATEGORIES, bits.flip());
        Bytes titleBytes = new Bytes();
        for (int row : order) {
            titleBytes.string(titles.get(row));
        }
        sections.put(Section.TITLES, titleBytes.toBuffer());
        sections.put(
                Section.CATEGORY_NAMES, new Bytes().strings(categoryNames()).toBuffer());
        sections.put(Section.ATTRIBUTES, attributeSection(order));
        if (index != null) {
            sections.put(Section.VECTOR_INDEX, buffer(0));
        } else if (itemVectors != null) {
            sections.put(Section.ITEM_VECTORS, floats(itemVectors));
        }
        ByteBuffer userIds =
                buffer(Integer.BYTES + (long) users.length * Long.BYTES).putInt(users.length);
        for (long user : users) {
            userIds.putLong(user);
        }
        sections.put(Section.USERS, userIds.flip());
        if (userVectors != null) {
            sections.put(Section.USER_VECTORS, floats(userVectors));
        }
        sections.put(Section.HISTORIES, historySection(rowOf));
        if (wantsItemToItem) {
            sections.put(Section.ITEM_TO_ITEM, itemToItemSection(rowOf));
        }
        return sections;
    }

    private ByteBuffer attributeSection(int[] order) {
        Bytes bytes = new Bytes().int32(attributes.size());
        attributes.forEach((name, values) -> {
            bytes.string(name);
            boolean isNumber = values.stream().allMatch(value -> value == null || value instanceof Number);
            bytes.int8(isNumber ? 0 : 1);
            if (isNumber) {
                for (int row : order) {
                    bytes.float64(valueAt(values, row) instanceof Number number ? number.doubleValue() : Double.NaN);
                }
            } else {
                List<String> dictionary = values.stream()
                        .filter(Objects::nonNull)
                        .map(Object::toString)
                        .distinct()
                        .sorted()
                        .toList();
                Map<String, Integer> codes = new HashMap<>();
                dictionary.forEach(word -> codes.put(word, codes.size()));
                bytes.strings(dictionary);
                for (int row : order) {
                    Object value = valueAt(values, row);
                    Integer code = value == null ? null : codes.get(value.toString());
                    bytes.int32(code == null ? -1 : code);
                }
            }
        });
        return bytes.toBuffer();
    }

    private static @Nullable Object valueAt(List<@Nullable Object> column, int row) {
        return row < column.size() ? column.get(row) : null;
    }

    private ByteBuffer historySection(int[] rowOf) {
        long pairs = histories.values().stream().mapToLong(IntArrayList::size).sum();
        ByteBuffer bytes = buffer(Integer.BYTES + histories.size() * 12L + pairs * Integer.BYTES)
                .putInt(histories.size());
        histories.forEach((userId, rowsOfUser) -> {
            bytes.putLong(userId).putInt(rowsOfUser.size());
            rowsOfUser.forEachOrderedInt(row -> bytes.putInt(rowOf[row]));
        });
        return bytes.flip();
    }

    private ByteBuffer itemToItemSection(int[] rowOf) {
        int[][] perUser = histories.values().stream()
                .map(rowsOfUser -> Arrays.stream(rowsOfUser.toIntArray())
                        .distinct()
                        .map(row -> rowOf[row])
                        .toArray())
                .toArray(int[][]::new);
        int count = rowOf.length;
        ItemToItem built = ItemToItem.build(perUser, count);
        ByteBuffer bytes = buffer(8 + (2L * count + 1 + 2L * built.targets.length) * Integer.BYTES);
        bytes.putInt(count).putInt(built.targets.length);
        for (int start : built.starts) {
            bytes.putInt(start);
        }
        for (int target : built.targets) {
            bytes.putInt(target);
        }
        for (float weight : built.weights) {
            bytes.putFloat(weight);
        }
        for (float bias : built.bias) {
            bytes.putFloat(bias);
        }
        return bytes.flip();
    }

    private static ByteBuffer floats(float[] values) {
        ByteBuffer bytes = buffer((long) values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        return bytes;
    }

    private static ByteBuffer buffer(long length) {
        if (length > SECTION_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "a section of a catalogue has at most " + SECTION_LENGTH_MAX + " bytes: length=" + length);
        }
        return ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A growing little-endian byte string. */
    private static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Bytes int8(int value) {
            out.write(value);
            return this;
        }

        Bytes int32(int value) {
            out.writeBytes(buffer(4).putInt(value).array());
            return this;
        }

        Bytes float64(double value) {
            out.writeBytes(buffer(8).putDouble(value).array());
            return this;
        }

        Bytes string(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            int32(utf8.length);
            out.writeBytes(utf8);
            return this;
        }

        Bytes strings(List<String> texts) {
            int32(texts.size());
            texts.forEach(this::string);
            return this;
        }

        ByteBuffer toBuffer() {
            return ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
