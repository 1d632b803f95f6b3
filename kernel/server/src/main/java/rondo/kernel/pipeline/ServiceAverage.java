package rondo.kernel.pipeline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import rondo.ann.HotPath;

/**
 * Moving average of the time that one thread works on a request, nanoseconds.
 *
 * <pre>
 * field    written by      mode    read by      mode
 * average  its one thread  opaque  any thread   opaque
 * </pre>
 */
final class ServiceAverage {
    private static final double WEIGHT = 1.0 / 32;

    /** A thread that lost its processor for a while says nothing about the next request. */
    private static final double OUTLIER = 4;

    private static final VarHandle AVERAGE;

    static {
        try {
            AVERAGE = MethodHandles.lookup().findVarHandle(ServiceAverage.class, "average", double.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("FieldCanBeFinal")
    private double average;

    @HotPath
    void add(long ns) {
        double before = average;
        double sample = before == 0 ? (double) ns : Math.min((double) ns, OUTLIER * before);
        AVERAGE.setOpaque(this, before == 0 ? sample : before + WEIGHT * (sample - before));
    }

    /** 0 before the first request. */
    @HotPath
    double ns() {
        return (double) AVERAGE.getOpaque(this);
    }
}
