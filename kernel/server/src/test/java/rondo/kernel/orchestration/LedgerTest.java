package rondo.kernel.orchestration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.Segment;
import rondo.agents.chain.DecisionSpaces;
import rondo.agents.policy.PolicyTable;
import rondo.agents.retrieval.Route;
import rondo.kernel.journal.ChronicleJournal;
import rondo.kernel.journal.JournalCarrier;
import rondo.kernel.state.ChronicleStore;
import rondo.kernel.state.CompactedStore;
import rondo.reward.RewardConfig;
import rondo.reward.RewardRing;
import rondo.reward.evolution.Promotion;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.GlobalReward;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeStatus;

/** The ledger, stepped on the test's thread under a clock that the test turns, over a real journal and store. */
class LedgerTest {
    private static final long TOKEN_LIFE_MS = 10_000;
    private static final long WINDOW_MS = 5_000;

    @TempDir
    Path directory;

    private final TokenMint mint = new TokenMint(new byte[] {1, 2, 3});
    private final UnsafeBuffer token = new UnsafeBuffer(new byte[TokenMint.LENGTH]);
    private final List<Long> consumedAtMs = new ArrayList<>();
    private final List<String> rows = new ArrayList<>();
    private GlobalReward global = GlobalReward.STANDARD;
    private long nowMs = 1_000_000;

    private Route staticRoute = Route.POPULAR;

    @SuppressWarnings("NullAway.Init")
    private PolicyTable policies;

    private interface Steps {
        void run(Ledger ledger, RewardRing rewards) throws IOException;
    }

    private RewardRing rewards(Consumer<ExperienceRow> experiences) {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = DecisionSpaces.of(kind, staticRoute);
        }
        policies = new PolicyTable(spaces, 0.02);
        return new RewardRing(
                new RewardConfig(
                        true, WINDOW_MS, 1_000, 0.02, 0.1, 50, 10, 0.2, 0.8, 0.8, true, global, false, 1, Map.of()),
                policies,
                experiences);
    }

    private void run(Steps steps) throws IOException {
        Ledger[] late = new Ledger[1];
        RewardRing rewards = rewards(row -> {
            byte[] bytes = new byte[ExperienceRow.LENGTH];
            row.buffer().getBytes(0, bytes);
            rows.add(HexFormat.of().formatHex(bytes));
            late[0].experience(row);
        });
        Consumption nothing = new Consumption() {
            @Override
            public int category(long itemId) {
                return -1;
            }

            @Override
            public void consumed(long userId, long itemId, long timeMs) {
                consumedAtMs.add(timeMs);
            }

            @Override
            public void start() {}
        };
        try (JournalCarrier journal = ChronicleJournal.open(directory.resolve("journal"));
                CompactedStore states = ChronicleStore.open(
                        directory.resolve("state"), AgentKind.COUNT * Segment.COUNT, rewards.stateLengthMax())) {
            Ledger ledger = new Ledger(
                    journal, states, rewards, nothing, new TokenMint(new byte[] {1, 2, 3}), TOKEN_LIFE_MS, () -> nowMs);
            late[0] = ledger;
            ledger.recover();
            ledger.declareSpaces();
            steps.run(ledger, rewards);
        }
    }

    private DecisionRecord record(long decisionId) {
        UnsafeBuffer bytes = new UnsafeBuffer(new byte[512]);
        DecisionRecord record = new DecisionRecord()
                .wrap(bytes, 0)
                .requestId(decisionId)
                .userId(1)
                .decidedAtMs(nowMs)
                .decisionId(decisionId)
                .catalogVersion(1)
                .slateHash(9)
                .segment(0)
                .agentCount(AgentKind.COUNT)
                .flags(0)
                .slateCount(1);
        for (AgentKind kind : AgentKind.values()) {
            record.agent(kind.code(), kind.code(), (int) (decisionId % 2), 0.5f, 0, 0, 1f);
        }
        record.slate(0, 77, 0, 0, 0);
        return record;
    }

    private void decide(Ledger ledger, long decisionId) {
        DecisionRecord record = record(decisionId);
        UnsafeBuffer bytes = new UnsafeBuffer(new byte[record.length()]);
        record.copyTo(bytes, 0);
        assertTrue(ledger.offerDecision(bytes, 0, record.length()));
        mint.mint(decisionId, 9, nowMs, token, 0);
    }

    /** Reports a click with the token at hand, and returns what the ledger answers. */
    private OutcomeStatus click(Ledger ledger) {
        return click(ledger, 1f);
    }

    private OutcomeStatus click(Ledger ledger, float value) {
        return report(ledger, value, nowMs);
    }

    private OutcomeStatus report(Ledger ledger, float value, long timeMs) {
        ledger.offerOutcome(5, 6, token, 0, 77, 0, 2, value, timeMs, true);
        ledger.doWork();
        List<OutcomeStatus> answers = new ArrayList<>();
        ledger.outbox()
                .read((int type, MutableDirectBuffer buffer, int index, int length) -> Ledger.onAckMessage(
                        (origin, correlationId, status, mode, sequence) -> {
                            assertEquals(5, origin);
                            assertEquals(6, correlationId);
                            answers.add(OutcomeStatus.ofCode(status));
                        },
                        buffer,
                        index));
        assertEquals(1, answers.size());
        return answers.getFirst();
    }

    @Test
    void shouldTakeAnOutcomeOnceWhileItsTokenLives() throws IOException {
        run((ledger, rewards) -> {
            decide(ledger, 1);
            assertEquals(OutcomeStatus.ACCEPTED, click(ledger));
            assertEquals(OutcomeStatus.DUPLICATE, click(ledger));
            nowMs += TOKEN_LIFE_MS + 1_000;
            assertEquals(OutcomeStatus.EXPIRED, click(ledger));
            new TokenMint(new byte[] {9}).mint(1, 9, nowMs, token, 0);
            assertEquals(OutcomeStatus.FORGED, click(ledger), "another directory's key");
            mint.mint(12_345, 9, nowMs, token, 0);
            assertEquals(OutcomeStatus.UNKNOWN, click(ledger));
            assertEquals(1, rewards.joiner().joinedCount());
            for (OutcomeStatus status : OutcomeStatus.values()) {
                boolean isNamed = status != OutcomeStatus.LATE
                        && status != OutcomeStatus.INVALID
                        && status != OutcomeStatus.RETRY;
                assertEquals(isNamed ? 1 : 0, ledger.statusCount(status), status.name());
            }
        });
    }

    @Test
    void shouldCloseByTimeAloneAndCallWhatComesAfterLate() throws IOException {
        run((ledger, rewards) -> {
            decide(ledger, 1);
            ledger.doWork();
            assertEquals(1, rewards.joiner().waitingCount());
            nowMs += WINDOW_MS;
            ledger.doWork();
            assertEquals(1, rewards.joiner().defaultedCount());
            assertEquals(OutcomeStatus.LATE, click(ledger));
            assertEquals(1, rewards.joiner().lateCount());
            assertEquals(0, rewards.joiner().defaultedCount());
        });
        // The same again from the journal.
        run((ledger, rewards) -> {
            assertEquals(1, rewards.joiner().decisionCount());
            assertEquals(1, rewards.joiner().lateCount());
            assertEquals(OutcomeStatus.DUPLICATE, click(ledger));
        });
    }

    /** A policy block of other decision spaces: its action numbers mean something else now, so they must teach nothing. */
    @Test
    void shouldForgetDecisionsThatWereMadeInOtherDecisionSpaces() throws IOException {
        run((ledger, rewards) -> {
            decide(ledger, 1);
            assertEquals(OutcomeStatus.ACCEPTED, click(ledger));
            decide(ledger, 2);
            ledger.doWork();
        });
        staticRoute = Route.BEHAVIOUR;
        run((ledger, rewards) -> {
            assertEquals(2, rewards.strangeCount());
            assertEquals(0, rewards.joiner().decisionCount());
            assertNull(rewards.state(AgentKind.RETRIEVAL, 0), "nothing was learnt");
            assertEquals(OutcomeStatus.UNKNOWN, click(ledger), "the one that was waiting");
            decide(ledger, 3);
            assertEquals(OutcomeStatus.ACCEPTED, click(ledger), "made here");
        });
        staticRoute = Route.POPULAR;
        run((ledger, rewards) -> {
            assertEquals(1, rewards.strangeCount());
            assertEquals(1, rewards.joiner().joinedCount(), "what was learnt in these spaces is there again");
            assertEquals(1, rewards.joiner().waitingCount());
        });
    }

    /** Requirement H4: agents fed by calls and agents fed by messages through the ledger learn the same, bit for bit. */
    @Test
    void shouldLearnFromMessagesExactlyWhatDirectCallsTeach() throws IOException {
        RewardRing direct = rewards(row -> {});
        int decisionCount = 500;
        for (int id = 1; id <= decisionCount; id++) {
            direct.onDecision(record(id));
            direct.onTime(nowMs);
            direct.onOutcome(new Outcome(id, 77, 0, 2, id % 3 == 0 ? 1f : 0f, nowMs, true), -1);
        }
        run((ledger, rewards) -> {
            for (int id = 1; id <= decisionCount; id++) {
                decide(ledger, id);
                assertEquals(OutcomeStatus.ACCEPTED, click(ledger, id % 3 == 0 ? 1f : 0f));
            }
            for (AgentKind kind : AgentKind.values()) {
                assertNotNull(direct.state(kind, 0), kind.label());
                assertEquals(direct.state(kind, 0), rewards.state(kind, 0), kind.label());
            }
        });
    }

    @Test
    void shouldBelieveNoReportOfTheFutureAndGoOnWhenTheClockGoesBack() throws IOException {
        run((ledger, rewards) -> {
            for (long reportedMs : new long[] {Long.MAX_VALUE, nowMs + 100_000, Long.MIN_VALUE, 0, nowMs - 7}) {
                decide(ledger, ++nowMs);
                assertEquals(OutcomeStatus.ACCEPTED, report(ledger, 1f, reportedMs));
            }
            assertEquals(List.of(1_000_001L, 1_000_002L, 1_000_003L, 1_000_004L, 999_993L), consumedAtMs);

            nowMs -= 500_000;
            decide(ledger, 1);
            ledger.doWork();
            assertEquals(1, rewards.joiner().waitingCount());
            nowMs += WINDOW_MS;
            ledger.doWork();
            assertEquals(1, rewards.joiner().defaultedCount(), "its window ends by the clock that it was opened by");
        });
        List<Long> before = List.copyOf(consumedAtMs);
        consumedAtMs.clear();
        run((ledger, rewards) -> assertEquals(before, consumedAtMs, "and so says the journal"));
    }

    @Test
    void shouldTakeAnInteractionForAReturnOfItsUserWhenItHappened() throws IOException {
        global = new GlobalReward(0.2, 1, 1, 1, 0.5, 0, 200);
        run((ledger, rewards) -> {
            decide(ledger, 1);
            assertEquals(OutcomeStatus.ACCEPTED, click(ledger));
            long decidedAtMs = nowMs;
            nowMs += 100;
            ledger.offerInteraction(5, 6, 2, 77, 1f, nowMs);
            ledger.offerInteraction(5, 6, 1, 77, 1f, decidedAtMs - 1);
            ledger.doWork();
            assertEquals(1, rewards.joiner().waitingCount(), "another user, and the same one before");
            ledger.offerInteraction(5, 6, 1, 77, 1f, decidedAtMs + 1);
            ledger.doWork();
            assertEquals(0, rewards.joiner().waitingCount());
        });
    }

    /** Requirement F3: outcomes, returns through every door, and gaps that end by the tick alone; then the same from the journal, byte by byte. */
    @Test
    void shouldRecoverRowsThatWaitedForTheirSessionPartBitForBit() throws IOException {
        long gapMs = 200;
        global = new GlobalReward(0.2, 1, 1, 1, 0.5, 0.1, gapMs);
        int decisionCount = 300;
        SplittableRandom random = new SplittableRandom(3);
        int[] closedByTick = new int[1];
        run((ledger, rewards) -> {
            for (int id = 1; id <= decisionCount; id++) {
                nowMs += random.nextInt(150);
                decide(ledger, id);
                ledger.doWork();
                if (random.nextInt(4) > 0) {
                    assertEquals(OutcomeStatus.ACCEPTED, click(ledger, random.nextBoolean() ? 1f : 0f));
                    assertEquals(OutcomeStatus.DUPLICATE, click(ledger));
                }
                if (random.nextInt(3) == 0) {
                    nowMs += random.nextInt(50);
                    assertTrue(ledger.offerInteraction(5, 6, 1, 77, 1f, nowMs - random.nextInt(60)));
                    ledger.doWork();
                    ledger.outbox().read((type, buffer, index, length) -> {});
                }
                if (random.nextInt(3) == 0) {
                    long before = rewards.joiner().joinedCount();
                    nowMs += gapMs;
                    ledger.doWork();
                    closedByTick[0] += (int) (rewards.joiner().joinedCount() - before);
                }
            }
            assertTrue(closedByTick[0] > 20, "vacuous: closedByTick=" + closedByTick[0]);
            assertEquals(
                    decisionCount,
                    rewards.joiner().joinedCount()
                            + rewards.joiner().defaultedCount()
                            + rewards.joiner().waitingCount());
        });
        List<String> live = List.copyOf(rows);
        assertTrue(live.size() > 200 * AgentKind.COUNT, "rows=" + live.size());
        rows.clear();
        run((ledger, rewards) -> {
            assertEquals(live, rows);
            nowMs += WINDOW_MS;
            ledger.doWork();
            assertEquals(0, rewards.joiner().waitingCount(), "what waited has gone on waiting");
        });
    }

    @Test
    void shouldRememberPromotionsAcrossARestart() throws IOException {
        Promotion up = new Promotion(5, AgentKind.MODEL, true, 1, "ab".repeat(32), "somebody");
        Promotion down = new Promotion(6, AgentKind.MODEL, false, 1, "", "somebody else");
        run((ledger, rewards) -> {
            assertTrue(ledger.offerPromotion(up));
            ledger.doWork();
            assertEquals(1 << AgentKind.MODEL.code(), policies.promoted());
            assertTrue(ledger.offerPromotion(down));
            ledger.doWork();
            assertEquals(0, policies.promoted());
        });
        run((ledger, rewards) -> assertEquals(List.of(up, down), rewards.promotions()));
    }

    /** Goal: a record that is shorter than its kind is not filled up with whatever lay behind it. Method: one such record of each kind, in a journal that is whole. */
    @Test
    void shouldNameTheRecordThatIsTooShort() throws IOException {
        int[] types = {
            Ledger.TYPE_OUTCOME, Ledger.TYPE_INTERACTION, Ledger.TYPE_TIME, Ledger.TYPE_SPACES, Ledger.TYPE_PROMOTION
        };
        int[] lengths = {41, 29, 7, 7, 47};
        Path whole = directory;
        for (int i = 0; i < types.length; i++) {
            directory = Files.createDirectory(whole.resolve(Integer.toString(i)));
            try (JournalCarrier journal = ChronicleJournal.open(directory.resolve("journal"))) {
                journal.append(types[i], new UnsafeBuffer(new byte[64]), 0, lengths[i]);
            }
            IOException refusal = assertThrows(IOException.class, () -> run((ledger, rewards) -> {}));
            String message = String.valueOf(refusal.getMessage());
            assertTrue(message.contains("sequence=2, type=" + types[i] + ", length=" + lengths[i]), message);
        }
    }
}
