package rondo.kernel.thread;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Makes the threads that serve, each on a processor of its own where a list says so. That a thread is where it should be is looked at from the thread itself:
 * some ways to pin do nothing and do not say so.
 *
 * <p><b>Threads:</b> made by one thread; {@link #problems} may be asked by any.
 */
public final class PinnedThreads {
    private final List<Integer> processors;
    private final List<String> problems = new CopyOnWriteArrayList<>();

    /** What the system calls those that run. */
    private final Map<Thread, Integer> tasks = new ConcurrentHashMap<>();

    private PinnedThreads(List<Integer> processors) {
        this.processors = processors;
        // The first confined arena of a process loads its class, and with that all compiled code over memory segments
        // is thrown away: better now than when a thread hangs.
        Processors.usable();
    }

    /** Threads that run wherever the system lets them. */
    public static PinnedThreads nowhere() {
        return new PinnedThreads(List.of());
    }

    /**
     * Threads on the processors of a list.
     *
     * @param text {@code off}, or numbers with commas between; the first is the first thread's, and threads beyond the list run anywhere.
     * @throws IllegalArgumentException naming the number that is none, stands there twice or may not be used by this process.
     */
    public static PinnedThreads of(String text) {
        if (text.equals("off")) {
            return nowhere();
        }
        BitSet usable = Processors.usable();
        List<Integer> list = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            int number;
            try {
                number = Integer.parseInt(part.strip());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("no number of a processor: " + part.strip(), e);
            }
            if (number < 0 || !usable.get(number)) {
                throw new IllegalArgumentException(
                        "this process may not run on processor " + number + "; it may on " + usable);
            }
            if (list.contains(number)) {
                throw new IllegalArgumentException("processor " + number + " stands there twice");
            }
            list.add(number);
        }
        return new PinnedThreads(List.copyOf(list));
    }

    /**
     * A daemon thread, not started.
     *
     * @param place 0 for the transport's thread, from 1 for the stages' in the order of the chain: its place in the list.
     */
    public Thread make(int place, String name, Runnable body) {
        return Thread.ofPlatform().name(name).daemon(true).unstarted(() -> {
            tasks.put(Thread.currentThread(), Processors.task());
            if (place < processors.size()) {
                String problem = Processors.pin(processors.get(place));
                if (!problem.isEmpty()) {
                    problems.add(name + ": " + problem);
                }
            }
            try {
                body.run();
            } finally {
                tasks.remove(Thread.currentThread());
            }
        });
    }

    /** Gives a thread that cannot be ended no more of the machine than nobody else wants. Any thread. */
    public void demote(Thread thread) {
        Integer task = tasks.get(thread);
        if (task != null) {
            Processors.demote(task);
        }
    }

    /** What went wrong on threads that have started; they run all the same. */
    public List<String> problems() {
        return List.copyOf(problems);
    }
}
