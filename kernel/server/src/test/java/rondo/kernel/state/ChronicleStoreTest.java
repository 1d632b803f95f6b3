package rondo.kernel.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleStoreTest {
    private static final int KEYS = 64;
    private static final int LENGTH_MAX = 1_000;

    @TempDir
    Path directory;

    private static byte[] bytes(CompactedStore store, long key) throws IOException {
        CompactedStore.Entry entry = java.util.Objects.requireNonNull(store.get(key));
        byte[] bytes = new byte[entry.state().remaining()];
        entry.state().get(bytes);
        return bytes;
    }

    @Test
    void shouldKeepTheLastStateOfEachKeyOverACleanEnd() throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        byte[][] last = new byte[KEYS][];
        try (CompactedStore store = ChronicleStore.open(directory, KEYS, LENGTH_MAX)) {
            for (int i = 1; i <= 5_000; i++) {
                int key = random.nextInt(KEYS);
                last[key] = new byte[random.nextInt(LENGTH_MAX + 1)];
                random.nextBytes(last[key]);
                store.put(key, i, ByteBuffer.wrap(last[key]));
            }
        }
        try (CompactedStore store = ChronicleStore.open(directory, KEYS, LENGTH_MAX)) {
            assertEquals(KEYS, store.size());
            for (int key = 0; key < KEYS; key++) {
                assertArrayEquals(last[key], bytes(store, key));
            }
            assertNull(store.get(KEYS));
        }
    }

    @Test
    void shouldOpenEmptyWhenTheLastWriterDidNotCloseIt() throws IOException {
        try (CompactedStore store = ChronicleStore.open(directory, KEYS, LENGTH_MAX)) {
            store.put(1, 1, ByteBuffer.wrap(new byte[] {1}));
        }
        Files.delete(directory.resolve("CLEAN"));
        try (CompactedStore store = ChronicleStore.open(directory, KEYS, LENGTH_MAX)) {
            assertEquals(0, store.size());
            store.put(1, 1, ByteBuffer.wrap(new byte[] {1}));
        }
        try (CompactedStore store = ChronicleStore.open(directory, KEYS, 2 * LENGTH_MAX)) {
            assertEquals(0, store.size(), "values of another length are not readable");
        }
    }

    @Test
    void shouldRefuseAStateThatIsTooLong() throws IOException {
        try (CompactedStore store = ChronicleStore.open(directory, KEYS, LENGTH_MAX)) {
            IllegalArgumentException refusal = assertThrows(
                    IllegalArgumentException.class, () -> store.put(1, 1, ByteBuffer.allocate(LENGTH_MAX + 1)));
            assertTrue(
                    String.valueOf(refusal.getMessage()).contains("length=1001, lengthMax=1000"), refusal.getMessage());
            assertEquals(0, store.size());
        }
    }

    @Test
    void shouldNoticeAFlippedBit() throws IOException {
        byte[] state = new byte[LENGTH_MAX];
        new SplittableRandom(5).nextBytes(state);
        try (CompactedStore store = ChronicleStore.open(directory, KEYS, LENGTH_MAX)) {
            store.put(7, 1, ByteBuffer.wrap(state));
        }
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("agents.map").toFile(), "rw")) {
            byte[] content = new byte[(int) file.length()];
            file.readFully(content);
            int at = indexOf(content, state) + 500;
            file.seek(at);
            file.write(content[at] ^ 4);
        }
        try (CompactedStore store = ChronicleStore.open(directory, KEYS, LENGTH_MAX)) {
            IOException damage = assertThrows(IOException.class, () -> store.get(7));
            assertTrue(String.valueOf(damage.getMessage()).contains("expected crc32c="), damage.getMessage());
        }
    }

    private static int indexOf(byte[] content, byte[] part) {
        for (int at = 0; at + part.length <= content.length; at++) {
            if (java.util.Arrays.equals(content, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("the state is not in the file");
    }
}
