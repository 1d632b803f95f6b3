package rondo.kernel.orchestration;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.experience.RewardTrace;

/** A ledger that writes rows beside a look-up of a request of two. */
final class TraceWindowStress {
    private static final int ROWS_MAX = 4;
    private static final int NONE = -1;

    private TraceWindowStress() {}

    /** A small window and the rows that are put into it. */
    static class Window {
        final TraceWindow window = new TraceWindow(ROWS_MAX, 2);
        private final ExperienceRow row = new ExperienceRow();

        void add(long decisionId) {
            row.fill(decisionId, 10 * decisionId, 1, 1, 0f, 1f, 0f, 0.5f, 0, 0, 0, false, false, 0.25, 0);
            window.add(row);
        }

        /** The rows found of a request; 0 while its outcome is awaited. */
        int look(long requestId) {
            @Nullable RewardTrace trace = window.find(requestId);
            return trace == null ? NONE : trace.rows().size();
        }
    }

    /** As it is done. */
    @JCStressTest
    @Outcome(
            id = {"0", "2"},
            expect = Expect.ACCEPTABLE,
            desc = "awaited, or closed with all rows")
    @Outcome(
            id = {"1", "-1"},
            expect = Expect.FORBIDDEN,
            desc = "closed with some rows, or neither awaited nor closed")
    @State
    public static class Closing extends Window {
        Closing() {
            window.onDecision(70, 7);
        }

        /** The ledger. */
        @Actor
        public void close() {
            add(7);
            add(7);
            window.publish();
        }

        /** The look-up. */
        @Actor
        public void look(I_Result result) {
            result.r1 = look(70);
        }
    }

    /** The twin that must fail: it makes rows visible between two of one decision. */
    @JCStressTest
    @Outcome(
            id = {"0", "2"},
            expect = Expect.ACCEPTABLE,
            desc = "awaited, or closed with all rows")
    @Outcome(
            id = {"1", "-1"},
            expect = Expect.ACCEPTABLE_INTERESTING,
            desc = "closed with some rows, or neither awaited nor closed")
    @State
    public static class ClosingTooEarly extends Window {
        ClosingTooEarly() {
            window.onDecision(70, 7);
        }

        /** The ledger. */
        @Actor
        public void close() {
            add(7);
            window.publish();
            add(7);
            window.publish();
        }

        /** The look-up. */
        @Actor
        public void look(I_Result result) {
            result.r1 = look(70);
        }
    }

    /** As it is done. */
    @JCStressTest
    @Outcome(
            id = {"2", "-1"},
            expect = Expect.ACCEPTABLE,
            desc = "all rows, or forgotten")
    @Outcome(
            id = {"0", "1"},
            expect = Expect.FORBIDDEN,
            desc = "what the overwriting has left of the rows")
    @State
    public static class Overwriting extends Window {
        Overwriting() {
            add(7);
            add(7);
            add(8);
            add(8);
            window.publish();
        }

        /** The ledger. */
        @Actor
        public void overwrite() {
            add(9);
        }

        /** The look-up. */
        @Actor
        public void look(I_Result result) {
            result.r1 = look(70);
        }
    }

    /** The twin that must fail: it says that a row is overwritten when that is done. */
    @JCStressTest
    @Outcome(
            id = {"2", "-1"},
            expect = Expect.ACCEPTABLE,
            desc = "all rows, or forgotten")
    @Outcome(
            id = {"0", "1"},
            expect = Expect.ACCEPTABLE_INTERESTING,
            desc = "what the overwriting has left of the rows")
    @State
    public static class OverwritingBeforeItSaysSo {
        private final AtomicLong written = new AtomicLong(ROWS_MAX);
        private final AtomicLong oldest = new AtomicLong(7);

        /** The ledger. */
        @Actor
        public void overwrite() {
            oldest.setRelease(9);
            written.setRelease(ROWS_MAX + 1);
        }

        /** The look-up. */
        @Actor
        public void look(I_Result result) {
            int count = oldest.getAcquire() == 7 ? 2 : 1;
            boolean isWhole = written.getAcquire() == ROWS_MAX;
            result.r1 = isWhole ? count : NONE;
        }
    }
}
