package rondo.ann.partitioned;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a log of changes is read to its last whole record, or refused with an IOException that says where. Method: an input is a file, read as it is and once
 * more with the checksums that its records should have; the changes that were read, written to a new log, are the bytes that were kept of the file.
 */
class ChangeLogFuzzTest {
    private static final int DIMENSION = 2;
    private static final int HEADER_LENGTH = 16;
    private static final int DELETE_LENGTH = 16;
    private static final int PUT_LENGTH = DELETE_LENGTH + DIMENSION * Float.BYTES;
    private static final int DELETE = 2;

    private static int wholeCount;
    private static int cutCount;
    private static int refusedCount;

    @TempDir
    Path folder;

    /** Writes what it receives. */
    private record Copy(ChangeLog log) implements ChangeLog.Changes {
        @Override
        public void put(long id, float[] vector) {
            try {
                log.put(id, vector);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void delete(long id) {
            try {
                log.delete(id);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @FuzzTest
    void shouldReadOrSayWhereItIsDamaged(byte[] bytes) throws IOException {
        resume(bytes);
        resume(withChecksums(bytes));
    }

    private void resume(byte[] bytes) throws IOException {
        Path file = folder.resolve("changes");
        Files.write(file, bytes);
        Path copy = folder.resolve("copy");
        try (ChangeLog log = ChangeLog.create(copy, DIMENSION)) {
            ChangeLog.resume(file, DIMENSION, new Copy(log)).close();
        } catch (IOException e) {
            refusedCount++;
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith(file.toString()), message);
            return;
        }
        if (Files.size(file) == bytes.length) {
            wholeCount++;
        } else {
            cutCount++;
        }
        assertArrayEquals(Files.readAllBytes(copy), Files.readAllBytes(file));
    }

    private static byte[] withChecksums(byte[] bytes) {
        byte[] repaired = bytes.clone();
        ByteBuffer out = ByteBuffer.wrap(repaired).order(ByteOrder.LITTLE_ENDIAN);
        int at = HEADER_LENGTH;
        while (at + DELETE_LENGTH <= repaired.length) {
            int length = out.getInt(at + 4) == DELETE ? DELETE_LENGTH : PUT_LENGTH;
            if (at + length > repaired.length) {
                break;
            }
            CRC32C crc = new CRC32C();
            crc.update(repaired, at + 4, length - 4);
            out.putInt(at, (int) crc.getValue());
            at += length;
        }
        return repaired;
    }

    @AfterAll
    static void shouldHaveSeenEach() {
        assertTrue(
                wholeCount > 0 && cutCount > 0 && refusedCount > 0,
                "whole=" + wholeCount + ", cut=" + cutCount + ", refused=" + refusedCount);
    }
}
