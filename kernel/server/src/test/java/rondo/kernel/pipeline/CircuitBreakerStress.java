package rondo.kernel.pipeline;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import rondo.kernel.pipeline.CircuitBreaker.Limits;

/** A last stage that says what came of requests beside a thread that admits the next one. */
final class CircuitBreakerStress {
    private CircuitBreakerStress() {}

    private static final class IdleLearning implements Learning {
        @Override
        public long position() {
            return 0;
        }

        @Override
        public boolean hasBacklog() {
            return false;
        }

        @Override
        public boolean isDistrusted() {
            return false;
        }
    }

    /** A breaker that probes after a failure; one probe decides. */
    static class Probing {
        private static final Limits LIMITS = new Limits(2, 1, Long.MAX_VALUE, 0, 1, 1, 4);

        final CircuitBreaker breaker = new CircuitBreaker(LIMITS, new IdleLearning(), () -> 0);
        final int epoch;

        Probing() {
            breaker.record(breaker.admit(0), true);
            breaker.admit(0);
            epoch = breaker.admit(0);
        }

        /** Admits a request; the code of the state that it leaves. */
        int look() {
            breaker.admit(0);
            return breaker.state().code();
        }
    }

    /** As it is done. */
    @JCStressTest
    @Outcome(
            id = {"0", "1"},
            expect = Expect.ACCEPTABLE,
            desc = "closed by the good probe, or it goes on probing")
    @Outcome(id = "2", expect = Expect.FORBIDDEN, desc = "opened by what came of an older epoch")
    @State
    public static class OneEpoch extends Probing {
        /** The last stage. */
        @Actor
        public void record() {
            breaker.record(epoch, false);
        }

        /** Who admits. */
        @Actor
        public void look(I_Result result) {
            result.r1 = look();
        }
    }

    /** As it is done. */
    @JCStressTest
    @Outcome(
            id = {"1", "2"},
            expect = Expect.ACCEPTABLE,
            desc = "opened by the failed probe, or it goes on probing")
    @Outcome(id = "0", expect = Expect.FORBIDDEN, desc = "closed although a probe failed")
    @State
    public static class OneMoment extends Probing {
        /** The last stage. */
        @Actor
        public void record() {
            breaker.record(epoch, true);
            breaker.record(epoch, false);
        }

        /** Who admits. */
        @Actor
        public void look(I_Result result) {
            result.r1 = look();
        }
    }

    /** The twin that must fail: the epoch and its counts are in two fields. */
    @JCStressTest
    @Outcome(
            id = {"0", "1"},
            expect = Expect.ACCEPTABLE,
            desc = "closed by the good probe, or it goes on probing")
    @Outcome(id = "2", expect = Expect.ACCEPTABLE_INTERESTING, desc = "opened by what came of an older epoch")
    @State
    public static class TwoFields {
        private volatile int recordedEpoch;
        private volatile int failedCount = 1;

        /** The last stage. */
        @Actor
        public void record() {
            recordedEpoch = 2;
            failedCount = 0;
        }

        /** Who admits. */
        @Actor
        public void look(I_Result result) {
            boolean isNew = recordedEpoch == 2;
            result.r1 = !isNew ? 1 : failedCount > 0 ? 2 : 0;
        }
    }

    /** The twin that must fail: it looks at failures and at good ones one after the other. */
    @JCStressTest
    @Outcome(
            id = {"1", "2"},
            expect = Expect.ACCEPTABLE,
            desc = "opened by the failed probe, or it goes on probing")
    @Outcome(id = "0", expect = Expect.ACCEPTABLE_INTERESTING, desc = "closed although a probe failed")
    @State
    public static class TwoMoments {
        /** Failed ones in the upper half, good ones in the lower. */
        private final AtomicLong results = new AtomicLong();

        /** The last stage. */
        @Actor
        public void record() {
            results.set(1L << 32);
            results.set(1L << 32 | 1);
        }

        /** Who admits. */
        @Actor
        public void look(I_Result result) {
            boolean hasFailed = results.get() >>> 32 > 0;
            boolean hasGood = (int) results.get() > 0;
            result.r1 = hasFailed ? 2 : hasGood ? 0 : 1;
        }
    }
}
