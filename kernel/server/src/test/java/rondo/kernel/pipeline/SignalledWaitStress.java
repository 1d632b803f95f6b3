package rondo.kernel.pipeline;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A stage that falls asleep beside a thread that moves the sequence it waits for.
 *
 * <p>Nobody sleeps here, so that a lost wake-up is a result and not a test that hangs: the stage's last question before it sleeps, whether it is alerted,
 * is answered with an exception. It then counts as asleep ever after, as it would be.
 */
final class SignalledWaitStress {
    private SignalledWaitStress() {}

    private static final class FallenAsleep extends RuntimeException {
        private static final long serialVersionUID = 1;

        FallenAsleep() {
            super(null, null, false, false);
        }
    }

    /** A stage before which there is the publisher, or another stage. */
    static class Stages implements SequenceBarrier {
        final Sequence cursor = new Sequence();
        final Sequence upstream = new Sequence();
        final SignalledWait wait = new SignalledWait(0, thread -> this.wokenCount++);
        int wokenCount;

        /** Waits for an event; 1 when it is there, 0 when whoever asks sleeps. */
        int await(long sequence, Sequence dependent) {
            try {
                wait.waitFor(sequence, cursor, dependent, this);
                return 1;
            } catch (FallenAsleep e) {
                return 0;
            } catch (AlertException | InterruptedException e) {
                throw new IllegalStateException("nobody alerts it", e);
            }
        }

        @Override
        public boolean isAlerted() {
            throw new FallenAsleep();
        }

        @Override
        public void checkAlert() {}

        @Override
        public long waitFor(long sequence) {
            throw new UnsupportedOperationException("whoever waits does not ask for it");
        }

        @Override
        public long getCursor() {
            throw new UnsupportedOperationException("whoever waits does not ask for it");
        }

        @Override
        public void alert() {
            throw new UnsupportedOperationException("whoever waits does not ask for it");
        }

        @Override
        public void clearAlert() {
            throw new UnsupportedOperationException("whoever waits does not ask for it");
        }
    }

    /** As the ring does it. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "woken, or it saw the event")
    @Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "it sleeps beside an event")
    @State
    public static class BehindThePublisher extends Stages {
        /** The publisher. */
        @Actor
        public void publish(II_Result result) {
            cursor.set(0);
            wait.signalAllWhenBlocking();
            result.r1 = wokenCount;
        }

        /** The stage. */
        @Actor
        public void await(II_Result result) {
            result.r2 = await(0, cursor);
        }
    }

    /** As a stage does it that has moved its sequence and comes back for the next event, which is there. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "woken, or it saw the event")
    @Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "it sleeps beside an event")
    @State
    public static class BehindAStage extends Stages {
        BehindAStage() {
            cursor.set(1);
        }

        /** The stage before. */
        @Actor
        public void pass(II_Result result) {
            upstream.set(0);
            await(1, cursor);
            result.r1 = wokenCount;
        }

        /** The stage. */
        @Actor
        public void await(II_Result result) {
            result.r2 = await(0, upstream);
        }
    }

    /** The twin that must fail: it looks whether there is anybody to wake before its event can be seen. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "woken, or it saw the event")
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE_INTERESTING, desc = "it sleeps beside an event")
    @State
    public static class LookedForTooEarly {
        private final Sequence cursor = new Sequence();
        private final List<AtomicBoolean> sleepers = new CopyOnWriteArrayList<>();

        /** The publisher. */
        @Actor
        public void publish(II_Result result) {
            cursor.set(0);
            int count = sleepers.size();
            VarHandle.fullFence();
            result.r1 = count > 0 && sleepers.getFirst().get() ? 1 : 0;
        }

        /** The stage. */
        @Actor
        public void await(II_Result result) {
            AtomicBoolean isAsleep = new AtomicBoolean();
            sleepers.add(isAsleep);
            isAsleep.set(true);
            VarHandle.fullFence();
            result.r2 = (int) cursor.get() + 1;
        }
    }
}
