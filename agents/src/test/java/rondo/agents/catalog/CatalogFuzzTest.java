package rondo.agents.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/**
 * Goal: a catalogue's file opens, or is refused with an IOException that says where; and what opens can be read to its end. Method: an input is a file. It is
 * opened as it is, and once more with the checksums that its sections should have, since nobody gets past those by chance.
 */
class CatalogFuzzTest {
    private static final int FILE_HEADER_LENGTH = 16;
    private static final int SECTION_HEADER_LENGTH = 16;

    private static int openedCount;
    private static int damagedCount;
    private static int senselessCount;

    @TempDir
    Path directory;

    private long sink;

    @FuzzTest
    void shouldOpenOrSayWhereItIsDamaged(byte[] file) throws IOException {
        open(file);
        open(withChecksums(file));
    }

    private void open(byte[] file) throws IOException {
        Files.write(directory.resolve(CatalogFormat.FILE_NAME), file);
        try (Catalog catalog = Catalog.open(directory)) {
            openedCount++;
            readAll(catalog);
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith(directory.toString()), message);
            if (message.contains("makes no sense")) {
                senselessCount++;
            } else {
                damagedCount++;
            }
        }
    }

    private void readAll(Catalog catalog) {
        float[] vector = new float[catalog.dimension()];
        float[] scores = new float[catalog.itemCount()];
        for (int row = 0; row < catalog.itemCount(); row++) {
            assertEquals(row, catalog.row(catalog.itemId(row)));
            sink += catalog.title(row).length() + catalog.firstCategory(row);
            catalog.copyItemVector(row, vector);
        }
        ItemToItem weights = catalog.itemToItem();
        if (weights != null) {
            weights.start(scores);
        }
        catalog.forEachInteraction((userId, row) -> {
            sink += catalog.itemId(row);
            catalog.copyUserVector(userId, vector);
            if (weights != null) {
                weights.add(row, scores);
            }
        });
        for (String name : catalog.attributeNames()) {
            sink += catalog.attribute(name) == null ? 0 : 1;
        }
    }

    private static byte[] withChecksums(byte[] file) {
        byte[] repaired = file.clone();
        ByteBuffer bytes = ByteBuffer.wrap(repaired).order(ByteOrder.LITTLE_ENDIAN);
        int at = FILE_HEADER_LENGTH;
        while (at + SECTION_HEADER_LENGTH <= repaired.length) {
            long length = bytes.getLong(at + 8);
            if (length < 0 || length > repaired.length - at - SECTION_HEADER_LENGTH) {
                break;
            }
            CRC32C crc = new CRC32C();
            crc.update(repaired, at + SECTION_HEADER_LENGTH, (int) length);
            bytes.putInt(at + 4, (int) crc.getValue());
            at += SECTION_HEADER_LENGTH + (int) length;
        }
        return repaired;
    }

    @AfterAll
    static void shouldHaveSeenEach() {
        assertTrue(
                openedCount > 0 && damagedCount > 0 && senselessCount > 0,
                "opened=" + openedCount + ", damaged=" + damagedCount + ", senseless=" + senselessCount);
    }
}
