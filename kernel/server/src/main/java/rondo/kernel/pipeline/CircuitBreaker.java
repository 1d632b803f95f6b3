package rondo.kernel.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import rondo.ann.HotPath;
import rondo.reward.Incident;

/**
 * Takes every request to the static chain while the agents fail as a whole (requirement G11); one request that fails is not its business.
 *
 * <pre>
 *             {@link Limits#failuresMax} of the last {@link Limits#window} requests failed, a stage hung, the learner stands still, or the agents are distrusted
 *   CLOSED ──────────────────────────────────────────────────────────────────────────────────► OPEN ◄─────────────┐
 *     ▲                                                          openNs later, learner moves │                    │ a probe fails,
 *     └───────────────── enough good probes, agents trusted ─────────────────────────── HALF_OPEN ───────────────┘ or the learner stands still
 * </pre>
 *
 * <p>Each request is asked for by {@link #admit}, which looks at everything anew: the first request admitted after a cause is visible is static already.
 * Whoever distrusts the agents needs to see them act to change its mind, so distrust alone lets probes through and only keeps them from closing it.
 *
 * <p>Each stage that hung has taken a thread: it opens from any state, for longer each time, and after {@link Limits#hungMax} for good.
 *
 * <p>Requests carry the epoch, a count of transitions, that they were admitted in: what comes of one that was admitted before a transition says nothing
 * about the state after it.
 *
 * <pre>
 * field                            written by        mode       read by             mode
 * state, incidents, bypassed       admitting thread  volatile   admitting; anybody  volatile
 * hungCount, hungNs                the watch         volatile   admitting thread    volatile, once a request
 * results (epoch, failed, good)    last stage        volatile   admitting thread    volatile, once a request
 * the rest                         its one thread    plain      the same            plain
 * </pre>
 */
public final class CircuitBreaker {
    /** In place of an epoch: the request takes the static chain. */
    static final int BYPASS = -1;

    /** Transitions kept to be looked at. */
    private static final int INCIDENTS_MAX = 64;

    private static final long NS_PER_MS = 1_000_000;

    /** Each stage that hung makes it wait four times as long. */
    private static final int HUNG_SHIFT = 2;

    /** The code goes to the metrics. */
    public enum State {
        CLOSED(0),
        HALF_OPEN(1),
        OPEN(2);

        private final int code;

        State(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }

    /**
     * When it opens and closes.
     *
     * @param window        requests looked back on, at most 64.
     * @param failuresMax   failures among them that open it.
     * @param stallNs       how long work may wait for a learner that does not move.
     * @param openNs        how long it stays open before it probes.
     * @param probeEvery    requests of which one is a probe.
     * @param probesToClose good probes that close it.
     * @param hungMax       stages that hung from which on it stays open: each has taken a thread for ever.
     */
    public record Limits(
            int window, int failuresMax, long stallNs, long openNs, int probeEvery, int probesToClose, int hungMax) {
        public Limits {
            if (window < 1 || window > Long.SIZE || failuresMax < 1 || failuresMax > window) {
                throw new IllegalArgumentException("1 <= failuresMax <= window <= 64 does not hold: failuresMax="
                        + failuresMax + ", window=" + window);
            }
        }

        /**
         * A quarter of twenty requests is far from chance and opens within twenty when all fail. A healthy ledger moves every few milliseconds, and a
         * full disk cache or collector may hold it for some tens; sixteen good probes in a row come from agents of which a quarter fails in 1 % of cases.
         */
        public static Limits standard() {
            return new Limits(20, 5, 200 * NS_PER_MS, 500 * NS_PER_MS, 8, 16, 4);
        }
    }

    private final Limits limits;
    private final Learning learning;
    private final LongSupplier epochMs;
    private final AtomicLong bypassedCount = new AtomicLong();
    private volatile State state = State.CLOSED;
    private volatile List<Incident> incidents = List.of();

    // The watch's.
    private final AtomicInteger hungCount = new AtomicInteger();
    private volatile long hungNs;

    // The admitting thread's.
    private int epoch;
    private long openedNs;
    private long position;
    private boolean isWaiting;
    private long waitingSinceNs;
    private int sinceProbe;
    private int hungSeen;

    // The last stage's: what came of the requests of one epoch, the newest in the lowest bit.
    private int recordedEpoch;
    private long failed;
    private int goodCount;
    private volatile long results;

    /** @param epochMs the clock of incidents. */
    public CircuitBreaker(Limits limits, Learning learning, LongSupplier epochMs) {
        this.limits = limits;
        this.learning = learning;
        this.epochMs = epochMs;
    }

    /**
     * Asks for one request that agents are to serve. Admitting thread only; {@code nowNs} never goes back.
     *
     * @return the epoch to give to {@link #record} with what came of it, or {@link #BYPASS}.
     */
    @HotPath
    int admit(long nowNs) {
        boolean isStalled = isStalled(nowNs);
        // One look, so that failures and good ones are of the same moment.
        long seen = results;
        int hung = hungCount.get();
        if (hung != hungSeen) {
            hungSeen = hung;
            open("a stage hung, ms", (double) hungNs / NS_PER_MS, 0, nowNs);
        }
        switch (state) {
            case CLOSED -> {
                if (failedCount(seen) >= limits.failuresMax()) {
                    open(
                            "stages failed or took longer than a request may",
                            failedCount(seen),
                            limits.failuresMax(),
                            nowNs);
                } else if (isStalled) {
                    openForStall(nowNs);
                } else if (learning.isDistrusted()) {
                    open("the watch distrusts the agents as a whole", 1, 1, nowNs);
                }
            }
            case OPEN -> {
                if (!isStalled && hungSeen < limits.hungMax() && nowNs - openedNs >= openNs()) {
                    sinceProbe = 0;
                    move(State.HALF_OPEN, "agents get one request in some", 1, limits.probeEvery(), "PROBE");
                }
            }
            case HALF_OPEN -> {
                if (failedCount(seen) > 0) {
                    open("a probe failed", failedCount(seen), 1, nowNs);
                } else if (isStalled) {
                    openForStall(nowNs);
                } else if (goodCount(seen) >= limits.probesToClose() && !learning.isDistrusted()) {
                    move(State.CLOSED, "the probes went well", goodCount(seen), limits.probesToClose(), "AGENTS");
                }
            }
        }
        if (state == State.CLOSED || (state == State.HALF_OPEN && isProbe())) {
            return epoch;
        }
        // One writer, so that a plain read is the newest.
        bypassedCount.setOpaque(bypassedCount.getPlain() + 1);
        return BYPASS;
    }

    /** Longer with each stage that hung: to find out that it still does costs as long as it takes to see it, and a thread. */
    @HotPath
    private long openNs() {
        return limits.openNs() << (HUNG_SHIFT * hungSeen);
    }

    /** True when work waits that has waited since the same position was seen long ago. Two looks at least: one may fall on work just arrived. */
    @HotPath
    private boolean isStalled(long nowNs) {
        long now = learning.position();
        if (now != position || !learning.hasBacklog()) {
            position = now;
            isWaiting = false;
            return false;
        }
        if (!isWaiting) {
            isWaiting = true;
            waitingSinceNs = nowNs;
        }
        return nowNs - waitingSinceNs >= limits.stallNs();
    }

    @HotPath
    private boolean isProbe() {
        sinceProbe++;
        if (sinceProbe < limits.probeEvery()) {
            return false;
        }
        sinceProbe = 0;
        return true;
    }

    private void openForStall(long nowNs) {
        open(
                "the learner stands still while work waits, ms",
                (double) (nowNs - waitingSinceNs) / NS_PER_MS,
                (double) limits.stallNs() / NS_PER_MS,
                nowNs);
    }

    private void open(String cause, double value, double threshold, long nowNs) {
        openedNs = nowNs;
        move(State.OPEN, cause, value, threshold, "STATIC_CHAIN");
    }

    /** Rare, so it may allocate. */
    private void move(State next, String cause, double value, double threshold, String response) {
        List<Incident> all = new ArrayList<>(incidents);
        if (all.size() == INCIDENTS_MAX) {
            all.removeFirst();
        }
        String who =
                state.name().toLowerCase(Locale.ROOT) + " to " + next.name().toLowerCase(Locale.ROOT);
        all.add(new Incident(
                epochMs.getAsLong(), "BREAKER", who, cause, value, threshold, response, next != State.CLOSED));
        incidents = List.copyOf(all);
        epoch++;
        state = next;
    }

    /**
     * Says what came of a request. Last stage's thread only.
     *
     * @param admittedIn what {@link #admit} returned for it.
     */
    @HotPath
    void record(int admittedIn, boolean hasFailed) {
        // The static chain says nothing about the agents, and an older epoch nothing about this one.
        if (admittedIn == BYPASS || admittedIn < recordedEpoch) {
            return;
        }
        if (admittedIn > recordedEpoch) {
            recordedEpoch = admittedIn;
            failed = 0;
            goodCount = 0;
        }
        failed = (failed << 1 | (hasFailed ? 1 : 0)) & (-1L >>> (Long.SIZE - limits.window()));
        goodCount = Math.min(goodCount + (hasFailed ? 0 : 1), limits.probesToClose());
        results = (long) recordedEpoch << 32 | (long) Long.bitCount(failed) << 24 | goodCount;
    }

    /** Failures among the last requests of this epoch, of {@link #results}. */
    @HotPath
    private int failedCount(long seen) {
        return seen >>> 32 == epoch ? (int) (seen >>> 24) & 0xFF : 0;
    }

    /** Good ones of this epoch, {@link Limits#probesToClose} at most, of {@link #results}. */
    @HotPath
    private int goodCount(long seen) {
        return seen >>> 32 == epoch ? (int) seen & 0xFF_FFFF : 0;
    }

    /**
     * Says that a thread was lost to a stage that hangs. The watch's thread only.
     *
     * @param workedNs how long it was seen at one request.
     */
    void hung(long workedNs) {
        hungNs = workedNs;
        hungCount.incrementAndGet();
    }

    Limits limits() {
        return limits;
    }

    /** Threads lost to stages that hang, since start. Any thread. */
    public int hungCount() {
        return hungCount.get();
    }

    /** Any thread. */
    public State state() {
        return state;
    }

    /** Requests that took the static chain in the agents' place, since start. Any thread. */
    public long bypassedCount() {
        return bypassedCount.get();
    }

    /** The newest transitions, the oldest first. Any thread. */
    public List<Incident> incidents() {
        return incidents;
    }
}
