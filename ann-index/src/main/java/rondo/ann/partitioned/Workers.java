package rondo.ann.partitioned;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads of one build. What they compute does not depend on how many they are: each part of a range is somebody's whole task. */
final class Workers implements AutoCloseable {
    private final int threads;
    private final ExecutorService executor;
    private final BuildProgress progress;

    // The shares of the build between which it is now, in how many runs, and how many of these are done.
    private double stageFrom;
    private double stageTo = 1;
    private int stageRuns = 1;
    private int runsDone;
    private int partsDone;

    Workers(int threads) {
        this(threads, BuildProgress.NONE);
    }

    Workers(int threads, BuildProgress progress) {
        this.threads = threads;
        this.progress = progress;
        this.executor = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("index-build-", 0).daemon().factory());
    }

    /** Does a part of a range; one instance per thread. */
    @FunctionalInterface
    interface Part {
        void run(int from, int to);
    }

    /** Makes the work of one thread. */
    @FunctionalInterface
    interface Work {
        Part start();
    }

    /** The next {@code runs} take a build from one share of its work to another; should there be more of them, it stands there. */
    void stage(double from, double to, int runs) {
        stageFrom = from;
        stageTo = to;
        stageRuns = runs;
        runsDone = 0;
    }

    private synchronized void partDone(int parts) {
        partsDone++;
        double share = Math.min(1, (runsDone + (double) partsDone / parts) / stageRuns);
        progress.at(stageFrom + (stageTo - stageFrom) * share);
    }

    /**
     * Runs over {@code [0, count)} in parts of {@code length}.
     *
     * @throws InterruptedBuildException when the calling thread is interrupted.
     */
    void run(int count, int length, Work work) {
        AtomicInteger next = new AtomicInteger();
        int parts = (count + length - 1) / length;
        List<Callable<Boolean>> tasks = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            tasks.add(() -> {
                Part part = work.start();
                for (int p = next.getAndIncrement(); p < parts; p = next.getAndIncrement()) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                    part.run(p * length, Math.min(count, (p + 1) * length));
                    partDone(parts);
                }
                return true;
            });
        }
        try {
            partsDone = 0;
            for (Future<Boolean> done : executor.invokeAll(tasks)) {
                done.get();
            }
            runsDone++;
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new InterruptedBuildException(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException runtime) {
                throw runtime;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("a build thread failed", e.getCause());
        }
    }

    /** Returns when the threads have ended: what they read may be freed then. */
    @Override
    public void close() {
        executor.shutdownNow();
        boolean wasInterrupted = Thread.interrupted();
        boolean isEnded = false;
        while (!isEnded) {
            try {
                isEnded = executor.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
