package rondo.kernel.thread;

import java.lang.invoke.VarHandle;
import rondo.ann.HotPath;

/**
 * Says that a thread sleeps, or is about to, so that others wake it only then. Either it sees their work or they see its flag.
 *
 * <pre>
 * sleeps                          hands over work
 *   raise()                         stores work, at least in order
 *   no work yet? sleep              mustWake()? wake
 *   lower()
 *
 * field      written by    mode                     read by      mode
 * isAsleep   its thread    volatile, fence after    any thread   volatile, fence before
 * </pre>
 *
 * <p>To wake must be remembered while the thread is not asleep yet, as {@code unpark} and a selector's {@code wakeup} are.
 */
public final class SleepFlag {
    private volatile boolean isAsleep;

    /** Before the last look for work. Its thread only. */
    public void raise() {
        isAsleep = true;
        // Before the look for work, which need not be volatile.
        VarHandle.fullFence();
    }

    /** When it is awake again; work is looked for after this. Its thread only. */
    public void lower() {
        isAsleep = false;
    }

    /** Whether it is raised, for its own thread. */
    @HotPath
    public boolean isRaised() {
        return isAsleep;
    }

    /** True when the thread must be woken for work that the caller has handed over before. Any thread. */
    @HotPath
    public boolean mustWake() {
        // After the work was stored, which need not be volatile.
        VarHandle.fullFence();
        return isAsleep;
    }
}
