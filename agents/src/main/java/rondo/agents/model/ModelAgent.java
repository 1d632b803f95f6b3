package rondo.agents.model;

import java.util.List;
import rondo.agents.AgentKind;
import rondo.agents.DecisionAgent;
import rondo.agents.DecisionSpace;
import rondo.ann.HotPath;

/**
 * Chooses how much of a user's past the taste model reads: a short window follows a change of interest, a long one knows the user better. Immutable;
 * any thread.
 */
public final class ModelAgent implements DecisionAgent {
    /** The longest window, in items consumed. */
    public static final int WINDOW_MAX = 200;

    private static final DecisionSpace SPACE = new DecisionSpace(List.of("last-10", "last-50", "last-200"), 1);
    private static final int[] WINDOWS = {10, 50, WINDOW_MAX};

    @Override
    public AgentKind kind() {
        return AgentKind.MODEL;
    }

    @Override
    public DecisionSpace decisionSpace() {
        return SPACE;
    }

    /** Items consumed, the newest first, that an action reads. */
    @HotPath
    public int window(int action) {
        return WINDOWS[action];
    }
}
