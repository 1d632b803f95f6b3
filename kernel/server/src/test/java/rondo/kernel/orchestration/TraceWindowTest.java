package rondo.kernel.orchestration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.experience.RewardTrace;

class TraceWindowTest {
    private static final int AGENTS = 3;

    private final TraceWindow window = new TraceWindow();
    private final ExperienceRow row = new ExperienceRow();

    private void close(long decisionId, long requestId) {
        for (int agent = 0; agent < AGENTS; agent++) {
            row.fill(decisionId, requestId, 1, 1, 0f, 1f, 0f, 0.5f, agent, agent, 0, false, false, 0.25, 0.125 * agent);
            window.add(row);
        }
    }

    private RewardTrace found(long requestId) {
        @Nullable RewardTrace trace = window.find(requestId);
        assertNotNull(trace);
        return trace;
    }

    @Test
    void shouldTellUnknownAwaitedAndClosedApart() {
        assertNull(window.find(70));
        window.onDecision(70, 7);
        assertTrue(found(70).isAwaited());
        close(7, 70);
        assertTrue(found(70).isAwaited(), "not before the ledger says that all rows are there");
        window.publish();
        RewardTrace trace = found(70);
        assertEquals(AGENTS, trace.rows().size());
        assertEquals(7, trace.decisionId());
        assertEquals(1, trace.global());
        assertEquals(0.25 + 0.375 + 0.375, trace.expected() + trace.credits() + trace.residual());
        assertNull(window.find(71));
    }

    @Test
    void shouldShowTheNewestOfRequestsWithOneId() {
        window.onDecision(70, 7);
        close(7, 70);
        window.publish();
        window.onDecision(70, 8);
        assertTrue(found(70).isAwaited());
        assertEquals(8, found(70).decisionId());
        close(8, 70);
        window.publish();
        assertEquals(8, found(70).decisionId());
        assertEquals(AGENTS, found(70).rows().size());
    }

    @Test
    void shouldForgetTheOldestAndNeverShowHalfOfADecision() {
        long last = 2L * TraceWindow.ROWS_MAX / AGENTS;
        for (long id = 1; id <= last; id++) {
            close(id, 1_000 + id);
        }
        window.publish();
        assertNull(window.find(1_001), "overwritten");
        long kept = TraceWindow.ROWS_MAX / AGENTS;
        assertEquals(AGENTS, found(1_000 + last).rows().size());
        assertEquals(AGENTS, found(1_000 + last - kept + 2).rows().size());
        RewardTrace cut = window.find(1_000 + last - kept);
        assertTrue(cut == null || cut.rows().size() == AGENTS, "one of its rows is overwritten");
    }
}
