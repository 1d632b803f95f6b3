package rondo.kernel.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import rondo.kernel.pipeline.CircuitBreaker.Limits;
import rondo.kernel.pipeline.CircuitBreaker.State;

/** The breaker alone, asked on the test's thread under a time and a learner that the test moves. */
class CircuitBreakerTest {
    private static final long MS = 1_000_000;
    private static final Limits LIMITS = new Limits(20, 5, 200 * MS, 500 * MS, 4, 3, 4);

    private final FakeLearner learner = new FakeLearner();
    private final CircuitBreaker breaker = new CircuitBreaker(LIMITS, learner, () -> 1_000);
    private long nowNs;

    private static final class FakeLearner implements Learning {
        long position;
        boolean hasBacklog;
        boolean isDistrusted;

        @Override
        public long position() {
            return position;
        }

        @Override
        public boolean hasBacklog() {
            return hasBacklog;
        }

        @Override
        public boolean isDistrusted() {
            return isDistrusted;
        }
    }

    /** One request after the other; true when the agents served the last. */
    private boolean serve(int count, boolean isWell) {
        boolean isServed = false;
        for (int i = 0; i < count; i++) {
            int epoch = breaker.admit(nowNs);
            breaker.record(epoch, !isWell);
            isServed = epoch != CircuitBreaker.BYPASS;
        }
        return isServed;
    }

    private List<String> transitions() {
        return breaker.incidents().stream()
                .map(incident -> incident.who() + ": " + incident.cause())
                .toList();
    }

    @Test
    void shouldOpenAtTheFifthFailureOfTwentyRequestsAndNotBefore() {
        for (int round = 0; round < 50; round++) {
            assertTrue(serve(4, false));
            assertTrue(serve(16, true), "four of twenty: round=" + round);
        }
        assertTrue(serve(5, false));
        assertFalse(serve(1, true), "the next one is static");
        assertEquals(State.OPEN, breaker.state());
        assertEquals(1, breaker.bypassedCount());
        assertEquals(List.of("closed to open: stages failed or took longer than a request may"), transitions());
        assertEquals(5, breaker.incidents().getFirst().value());
    }

    @Test
    void shouldProbeAfterAWhileAndBelieveOnlyProbes() {
        int early = breaker.admit(nowNs);
        serve(5, false);
        assertFalse(serve(1, true));
        nowNs += LIMITS.openNs();
        assertFalse(serve(3, true));
        assertEquals(State.HALF_OPEN, breaker.state());
        breaker.record(early, true);
        assertTrue(serve(1, true), "one in four, whatever comes late of the requests before");
        assertFalse(serve(3, true));
        assertTrue(serve(1, false));
        assertFalse(serve(1, true));
        assertEquals(State.OPEN, breaker.state(), "a probe failed");

        nowNs += LIMITS.openNs() - 1;
        assertFalse(serve(100, true), "not yet");
        nowNs++;
        assertTrue(serve(4 * 3, true));
        assertTrue(serve(20, true));
        assertEquals(State.CLOSED, breaker.state());
        assertEquals(
                List.of(
                        "closed to open: stages failed or took longer than a request may",
                        "open to half_open: agents get one request in some",
                        "half_open to open: a probe failed",
                        "open to half_open: agents get one request in some",
                        "half_open to closed: the probes went well"),
                transitions());
    }

    @Test
    void shouldOpenWhileTheLearnerStandsStillAndOnlyThen() {
        learner.hasBacklog = true;
        for (int i = 0; i < 100; i++) {
            nowNs += LIMITS.stallNs() / 2;
            learner.position++;
            assertTrue(serve(1, true), "slow is not still");
        }
        learner.hasBacklog = false;
        nowNs += 100 * LIMITS.stallNs();
        assertTrue(serve(1, true));
        nowNs += 100 * LIMITS.stallNs();
        learner.hasBacklog = true;
        assertTrue(serve(1, true), "work that has just come after a long idle time has not waited");
        nowNs += LIMITS.stallNs() - 1;
        assertTrue(serve(1, true));
        nowNs++;
        assertFalse(serve(1, true));
        nowNs += 100 * LIMITS.openNs();
        assertFalse(serve(100, true), "no probe while nobody could learn from it");
        learner.position++;
        assertTrue(serve(4 * 3 + 1, true));
        assertEquals(State.CLOSED, breaker.state());
    }

    @Test
    void shouldProbeForTheSakeOfTheWatchAndCloseWhenItTrustsAgain() {
        learner.isDistrusted = true;
        assertFalse(serve(1, true), "at once");
        nowNs += LIMITS.openNs();
        assertTrue(serve(1_000, true), "every fourth");
        assertEquals(State.HALF_OPEN, breaker.state());
        learner.isDistrusted = false;
        assertTrue(serve(1, true));
        assertEquals(State.CLOSED, breaker.state());
    }

    /** One object a request would be 320,000 bytes; what the JVM itself does on this thread now and then is less than one. */
    @Test
    void shouldAllocateNothingInAnyState() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (State state : State.values()) {
            learner.isDistrusted = state != State.CLOSED;
            serve(1, true);
            nowNs += state == State.HALF_OPEN ? LIMITS.openNs() : 0;
            serve(20_000, true);
            learner.hasBacklog = state == State.OPEN;
            serve(1, true);
            nowNs += state == State.OPEN ? LIMITS.stallNs() : 0;
            serve(20_000, true);
            assertEquals(state, breaker.state());
            long before = threads.getCurrentThreadAllocatedBytes();
            serve(20_000, true);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated < 20_000, state + ": bytes=" + allocated);
        }
    }
}
