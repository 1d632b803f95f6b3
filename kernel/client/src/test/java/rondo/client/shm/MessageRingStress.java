package rondo.client.shm;

import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A writer beside a reader that falls asleep, and beside one that looks. */
final class MessageRingStress {
    private static final int CAPACITY = 512;
    private static final int HEADER_AT = 128;

    private MessageRingStress() {}

    /** Memory with a ring at either side. */
    private static class Sides {
        final UnsafeBuffer memory = new UnsafeBuffer(new byte[MessageRing.length(CAPACITY)]);
        final MessageRing writer = new MessageRing(memory, CAPACITY);
        final MessageRing reader = new MessageRing(memory, CAPACITY);
        final UnsafeBuffer message = new UnsafeBuffer(new byte[16]);

        Sides() {
            message.putLong(0, 7);
        }

        /** What a message that is there says; 1 when there is none. */
        int look() {
            return reader.poll() == 0 ? 1 : (int) reader.buffer().getLong(reader.messageOffset());
        }
    }

    /** As it is done. */
    @JCStressTest
    @Outcome(
            id = {"1, 7", "0, 7", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "woken, or it saw the message")
    @Outcome(id = "0, 1", expect = Expect.FORBIDDEN, desc = "it sleeps beside a message")
    @State
    public static class Sleeping {
        private final Sides sides = new Sides();

        /** The writer. */
        @Actor
        public void write(II_Result result) {
            sides.writer.write(sides.message, 0, 16);
            result.r1 = sides.writer.takeSleeper() ? 1 : 0;
        }

        /** The reader. */
        @Actor
        public void sleep(II_Result result) {
            sides.reader.sleep(true);
            result.r2 = sides.look();
        }
    }

    /** The twin that must fail: it looks whether the reader sleeps before its message can be seen. */
    @JCStressTest
    @Outcome(
            id = {"1, 7", "0, 7", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "woken, or it saw the message")
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE_INTERESTING, desc = "it sleeps beside a message")
    @State
    public static class SleepingWithoutAFence {
        private final Sides sides = new Sides();

        /** The writer. */
        @Actor
        public void write(II_Result result) {
            sides.writer.write(sides.message, 0, 16);
            result.r1 = sides.memory.getInt(64);
        }

        /** The reader. */
        @Actor
        public void sleep(II_Result result) {
            sides.memory.putIntRelease(64, 1);
            result.r2 = sides.look();
        }
    }

    /** As it is done. */
    @JCStressTest
    @Outcome(
            id = {"0, 7", "0, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "a whole message, or none")
    @Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "a message that is not there yet")
    @State
    public static class Looking {
        private final Sides sides = new Sides();

        /** The writer. */
        @Actor
        public void write() {
            sides.writer.write(sides.message, 0, 16);
        }

        /** The reader. */
        @Actor
        public void look(II_Result result) {
            result.r2 = sides.look();
        }
    }

    /** The twin that must fail: the header is there before the message. */
    @JCStressTest
    @Outcome(
            id = {"0, 7", "0, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "a whole message, or none")
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE_INTERESTING, desc = "a message that is not there yet")
    @State
    public static class LookingTooEarly {
        private final Sides sides = new Sides();

        /** The writer. */
        @Actor
        public void write() {
            sides.memory.putLongRelease(HEADER_AT, 16);
            sides.memory.putLongRelease(HEADER_AT + 8, 7);
        }

        /** The reader. */
        @Actor
        public void look(II_Result result) {
            result.r2 = sides.look();
        }
    }
}
