package rondo.tools.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.ann.Similarity;
import rondo.ann.partitioned.PartitionedVectorIndex;
import rondo.ann.partitioned.SearchPlans;
import rondo.kernel.cli.UsageException;
import rondo.kernel.cli.Verb;
import rondo.tools.VerbRun;

/** Real files through the verbs; the oracle of what an index holds is the array that its file was written from. */
class IndexVerbTest {
    private static final long SEED = 20251127;

    /** As many rows as are searched by a plan, and a few more. */
    private static final int PLANNED_COUNT = 9_000;

    @TempDir
    Path files;

    // ---- files ----

    private static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private Path file(String name, ByteBuffer bytes) throws IOException {
        byte[] content = new byte[bytes.capacity()];
        bytes.rewind().get(content);
        return Files.write(files.resolve(name), content);
    }

    /** Whole numbers in [0, 255], which every type of file can hold. */
    private static float[] bytes(int count, int dimension) {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] values = new float[count * dimension];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(256);
        }
        return values;
    }

    private static float[] clusters(int count, int dimension, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count * dimension];
        for (int row = 0; row < count; row++) {
            SplittableRandom centre = new SplittableRandom(random.nextInt(50));
            for (int d = 0; d < dimension; d++) {
                values[row * dimension + d] = (float) (centre.nextDouble(-1, 1) + random.nextDouble(-0.4, 0.4));
            }
        }
        return values;
    }

    private Path fbin(String name, float[] values, int dimension) throws IOException {
        ByteBuffer out = buffer(8 + values.length * Float.BYTES)
                .putInt(values.length / dimension)
                .putInt(dimension);
        for (float value : values) {
            out.putFloat(value);
        }
        return file(name, out);
    }

    private Path npy(String name, float[] values, int dimension) throws IOException {
        byte[] header = ("{'descr': '<f4', 'fortran_order': False, 'shape': (" + values.length / dimension + ", "
                        + dimension + "), }\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer out = buffer(10 + header.length + values.length * Float.BYTES)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) header.length)
                .put(header);
        for (float value : values) {
            out.putFloat(value);
        }
        return file(name, out);
    }

    /** One of the types whose rows begin with their dimension; the type is the end of the name. */
    private Path vecs(String name, float[] values, int dimension) throws IOException {
        int length = name.endsWith(".bvecs") ? 1 : 4;
        ByteBuffer out = buffer(values.length / dimension * (4 + dimension * length));
        for (int i = 0; i < values.length; i++) {
            if (i % dimension == 0) {
                out.putInt(dimension);
            }
            switch (name.charAt(name.length() - 5)) {
                case 'f' -> out.putFloat(values[i]);
                case 'i' -> out.putInt((int) values[i]);
                default -> out.put((byte) values[i]);
            }
        }
        return file(name, out);
    }

    // ---- runs ----

    private static VerbRun run(Verb verb, Object... options) throws IOException {
        VerbRun run = VerbRun.of(verb, options);
        assertFalse(run.said().contains("\tat "), run.said());
        return run;
    }

    private static JsonNode done(Verb verb, Object... options) throws IOException {
        VerbRun run = run(verb, options);
        assertEquals(0, run.exitCode(), run.json() + run.said());
        assertTrue(run.json().path("ok").asBoolean());
        return run.json();
    }

    private JsonNode built(String name, Path vectors, Object... options) throws IOException {
        List<Object> arguments = new ArrayList<>(List.of("--vectors", vectors, "--out", files.resolve(name)));
        arguments.addAll(Arrays.asList(options));
        return done(new IndexBuild(), arguments.toArray());
    }

    /** Checks that a run ends with this code and a sentence that has these parts, and that no file came or went. */
    private VerbRun refused(int exitCode, Verb verb, List<Object> options, Object... parts) throws IOException {
        List<String> before = listing();
        VerbRun run = run(verb, options.toArray());
        assertEquals(exitCode, run.exitCode(), run.json().toString());
        assertFalse(run.json().path("ok").asBoolean());
        for (Object part : parts) {
            assertTrue(run.error().contains(part.toString()), "expected=" + part + ", found=" + run.error());
            assertTrue(run.said().contains(part.toString()), "expected=" + part + ", found=" + run.said());
        }
        assertEquals(1, run.error().lines().count(), run.error());
        assertEquals(before, listing());
        return run;
    }

    private void buildRefused(Path vectors, List<Object> options, Object... parts) throws IOException {
        List<Object> arguments = new ArrayList<>(List.of("--vectors", vectors, "--out", files.resolve("no.index")));
        arguments.addAll(options);
        refused(2, new IndexBuild(), arguments, parts);
    }

    private List<String> listing() throws IOException {
        try (Stream<Path> found = Files.walk(files)) {
            return found.map(Path::toString).sorted().toList();
        }
    }

    private static void assertHolds(Path file, float[] values, int dimension) throws IOException {
        try (PartitionedVectorIndex index = PartitionedVectorIndex.open(file)) {
            assertEquals(values.length / dimension, index.count());
            float[] row = new float[dimension];
            for (int i = 0; i < index.count(); i++) {
                index.copyRow(i, row);
                int at = (int) index.id(i) * dimension;
                assertEquals(
                        Arrays.toString(Arrays.copyOfRange(values, at, at + dimension)),
                        Arrays.toString(row),
                        file + ", id=" + index.id(i));
            }
        }
    }

    // ---- build ----

    @Test
    void shouldBuildTheSameIndexFromEveryTypeOfFile() throws IOException {
        float[] values = bytes(200, 6);
        List<Path> vectors = List.of(
                npy("v.npy", values, 6),
                fbin("v.fbin", values, 6),
                vecs("v.fvecs", values, 6),
                vecs("v.ivecs", values, 6),
                vecs("v.bvecs", values, 6));
        byte[] first = {};
        for (Path file : vectors) {
            String name = file.getFileName() + ".index";
            assertEquals(
                    200, built(name, file, "--similarity", "l2").path("count").asInt());
            assertHolds(files.resolve(name), values, 6);
            byte[] bytes = Files.readAllBytes(files.resolve(name));
            assertTrue(first.length == 0 || Arrays.equals(first, bytes), name);
            first = bytes;
        }
    }

    @Test
    void shouldSayWhatItBuilt() throws IOException {
        Path vectors = fbin("v.fbin", clusters(PLANNED_COUNT, 12, SEED), 12);
        VerbRun run = run(
                new IndexBuild(),
                "--vectors",
                vectors,
                "--out",
                files.resolve("v.index"),
                "--similarity",
                "cosine",
                "--target-recall",
                "0.9",
                "--k",
                "50",
                "--threads",
                "2");
        JsonNode json = run.json();
        assertEquals(0, run.exitCode(), json.toString());
        assertEquals("index build", json.path("command").asText());
        assertEquals(PLANNED_COUNT, json.path("count").asInt());
        assertEquals(12, json.path("dim").asInt());
        assertEquals("COSINE", json.path("similarity").asText());
        assertEquals(
                json.path("bytes").asDouble() / PLANNED_COUNT,
                json.path("bytesPerVector").asDouble(),
                1e-9);
        assertEquals(50, json.path("k").asInt());
        assertTrue(json.path("planRecall").asDouble() >= 0.9, json.toString());
        assertEquals(100, json.path("recallProbe").path("k").asInt());
        assertTrue(json.path("recallProbe").path("recall").asDouble() > 0.88, json.toString());
        assertEquals(
                Files.size(files.resolve("v.index")), json.path("fileBytes").asLong());
        assertTrue(json.path("memory").path("heapBytes").asLong() > PLANNED_COUNT * 12 * 4);
        assertTrue(json.path("memory").path("nativeBytes").asLong()
                > json.path("bytes").asLong());
        assertTrue(
                json.path("plan").asText().contains("k to 10: "),
                json.path("plan").asText());
        assertTrue(run.said().contains("takes at most"), run.said());
        assertTrue(run.said().contains("k to 100: "), run.said());
        assertFalse(run.said().contains("k to 500: "), run.said());
    }

    @Test
    void shouldFitPlansOnQueriesAndKeepSomeApart() throws IOException {
        Path vectors = fbin("v.fbin", clusters(PLANNED_COUNT, 12, SEED), 12);
        JsonNode many = built("many.index", vectors, "--queries", npy("many.npy", clusters(301, 12, SEED + 1), 12));
        assertEquals(201, many.path("queries").path("fitted").asInt());
        assertEquals(100, many.path("queries").path("probed").asInt());
        assertTrue(many.path("queries").path("heldOut").asBoolean());
        JsonNode few = built("few.index", vectors, "--queries", npy("few.npy", clusters(7, 12, SEED + 1), 12));
        assertEquals(7, few.path("queries").path("fitted").asInt());
        assertEquals(7, few.path("queries").path("probed").asInt());
        assertFalse(few.path("queries").path("heldOut").asBoolean());
        done(new IndexCheck(), files.resolve("few.index"));
    }

    @Test
    void shouldReplaceAnIndexThatIsThere() throws IOException {
        built("v.index", fbin("a.fbin", bytes(20, 3), 3));
        built("v.index", fbin("b.fbin", bytes(30, 4), 4));
        assertHolds(files.resolve("v.index"), bytes(30, 4), 4);
    }

    @Test
    void shouldRefuseVectorsThatCannotBeReadNamingFileAndPlace() throws IOException {
        ByteBuffer wrong = buffer(3 * 12);
        for (int row = 0; row < 3; row++) {
            wrong.putInt(row == 2 ? 3 : 2).putFloat(1).putFloat(2);
        }
        float[] values = bytes(5, 4);
        byte[] whole = Files.readAllBytes(vecs("whole.bvecs", values, 4));
        buildRefused(
                Files.write(files.resolve("cut.bvecs"), Arrays.copyOf(whole, whole.length - 1)),
                List.of(),
                "cut.bvecs: ",
                "cut short",
                "row=4");
        byte[] header = Files.readAllBytes(fbin("whole.fbin", values, 4));
        buildRefused(
                Files.write(files.resolve("cut.fbin"), Arrays.copyOf(header, header.length - 5)),
                List.of(),
                "cut.fbin: ",
                "cut short",
                "rows=5");
        values[2 * 4 + 3] = Float.NaN;
        buildRefused(fbin("nan.fbin", values, 4), List.of(), "nan.fbin: ", "row=2", "dimension=3", "NaN");
        buildRefused(file("two.fvecs", wrong), List.of(), "two.fvecs: ", "row=2", "dimension=3", "expected=2");
        buildRefused(file("v.bin", buffer(4)), List.of(), "v.bin: ", "unknown file type", "type=bin", "bvecs");
        buildRefused(files.resolve("nowhere.npy"), List.of(), "nowhere.npy: ", "no such file");
        buildRefused(fbin("none.fbin", new float[0], 4), List.of(), "none.fbin: ", "no vectors");
        buildRefused(
                fbin("zero.fbin", new float[] {1, 2, 0, 0}, 2),
                List.of("--similarity", "cosine"),
                "zero.fbin: ",
                "zero vector",
                "row=1");
    }

    @Test
    void shouldRefuseOptionsThatDoNotFit() throws IOException {
        Path vectors = fbin("v.fbin", bytes(20, 4), 4);
        for (String recall : List.of("0", "-0.1", "1.01", "NaN")) {
            buildRefused(vectors, List.of("--target-recall", recall), "--target-recall outside (0, 1]");
        }
        buildRefused(vectors, List.of("--k", 21), "v.fbin: ", "k=21", "vectors=20");
        buildRefused(vectors, List.of("--k", 0), "k=0");
        buildRefused(vectors, List.of("--threads", 0), "threads=0");
        buildRefused(vectors, List.of("--similarity", "dot"), "similarity=dot", "cosine");
        buildRefused(vectors, List.of("--rows", "int8"), "rows=int8", "bfloat16");
        buildRefused(
                vectors, List.of("--queries", fbin("q.fbin", bytes(3, 5), 5)), "q.fbin: ", "dimension=5", "expected=4");
        buildRefused(vectors, List.of("--queries", fbin("q0.fbin", new float[0], 4)), "q0.fbin: ", "no queries");
        refused(
                2,
                new IndexBuild(),
                List.of("--vectors", vectors, "--out", files.resolve("nowhere/v.index")),
                "v.index: ",
                "no folder");
        refused(2, new IndexBuild(), List.of("--vectors", vectors, "--out", files), "a folder");
        refused(2, new IndexBuild(), List.of("--vectors", vectors, "--out", vectors), "would replace");
    }

    @Test
    void shouldRefuseABuildThatTakesMoreMemoryThanThereIs() throws IOException {
        Path huge = files.resolve("huge.fbin");
        // 134 million vectors of 16 dimensions: nearly as long as an array can be, and no block of it on the disk.
        int count = (1 << 27) - 1;
        try (RandomAccessFile out = new RandomAccessFile(huge.toFile(), "rw")) {
            out.writeInt(Integer.reverseBytes(count));
            out.writeInt(Integer.reverseBytes(16));
            out.setLength(8 + (long) count * 16 * Float.BYTES);
        }
        buildRefused(huge, List.of(), "huge.fbin: ", "MB on the heap", "RONDO_OPTS=-Xmx");
    }

    @Test
    void shouldNameFigureAndLimitOfMemory() {
        MemoryNeed need = new MemoryNeed(3_000_000_000L, 4_000_000_000L);
        need.require(new MemoryNeed.Limit(3_000_000_000L, 7_000_000_000L), "v.npy");
        UsageException heap = assertThrows(
                UsageException.class,
                () -> need.require(new MemoryNeed.Limit(2_999_000_000L, 9_000_000_000L), "v.npy"));
        assertEquals(
                "v.npy: the work takes up to 3000 MB on the heap, which has no more than 2999 MB; RONDO_OPTS=-Xmx3g gives it enough",
                heap.getMessage());
        UsageException machine = assertThrows(
                UsageException.class,
                () -> need.require(new MemoryNeed.Limit(9_000_000_000L, 6_999_000_000L), "v.npy"));
        assertEquals("v.npy: the work takes up to 7000 MB of memory, and only 6999 MB are free", machine.getMessage());
    }

    @Test
    void shouldLeaveNothingWhenTheBuildIsInterrupted() throws IOException {
        Path vectors = fbin("v.fbin", bytes(2_000, 8), 8);
        Thread.currentThread().interrupt();
        VerbRun run;
        try {
            run = run(new IndexBuild(), "--vectors", vectors, "--out", files.resolve("v.index"));
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertEquals(1, run.exitCode());
        assertEquals("interrupted", run.error());
        assertEquals(List.of(files.toString(), vectors.toString()), listing());
    }

    // ---- stats and check ----

    @Test
    void shouldDescribeAnIndex() throws IOException {
        built("v.index", fbin("v.fbin", clusters(PLANNED_COUNT, 12, SEED), 12));
        JsonNode json = done(new IndexStats(), files.resolve("v.index"));
        assertEquals("index stats", json.path("command").asText());
        assertEquals(1, json.path("version").asInt());
        assertEquals(PLANNED_COUNT, json.path("count").asInt());
        assertEquals(0, json.path("deleted").asInt(-1));
        assertEquals(12, json.path("dim").asInt());
        assertEquals("INNER_PRODUCT", json.path("similarity").asText());
        assertTrue(json.path("bytes").asLong() > PLANNED_COUNT * 64L);
        assertEquals(
                json.path("bytes").asDouble() / PLANNED_COUNT,
                json.path("bytesPerVector").asDouble(),
                1e-9);
        assertEquals(100, json.path("recallProbe").path("k").asInt());
        assertTrue(json.path("recallProbe").path("recall").asDouble() > 0.93, json.toString());
        assertTrue(json.path("plan").isTextual());
        assertEquals(4, json.path("plans").size());
        assertEquals(500, json.path("plans").path(2).path("k").asInt());
        assertTrue(json.path("plans").path(2).path("recall").asDouble() >= 0.95);
        assertTrue(json.path("openSeconds").isDouble());
    }

    @Test
    void shouldKeepVectorsInHalfTheMemoryAndKnowBeforehandHowMuch() throws IOException {
        Path vectors = fbin("v.fbin", clusters(PLANNED_COUNT, 64, SEED), 64);
        built("v.index", vectors, "--rows", "bfloat16");
        JsonNode json = done(new IndexStats(), files.resolve("v.index"));
        assertEquals("bfloat16", json.path("rows").asText());
        assertTrue(json.path("recallProbe").path("recall").asDouble() > 0.93, json.toString());
        JsonNode size = done(new SizeVerb(), "--vectors", PLANNED_COUNT, "--dimension", 64, "--rows", "bfloat16");
        assertEquals(1, size.path("bytes").asDouble() / json.path("bytes").asDouble(), 0.1, size + " " + json);
        size = done(new SizeVerb(), "--like", vectors, "--rows", "bfloat16");
        assertEquals(PLANNED_COUNT, size.path("count").asInt());
        assertEquals(1, size.path("bytes").asDouble() / json.path("bytes").asDouble(), 0.05, size + " " + json);
        refused(2, new SizeVerb(), List.of("--like", vectors, "--dimension", 65), "of the file=64");
        built("whole.index", vectors);
        JsonNode whole = done(new IndexStats(), files.resolve("whole.index"));
        assertEquals(
                128,
                whole.path("bytesPerVector").asDouble()
                        - json.path("bytesPerVector").asDouble(),
                1);
        refused(2, new SizeVerb(), List.of("--vectors", 10, "--dimension", 5000), "dimension=5000");
        refused(2, new SizeVerb(), List.of("--vectors", 10, "--dimension", 5, "--rows", "int8"), "rows=int8");
    }

    @Test
    void shouldDescribeAnIndexThatIsSearchedWhole() throws IOException {
        built("v.index", fbin("v.fbin", bytes(3, 2), 2));
        JsonNode json = done(new IndexStats(), files.resolve("v.index"));
        assertEquals("every k: every row is scored", json.path("plan").asText());
        assertEquals("[{\"recall\":1.0}]", json.path("plans").toString());
        assertEquals(3, json.path("recallProbe").path("k").asInt());
        assertEquals(1, json.path("recallProbe").path("recall").asDouble());
        JsonNode onDisk = done(new IndexStats(), files.resolve("v.index"), "--on-disk");
        assertTrue(onDisk.path("onDisk").asBoolean());
        assertEquals(json.path("recallProbe"), onDisk.path("recallProbe"));
        assertTrue(onDisk.path("bytes").asLong() < json.path("bytes").asLong());
    }

    @Test
    void shouldPassAnIndexThatIsWhole() throws IOException {
        built("v.index", fbin("v.fbin", clusters(PLANNED_COUNT, 12, SEED), 12));
        JsonNode json = done(new IndexCheck(), files.resolve("v.index"));
        assertEquals("index check", json.path("command").asText());
        assertTrue(json.path("planRecall").asDouble() >= 0.95);
    }

    @Test
    void shouldFailAnIndexThatIsDamagedNamingThePlace() throws IOException {
        built("v.index", fbin("v.fbin", bytes(3_000, 8), 8));
        byte[] whole = Files.readAllBytes(files.resolve("v.index"));
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 20; i++) {
            byte[] damaged = whole.clone();
            int at = random.nextInt(damaged.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Path file = Files.write(files.resolve("damaged.index"), damaged);
            refused(1, new IndexCheck(), List.of(file), "damaged.index: ");
            refused(2, new IndexStats(), List.of(file), "damaged.index: ");
        }
        byte[] damaged = whole.clone();
        damaged[70_000] ^= 4;
        Path flipped = Files.write(files.resolve("flipped.index"), damaged);
        refused(1, new IndexCheck(), List.of(flipped), "flipped.index: ", "offset=65536", "expected", "found");
        Path cut = Files.write(files.resolve("cut.index"), Arrays.copyOf(whole, whole.length / 2));
        refused(1, new IndexCheck(), List.of(cut), "cut.index: ", "cut short", "offset=");
        Path other = Files.write(files.resolve("v.csv"), new byte[1_000]);
        refused(1, new IndexCheck(), List.of(other), "v.csv: ", "no index file", "offset=0");
        refused(2, new IndexCheck(), List.of(files.resolve("nowhere.index")), "nowhere.index: ", "no such file");
        refused(2, new IndexStats(), List.of(files.resolve("nowhere.index")), "nowhere.index: ", "no such file");
    }

    @Test
    void shouldFailAnIndexWhoseSearchesFindLessThanItsPlanSays() throws IOException {
        Path file = files.resolve("v.index");
        try (PartitionedVectorIndex index = PartitionedVectorIndex.build(
                clusters(PLANNED_COUNT, 12, SEED), 12, Similarity.INNER_PRODUCT, SEED, 2)) {
            index.plan(new SearchPlans(List.of(new SearchPlans.Plan(100, 0.1f, 1f, 0.99))));
            index.save(file, 2);
        }
        VerbRun run = refused(1, new IndexCheck(), List.of(file), "v.index: ", "k=100", "expected at least=0.9700");
        assertTrue(run.json().path("recallProbe").path("recall").asDouble() < 0.97);
    }

    // ---- compare ----

    @Test
    void shouldCompareWithExactSearch() throws IOException {
        Path vectors = npy("v.npy", clusters(PLANNED_COUNT, 12, SEED), 12);
        built("v.index", vectors, "--similarity", "cosine");
        JsonNode json = done(
                new IndexCompare(),
                files.resolve("v.index"),
                "--vectors",
                vectors,
                "--queries",
                fbin("q.fbin", clusters(200, 12, SEED + 1), 12),
                "--k",
                "10,100");
        assertEquals("index compare", json.path("command").asText());
        assertTrue(json.path("sameVectors").asBoolean());
        assertEquals(200, json.path("queries").asInt());
        assertEquals(2, json.path("rows").size());
        for (JsonNode row : json.path("rows")) {
            assertTrue(row.path("recall").asDouble() > 0.92, row.toString());
            for (String whose : List.of("index", "exact")) {
                for (String time : List.of("meanUs", "p50Us", "p99Us")) {
                    assertTrue(row.path(whose).path(time).asDouble() > 0, row.toString());
                }
            }
        }
    }

    @Test
    void shouldFindEverythingWhenEveryRowIsScored() throws IOException {
        // Equal distances abound among small whole numbers: whichever of equals is found counts.
        float[] values = new float[2_000];
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(3);
        }
        Path vectors = vecs("v.bvecs", values, 4);
        built("v.index", vectors, "--similarity", "l2");
        JsonNode json = done(new IndexCompare(), files.resolve("v.index"), "--vectors", vectors, "--k", 7);
        assertEquals(500, json.path("queries").asInt());
        assertEquals(1, json.path("rows").path(0).path("recall").asDouble());
    }

    @Test
    void shouldSayWhenTheVectorsAreOthers() throws IOException {
        float[] values = bytes(50, 4);
        built("v.index", fbin("v.fbin", values, 4), "--similarity", "l2");
        Path index = files.resolve("v.index");
        compareRefused(index, fbin("more.fbin", bytes(51, 4), 4), "more.fbin: ", "rows=51, expected=50");
        compareRefused(index, fbin("wide.fbin", bytes(50, 5), 5), "wide.fbin: ", "dimension=5, expected=4");
        float[] others = values.clone();
        others[17 * 4 + 2] += 1;
        others[30 * 4] += 1;
        JsonNode json = compareRefused(
                        index, fbin("other.fbin", others, 4), "other.fbin: ", "first id that differs=17, dimension=2")
                .json();
        assertFalse(json.path("sameVectors").asBoolean(true));
        assertEquals(17, json.path("firstDifferentId").asInt());
        refused(
                2,
                new IndexCompare(),
                List.of(index, "--vectors", files.resolve("v.fbin"), "--k", "10,51"),
                "v.index: ",
                "k=51",
                "count=50");
    }

    private VerbRun compareRefused(Path index, Path vectors, Object... parts) throws IOException {
        return refused(2, new IndexCompare(), List.of(index, "--vectors", vectors), parts);
    }

    // ---- the verb itself ----

    @Test
    void shouldSayWhatCanBeDoneWithAnIndex() throws IOException {
        VerbRun none = run(new IndexVerb());
        assertEquals(2, none.exitCode());
        assertTrue(none.error().contains("build, stats, check or compare"), none.error());
        built("v.index", fbin("v.fbin", bytes(3, 2), 2));
        VerbRun before = run(new IndexVerb(), "stats", files.resolve("v.index"));
        assertEquals(2, before.exitCode());
        assertTrue(before.said().contains("rondo index stats: --json comes after"), before.said());
    }
}
