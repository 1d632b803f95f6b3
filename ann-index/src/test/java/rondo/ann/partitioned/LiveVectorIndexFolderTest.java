package rondo.ann.partitioned;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.ann.Similarity;

/** A changing index in a folder: killed, damaged, rolled back. */
class LiveVectorIndexFolderTest {
    private static final int KILLS = 6;

    @TempDir
    Path folder;

    /** What the index should hold after some changes. */
    private static final class Oracle {
        final Map<Long, float[]> rows = new HashMap<>();
        long changes;

        Oracle() {
            for (long id = 0; id < ChangingProcess.IDS / 2; id++) {
                rows.put(id, ChangingProcess.vector(-1 - id));
            }
        }

        void next() {
            long id = ChangingProcess.id(changes);
            if (ChangingProcess.isDelete(changes)) {
                rows.remove(id);
            } else {
                rows.put(id, ChangingProcess.vector(changes));
            }
            changes++;
        }

        boolean isHeldBy(LiveVectorIndex live) {
            IndexVersion version = Objects.requireNonNull(live.current());
            float[] vector = new float[ChangingProcess.DIMENSION];
            for (long id = 0; id < ChangingProcess.IDS; id++) {
                int row = version.row(id);
                float[] expected = rows.get(id);
                if ((row >= 0) != (expected != null)) {
                    return false;
                }
                if (row >= 0) {
                    version.copyRow(row, vector);
                    if (!Arrays.equals(vector, expected)) {
                        return false;
                    }
                }
            }
            return version.count() == rows.size();
        }
    }

    /** Killed at any instant, during merges too, it holds every change that was acknowledged, and at most the one more that was under way. */
    @Test
    void shouldHoldEveryAcknowledgedChangeAfterItsProcessWasKilled() throws IOException, InterruptedException {
        ChangingProcess.create(folder).close();
        Oracle oracle = new Oracle();
        SplittableRandom random = new SplittableRandom(4);
        long version = 1;
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = start(oracle.changes);
            long wanted = oracle.changes + 1_500 + random.nextInt(1_500);
            long acknowledged = -1;
            try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
                // What the pipe still holds after the kill was acknowledged too.
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    String[] words = line.split(" ");
                    if (words.length == 2) {
                        acknowledged = Long.parseLong(words[0]);
                        version = Long.parseLong(words[1]);
                    }
                    if (acknowledged == wanted) {
                        // By its handle, which leaves the pipe open.
                        process.toHandle().destroyForcibly();
                    }
                }
            }
            process.waitFor();
            assertTrue(acknowledged >= wanted, "the process ended by itself: " + acknowledged);
            while (oracle.changes <= acknowledged) {
                oracle.next();
            }
            try (LiveVectorIndex live = LiveVectorIndex.open(folder, ChangingProcess.OPTIONS)) {
                if (!oracle.isHeldBy(live)) {
                    oracle.next();
                    assertTrue(oracle.isHeldBy(live), "a change was lost or invented: kill=" + kill);
                }
            }
        }
        assertTrue(version > KILLS, "vacuous: hardly a merge: version=" + version);
    }

    private Process start(long firstChange) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens",
                "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of(ChangingProcess.class.getName(), folder.toString(), Long.toString(firstChange)));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private Oracle changed(int changes, boolean doesMerge) throws IOException, InterruptedException {
        Oracle oracle = new Oracle();
        try (LiveVectorIndex live = ChangingProcess.create(folder);
                VectorAppender appender = live.appender()) {
            for (int i = 0; i < changes; i++) {
                ChangingProcess.change(appender, oracle.changes);
                oracle.next();
            }
            if (doesMerge) {
                // One that began by itself knows nothing of the last changes.
                while (!appender.merge()) {
                    appender.awaitMerge();
                }
                appender.awaitMerge();
            }
        }
        return oracle;
    }

    @Test
    void shouldDropARecordThatWasCutShortAndRefuseADamagedOne() throws IOException, InterruptedException {
        Oracle oracle = changed(100, false);
        Path changes = folder.resolve("1.changes");
        byte[] whole = Files.readAllBytes(changes);
        Files.write(changes, new byte[500], StandardOpenOption.APPEND);
        try (LiveVectorIndex live = LiveVectorIndex.open(folder, ChangingProcess.OPTIONS)) {
            assertTrue(oracle.isHeldBy(live), "zeros after the last change");
        }
        assertArrayEquals(whole, Files.readAllBytes(changes), "what was dropped is gone");
        // The hundredth change is a put, or the file would end elsewhere.
        Oracle before = new Oracle();
        while (before.changes < 99) {
            before.next();
        }
        Files.write(changes, Arrays.copyOf(whole, whole.length - 1));
        try (LiveVectorIndex live = LiveVectorIndex.open(folder, ChangingProcess.OPTIONS)) {
            assertTrue(before.isHeldBy(live), "the last change was cut short");
        }
        for (int at : new int[] {0, 9, 13, 16, 21, 30, whole.length / 2, whole.length - 3}) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 16;
            Files.write(changes, damaged);
            String message = String.valueOf(assertThrows(
                            IOException.class,
                            () -> LiveVectorIndex.open(folder, ChangingProcess.OPTIONS)
                                    .close())
                    .getMessage());
            assertTrue(message.contains("1.changes"), message);
        }
        Files.write(changes, whole);
        try (LiveVectorIndex live = LiveVectorIndex.open(folder, ChangingProcess.OPTIONS)) {
            assertTrue(oracle.isHeldBy(live));
        }
    }

    /** An interrupted thread's write closes its file: that change fails, those after it do not. */
    @Test
    void shouldGoOnAfterItsWriterWasInterrupted() throws IOException, InterruptedException {
        Oracle oracle = changed(50, false);
        try (LiveVectorIndex live = LiveVectorIndex.open(folder, ChangingProcess.OPTIONS);
                VectorAppender appender = live.appender()) {
            Thread.currentThread().interrupt();
            assertThrows(UncheckedIOException.class, () -> appender.insert(9_999, ChangingProcess.vector(1)));
            assertTrue(Thread.interrupted());
            assertTrue(!appender.contains(9_999) && oracle.isHeldBy(live), "a change that failed was made");
            ChangingProcess.change(appender, oracle.changes);
            oracle.next();
        }
        try (LiveVectorIndex live = LiveVectorIndex.open(folder, ChangingProcess.OPTIONS)) {
            assertTrue(oracle.isHeldBy(live));
        }
    }

    @Test
    void shouldGoBackToANamedVersion() throws IOException, InterruptedException {
        Oracle merged = changed(120, true);
        long back;
        try (LiveVectorIndex live = LiveVectorIndex.open(folder, ChangingProcess.OPTIONS);
                VectorAppender appender = live.appender()) {
            long version = live.version();
            assertTrue(version >= 2, "version=" + version);
            assertEquals(version, live.versions().getLast());
            for (long change = 5_000; change < 5_100; change++) {
                ChangingProcess.change(appender, change);
            }
            assertThrows(IllegalArgumentException.class, () -> appender.rollback(99));
            back = appender.rollback(version);
            assertEquals(version + 1, back);
            assertTrue(merged.isHeldBy(live));
            ChangingProcess.change(appender, merged.changes);
            merged.next();
        }
        try (LiveVectorIndex live = LiveVectorIndex.open(folder, ChangingProcess.OPTIONS);
                VectorAppender appender = live.appender()) {
            assertEquals(back, live.version());
            assertTrue(merged.isHeldBy(live));
            for (int i = 0; i < 4; i++) {
                appender.merge();
                appender.awaitMerge();
            }
            assertEquals(3, live.versions().size(), "older versions' files are deleted");
            appender.force();
        }
    }

    @Test
    void shouldBeOpenOnceAndCreatedOnce() throws IOException {
        assertThrows(
                IOException.class,
                () -> LiveVectorIndex.open(folder, ChangingProcess.OPTIONS).close());
        try (LiveVectorIndex live = ChangingProcess.create(folder)) {
            assertEquals(1, live.version());
            String message = String.valueOf(assertThrows(
                            IOException.class,
                            () -> LiveVectorIndex.open(folder, ChangingProcess.OPTIONS)
                                    .close())
                    .getMessage());
            assertTrue(message.contains("open already"), message);
        }
        assertThrows(IOException.class, () -> ChangingProcess.create(folder).close());
        assertThrows(
                IllegalStateException.class,
                () -> {
                    try (LiveVectorIndex live = LiveVectorIndex.build(
                                    new long[] {1}, new float[] {1}, 1, Similarity.L2, ChangingProcess.OPTIONS);
                            VectorAppender appender = live.appender()) {
                        appender.rollback(1);
                    }
                },
                "in memory only there is nothing to go back to");
    }
}
