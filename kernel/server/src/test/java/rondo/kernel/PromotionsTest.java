package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.AgentKind;
import rondo.agents.LocalReward;
import rondo.agents.chain.DecisionSpaces;
import rondo.agents.closure.ClosureGate;
import rondo.agents.closure.ClosureModule;
import rondo.agents.closure.ClosureSpec;
import rondo.agents.closure.ClosureVerdict;
import rondo.agents.closure.ClosureVerdict.Finding;
import rondo.agents.closure.ClosureVerdict.Mark;
import rondo.agents.policy.CounterRandom;
import rondo.agents.policy.PolicyTable;
import rondo.agents.retrieval.Route;
import rondo.kernel.journal.ChronicleJournal;
import rondo.kernel.journal.JournalCarrier;
import rondo.kernel.orchestration.Consumption;
import rondo.kernel.orchestration.Ledger;
import rondo.kernel.orchestration.TokenMint;
import rondo.kernel.state.ChronicleStore;
import rondo.kernel.state.CompactedStore;
import rondo.reward.RewardConfig;
import rondo.reward.RewardRing;
import rondo.reward.evolution.Promotion;
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.Outcome;
import rondo.reward.monitor.Signal;

/** Promotions through a real ledger and journal, before a gate whose verdicts the test makes. */
class PromotionsTest {
    private static final String HASH = "ab".repeat(32);

    @TempDir
    Path directory;

    private final PolicyTable policies = new PolicyTable(DecisionSpaces.all(Route.POPULAR), 0.02);
    private final RewardRing rewards = new RewardRing(
            new RewardConfig(true, 5_000, 1_000, 0.02, 0.1, 50, 10, 0.2, 0.8, 0.8, true), policies, row -> {});
    private long nextDecisionId;
    private final List<AgentKind> examined = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private JournalCarrier journal;

    @SuppressWarnings("NullAway.Init")
    private CompactedStore states;

    @SuppressWarnings("NullAway.Init")
    private Ledger ledger;

    @BeforeEach
    void open() throws IOException {
        journal = ChronicleJournal.open(directory.resolve("journal"));
        states = ChronicleStore.open(directory.resolve("state"), 100, rewards.stateLengthMax());
        Consumption nothing = new Consumption() {
            @Override
            public int category(long itemId) {
                return -1;
            }

            @Override
            public void consumed(long userId, long itemId, long timeMs) {}

            @Override
            public void start() {}
        };
        ledger = new Ledger(journal, states, rewards, nothing, new TokenMint(new byte[] {1}), 1_000, () -> 7);
        ledger.recover();
    }

    @AfterEach
    void close() throws Exception {
        ledger.close();
        states.close();
        journal.close();
    }

    private Promotions promotions(Function<AgentKind, ClosureVerdict> gate) {
        return new Promotions(
                policies,
                rewards,
                ledger,
                kinds -> {
                    Map<AgentKind, ClosureVerdict> verdicts = new EnumMap<>(AgentKind.class);
                    kinds.forEach(kind -> verdicts.put(kind, gate.apply(kind)));
                    examined.addAll(verdicts.keySet());
                    return verdicts;
                },
                () -> 7);
    }

    private static ClosureVerdict verdict(AgentKind kind, Mark mark, String metric) {
        Finding finding = new Finding(mark, "because");
        return new ClosureVerdict(kind.label(), metric, mark, finding, finding, finding, 1, 1, 1, 2, 1, HASH, 3);
    }

    private static ClosureVerdict passed(AgentKind kind) {
        return verdict(kind, Mark.PASS, LocalReward.metric(kind));
    }

    private Set<AgentKind> agents() {
        Set<AgentKind> agents = EnumSet.noneOf(AgentKind.class);
        for (AgentKind kind : AgentKind.values()) {
            if (policies.isPromoted(kind)) {
                agents.add(kind);
            }
        }
        return agents;
    }

    @Test
    void shouldBeginWithThoseOfTheFirstFourThatPassAndThenBelieveTheJournal() {
        Promotions promotions = promotions(kind ->
                kind == AgentKind.RANKING ? verdict(kind, Mark.PARTIAL, LocalReward.metric(kind)) : passed(kind));

        promotions.begin("auto", "");
        promotions.begin("auto", "auto");

        assertEquals(EnumSet.of(AgentKind.TRAFFIC, AgentKind.RETRIEVAL, AgentKind.FILTER), agents());
        assertEquals(4, examined.size(), "the second start examined nobody: " + examined);
        assertEquals(
                new Promotion(7, AgentKind.TRAFFIC, true, 3, HASH, "agents.promoted=auto"),
                rewards.promotions().getFirst());
    }

    @Test
    void shouldApplyAListWhenItChangesAndLeaveWhatWasDecidedSince() throws IOException {
        Promotions promotions = promotions(PromotionsTest::passed);
        promotions.begin("model, fusion", "");
        assertEquals(EnumSet.of(AgentKind.MODEL, AgentKind.FUSION), agents());
        ledger.start(() -> {});
        promotions.demote(AgentKind.MODEL, "somebody");

        promotions.begin("model, fusion", "model, fusion");
        assertEquals(EnumSet.of(AgentKind.FUSION), agents(), "the demotion stands");
        assertThrows(IllegalArgumentException.class, () -> promotions.begin("modle", "model, fusion"));
        assertEquals(2, examined.size());
    }

    @Test
    void shouldWriteDownWhoPromotedOnWhichEvidence() throws IOException {
        ledger.start(() -> {});
        Promotions promotions = promotions(PromotionsTest::passed);

        assertTrue(promotions.promote(AgentKind.MODEL, "ann").isPromotable());
        assertEquals(EnumSet.of(AgentKind.MODEL), agents());
        promotions.demote(AgentKind.MODEL, "bob");

        assertEquals(EnumSet.noneOf(AgentKind.class), agents());
        assertEquals(
                List.of(
                        new Promotion(7, AgentKind.MODEL, true, 3, HASH, "ann"),
                        new Promotion(7, AgentKind.MODEL, false, 0, "", "bob")),
                rewards.promotions());
        assertThrows(IllegalArgumentException.class, () -> promotions.demote(AgentKind.MODEL, "bob"));
    }

    /** Requirement G8. */
    @Test
    void shouldHoldPromotionsWhileAJumpIsNotExplainedAndGoOnDemoting() throws IOException {
        Promotions promotions = promotions(PromotionsTest::passed);
        promotions.begin("filter", "");
        earn(12_000, 3);
        assertEquals(List.of(), rewards.standing());
        promotions.begin("filter, fusion", "filter");
        assertEquals(EnumSet.of(AgentKind.FILTER, AgentKind.FUSION), agents(), "nothing stands");

        earn(1_000, 9);
        assertTrue(rewards.standing().stream().anyMatch(alarm -> alarm.signal() == Signal.JUMP));
        IllegalStateException held =
                assertThrows(IllegalStateException.class, () -> promotions.promote(AgentKind.MODEL, "ann"));
        assertTrue(
                String.valueOf(held.getMessage()).contains("the alarm JUMP of the global reward"), held.getMessage());
        promotions.begin("filter, model", "filter, fusion");
        assertEquals(EnumSet.of(AgentKind.FILTER), agents(), "the list takes fusion away and does not bring model");

        earn(10_000, 9);
        assertEquals(List.of(), rewards.standing());
        promotions.begin("filter, fusion, model", "filter, model");
        assertEquals(EnumSet.of(AgentKind.FILTER, AgentKind.FUSION, AgentKind.MODEL), agents(), "it is over");
    }

    /** Requests of which so many in ten are clicked, straight into the reward ring. */
    private void earn(int requestCount, int clicksInTen) {
        DecisionRecord record = new DecisionRecord().wrap(new UnsafeBuffer(new byte[256]), 0);
        for (int i = 0; i < requestCount; i++) {
            long id = ++nextDecisionId;
            record.requestId(id)
                    .userId(id)
                    .decidedAtMs(7)
                    .decisionId(id)
                    .segment(0)
                    .agentCount(0)
                    .flags(0)
                    .slateCount(1);
            record.slate(0, 1, 0, 0, 0);
            rewards.onDecision(record);
            boolean isClicked = CounterRandom.uniform(3, id, 0) * 10 < clicksInTen;
            rewards.onOutcome(new Outcome(id, 1, 0, isClicked ? 2 : 0, isClicked ? 1f : 0f, 7, true), -1);
        }
    }

    /** Requirement B12. */
    @Test
    void shouldRefuseARewardThatTheGateHasNotExamined() {
        ledger.start(() -> {});
        Promotions promotions = promotions(kind -> verdict(kind, Mark.PASS, "time on page"));

        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> promotions.promote(AgentKind.MODEL, "ann"));

        assertTrue(
                String.valueOf(refusal.getMessage()).contains("examined=time on page"),
                String.valueOf(refusal.getMessage()));
        assertTrue(rewards.promotions().isEmpty());
    }

    /** Requirement B7: a lookup that declares two actions is no agent, and goes on doing what it does. */
    @Test
    void shouldLeaveAPseudoAgentAFunctionThatCanBeCalled() throws IOException {
        ledger.start(() -> {});
        Lookup lookup = new Lookup();
        Promotions promotions = promotions(kind -> ClosureGate.examine(lookup, ClosureSpec.standard(), 1));

        ClosureVerdict verdict = promotions.promote(AgentKind.MODEL, "ann");

        assertFalse(verdict.isPromotable());
        assertEquals(Mark.FAIL, verdict.decisionSpace().mark(), verdict.reasons());
        assertEquals(64, verdict.evidenceHash().length());
        assertFalse(policies.isPromoted(AgentKind.MODEL));
        assertTrue(rewards.promotions().isEmpty());
        double[] row = new double[1];
        Objects.requireNonNull(lookup.choices()).act(1, 5, row);
        assertEquals(5.0, row[0]);
    }

    private static final class Lookup implements ClosureModule, ClosureModule.Choices {
        @Override
        public String id() {
            return "embedding-lookup";
        }

        @Override
        public String metric() {
            return LocalReward.metric(AgentKind.MODEL);
        }

        @Override
        public Origin origin() {
            return Origin.HELD_OUT;
        }

        @Override
        public long inputCount() {
            return 100;
        }

        @Override
        public Evaluation evaluation() {
            return input -> 1;
        }

        @Override
        public Choices choices() {
            return this;
        }

        @Override
        public @Nullable Loop loop() {
            return null;
        }

        @Override
        public int count() {
            return 2;
        }

        @Override
        public int outputLength() {
            return 1;
        }

        @Override
        public void act(int action, long input, double[] output) {
            output[0] = input;
        }

        @Override
        public double value(double[] output, long input) {
            return 1;
        }

        @Override
        public double propensity(int action, long input) {
            return 0.5;
        }
    }
}
