package rondo.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import rondo.agents.policy.ChangePointThompson;

/**
 * Goal: bytes are an agent's state, all of them, or an IllegalArgumentException; whatever count they claim, no more is allocated than they are long. Method: an
 * input is a state; what was read is put together again and must be those bytes.
 */
class AgentStateFuzzTest {
    /** For the exception and its message. */
    private static final long ALLOCATED_MAX = 64 * 1024;

    private static int readCount;
    private static int refusedCount;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @FuzzTest
    void shouldReadOrRefuse(byte[] bytes) {
        try {
            AgentState state = AgentState.decode(ByteBuffer.wrap(bytes));
            readCount++;
            requireRoundTrip(state, bytes);
        } catch (IllegalArgumentException e) {
            refusedCount++;
            assertTrue(String.valueOf(e.getMessage()).startsWith("the bytes hold no agent state: "), e::getMessage);
        }
        requireBoundedMemory(bytes);
    }

    /** Once more, since the first time loads classes. */
    private void requireBoundedMemory(byte[] bytes) {
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            assertTrue(AgentState.decode(ByteBuffer.wrap(bytes)).actionCount() > 0);
        } catch (IllegalArgumentException e) {
            // It was counted the first time.
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated <= ALLOCATED_MAX + 2L * bytes.length, "allocated=" + allocated);
    }

    private static void requireRoundTrip(AgentState state, byte[] bytes) {
        int beliefsLength = ChangePointThompson.encodedLength(state.actionCount());
        assertEquals(bytes.length, AgentState.length(state.actionCount(), beliefsLength));
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(in.getLong(0), state.policyVersion());
        assertEquals(in.getLong(8), state.outcomeCount());
        for (int action = 0; action < state.actionCount(); action++) {
            assertEquals(in.getFloat(20 + action * Float.BYTES), state.probability(action));
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes, bytes.length - beliefsLength, beliefsLength);
        assertEquals((int) crc.getValue(), state.beliefsCrc32c());
    }

    @AfterAll
    static void shouldHaveSeenBoth() {
        assertTrue(readCount > 0 && refusedCount > 0, "read=" + readCount + ", refused=" + refusedCount);
    }
}
