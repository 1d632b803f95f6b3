package rondo.client.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterAll;

/**
 * Goal: whatever the other side writes into a ring, and whenever, this side reads inside the ring or says that it is broken. Method: an input is a list of
 * turns; what a turn says of memory is written there by nobody's rules, and reader and writer take turns between. The ring lies between guard bytes.
 *
 * <pre>
 * a turn: op uint8 % 4, then
 *   0  scribble  at uint16 % length of the ring, 8 bytes
 *   1  read      poll, copy, done
 *   2  write     length uint16 % (lengthMax + 1), and at least 1
 *   3  sleep     takeSleeper, sleep(true)
 * </pre>
 */
class MessageRingFuzzTest {
    private static final int CAPACITY = 1_024;
    private static final int GUARD = 64;
    private static final int LENGTH = MessageRing.length(CAPACITY);
    private static final byte UNTOUCHED = 0x5A;

    private static int messageCount;
    private static int brokenCount;

    private final ByteBuffer bytes = BufferUtil.allocateDirectAligned(GUARD + LENGTH + GUARD, 64);
    private final UnsafeBuffer around = new UnsafeBuffer(bytes);
    private final UnsafeBuffer memory = new UnsafeBuffer(bytes, GUARD, LENGTH);
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[CAPACITY]);
    private final UnsafeBuffer copy = new UnsafeBuffer(new byte[CAPACITY]);

    @FuzzTest
    void shouldStayInsideTheRing(byte[] turns) {
        around.setMemory(0, around.capacity(), UNTOUCHED);
        memory.setMemory(0, LENGTH, (byte) 0);
        MessageRing writer = new MessageRing(memory, CAPACITY);
        MessageRing reader = new MessageRing(memory, CAPACITY);
        ByteBuffer in = ByteBuffer.wrap(turns).order(ByteOrder.LITTLE_ENDIAN);
        try {
            while (in.remaining() > 0) {
                turn(in, writer, reader);
            }
        } catch (BrokenRingException e) {
            brokenCount++;
            assertTrue(String.valueOf(e.getMessage()).contains("="), e::getMessage);
        }
        for (int i = 0; i < GUARD; i++) {
            assertEquals(UNTOUCHED, around.getByte(i));
            assertEquals(UNTOUCHED, around.getByte(GUARD + LENGTH + i));
        }
    }

    private void turn(ByteBuffer in, MessageRing writer, MessageRing reader) {
        switch (in.get() & 3) {
            case 0 -> {
                if (in.remaining() >= Short.BYTES + Long.BYTES) {
                    int at = (in.getShort() & 0xFFFF) % (LENGTH - Long.BYTES + 1);
                    memory.putLong(at, in.getLong(), ByteOrder.LITTLE_ENDIAN);
                }
            }
            case 1 -> {
                int length = reader.poll();
                assertTrue(length >= 0 && length <= reader.lengthMax(), "length=" + length);
                if (length > 0) {
                    messageCount++;
                    assertTrue(
                            reader.messageOffset() >= LENGTH - CAPACITY && reader.messageOffset() + length <= LENGTH,
                            "messageOffset=" + reader.messageOffset() + ", length=" + length);
                    reader.copy(copy, 0, length);
                    reader.done();
                }
            }
            case 2 -> {
                int length = in.remaining() < Short.BYTES ? 1 : (in.getShort() & 0xFFFF) % (writer.lengthMax() + 1);
                writer.write(message, 0, Math.max(1, length));
            }
            default -> {
                writer.takeSleeper();
                reader.sleep(true);
            }
        }
    }

    @AfterAll
    static void shouldHaveSeenBoth() {
        assertTrue(messageCount > 0 && brokenCount > 0, "messages=" + messageCount + ", broken=" + brokenCount);
    }
}
