package rondo.kernel.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What the door has seen, since start.
 *
 * <pre>
 * field    written by     mode     read by      mode
 * counts   door's thread  opaque   any thread   opaque
 * </pre>
 */
public final class DoorCounters {
    /** The things counted; the name is also the metric's. */
    public enum Kind {
        CONNECTIONS_OPENED,
        CONNECTIONS_REFUSED,
        CONNECTIONS_OPEN,
        SHARED_OPEN,
        REQUESTS,
        REPLIES,
        STATIC_SLATES,
        OVERLOADED,
        OUTCOMES,
        INTERACTIONS,
        BROKEN_FRAMES,
        UNKNOWN_TEMPLATES,
        SLOW_READERS,
        TIMED_OUT,
        EVICTED,
        DENIED,
        RATE_LIMITED,
        WAKES
    }

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[Kind.values().length];

    void add(Kind kind, long delta) {
        int i = kind.ordinal();
        COUNT.setOpaque(counts, i, counts[i] + delta);
    }

    /** The count so far. Any thread. */
    public long get(Kind kind) {
        return (long) COUNT.getOpaque(counts, kind.ordinal());
    }
}
