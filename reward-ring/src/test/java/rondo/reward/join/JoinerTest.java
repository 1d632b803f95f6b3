package rondo.reward.join;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class JoinerTest {
    private static final int WINDOW_MS = 10_000;

    /** Requirement A5, with an oracle that decides the fate of every decision beforehand. */
    @Test
    void shouldAccountForAMillionDecisionsWithLossLatenessDuplicatesAndReordering() {
        int decisionCount = 1_000_000;
        long[] closed = {0};
        Joiner joiner = new Joiner(WINDOW_MS, 1 << 20, GlobalReward.STANDARD, decision -> closed[0]++);
        SplittableRandom random = new SplittableRandom(7);
        DecisionRecord record = new DecisionRecord().wrap(new UnsafeBuffer(new byte[256]), 0);
        Deque<Outcome> late = new ArrayDeque<>();
        Outcome[] shuffled = new Outcome[64];
        int lost = 0;
        int expectedLate = 0;
        int duplicates = 0;
        for (int id = 1; id <= decisionCount; id++) {
            long nowMs = id / 10;
            record.requestId(id)
                    .userId(id % 1_000)
                    .decidedAtMs(nowMs)
                    .decisionId(id)
                    .segment(0)
                    .agentCount(0)
                    .flags(0)
                    .slateCount(1);
            record.slate(0, 100, 0, 0, 0);
            joiner.onTime(nowMs);
            joiner.onDecision(record);
            Outcome outcome = new Outcome(id, 100, 0, OutcomeKind.CLICK.code(), 1f, nowMs, true);
            double fate = random.nextDouble();
            if (fate < 0.03) {
                lost++;
            } else if (fate < 0.08) {
                late.add(outcome);
                expectedLate++;
            } else {
                // Out of order: it waits in a random place, and pushes out what waited there.
                int place = random.nextInt(shuffled.length);
                Outcome out = shuffled[place];
                shuffled[place] = outcome;
                if (out != null) {
                    assertEquals(OutcomeStatus.ACCEPTED, joiner.onOutcome(out));
                    if (random.nextInt(10) == 0) {
                        assertEquals(OutcomeStatus.DUPLICATE, joiner.onOutcome(out));
                        duplicates++;
                    }
                }
            }
            while (!late.isEmpty() && late.peek().timeMs() + WINDOW_MS < nowMs) {
                assertEquals(OutcomeStatus.LATE, joiner.onOutcome(late.poll()));
            }
        }
        for (Outcome outcome : shuffled) {
            assertEquals(OutcomeStatus.ACCEPTED, joiner.onOutcome(outcome));
        }
        joiner.onTime(decisionCount);
        late.forEach(outcome -> assertEquals(OutcomeStatus.LATE, joiner.onOutcome(outcome)));
        assertTrue(duplicates > 50_000, "duplicates=" + duplicates);
        assertEquals(decisionCount, joiner.decisionCount());
        assertEquals(decisionCount, closed[0], "each decision is handed out once");
        assertEquals(0, joiner.waitingCount());
        assertEquals(lost, joiner.defaultedCount());
        assertEquals(expectedLate, joiner.lateCount());
        assertEquals(decisionCount, joiner.joinedCount() + joiner.defaultedCount() + joiner.lateCount());
    }
}
