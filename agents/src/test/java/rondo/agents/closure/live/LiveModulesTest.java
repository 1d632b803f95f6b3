package rondo.agents.closure.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.LocalReward;
import rondo.agents.chain.Chain;
import rondo.agents.chain.DecisionSpaces;
import rondo.agents.closure.ClosureGate;
import rondo.agents.closure.ClosureSpec;
import rondo.agents.closure.ClosureVerdict;
import rondo.agents.closure.ClosureVerdict.Mark;
import rondo.agents.retrieval.Route;

/** The live kinds before the gate, by the rules in force. */
class LiveModulesTest {
    @Test
    void shouldReachTheSameVerdictOnEveryAudience() {
        for (long seed = 2; seed <= 4; seed++) {
            try (LiveModules modules = new LiveModules(seed)) {
                for (AgentKind kind : AgentKind.values()) {
                    ClosureVerdict verdict = ClosureGate.examine(modules.module(kind), ClosureSpec.standard(), seed);
                    assertEquals(Mark.PASS, verdict.verdict(), "seed=" + seed + ", " + verdict);
                }
            }
        }
    }

    @Test
    void shouldReachTheSameEvidenceFromTheSameSeedOnly() {
        Set<AgentKind> kinds = EnumSet.allOf(AgentKind.class);
        Map<AgentKind, ClosureVerdict> first = LiveModules.examine(kinds);

        assertEquals(first, LiveModules.examine(kinds));
        // Neither the other kinds nor their order leave a trace.
        assertEquals(
                first.get(AgentKind.MODEL),
                LiveModules.examine(Set.of(AgentKind.MODEL)).get(AgentKind.MODEL));
        try (LiveModules modules = new LiveModules(LiveModules.SEED + 1)) {
            assertNotEquals(
                    String.valueOf(first.get(AgentKind.MODEL)),
                    ClosureGate.examine(modules.module(AgentKind.MODEL), ClosureSpec.standard(), LiveModules.SEED)
                            .toString());
        }
    }

    @Test
    void shouldExamineEveryKindByTheRewardThatItIsPaid() {
        try (LiveModules modules = new LiveModules(1)) {
            for (AgentKind kind : AgentKind.values()) {
                assertEquals(kind.label(), modules.module(kind).id());
                assertEquals(LocalReward.metric(kind), modules.module(kind).metric());
            }
        }
    }

    /** Fusion on a route that does not blend, and feature and model behind weights that read no feature, cannot act differently. */
    @Test
    void shouldTurnDownAKindThatHasNothingToDecide() {
        DecisionSpace[] spaces = DecisionSpaces.all(Route.VECTOR);
        int[] base = new int[AgentKind.COUNT];
        for (int code = 0; code < base.length; code++) {
            base[code] = spaces[code].staticAction();
        }
        try (HeldOutAudience audience = new HeldOutAudience(1, 600)) {
            Chain chain = new Chain(audience.sources());
            for (AgentKind kind : List.of(AgentKind.FUSION, AgentKind.FEATURE, AgentKind.MODEL)) {
                LiveModule idle = new LiveModule(kind, spaces, base, audience, chain, 300, 300, 1);
                ClosureVerdict verdict = ClosureGate.examine(idle, ClosureSpec.standard(), 1);
                assertFalse(verdict.isPromotable(), verdict.toString());
                assertEquals(Mark.FAIL, verdict.decisionSpace().mark(), verdict.toString());
                assertEquals(1, verdict.distinctActions(), verdict.toString());
            }
        }
    }
}
