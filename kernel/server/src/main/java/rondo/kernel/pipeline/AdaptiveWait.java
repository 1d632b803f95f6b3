package rondo.kernel.pipeline;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import java.util.concurrent.locks.LockSupport;

/**
 * Spins a while, then parks for a short, growing time; for a stage that waits on the publisher and for one that waits on another stage alike.
 *
 * <p>The stock strategies either spin for ever on an upstream stage (blocking) or lose whole scheduler slices next to a busy neighbour
 * (yielding). A park of tens of microseconds bounds both the delay and the CPU that an idle stage takes.
 */
final class AdaptiveWait implements WaitStrategy {
    private static final long PARK_NS_MIN = 5_000;
    private static final long PARK_NS_MAX = 100_000;

    private final int spins;

    /** @param spins turns of the loop before the first park; 0 on hosts where a spinning thread would take the last CPU. */
    AdaptiveWait(int spins) {
        this.spins = spins;
    }

    @Override
    public long waitFor(long sequence, Sequence cursor, Sequence dependent, SequenceBarrier barrier)
            throws AlertException, InterruptedException {
        long available;
        int spun = 0;
        long parkNs = PARK_NS_MIN;
        while ((available = dependent.get()) < sequence) {
            barrier.checkAlert();
            if (spun < spins) {
                spun++;
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(this, parkNs);
                parkNs = Math.min(PARK_NS_MAX, parkNs * 2);
            }
        }
        return available;
    }

    @Override
    public void signalAllWhenBlocking() {
        // Parks are timed and short; nobody waits to be woken.
    }
}
