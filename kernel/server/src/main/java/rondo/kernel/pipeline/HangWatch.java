package rondo.kernel.pipeline;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether the threads that run stages get on. One that stays at the same request is relieved when it has worked on it, or waited, for as long as no stage may; one
 * that merely got no processor is not. Time is what this thread itself has lived through, so that a stopped process or a paused machine is nobody's fault.
 */
final class HangWatch implements AutoCloseable {
    /** Looks within the time that a stage may take. */
    private static final int LOOKS = 4;

    /** As many times as long may a thread take of which the system does not say what it does, or whose code is not compiled yet. */
    private static final int PATIENCE = 20;

    /** Requests from which on code counts as compiled. */
    private static final long WARM_AFTER = 2_000;

    private final long limitNs;
    private final List<Place> places;
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Thread thread;
    private volatile boolean isRunning = true;

    /** Relieves a group of its thread. */
    interface Relief {
        /**
         * @param sequence  of the request that it hangs in.
         * @param workedNs  how long it has been seen at it.
         */
        void relieve(StageGroup group, long sequence, long workedNs);
    }

    /** @param limitNs how long a stage may work on one request. */
    HangWatch(long limitNs, List<StageGroup> groups, Relief relief) {
        this.limitNs = limitNs;
        this.places = groups.stream().map(group -> new Place(group, relief)).toList();
        this.thread = Thread.ofPlatform().name("rondo-watch").daemon(true).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        long tickNs = Math.max(1, limitNs / LOOKS);
        long lastNs = System.nanoTime();
        while (isRunning) {
            LockSupport.parkNanos(tickNs);
            long nowNs = System.nanoTime();
            if (nowNs - lastNs >= tickNs) {
                lastNs = nowNs;
                for (Place place : places) {
                    place.look(tickNs);
                }
            }
        }
    }

    @Override
    public void close() {
        isRunning = false;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is known of one group. */
    private final class Place {
        private final StageGroup group;
        private final Relief relief;
        private final Suspicion suspicion = new Suspicion(limitNs, (long) PATIENCE * limitNs);

        Place(StageGroup group, Relief relief) {
            this.group = group;
            this.relief = relief;
        }

        void look(long tickNs) {
            long sequence = group.working();
            Thread worker = group.thread();
            if (sequence < 0 || worker == null) {
                suspicion.clear();
            } else if (!suspicion.isOf(sequence)) {
                suspicion.begin(sequence, cpuNs(worker));
            } else if (suspicion.look(
                    tickNs, cpuNs(worker), worker.getState() != Thread.State.RUNNABLE, sequence >= WARM_AFTER)) {
                relief.relieve(group, sequence, suspicion.seenNs());
                suspicion.clear();
            }
        }

        private long cpuNs(@Nullable Thread worker) {
            return worker == null ? -1 : threads.getThreadCpuTime(worker.threadId());
        }
    }

    /** The evidence against one thread at one request; a function of what it is told. */
    static final class Suspicion {
        private final long limitNs;
        private final long patientNs;
        private long sequence = -1;
        private long cpuAtFirstNs;
        private long seenNs;
        private long blockedNs;

        Suspicion(long limitNs, long patientNs) {
            this.limitNs = limitNs;
            this.patientNs = patientNs;
        }

        void clear() {
            sequence = -1;
        }

        boolean isOf(long other) {
            return sequence == other;
        }

        /** @param cpuNs time that the thread has used of a processor so far; negative when nobody can tell. */
        void begin(long seen, long cpuNs) {
            sequence = seen;
            cpuAtFirstNs = cpuNs;
            seenNs = 0;
            blockedNs = 0;
        }

        /** How long it has been seen. */
        long seenNs() {
            return seenNs;
        }

        /**
         * Looks again.
         *
         * @param tickNs    since the last look.
         * @param isBlocked it waits for something, which no stage does.
         * @param isWarm    it need not be the compiler that it waits for.
         * @return true when it hangs.
         */
        boolean look(long tickNs, long cpuNs, boolean isBlocked, boolean isWarm) {
            seenNs += tickNs;
            blockedNs += isBlocked ? tickNs : 0;
            boolean hasWorked = cpuNs >= 0 && cpuNs - cpuAtFirstNs + blockedNs >= limitNs;
            return (isWarm && hasWorked)
                    || (seenNs >= patientNs && (hasWorked || isBlocked || cpuNs < 0))
                    || seenNs >= PATIENCE * patientNs;
        }
    }
}
