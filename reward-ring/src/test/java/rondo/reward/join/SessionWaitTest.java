package rondo.reward.join;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Decisions that wait for their session part, in every order in which outcome, return and time can come. */
class SessionWaitTest {
    private static final long WINDOW_MS = 500;
    private static final long GAP_MS = 50;
    private static final GlobalReward GLOBAL = new GlobalReward(0.2, 1, 1, 1, 0.5, 0, GAP_MS);
    private static final int NONE = OutcomeKind.NONE.code();
    private static final int VIEW = OutcomeKind.VIEW.code();
    private static final int CLICK = OutcomeKind.CLICK.code();

    private final DecisionRecord record = new DecisionRecord().wrap(new UnsafeBuffer(new byte[256]), 0);
    private final List<String> closings = new ArrayList<>();
    private final Joiner joiner = new Joiner(WINDOW_MS, 1 << 20, GLOBAL, decision -> closings.add(text(decision)));

    private static String text(PendingDecision decision) {
        return decision.record().decisionId()
                + (decision.hasOutcome() ? " joined " : " defaulted ")
                + decision.outcomes()
                + (decision.hasReturned() ? " returned" : " gone");
    }

    private void decide(Joiner into, long id, long userId, long atMs) {
        record.requestId(id)
                .userId(userId)
                .decidedAtMs(atMs)
                .decisionId(id)
                .segment(0)
                .agentCount(0)
                .flags(0)
                .slateCount(1);
        record.slate(0, 100, 0, 0, 0);
        into.onTime(atMs);
        into.onDecision(record);
    }

    private void decide(long id, long userId, long atMs) {
        decide(joiner, id, userId, atMs);
    }

    private OutcomeStatus report(long id, int kind, long atMs, boolean closes) {
        joiner.onTime(atMs);
        return joiner.onOutcome(new Outcome(id, 100, kind == NONE ? -1 : 0, kind, 1f, atMs, closes));
    }

    /** What has been closed since the last call. */
    private List<String> closed() {
        List<String> all = List.copyOf(closings);
        closings.clear();
        return all;
    }

    private void counts(int joined, int defaulted, int late, int waiting) {
        assertEquals(
                List.of((long) joined, (long) defaulted, (long) late, (long) waiting),
                List.of(joiner.joinedCount(), joiner.defaultedCount(), joiner.lateCount(), (long)
                        joiner.waitingCount()));
        assertEquals(joiner.decisionCount(), joined + defaulted + late + waiting);
    }

    @Test
    void shouldCloseAtOnceWithoutASessionPart() {
        Joiner plain = new Joiner(
                WINDOW_MS, 16, new GlobalReward(0.2, 1, 1, 1, 0, 1, GAP_MS), decision -> closings.add(text(decision)));
        decide(plain, 1, 7, 0);
        decide(plain, 2, 7, 10);
        assertEquals(List.of(), closed());
        plain.onOutcome(new Outcome(1, 100, 0, CLICK, 1f, 20, true));
        plain.onInteraction(7, 21);
        assertEquals(List.of("1 joined 1.0 gone"), closed(), "nobody looks whether the user came back");
        assertTrue(!plain.hasExpired(10 + WINDOW_MS - 1), "there is no gap to end");
    }

    @Test
    void shouldWaitForTheReturnAfterTheOutcome() {
        decide(1, 7, 0);
        assertEquals(OutcomeStatus.ACCEPTED, report(1, CLICK, 5, true));
        assertEquals(List.of(), closed());
        counts(0, 0, 0, 1);
        decide(2, 8, 10);
        assertEquals(List.of(), closed(), "somebody else");
        decide(3, 7, 20);
        assertEquals(List.of("1 joined 1.0 returned"), closed());
        counts(1, 0, 0, 2);
    }

    @Test
    void shouldCloseAtTheOutcomeAfterTheReturn() {
        decide(1, 7, 0);
        decide(2, 7, 10);
        assertEquals(List.of(), closed(), "the outcome is missing");
        assertEquals(OutcomeStatus.ACCEPTED, report(1, NONE, 20, true));
        assertEquals(List.of("1 joined 0.0 returned"), closed());
        assertEquals(OutcomeStatus.DUPLICATE, report(1, NONE, 21, true));
        counts(1, 0, 0, 1);
    }

    @Test
    void shouldCloseWhenTheGapIsOver() {
        decide(1, 7, 0);
        report(1, CLICK, 5, true);
        assertTrue(!joiner.hasExpired(GAP_MS - 1));
        joiner.onTime(GAP_MS - 1);
        assertEquals(List.of(), closed());
        assertTrue(joiner.hasExpired(GAP_MS), "a tick is asked for");
        joiner.onTime(GAP_MS);
        assertEquals(List.of("1 joined 1.0 gone"), closed());
        decide(2, 7, GAP_MS);
        assertEquals(List.of(), closed(), "too late for the first, and the second is new");
        joiner.onTime(2 * GAP_MS);
        report(2, CLICK, 2 * GAP_MS + 1, true);
        assertEquals(List.of("2 joined 1.0 gone"), closed(), "its part was known: it closes at its outcome");
    }

    /** Each millisecond of the gap, its ends included. */
    @Test
    void shouldCountReturnsAfterTheDecisionAndBeforeTheGapsEnd() {
        for (long atMs = 0; atMs <= GAP_MS + 1; atMs++) {
            Joiner each = new Joiner(WINDOW_MS, 16, GLOBAL, decision -> closings.add(text(decision)));
            decide(each, 1, 7, 0);
            decide(each, 2, 7, atMs);
            each.onTime(WINDOW_MS);
            assertEquals(
                    "1 defaulted 0.0 " + (atMs > 0 && atMs < GAP_MS ? "returned" : "gone"),
                    closed().getFirst(),
                    "atMs=" + atMs);
        }
    }

    @Test
    void shouldLeaveADecisionWithoutOutcomeToItsWindowAndCallWhatComesAfterLate() {
        decide(1, 7, 0);
        decide(2, 7, 10);
        joiner.onTime(WINDOW_MS - 1);
        assertEquals(List.of(), closed());
        joiner.onTime(WINDOW_MS);
        assertEquals(List.of("1 defaulted 0.0 returned"), closed());
        joiner.onTime(10 + WINDOW_MS);
        assertEquals(List.of("2 defaulted 0.0 gone"), closed());
        counts(0, 2, 0, 0);
        assertEquals(OutcomeStatus.LATE, report(1, CLICK, 10 + WINDOW_MS, true));
        assertEquals(OutcomeStatus.DUPLICATE, report(1, CLICK, 10 + WINDOW_MS, true));
        counts(0, 1, 1, 0);
        assertEquals(List.of(), closed(), "each is handed out once");
    }

    @Test
    void shouldKeepAnOpenOutcomeForTheEndOfTheWindow() {
        decide(1, 7, 0);
        assertEquals(OutcomeStatus.ACCEPTED, report(1, VIEW, 5, false));
        assertEquals(OutcomeStatus.DUPLICATE, report(1, VIEW, 6, false));
        decide(2, 7, 10);
        assertEquals(List.of(), closed(), "more may be reported");
        joiner.onTime(WINDOW_MS);
        assertEquals(1, closings.size());
        assertTrue(closed().getFirst().startsWith("1 joined 0.2"), "a view, weighed");
        counts(1, 0, 0, 1);
    }

    @Test
    void shouldAnswerReportsOfADecisionThatWaitsForItsSessionPartAsIfItWereClosed() {
        decide(1, 7, 0);
        assertEquals(OutcomeStatus.ACCEPTED, report(1, CLICK, 5, true));
        assertEquals(OutcomeStatus.DUPLICATE, report(1, CLICK, 6, true), "the same");
        assertEquals(OutcomeStatus.DUPLICATE, report(1, VIEW, 7, false), "another, after nothing more was to come");
        assertEquals(OutcomeStatus.DUPLICATE, joiner.check(new Outcome(1, 999, 3, CLICK, 1f, 8, true)), "another item");
        assertEquals(
                OutcomeStatus.INVALID, joiner.check(new Outcome(1, 100, 0, CLICK, Float.NaN, 8, true)), "no value");
        counts(0, 0, 0, 1);
        joiner.onTime(GAP_MS);
        assertEquals(List.of("1 joined 1.0 gone"), closed(), "what came after the last outcome changed nothing");
        counts(1, 0, 0, 0);
    }

    @Test
    void shouldSettleEveryDecisionOfTheUserThatIsWithinItsGap() {
        // Three slates of one page, made within a millisecond; one of a later page, of which nothing was reported.
        decide(1, 7, 0);
        decide(2, 7, 0);
        decide(3, 7, 0);
        for (int id = 1; id <= 3; id++) {
            report(id, NONE, 0, true);
        }
        assertEquals(List.of(), closed(), "one page is one visit");
        joiner.onInteraction(7, 20);
        assertEquals(
                List.of("1 joined 0.0 returned", "2 joined 0.0 returned", "3 joined 0.0 returned"),
                closed(),
                "the oldest first");
        decide(4, 7, 30);
        decide(5, 7, 30);
        report(5, NONE, 30, true);
        joiner.onInteraction(7, 31);
        assertEquals(List.of("5 joined 0.0 returned"), closed());
        report(4, NONE, 40, true);
        assertEquals(List.of("4 joined 0.0 returned"), closed());
        counts(5, 0, 0, 0);
    }

    @Test
    void shouldTakeAnInteractionByWhenItHappened() {
        decide(1, 7, 100);
        report(1, NONE, 100, true);
        joiner.onInteraction(7, 100);
        joiner.onInteraction(7, 20);
        joiner.onInteraction(7, 100 + GAP_MS);
        joiner.onInteraction(8, 110);
        assertEquals(List.of(), closed(), "before, at once, too late, somebody else");
        joiner.onInteraction(7, 101);
        assertEquals(List.of("1 joined 0.0 returned"), closed());
    }

    @Test
    void shouldTakeWhatIsConsumedFromAnotherSlateForAReturnButNotFromItsOwn() {
        decide(1, 7, 0);
        decide(2, 7, 10);
        closed();
        report(1, CLICK, 20, false);
        report(2, CLICK, 25, true);
        assertEquals(List.of("2 joined 1.0 returned"), closed(), "2: a click on 1 after it");
        decide(3, 7, 30);
        report(3, CLICK, 35, true);
        assertEquals(List.of(), closed(), "a click on its own slate is its outcome");
        report(1, VIEW, 40, false);
        assertEquals(List.of(), closed(), "a view is no act");
        joiner.onOutcome(new Outcome(1, 100, 0, OutcomeKind.LIKE.code(), 0f, 41, false));
        assertEquals(List.of(), closed(), "nor is what did not happen");
        joiner.onTime(30 + GAP_MS);
        assertEquals(List.of("3 joined 1.0 gone"), closed());
    }

    @Test
    void shouldKeepItsOrderWhenTheClockIsSetBack() {
        decide(1, 7, 1_000);
        decide(2, 7, 400);
        decide(3, 7, 410);
        joiner.onTime(460);
        assertEquals(List.of(), closed());
        assertTrue(!joiner.hasExpired(460), "it waits behind one that was made by a later clock, as its window does");
        joiner.onTime(1_000 + WINDOW_MS);
        assertEquals(List.of("1 defaulted 0.0 gone", "2 defaulted 0.0 returned", "3 defaulted 0.0 gone"), closed());
        counts(0, 3, 0, 0);
    }

    @Test
    void shouldEndGapAndWindowTogetherWhenTheyAreAsLong() {
        Joiner each = new Joiner(
                GAP_MS, 16, new GlobalReward(0.2, 1, 1, 1, 1, 0, GAP_MS), decision -> closings.add(text(decision)));
        decide(each, 1, 7, 0);
        decide(each, 2, 8, 0);
        each.onOutcome(new Outcome(2, 100, 0, CLICK, 1f, 1, true));
        each.onTime(GAP_MS);
        assertEquals(List.of("2 joined 1.0 gone", "1 defaulted 0.0 gone"), closed());
        assertThrows(
                IllegalArgumentException.class,
                () -> new Joiner(
                        GAP_MS - 1, 16, new GlobalReward(0.2, 1, 1, 1, 1, 0, GAP_MS), decision -> closings.clear()));
    }

    @Test
    void shouldAllocateNothingPerDecisionOnceAsManyHaveWaited() {
        Joiner each = new Joiner(WINDOW_MS, 16, GLOBAL, decision -> {});
        play(each, 0, 20_000);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        play(each, 20_000, 40_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals(0, allocated);
    }

    private void play(Joiner into, int from, int to) {
        for (int id = from; id < to; id++) {
            decide(into, id, id % 700, id);
            if (id % 3 == 0) {
                into.onInteraction((id - 20) % 700, id);
            }
        }
    }

    /** Requirement A5 with session waits: an oracle says what becomes of each decision, when, from the list of events alone. */
    @Test
    void shouldGiveEachOfAHundredThousandDecisionsTheFateThatAnOracleComputes() {
        new RandomStream(11).run();
    }

    /** One event; decisions, outcomes and interactions of a random stream, in the order in which they are told. */
    private record Event(long toldAtMs, long id, long userId, long happenedAtMs, int kind) {
        static final int DECISION = -1;
        static final int INTERACTION = -2;
    }

    private final class RandomStream {
        private static final int DECISIONS = 100_000;
        private static final int USERS = 1_500;
        private static final long LAST_MS = 10_000;

        private final SplittableRandom random;
        private final List<Event> events = new ArrayList<>();
        private final long[] userIds = new long[DECISIONS + 1];
        private final long[] decidedAtMs = new long[DECISIONS + 1];

        /** Of the oracle, by decision; -1 for never. */
        private final long[] outcomeAtMs = new long[DECISIONS + 1];

        private final int[] outcomeKind = new int[DECISIONS + 1];
        private final long[] lateAtMs = new long[DECISIONS + 1];
        private final long[] returnedAtMs = new long[DECISIONS + 1];
        private final String[] fates = new String[DECISIONS + 1];
        private long nowMs;

        RandomStream(long seed) {
            random = new SplittableRandom(seed);
        }

        void run() {
            draw();
            events.sort(Comparator.comparingLong(Event::toldAtMs));
            foresee();
            play();
        }

        private void draw() {
            Arrays.fill(outcomeAtMs, -1);
            Arrays.fill(lateAtMs, -1);
            Arrays.fill(returnedAtMs, -1);
            for (int id = 1; id <= DECISIONS; id++) {
                long atMs = (long) id * LAST_MS / DECISIONS;
                userIds[id] = random.nextInt(USERS);
                decidedAtMs[id] = atMs;
                events.add(new Event(atMs, id, userIds[id], atMs, Event.DECISION));
                double fate = random.nextDouble();
                int kind = random.nextBoolean() ? CLICK : NONE;
                if (fate < 0.05) {
                    // Late, and sometimes twice.
                    lateAtMs[id] = atMs + WINDOW_MS + random.nextInt(200);
                    outcomeKind[id] = kind;
                    outcome(id, lateAtMs[id], kind);
                } else if (fate >= 0.10) {
                    // Within the gap or long after it.
                    long after = 1L + random.nextInt(random.nextBoolean() ? (int) GAP_MS : (int) WINDOW_MS - 1);
                    outcomeAtMs[id] = atMs + after;
                    outcomeKind[id] = kind;
                    outcome(id, outcomeAtMs[id], kind);
                }
                if (random.nextInt(10) == 0) {
                    long toldMs = atMs + random.nextInt(100);
                    long happenedMs = toldMs - random.nextInt(60);
                    events.add(new Event(toldMs, 0, random.nextInt(USERS), Math.max(1, happenedMs), Event.INTERACTION));
                }
            }
        }

        private void outcome(int id, long atMs, int kind) {
            events.add(new Event(atMs, id, userIds[id], atMs, kind));
            if (random.nextInt(5) == 0) {
                events.add(new Event(atMs + random.nextInt(80), id, userIds[id], atMs, kind));
            }
        }

        /** For each decision the first event that is a return to it: no list of what waits, no order of closing. */
        private void foresee() {
            List<List<Event>> byUser = new ArrayList<>();
            for (int user = 0; user < USERS; user++) {
                byUser.add(new ArrayList<>());
            }
            for (Event event : events) {
                boolean isAct = event.kind() == Event.DECISION
                        || event.kind() == Event.INTERACTION
                        || (event.kind() == CLICK && event.toldAtMs() == outcomeAtMs[(int) event.id()]);
                if (isAct) {
                    byUser.get((int) event.userId()).add(event);
                }
            }
            for (int id = 1; id <= DECISIONS; id++) {
                long endMs = decidedAtMs[id] + GAP_MS;
                for (Event event : byUser.get((int) userIds[id])) {
                    if (event.id() != id
                            && event.happenedAtMs() > decidedAtMs[id]
                            && event.happenedAtMs() < endMs
                            && event.toldAtMs() < endMs) {
                        returnedAtMs[id] = event.toldAtMs();
                        break;
                    }
                }
                long knownAtMs = returnedAtMs[id] < 0 ? endMs : returnedAtMs[id];
                long closesAtMs =
                        outcomeAtMs[id] < 0 ? decidedAtMs[id] + WINDOW_MS : Math.max(outcomeAtMs[id], knownAtMs);
                boolean isClicked = outcomeAtMs[id] >= 0 && outcomeKind[id] == CLICK;
                fates[id] = id + (outcomeAtMs[id] < 0 ? " defaulted " : " joined ") + (isClicked ? 1.0 : 0.0)
                        + (returnedAtMs[id] < 0 ? " gone" : " returned") + " at " + closesAtMs;
            }
        }

        private void play() {
            String[] made = new String[DECISIONS + 1];
            int[] duplicates = new int[1];
            Joiner played = new Joiner(WINDOW_MS, 1 << 20, GLOBAL, decision -> {
                int id = (int) decision.record().decisionId();
                made[id] = made[id] == null ? text(decision) + " at " + nowMs : "twice";
            });
            boolean[] isReported = new boolean[DECISIONS + 1];
            int next = 0;
            int waitedMost = 0;
            for (nowMs = 0; nowMs <= LAST_MS + 2 * WINDOW_MS; nowMs++) {
                played.onTime(nowMs);
                while (next < events.size() && events.get(next).toldAtMs() == nowMs) {
                    Event event = events.get(next++);
                    int id = (int) event.id();
                    if (event.kind() == Event.DECISION) {
                        decide(played, id, event.userId(), nowMs);
                    } else if (event.kind() == Event.INTERACTION) {
                        played.onInteraction(event.userId(), event.happenedAtMs());
                    } else {
                        Outcome outcome = new Outcome(
                                id, 100, event.kind() == CLICK ? 0 : -1, event.kind(), 1f, event.happenedAtMs(), true);
                        OutcomeStatus first = lateAtMs[id] < 0 ? OutcomeStatus.ACCEPTED : OutcomeStatus.LATE;
                        OutcomeStatus expected = isReported[id] ? OutcomeStatus.DUPLICATE : first;
                        assertEquals(expected, played.check(outcome));
                        assertEquals(expected, played.onOutcome(outcome), fates[id]);
                        duplicates[0] += isReported[id] ? 1 : 0;
                        isReported[id] = true;
                    }
                }
                waitedMost = Math.max(waitedMost, played.waitingCount());
                assertEquals(
                        played.decisionCount(),
                        played.joinedCount() + played.defaultedCount() + played.lateCount() + played.waitingCount());
            }
            assertEquals(events.size(), next);
            int returned = 0;
            int joined = 0;
            int late = 0;
            for (int id = 1; id <= DECISIONS; id++) {
                assertEquals(fates[id], made[id]);
                returned += returnedAtMs[id] < 0 ? 0 : 1;
                joined += outcomeAtMs[id] < 0 ? 0 : 1;
                late += lateAtMs[id] < 0 ? 0 : 1;
            }
            assertEquals(joined, played.joinedCount());
            assertEquals(late, played.lateCount());
            assertEquals(DECISIONS - joined - late, played.defaultedCount());
            assertEquals(0, played.waitingCount());
            assertTrue(
                    returned > 20_000 && returned < 80_000 && duplicates[0] > 10_000 && waitedMost < 10_000,
                    "vacuous: returned=" + returned + ", duplicates=" + duplicates[0] + ", waitedMost=" + waitedMost);
        }
    }
}
