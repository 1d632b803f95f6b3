package rondo.reward.experience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterAll;

/**
 * Goal: a row whose checksum does not fit is refused; one whose checksum fits says, filled in again from what was read, the same. Method: an input is the
 * first {@link ExperienceRow#LENGTH} bytes of a row, read as they are and once more with the checksum that they should have.
 */
class ExperienceRowFuzzTest {
    private static final int CRC_AT = ExperienceRow.LENGTH - Integer.BYTES;

    private static int soundCount;
    private static int refusedCount;

    private final ExperienceRow row = new ExperienceRow();
    private final ExperienceRow again = new ExperienceRow();

    @FuzzTest
    void shouldReadOrRefuse(byte[] input) {
        byte[] bytes = Arrays.copyOf(input, ExperienceRow.LENGTH);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, CRC_AT);
        ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean isSound = row.read(new UnsafeBuffer(bytes), 0);
        assertEquals(view.getInt(CRC_AT) == (int) crc.getValue(), isSound);
        if (isSound) {
            soundCount++;
        } else {
            refusedCount++;
        }
        view.putInt(CRC_AT, (int) crc.getValue());
        assertTrue(row.read(new UnsafeBuffer(bytes), 0));
        fillFrom(row, again);
        ExperienceRow copy = new ExperienceRow();
        assertTrue(copy.read(again.buffer(), 0));
        fillFrom(copy, again);
        assertEquals(copy.buffer(), again.buffer());
        assertEquals(row.decisionId(), copy.decisionId());
        assertEquals(row.agent(), copy.agent());
        assertEquals(row.segment(), copy.segment());
        assertEquals(row.isCredited(), copy.isCredited());
        assertEquals(row.totalReward(), copy.totalReward());
    }

    private static void fillFrom(ExperienceRow from, ExperienceRow to) {
        // A credit that is no number is not one that was given.
        boolean isNumber = Float.isFinite(from.credit());
        to.fill(
                from.decisionId(),
                from.requestId(),
                from.decidedAtMs(),
                from.policyVersion(),
                from.localReward(),
                from.globalReward(),
                from.alpha(),
                from.propensity(),
                from.agent(),
                from.action(),
                from.segment(),
                from.isDefaulted(),
                from.isStatic(),
                from.expected(),
                !from.isCredited() ? Double.NaN : isNumber ? from.credit() : 0);
    }

    @AfterAll
    static void shouldHaveSeenBoth() {
        assertTrue(soundCount > 0 && refusedCount > 0, "sound=" + soundCount + ", refused=" + refusedCount);
    }
}
