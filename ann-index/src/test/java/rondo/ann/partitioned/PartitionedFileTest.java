package rondo.ann.partitioned;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.ann.RowFilter;
import rondo.ann.Similarity;
import rondo.ann.TopK;
import rondo.ann.simd.RowFormat;
import rondo.ann.store.IndexFile;
import rondo.ann.store.NativeMemory;

/** Indexes in files, whole and damaged. */
class PartitionedFileTest {
    private static final long SEED = 20261127;
    private static final int FLIPS = 20_000;
    private static final long META = 1;
    private static final long ORIGIN = 2;

    @TempDir
    Path folder;

    private static PartitionedVectorIndex build(int count, int dimension, Similarity similarity) {
        return build(count, dimension, similarity, RowFormat.FLOAT32);
    }

    private static PartitionedVectorIndex build(int count, int dimension, Similarity similarity, RowFormat rowFormat) {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] rows = new float[count * dimension];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) random.nextGaussian();
        }
        return PartitionedVectorIndex.build(
                rows,
                dimension,
                similarity,
                rowFormat,
                SEED,
                2,
                PartitionedVectorIndex.RECALL_DEFAULT,
                new float[0],
                BuildProgress.NONE);
    }

    @Test
    void shouldFindTheSameFromAFileAsBefore() throws IOException {
        SplittableRandom random = new SplittableRandom(SEED);
        for (Similarity similarity : Similarity.values()) {
            for (int count : new int[] {1, 64, similarity == Similarity.L2 ? 9_000 : 3_000}) {
                Path file = folder.resolve(similarity + "-" + count);
                RowFormat rowFormat = count == 64 ? RowFormat.BFLOAT16 : RowFormat.FLOAT32;
                try (PartitionedVectorIndex built = build(count, 19, similarity, rowFormat)) {
                    built.save(file, 2);
                    try (PartitionedVectorIndex read = PartitionedVectorIndex.open(file)) {
                        assertEquals(rowFormat, read.rowFormat());
                        assertEquals(built.plans().plans(), read.plans().plans());
                        assertEquals(built.length(), read.length());
                        TopK expected = new TopK(10);
                        TopK found = new TopK(10);
                        for (int i = 0; i < 20; i++) {
                            float[] query = new float[19];
                            for (int d = 0; d < query.length; d++) {
                                query[d] = (float) random.nextGaussian();
                            }
                            built.newSearcher(10).search(query, 10, null, expected);
                            read.newSearcher(10).search(query, 10, null, found);
                            assertEquals(expected.count(), found.count());
                            for (int j = 0; j < found.count(); j++) {
                                assertEquals(expected.score(j), found.score(j));
                                assertEquals(built.id(expected.row(j)), read.id(found.row(j)));
                            }
                        }
                        PartitionedVectorIndex.RecallProbe probe = Objects.requireNonNull(read.recallProbe());
                        assertEquals(Math.min(100, count), probe.k());
                        assertTrue(probe.recall() >= 0.93 && probe.recall() <= 1, probe.toString());
                    }
                }
            }
        }
    }

    /** Goal: rows that stay in the file are found like those in memory, whatever becomes of the name; a file cut short is said to be, and hurts nobody else. */
    @Test
    void shouldSearchRowsThatStayInTheFile() throws IOException {
        for (RowFormat rowFormat : RowFormat.values()) {
            Path file = folder.resolve(rowFormat.name());
            Path moved = folder.resolve("moved-" + rowFormat);
            int count = 9_000;
            try (PartitionedVectorIndex built = build(count, 19, Similarity.COSINE, rowFormat)) {
                built.save(file, 2);
                try (PartitionedVectorIndex onDisk = PartitionedVectorIndex.openOnDisk(file)) {
                    assertTrue(onDisk.length() <= built.length() - count * rowFormat.rowLength(19), "in memory");
                    assertEquals(built.recallProbe(), onDisk.recallProbe());
                    RowFilter few = new RowFilter(count);
                    few.clearAll();
                    few.set(17);
                    few.set(count - 1);
                    requireSame(built, onDisk, null);
                    requireSame(built, onDisk, few);
                    Files.move(file, moved);
                    Files.writeString(file, "another one");
                    // A thread that is interrupted takes nothing from the others.
                    Thread.currentThread().interrupt();
                    requireSame(built, onDisk, null);
                    assertTrue(Thread.interrupted());
                    assertThrows(IllegalStateException.class, () -> onDisk.save(folder.resolve("again"), 1));
                    try (FileChannel channel = FileChannel.open(moved, StandardOpenOption.WRITE)) {
                        channel.truncate(channel.size() / 4);
                    }
                    String message = String.valueOf(assertThrows(
                                    UncheckedIOException.class,
                                    () -> onDisk.newSearcher(5_000).search(new float[19], 5_000, null, new TopK(5_000)))
                            .getMessage());
                    assertTrue(message.contains("cut short while it was open: offset="), message);
                    requireSame(built, built, null);
                }
            }
            assertTrue(String.valueOf(assertThrows(IOException.class, () -> PartitionedVectorIndex.openOnDisk(moved))
                            .getMessage())
                    .contains("cut short"));
        }
    }

    private static void requireSame(
            PartitionedVectorIndex expected, PartitionedVectorIndex found, @Nullable RowFilter filter) {
        SplittableRandom random = new SplittableRandom(SEED);
        TopK inMemory = new TopK(100);
        TopK onDisk = new TopK(100);
        float[] query = new float[19];
        float[] row = new float[19];
        float[] sameRow = new float[19];
        for (int i = 0; i < 20; i++) {
            for (int d = 0; d < query.length; d++) {
                query[d] = (float) random.nextGaussian();
            }
            expected.newSearcher(100).search(query, 100, filter, inMemory);
            found.newSearcher(100).search(query, 100, filter, onDisk);
            assertEquals(filter == null ? 100 : 2, onDisk.count());
            for (int j = 0; j < onDisk.count(); j++) {
                assertEquals(inMemory.row(j), onDisk.row(j));
                assertEquals(inMemory.score(j), onDisk.score(j));
                expected.copyRow(inMemory.row(j), row);
                found.copyRow(inMemory.row(j), sameRow);
                assertArrayEquals(row, sameRow);
            }
        }
    }

    @Test
    void shouldRefuseAFileWithAnyBitFlippedOrCutShort() throws IOException {
        Path whole = folder.resolve("whole");
        try (PartitionedVectorIndex index = build(70, 5, Similarity.INNER_PRODUCT)) {
            index.save(whole, 1);
        }
        byte[] bytes = Files.readAllBytes(whole);
        Path damaged = folder.resolve("damaged");
        Files.write(damaged, bytes);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int flip = 0; flip < FLIPS; flip++) {
            // The first and the last of the file one by one, for they say what the rest is.
            int bit = flip < 1_024
                    ? (flip < 512 ? flip : bytes.length * 8 - 1 - (flip - 512))
                    : random.nextInt(bytes.length * 8);
            try (FileChannel channel = FileChannel.open(damaged, StandardOpenOption.WRITE)) {
                put(channel, bit, bytes[bit >> 3] ^ (1 << (bit & 7)));
                String message = refusal(damaged);
                assertTrue(message.contains("offset="), "bit=" + bit + ": " + message);
                if (flip % 16 == 0) {
                    String onDisk = String.valueOf(
                            assertThrows(IOException.class, () -> PartitionedVectorIndex.openOnDisk(damaged))
                                    .getMessage());
                    assertEquals(message, onDisk);
                }
                put(channel, bit, bytes[bit >> 3]);
            }
        }
        PartitionedVectorIndex.open(damaged).close();
        for (int length = 0; length < bytes.length; length += 1 + random.nextInt(bytes.length / 500)) {
            Files.write(damaged, Arrays.copyOf(bytes, length));
            assertTrue(refusal(damaged).contains("damaged"));
        }
        Files.write(damaged, Arrays.copyOf(bytes, bytes.length + 1));
        assertTrue(refusal(damaged).contains("does not end with its footer"));
        Files.write(damaged, bytes);
        PartitionedVectorIndex.open(damaged).close();
    }

    private static void put(FileChannel channel, int bit, int value) throws IOException {
        channel.write(ByteBuffer.wrap(new byte[] {(byte) value}), bit >> 3);
    }

    private static String refusal(Path file) {
        return String.valueOf(assertThrows(
                        IOException.class,
                        () -> PartitionedVectorIndex.open(file).close())
                .getMessage());
    }

    @Test
    void shouldRefuseANewerFormatAndAnotherKindOfFile() throws IOException {
        Path file = folder.resolve("file");
        try (PartitionedVectorIndex index = build(100, 5, Similarity.L2)) {
            index.save(file, 1);
        }
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(8, 2);
        Files.write(file, bytes);
        assertTrue(refusal(file).contains("another format: offset=8, expected=1, found=2"), refusal(file));
        Files.write(file, new byte[1_000]);
        assertTrue(refusal(file).contains("no index file"), refusal(file));
    }

    /** Every byte is what was written, and yet it is no index. */
    @Test
    void shouldRefuseSectionsThatMakeNoSense() throws IOException {
        Path file = folder.resolve("file");
        try (PartitionedVectorIndex index = build(100, 5, Similarity.L2)) {
            index.save(file, 1);
        }
        Map<Long, NativeMemory> sections = new TreeMap<>();
        IndexFile.read(file, sections);
        try {
            write(file, sections, META, 47);
            assertTrue(refusal(file).contains("section=1, bytes=47"), refusal(file));
            NativeMemory origin = Objects.requireNonNull(sections.get(ORIGIN));
            origin.segment().set(ValueLayout.JAVA_FLOAT, 4, Float.NaN);
            write(file, sections, ORIGIN, origin.length());
            assertTrue(refusal(file).contains("section=2, value 1=NaN"), refusal(file));
        } finally {
            sections.values().forEach(NativeMemory::close);
        }
    }

    /** Writes sections as they are, but one so long only. */
    private static void write(Path file, Map<Long, NativeMemory> sections, long cut, long length) throws IOException {
        List<IndexFile.Section> parts = new ArrayList<>();
        sections.forEach((code, memory) -> parts.add(
                new IndexFile.Section(code, memory.segment().asSlice(0, code == cut ? length : memory.length()))));
        IndexFile.write(file, parts);
    }

    @Test
    void shouldLeaveWhatWasThereWhenItCannotWrite() throws IOException {
        Path file = folder.resolve("file");
        try (PartitionedVectorIndex index = build(100, 5, Similarity.L2)) {
            index.save(file, 1);
            byte[] before = Files.readAllBytes(file);
            index.save(file, 1);
            assertArrayEquals(before, Files.readAllBytes(file));
            Path occupied = Files.createDirectories(folder.resolve("folder").resolve("child"));
            assertThrows(IOException.class, () -> index.save(Objects.requireNonNull(occupied.getParent()), 1));
            assertThrows(
                    IOException.class, () -> index.save(folder.resolve("none").resolve("file"), 1));
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertTrue(files.noneMatch(any -> String.valueOf(any.getFileName()).startsWith(".tmp")));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
