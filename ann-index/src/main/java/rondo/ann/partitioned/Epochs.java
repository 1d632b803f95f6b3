package rondo.ann.partitioned;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * When readers can no longer see what a writer took away (epoch-based reclamation: Fraser, Practical lock-freedom, 2004, §5.2.3). Readers wait for nobody.
 *
 * <pre>
 * reader: enter, read the reference, use what it leads to, leave
 * writer: change the reference, e = next(); when isPassed(e), free what it led to
 * </pre>
 *
 * The reference must be volatile: enter writes the mark and then reads it, the writer writes it and then reads the marks, so at least one of them sees the
 * other.
 *
 * <p><b>Threads:</b> any number of readers, each with a mark of its own; one writer at a time.
 */
final class Epochs {
    private final List<Mark> marks = new CopyOnWriteArrayList<>();
    private volatile long now = 1;

    /** Of one reader, and one thread at a time. */
    final class Mark implements AutoCloseable {
        /** The mark lies alone in its cache lines. */
        private static final int AT = 16;

        /** The epoch in which the read under way began; 0 between reads. */
        private final AtomicLongArray began = new AtomicLongArray(2 * AT);

        private volatile @Nullable Thread thread;

        /** Keeps what can be read from here on until {@link #leave}. */
        void enter() {
            if (!Thread.currentThread().equals(thread)) {
                thread = Thread.currentThread();
            }
            began.set(AT, now);
        }

        void leave() {
            began.setRelease(AT, 0);
        }

        /** Whether a read may be under way that began before an epoch. A thread that died in one counts no more. */
        private boolean isBefore(long epoch) {
            long since = began.get(AT);
            Thread of = thread;
            return since != 0 && since < epoch && of != null && of.isAlive();
        }

        @Override
        public void close() {
            marks.remove(this);
        }
    }

    /** A mark for one reader. */
    Mark newMark() {
        Mark mark = new Mark();
        marks.add(mark);
        return mark;
    }

    /** Begins the next epoch: reads of it see what the writer did before. */
    long next() {
        long next = now + 1;
        now = next;
        return next;
    }

    /** Whether every read under way began in an epoch or later. */
    boolean isPassed(long epoch) {
        for (Mark mark : marks) {
            if (mark.isBefore(epoch)) {
                return false;
            }
        }
        return true;
    }
}
