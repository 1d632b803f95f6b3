package rondo.jmh.latency;

import java.util.BitSet;

/** When each request of an open loop is to be sent: at one rate, and from some request on at another. Which of them count is marked. */
final class Schedule {
    private static final double NS_PER_SECOND = 1e9;

    private final double intervalNs;
    private final double calmIntervalNs;
    private final BitSet marked = new BitSet();
    private final BitSet stalled = new BitSet();
    private int calmFrom = Integer.MAX_VALUE;

    /**
     * @param rate     requests a second.
     * @param calmRate requests a second after {@link #calm}.
     */
    Schedule(double rate, double calmRate) {
        this.intervalNs = NS_PER_SECOND / rate;
        this.calmIntervalNs = NS_PER_SECOND / calmRate;
    }

    /** From the start. */
    long intendedNs(int id) {
        return id <= calmFrom
                ? (long) (id * intervalNs)
                : (long) (calmFrom * intervalNs + (id - calmFrom) * calmIntervalNs);
    }

    void calm(int from) {
        calmFrom = from;
    }

    void mark(int first, int end) {
        marked.set(first, end);
    }

    void noteStall(int first, int end) {
        stalled.set(first, end);
    }

    boolean isStalled(int id) {
        return stalled.get(id);
    }

    boolean isMarked(int id) {
        return marked.get(id);
    }
}
