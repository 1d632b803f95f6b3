package rondo.agents.fusion;

import java.util.List;
import rondo.agents.AgentKind;
import rondo.agents.DecisionAgent;
import rondo.agents.DecisionSpace;
import rondo.ann.HotPath;

/**
 * Chooses how the sources of a blended route are weighed in weighted reciprocal-rank fusion (Cormack, Clarke, Büttcher, SIGIR 2009): an item's score is
 * the sum of weight / (offset + rank) over the sources that bring it. Immutable; any thread.
 */
public final class FusionAgent implements DecisionAgent {
    private static final DecisionSpace SPACE =
            new DecisionSpace(List.of("even", "behaviour", "personal", "popular", "steep"), 0);

    /** Rows: actions. Columns: vector, behaviour, popular, content, in the order of the route codes. */
    private static final float[][] WEIGHTS = {
        {1f, 1f, 1f, 1f}, {1f, 3f, 1f, 1f}, {1f, 1f, 0.25f, 1f}, {1f, 1f, 3f, 1f}, {1f, 1f, 1f, 1f}
    };

    private static final float[] OFFSETS = {60f, 60f, 60f, 60f, 10f};

    /** The action that treats all sources alike. */
    public static final int EVEN = 0;

    @Override
    public AgentKind kind() {
        return AgentKind.FUSION;
    }

    @Override
    public DecisionSpace decisionSpace() {
        return SPACE;
    }

    /** What a source's item at a rank, from 0, adds to its score. */
    @HotPath
    public static float contribution(int action, int source, int rank) {
        return WEIGHTS[action][source] / (OFFSETS[action] + rank);
    }
}
