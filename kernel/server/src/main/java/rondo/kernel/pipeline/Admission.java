package rondo.kernel.pipeline;

import java.util.Locale;
import rondo.ann.HotPath;

/** How it is decided whether a request that has come may wait for its turn. */
public enum Admission {
    /** By what it would have to wait: it is let in while a quarter of its time is enough for those before it. */
    WAIT,
    /** Always, as long as there is room: what most servers do, here to measure the other one by. */
    FIFO;

    /** The rest is for what cannot be foreseen, such as a processor that is taken away for a while. */
    private static final double WAIT_SHARE = 0.25;

    /** The admission that a setting means. */
    public static Admission of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    /**
     * True when a request may wait.
     *
     * @param depth     requests before it.
     * @param serviceNs what each of them takes on the slowest thread.
     * @param leftNs    until its deadline.
     */
    @HotPath
    boolean admits(long depth, double serviceNs, long leftNs) {
        // With nobody before it, it is the stages that see what its time is enough for, and so an average that went
        // wrong comes right again.
        return this == FIFO
                || depth == 0
                || (depth * serviceNs <= WAIT_SHARE * leftNs && (depth + 1) * serviceNs <= leftNs);
    }
}
