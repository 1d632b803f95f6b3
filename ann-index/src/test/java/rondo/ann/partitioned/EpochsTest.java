package rondo.ann.partitioned;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class EpochsTest {
    @Test
    void shouldHoldBackWhatAReaderMayReadAndNothingElse() {
        Epochs epochs = new Epochs();
        try (Epochs.Mark mark = epochs.newMark()) {
            assertTrue(epochs.isPassed(epochs.next()), "nobody reads");
            mark.enter();
            long next = epochs.next();
            assertFalse(epochs.isPassed(next), "a read began before");
            mark.leave();
            assertTrue(epochs.isPassed(next));
            mark.enter();
            assertTrue(epochs.isPassed(next), "a read of the epoch itself");
            assertFalse(epochs.isPassed(epochs.next()));
        }
        assertTrue(epochs.isPassed(epochs.next()), "the reader is no more");
    }

    @Test
    void shouldNotWaitForAReaderThatDied() throws InterruptedException {
        Epochs epochs = new Epochs();
        try (Epochs.Mark mark = epochs.newMark()) {
            Thread thread = new Thread(mark::enter);
            thread.start();
            thread.join();
            assertTrue(epochs.isPassed(epochs.next()));
        }
    }
}
