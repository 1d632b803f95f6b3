package rondo.kernel.pipeline;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;

/**
 * A place for one thread between others on the ring: it takes the requests that have passed its barrier, one by one, so that no reply waits for the requests behind it.
 * A thread that hangs can be followed by another, which goes on where it stopped.
 */
final class StageThread implements Runnable {
    final StageGroup group;
    private final SequenceBarrier barrier;
    private final Work work;

    /** The last request that has passed. */
    private final Sequence position = new Sequence();

    interface Work {
        /** Works on one request; has moved {@code position} there before it tells anybody. */
        void process(long sequence, Sequence position);
    }

    StageThread(StageGroup group, SequenceBarrier barrier, Work work) {
        this.group = group;
        this.barrier = barrier;
        this.work = work;
    }

    Sequence position() {
        return position;
    }

    @Override
    public void run() {
        try {
            while (true) {
                long next = position.get() + 1;
                while (barrier.waitFor(next) < next) {
                    // It is claimed and not yet published.
                    Thread.onSpinWait();
                }
                work.process(next, position);
                position.set(next);
            }
        } catch (AlertException e) {
            // Closed.
        } catch (RelievedException e) {
            // Another thread goes on.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            throw new IllegalStateException("this wait has no timeout", e);
        }
    }

    /** Ends the thread that waits here, now or when it comes back. */
    void halt() {
        barrier.alert();
    }
}
