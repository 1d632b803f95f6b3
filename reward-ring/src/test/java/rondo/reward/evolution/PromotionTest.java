package rondo.reward.evolution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;

class PromotionTest {
    @Test
    void shouldReadAnEventOfJustItsLengthOnly() {
        Promotion event = new Promotion(5, AgentKind.MODEL, true, 1, "ab".repeat(32), "somebody");
        UnsafeBuffer bytes = new UnsafeBuffer(new byte[Promotion.LENGTH_MAX]);
        int whole = event.write(bytes, 0);
        assertEquals(event, Promotion.read(bytes, 0, whole));
        for (int length = 0; length < Promotion.LENGTH_MAX; length++) {
            if (length != whole) {
                UnsafeBuffer cut = new UnsafeBuffer(bytes, 0, length);
                int cutLength = length;
                assertThrows(
                        IllegalArgumentException.class, () -> Promotion.read(cut, 0, cutLength), "length=" + length);
            }
        }
    }
}
