package rondo.kernel.thread;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A thread that falls asleep, as the door's and the ledger's do, beside one that hands it work with the weakest store that is used: a stage its sequence, and
 * the ledger its acknowledgements.
 */
final class SleepFlagStress {
    private SleepFlagStress() {}

    /** As it is done. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "woken, or it saw the work")
    @Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "it sleeps beside work")
    @State
    public static class Fenced {
        private final SleepFlag flag = new SleepFlag();
        private final AtomicInteger work = new AtomicInteger();

        /** Who hands over work. */
        @Actor
        public void hand(II_Result result) {
            work.setRelease(1);
            result.r1 = flag.mustWake() ? 1 : 0;
        }

        /** Who sleeps. */
        @Actor
        public void sleep(II_Result result) {
            flag.raise();
            result.r2 = work.getAcquire();
        }
    }

    /** The twin that must fail: a volatile flag alone, at which the thread that hands over work may look before its work can be seen. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1", "1, 1"},
            expect = Expect.ACCEPTABLE,
            desc = "woken, or it saw the work")
    @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE_INTERESTING, desc = "it sleeps beside work")
    @State
    public static class VolatileAlone {
        private final AtomicBoolean flag = new AtomicBoolean();
        private final AtomicInteger work = new AtomicInteger();

        /** Who hands over work. */
        @Actor
        public void hand(II_Result result) {
            work.setRelease(1);
            result.r1 = flag.get() ? 1 : 0;
        }

        /** Who sleeps. */
        @Actor
        public void sleep(II_Result result) {
            flag.set(true);
            result.r2 = work.getAcquire();
        }
    }
}
