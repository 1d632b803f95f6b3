package rondo.agents.feature;

import java.util.List;
import rondo.agents.AgentKind;
import rondo.agents.DecisionAgent;
import rondo.agents.DecisionSpace;
import rondo.ann.HotPath;

/**
 * Chooses which feature groups the ranking score may use, as a mask over the groups that ranking wants; the retrieval score is always on. A group that
 * is off is not computed, so leaving one out saves its cost on that request. Immutable; any thread.
 */
public final class FeatureAgent implements DecisionAgent {
    /** Group: how much all users lately consumed the item. */
    public static final int POPULARITY = 1;

    /** Group: how much of the user's own consumption lies in the item's categories. */
    public static final int TASTE = 2;

    /** How many groups there are. */
    public static final int GROUP_COUNT = 2;

    private static final int ALL = POPULARITY | TASTE;
    private static final DecisionSpace SPACE =
            new DecisionSpace(List.of("all", "without-popularity", "without-taste", "core"), 0);
    private static final int[] MASKS = {ALL, ALL & ~POPULARITY, ALL & ~TASTE, 0};

    @Override
    public AgentKind kind() {
        return AgentKind.FEATURE;
    }

    @Override
    public DecisionSpace decisionSpace() {
        return SPACE;
    }

    /** The groups that an action leaves on, as bits. */
    @HotPath
    public int mask(int action) {
        return MASKS[action];
    }

    /** What computing these groups costs, as a share of computing all of them; in [0, 1]. */
    @HotPath
    public float cost(int groups) {
        return (float) Integer.bitCount(groups & ALL) / GROUP_COUNT;
    }
}
