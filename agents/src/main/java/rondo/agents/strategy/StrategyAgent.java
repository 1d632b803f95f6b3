package rondo.agents.strategy;

import java.util.List;
import rondo.agents.AgentKind;
import rondo.agents.DecisionAgent;
import rondo.agents.DecisionSpace;
import rondo.ann.HotPath;

/**
 * Assigns the exploration slot of a request: all stages, or one group of them, while the others play their best action. What one group then tries is
 * not blurred by what another tries at the same time. Immutable; any thread.
 */
public final class StrategyAgent implements DecisionAgent {
    private static final DecisionSpace SPACE =
            new DecisionSpace(List.of("everyone", "candidates", "order", "slate"), 0);

    /** Kinds that may explore, as bits of their codes, by action. */
    private static final int[] MAY_EXPLORE = {
        -1,
        bits(AgentKind.RETRIEVAL, AgentKind.FUSION, AgentKind.RESOURCE),
        bits(AgentKind.RANKING, AgentKind.FEATURE, AgentKind.MODEL),
        bits(AgentKind.FILTER)
    };

    private static int bits(AgentKind... kinds) {
        int bits = 0;
        for (AgentKind kind : kinds) {
            bits |= 1 << kind.code();
        }
        return bits;
    }

    @Override
    public AgentKind kind() {
        return AgentKind.STRATEGY;
    }

    @Override
    public DecisionSpace decisionSpace() {
        return SPACE;
    }

    /**
     * How much of its mixed policy a kind plays on a request, in [0, 1]; for the rest it plays its best action. Traffic and this agent play all of theirs:
     * they decide about the others.
     *
     * @param kind             who is about to decide.
     * @param action           what this agent chose for the request.
     * @param compositionShare what the request's composition leaves to exploration.
     */
    @HotPath
    public static float explorationShare(AgentKind kind, int action, float compositionShare) {
        if (kind.isOuterOnly()) {
            return 1f;
        }
        return (MAY_EXPLORE[action] >>> kind.code() & 1) != 0 ? compositionShare : 0f;
    }
}
