package rondo.reward.join;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterAll;

/**
 * Goal: a record that says that it is sound can be read to its end, inside its bytes. Method: an input is a record, in a buffer that ends where it ends; a sound
 * one is written again from what was read, and must say the same in the same bytes but for the reserved ones.
 */
class DecisionRecordFuzzTest {
    private static int soundCount;
    private static int refusedCount;

    private final DecisionRecord record = new DecisionRecord();
    private final DecisionRecord again = new DecisionRecord();
    private final DecisionRecord second = new DecisionRecord();

    @FuzzTest
    void shouldBeReadableWhenItIsSound(byte[] bytes) {
        record.wrap(new UnsafeBuffer(bytes), 0);
        assertFalse(record.isSound(bytes.length + 1));
        if (!record.isSound(bytes.length)) {
            refusedCount++;
            return;
        }
        soundCount++;
        byte[] first = new byte[bytes.length];
        write(record, again, first);
        assertTrue(again.isSound(first.length));
        byte[] last = new byte[bytes.length];
        write(again, second, last);
        assertArrayEquals(first, last);
        assertEquals(record.distance(), again.distance());
        assertEquals(record.teaches(), again.teaches());
        record.copyTo(new UnsafeBuffer(last), 0);
        assertArrayEquals(bytes, last);
    }

    private static void write(DecisionRecord from, DecisionRecord to, byte[] out) {
        // Any bit of the flags says that it teaches nothing.
        int known = (from.isStatic() ? DecisionRecord.FLAG_STATIC : 0) | (from.isLate() ? DecisionRecord.FLAG_LATE : 0);
        to.wrap(new UnsafeBuffer(out), 0)
                .requestId(from.requestId())
                .userId(from.userId())
                .decidedAtMs(from.decidedAtMs())
                .decisionId(from.decisionId())
                .catalogVersion(from.catalogVersion())
                .slateHash(from.slateHash())
                .segment(from.segment())
                .agentCount(from.agentCount())
                .flags(known == 0 && !from.teaches() ? 0x80 : known)
                .slateCount(from.slateCount())
                .distance(from.distance());
        for (int i = 0; i < from.agentCount(); i++) {
            to.agent(
                    i,
                    from.agentKind(i),
                    from.action(i),
                    from.propensity(i),
                    from.policyVersion(i),
                    from.policyChecksum(i),
                    from.localContext(i));
        }
        for (int place = 0; place < from.slateCount(); place++) {
            to.slate(place, from.itemId(place), from.retrievalRank(place), from.rankingRank(place), 0);
            assertEquals(from.itemId(place), to.itemId(place));
        }
    }

    @AfterAll
    static void shouldHaveSeenBoth() {
        assertTrue(soundCount > 0 && refusedCount > 0, "sound=" + soundCount + ", refused=" + refusedCount);
    }
}
