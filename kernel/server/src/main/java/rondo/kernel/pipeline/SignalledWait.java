package rondo.kernel.pipeline;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import rondo.ann.HotPath;

/**
 * Spins a while and then sleeps until there is something, for a stage that waits on the publisher and for one that waits on another stage alike.
 *
 * <p>The stock strategies either spin for ever on an upstream stage (blocking) or lose whole scheduler slices next to a busy neighbour (yielding). Here a stage
 * thread that has moved its sequence comes back to {@link #waitFor} and wakes whoever sleeps behind it; the publisher does so when it publishes.
 *
 * <pre>
 * waits                                          has moved a sequence
 *   once: is added to the sleepers                 sequence = n       (ordered store)
 *   isAsleep = true                                full fence
 *   full fence                                     sleepers: isAsleep? wake
 *   sequence still too small? sleep
 * </pre>
 */
final class SignalledWait implements WaitStrategy {
    /** Sleep without a signal, in case somebody moved a sequence in a way that is not seen here. */
    private static final long SLEEP_NS_MAX = 50_000_000;

    private final int spins;
    private final Consumer<Thread> waker;
    private final List<Sleeper> sleepers = new CopyOnWriteArrayList<>();
    private final ThreadLocal<Sleeper> own = ThreadLocal.withInitial(this::register);

    private static final class Sleeper {
        final Thread thread = Thread.currentThread();
        volatile boolean isAsleep;
    }

    /** @param spins turns of the loop before sleep; 0 on hosts where a spinning thread would take the last CPU. */
    SignalledWait(int spins) {
        this(spins, LockSupport::unpark);
    }

    /** @param waker ends the park of a thread, or keeps the next one from beginning. */
    SignalledWait(int spins, Consumer<Thread> waker) {
        this.spins = spins;
        this.waker = waker;
    }

    private Sleeper register() {
        Sleeper sleeper = new Sleeper();
        sleepers.add(sleeper);
        return sleeper;
    }

    @Override
    public long waitFor(long sequence, Sequence cursor, Sequence dependent, SequenceBarrier barrier)
            throws AlertException, InterruptedException {
        signalAllWhenBlocking();
        long available;
        int spun = 0;
        while ((available = dependent.get()) < sequence) {
            barrier.checkAlert();
            if (spun < spins) {
                spun++;
                Thread.onSpinWait();
            } else {
                sleep(sequence, dependent, barrier);
            }
        }
        return available;
    }

    private void sleep(long sequence, Sequence dependent, SequenceBarrier barrier) {
        Sleeper sleeper = own.get();
        // A volatile store, so that no later look can be made before it; and a fence for the looks at what others have
        // stored.
        sleeper.isAsleep = true;
        VarHandle.fullFence();
        if (dependent.get() < sequence && !barrier.isAlerted()) {
            LockSupport.parkNanos(this, SLEEP_NS_MAX);
        }
        sleeper.isAsleep = false;
    }

    /** Wakes who sleeps. Any thread. */
    @Override
    @HotPath
    public void signalAllWhenBlocking() {
        // Before the look at who is there: one that sleeps for the first time is added just then.
        VarHandle.fullFence();
        for (int i = 0, count = sleepers.size(); i < count; i++) {
            Sleeper sleeper = sleepers.get(i);
            if (sleeper.isAsleep) {
                waker.accept(sleeper.thread);
            }
        }
    }
}
