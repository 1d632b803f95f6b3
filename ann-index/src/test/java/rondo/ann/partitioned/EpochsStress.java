package rondo.ann.partitioned;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A reader beside a writer that puts one thing in another's place and frees the old one. */
final class EpochsStress {
    private EpochsStress() {}

    /** What is read; 0 once it is freed. */
    private static final class Thing {
        int value = 1;
    }

    /** As it is done. */
    @JCStressTest
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "read while it was there")
    @Outcome(id = "0", expect = Expect.FORBIDDEN, desc = "read when it was freed")
    @State
    public static class Marked {
        private final Epochs epochs = new Epochs();
        private final Epochs.Mark mark = epochs.newMark();
        private final Thing old = new Thing();
        private volatile Thing current = old;

        /** The reader. */
        @Actor
        public void read(I_Result result) {
            mark.enter();
            result.r1 = current.value;
            mark.leave();
        }

        /** The writer. */
        @Actor
        public void replace() {
            current = new Thing();
            if (epochs.isPassed(epochs.next())) {
                old.value = 0;
            }
        }
    }

    /** The twin that must fail: the reader may read before its mark is seen. */
    @JCStressTest
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "read while it was there")
    @Outcome(id = "0", expect = Expect.ACCEPTABLE_INTERESTING, desc = "read when it was freed")
    @State
    public static class MarkedTooLate {
        private final AtomicLong began = new AtomicLong();
        private final Thing old = new Thing();
        private volatile Thing current = old;
        private volatile long now = 1;

        /** The reader. */
        @Actor
        public void read(I_Result result) {
            began.setRelease(now);
            result.r1 = current.value;
            began.setRelease(0);
        }

        /** The writer. */
        @Actor
        public void replace() {
            current = new Thing();
            now = 2;
            if (began.get() == 0) {
                old.value = 0;
            }
        }
    }
}
