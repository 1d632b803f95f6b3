package rondo.reward.evolution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterAll;

/**
 * Goal: bytes are a promotion or an IllegalArgumentException. Method: an input is an event, in a buffer that ends where it ends; what was read is written and
 * read again.
 */
class PromotionFuzzTest {
    private static int readCount;
    private static int refusedCount;

    private final UnsafeBuffer out = new UnsafeBuffer(new byte[Promotion.LENGTH_MAX]);

    @FuzzTest
    void shouldReadOrRefuse(byte[] bytes) {
        Promotion promotion;
        try {
            promotion = Promotion.read(new UnsafeBuffer(bytes), 0, bytes.length);
        } catch (IllegalArgumentException e) {
            refusedCount++;
            assertTrue(String.valueOf(e.getMessage()).contains("="), e::getMessage);
            return;
        }
        readCount++;
        int length = promotion.write(out, 0);
        assertEquals(promotion, Promotion.read(out, 0, length));
    }

    @AfterAll
    static void shouldHaveSeenBoth() {
        assertTrue(readCount > 0 && refusedCount > 0, "read=" + readCount + ", refused=" + refusedCount);
    }
}
