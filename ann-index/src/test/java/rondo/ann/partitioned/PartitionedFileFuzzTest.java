package rondo.ann.partitioned;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import rondo.ann.TopK;

/**
 * Goal: an index's file opens, or is refused with an IOException that names it; and what opens can be searched. Method: an input is a file of one block. It is
 * opened as it is, and once more with the checks that its bytes should have, since nobody gets past those by chance.
 */
class PartitionedFileFuzzTest {
    private static final int HEADER_LENGTH = 16;
    private static final int FOOTER_LENGTH = 48;
    private static final int FOOTER_CHECKED = 40;
    private static final int LENGTH_MAX = 1 << 16;
    private static final int K = 10;

    private static int openedCount;
    private static int damagedCount;
    private static int senselessCount;

    @TempDir
    Path folder;

    @FuzzTest
    void shouldOpenOrSayWhatIsWrong(byte[] bytes) throws IOException {
        open(bytes);
        if (bytes.length >= HEADER_LENGTH + Integer.BYTES + FOOTER_LENGTH && bytes.length <= LENGTH_MAX) {
            open(withChecks(bytes));
        }
    }

    private void open(byte[] bytes) throws IOException {
        Path file = folder.resolve("index");
        Files.write(file, bytes);
        try (PartitionedVectorIndex index = PartitionedVectorIndex.open(file)) {
            openedCount++;
            float[] query = new float[index.dimension()];
            query[0] = 1;
            TopK found = new TopK(K);
            index.newSearcher(K).search(query, K, null, found);
            for (int i = 0; i < found.count(); i++) {
                assertTrue(found.row(i) >= 0 && found.row(i) < index.count(), "row=" + found.row(i));
                index.id(found.row(i));
            }
            index.copyRow(index.count() - 1, query);
            index.recallProbe();
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith(file.toString()), message);
            if (message.contains("makes sense")) {
                senselessCount++;
            } else {
                damagedCount++;
            }
        }
    }

    /** The last block's check and the footer's own are put right, and where they are. */
    private static byte[] withChecks(byte[] bytes) {
        byte[] repaired = bytes.clone();
        int footer = repaired.length - FOOTER_LENGTH;
        int checks = footer - Integer.BYTES;
        ByteBuffer out = ByteBuffer.wrap(repaired).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(checks, crc32c(repaired, 0, checks))
                .putInt(footer + 12, 1)
                .putLong(footer + 16, checks)
                .putInt(footer + 24, crc32c(repaired, checks, Integer.BYTES));
        out.putInt(footer + FOOTER_CHECKED, crc32c(repaired, footer, FOOTER_CHECKED));
        return repaired;
    }

    private static int crc32c(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    @AfterAll
    static void shouldHaveSeenEach() {
        assertTrue(
                openedCount > 0 && damagedCount > 0 && senselessCount > 0,
                "opened=" + openedCount + ", damaged=" + damagedCount + ", senseless=" + senselessCount);
    }
}
