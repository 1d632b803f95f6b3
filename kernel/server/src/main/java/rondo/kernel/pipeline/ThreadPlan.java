package rondo.kernel.pipeline;

import java.util.Locale;

/**
 * Which threads run the stages. Every plan runs the same stage code and gives the same slates.
 *
 * <pre>
 * plan     transport thread        further threads
 * FUSED    sockets and all stages  none
 * SPLIT    sockets                 all stages
 * STAGED   sockets                 admit + retrieve | rank + select + reply
 * SPREAD   sockets                 admit | retrieve | rank | select + reply
 * </pre>
 *
 * A spinning thread more than there are cores costs whole scheduler slices, so the default follows the usable CPUs: a spinning thread each, one CPU left.
 */
public enum ThreadPlan {
    FUSED(0),
    SPLIT(1),
    STAGED(2),
    SPREAD(4);

    private final int stageThreads;

    ThreadPlan(int stageThreads) {
        this.stageThreads = stageThreads;
    }

    /** Threads beside the transport's. */
    public int stageThreads() {
        return stageThreads;
    }

    /**
     * The plan that a setting means on this many CPUs.
     *
     * @param name {@code auto}, or a plan's name in lower case.
     */
    public static ThreadPlan of(String name, int cpus) {
        if (!name.equals("auto")) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }
        return cpus <= 3 ? FUSED : cpus <= 4 ? SPLIT : cpus <= 5 ? STAGED : SPREAD;
    }

    /** True when the plan's threads may spin: one CPU must stay free for the rest of the host. Otherwise they sleep whenever there is nothing to do. */
    public boolean maySpin(int cpus) {
        return stageThreads + 1 <= Math.max(1, cpus - 1);
    }
}
