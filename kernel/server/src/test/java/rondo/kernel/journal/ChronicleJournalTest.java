package rondo.kernel.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleJournalTest {
    private static final int TYPE = 7;

    @TempDir
    Path directory;

    private static List<byte[]> payloads(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        List<byte[]> payloads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] payload = new byte[random.nextInt(3_000)];
            random.nextBytes(payload);
            payloads.add(payload);
        }
        return payloads;
    }

    private void append(List<byte[]> payloads) throws IOException {
        try (JournalCarrier journal = ChronicleJournal.open(directory)) {
            for (byte[] payload : payloads) {
                long before = journal.lastSequence();
                assertEquals(before + 1, journal.append(TYPE, new UnsafeBuffer(payload), 0, payload.length));
            }
        }
    }

    @Test
    void shouldReplayWhatEveryEpochAppendedInItsOrder() throws IOException {
        List<byte[]> first = payloads(1, 500);
        List<byte[]> second = payloads(2, 500);
        append(first);
        append(second);
        List<byte[]> all = new ArrayList<>(first);
        all.addAll(second);
        List<byte[]> read = new ArrayList<>();
        long[] last = {0};
        try (JournalCarrier journal = ChronicleJournal.open(directory)) {
            journal.replay((sequence, type, payload, offset, length) -> {
                assertEquals(TYPE, type);
                assertTrue(sequence > last[0], "sequence=" + sequence + ", before=" + last[0]);
                last[0] = sequence;
                byte[] copy = new byte[length];
                payload.getBytes(offset, copy);
                read.add(copy);
            });
            // One record more for each of the three openings.
            assertEquals(1_003, journal.lastSequence());
        }
        assertEquals(all.size(), read.size());
        for (int i = 0; i < all.size(); i++) {
            assertArrayEquals(all.get(i), read.get(i), "record=" + i);
        }
    }

    @Test
    void shouldRefuseADamagedRecordThatGoodOnesFollow() throws IOException {
        List<byte[]> payloads = payloads(3, 200);
        append(payloads);
        flip(payloads.get(100));
        IOException damage = assertThrows(
                IOException.class, () -> ChronicleJournal.open(directory).close());
        String message = String.valueOf(damage.getMessage());
        // The epoch's own record comes first.
        assertTrue(message.contains("sequence=102") && message.contains("expected crc32c="), message);
    }

    private void flip(byte[] payload) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".cq4")).toList()) {
                try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                    // The queue reserves far more than it has written.
                    byte[] content = new byte[(int) Math.min(bytes.length(), 4 << 20)];
                    bytes.readFully(content);
                    for (int at = 0; at + payload.length <= content.length; at++) {
                        if (Arrays.equals(content, at, at + payload.length, payload, 0, payload.length)) {
                            bytes.seek(at + payload.length / 2);
                            bytes.write(content[at + payload.length / 2] ^ 1);
                            return;
                        }
                    }
                }
            }
        }
        throw new AssertionError("the record is in no file of the journal");
    }
}
