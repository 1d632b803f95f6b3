package rondo.tools.index;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * From when it is made until its {@link #end}, a process that is asked to end (Ctrl-C) first interrupts the thread that made this and waits for it, so that nothing half-done is left
 * behind.
 */
final class Interruption {
    private static final long WAIT_SECONDS = 10;

    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook;

    Interruption() {
        Thread working = Thread.currentThread();
        this.hook = Thread.ofPlatform().unstarted(() -> {
            working.interrupt();
            try {
                boolean isDone = done.await(WAIT_SECONDS, TimeUnit.SECONDS);
                System.err.println(
                        "rondo: interrupted" + (isDone ? "" : ", still busy after " + WAIT_SECONDS + " seconds"));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The work is over, well or not. */
    void end() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ignored) {
            // The process is ending, and the hook with it.
        }
    }
}
