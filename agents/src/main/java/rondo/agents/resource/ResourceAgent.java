package rondo.agents.resource;

import java.util.List;
import rondo.agents.AgentKind;
import rondo.agents.DecisionAgent;
import rondo.agents.DecisionSpace;
import rondo.ann.HotPath;

/**
 * Chooses how many candidates a request may cost, as a share of what its composition asks for. Cost is counted in candidates and not in time, so that
 * the same decisions have the same rewards on any machine and in any replay. Immutable; any thread.
 *
 * <p>The bounds of {@link #candidates} are code, not policy: whatever was learnt, a request gets at least what it wants to show and no more than the
 * kernel can hold, so this agent can neither starve its neighbours nor flood them (requirement C9).
 */
public final class ResourceAgent implements DecisionAgent {
    private static final DecisionSpace SPACE = new DecisionSpace(List.of("half", "full", "double"), 1);
    private static final float[] SHARES = {0.5f, 1f, 2f};

    @Override
    public AgentKind kind() {
        return AgentKind.RESOURCE;
    }

    @Override
    public DecisionSpace decisionSpace() {
        return SPACE;
    }

    /**
     * Candidates that an action grants.
     *
     * @param composed what the composition asks for.
     * @param wanted   size of the slate.
     * @param limit    most that a request can hold; at least {@code wanted}.
     */
    @HotPath
    public int candidates(int action, int composed, int wanted, int limit) {
        return Math.max(wanted, Math.min(limit, Math.round(composed * SHARES[action])));
    }
}
