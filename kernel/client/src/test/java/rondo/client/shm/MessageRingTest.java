package rondo.client.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class MessageRingTest {
    private static final int CAPACITY = 4_096;
    private static final long SEED = 20251127;

    private final ByteBuffer bytes = BufferUtil.allocateDirectAligned(MessageRing.length(CAPACITY), 64);
    private final UnsafeBuffer memory = new UnsafeBuffer(bytes);
    private final MessageRing writer = new MessageRing(memory, CAPACITY);
    private final MessageRing reader = new MessageRing(memory, CAPACITY);
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[CAPACITY]);
    private final UnsafeBuffer copy = new UnsafeBuffer(new byte[CAPACITY]);

    private static void fill(UnsafeBuffer buffer, int length, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < length; i++) {
            buffer.putByte(i, (byte) random.nextInt());
        }
    }

    private void requireNext(int length, long seed) {
        assertEquals(length, reader.poll());
        reader.copy(copy, 0, length);
        fill(message, length, seed);
        for (int i = 0; i < length; i++) {
            assertEquals(message.getByte(i), copy.getByte(i), "seed=" + seed + ", i=" + i);
        }
        reader.done();
    }

    @Test
    void shouldHandOverEveryMessageOnceAndInOrder() {
        SplittableRandom random = new SplittableRandom(SEED);
        ArrayDeque<int[]> under = new ArrayDeque<>();
        int fullCount = 0;
        for (int i = 0; i < 200_000; i++) {
            if (random.nextBoolean()) {
                int length = 1 + random.nextInt(random.nextInt(8) == 0 ? writer.lengthMax() : 200);
                fill(message, length, i);
                if (writer.write(message, 0, length)) {
                    under.add(new int[] {length, i});
                } else {
                    fullCount++;
                }
            } else if (under.isEmpty()) {
                assertEquals(0, reader.poll());
            } else {
                int[] next = under.remove();
                requireNext(next[0], next[1]);
            }
        }
        assertTrue(fullCount > 1_000, "vacuous");
    }

    @Test
    void shouldTakeTheLongestMessageWhereverItStands() {
        for (int before = 0; before < CAPACITY; before += 64) {
            assertTrue(writer.write(message, 0, 1));
            assertEquals(1, reader.poll());
            reader.done();
            fill(message, writer.lengthMax(), before);
            assertTrue(writer.write(message, 0, writer.lengthMax()));
            requireNext(writer.lengthMax(), before);
        }
        assertThrows(IllegalArgumentException.class, () -> writer.write(message, 0, writer.lengthMax() + 1));
        assertThrows(IllegalArgumentException.class, () -> writer.write(message, 0, 0));
    }

    /** Two threads: what arrives is what was sent, although one waits for the other over and over. */
    @Test
    void shouldCarryMessagesBetweenThreads() throws InterruptedException {
        int count = 300_000;
        Thread sender = Thread.ofPlatform().start(() -> {
            UnsafeBuffer out = new UnsafeBuffer(new byte[300]);
            for (int i = 0; i < count; i++) {
                int length = 8 + i % 290;
                out.setMemory(0, length, (byte) i);
                out.putInt(0, i);
                while (!writer.write(out, 0, length)) {
                    Thread.onSpinWait();
                }
            }
        });
        UnsafeBuffer in = new UnsafeBuffer(new byte[300]);
        for (int i = 0; i < count; i++) {
            int length;
            while ((length = reader.poll()) == 0) {
                Thread.onSpinWait();
            }
            assertEquals(8 + i % 290, length);
            reader.copy(in, 0, length);
            reader.done();
            assertEquals(i, in.getInt(0));
            for (int at = 4; at < length; at++) {
                assertEquals((byte) i, in.getByte(at));
            }
        }
        sender.join();
        assertEquals(0, reader.poll());
    }

    @Test
    void shouldBeToldOnceThatTheReaderSleeps() {
        assertTrue(writer.write(message, 0, 5));
        assertFalse(writer.takeSleeper());
        reader.sleep(true);
        assertTrue(writer.takeSleeper());
        assertFalse(writer.takeSleeper());
        reader.sleep(true);
        reader.sleep(false);
        assertFalse(writer.takeSleeper());
    }

    /** Whatever the other side writes into the memory: a message within it, nothing, or a refusal; never a step outside. */
    @Test
    void shouldRefuseWhatNobodyWrote() {
        SplittableRandom random = new SplittableRandom(SEED);
        int refusedCount = 0;
        for (int round = 0; round < 20_000; round++) {
            UnsafeBuffer scribbled = new UnsafeBuffer(bytes);
            MessageRing reading = new MessageRing(scribbled, CAPACITY);
            MessageRing writing = new MessageRing(scribbled, CAPACITY);
            scribbled.setMemory(0, scribbled.capacity(), (byte) 0);
            for (int i = 0; i < random.nextInt(20); i++) {
                writing.write(message, 0, 1 + random.nextInt(400));
            }
            for (int i = 0; i < 8; i++) {
                int at = random.nextInt(scribbled.capacity() / 8) * 8;
                scribbled.putLong(
                        at, random.nextBoolean() ? random.nextLong() : random.nextInt(2 * CAPACITY) - CAPACITY);
            }
            try {
                for (int i = 0; i < 100; i++) {
                    int length = reading.poll();
                    if (length > 0) {
                        reading.copy(copy, 0, length);
                        reading.done();
                    }
                }
                scribbled.putLong(0, random.nextLong());
                for (int i = 0; i < 100; i++) {
                    writing.write(message, 0, 1 + random.nextInt(400));
                }
            } catch (BrokenRingException e) {
                refusedCount++;
            }
        }
        assertTrue(refusedCount > 5_000, "vacuous: refused=" + refusedCount);
    }
}
