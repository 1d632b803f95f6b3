package rondo.agents.traffic;

import java.util.ArrayList;
import java.util.List;
import rondo.agents.AgentKind;
import rondo.agents.DecisionAgent;
import rondo.agents.DecisionSpace;
import rondo.ann.HotPath;

/** Chooses a {@link Composition} for each request, and says which users are the static chain's. Immutable; any thread. */
public final class TrafficAgent implements DecisionAgent {
    private static final DecisionSpace SPACE = space();

    private final double staticShare;

    /** @param staticShare share of users, in [0, 1], that always get the static chain: the concurrent holdback. */
    public TrafficAgent(double staticShare) {
        this.staticShare = staticShare;
    }

    private static DecisionSpace space() {
        List<String> names = new ArrayList<>();
        for (Composition composition : Composition.values()) {
            names.add(composition.name().toLowerCase(java.util.Locale.ROOT));
        }
        return new DecisionSpace(names, Composition.STANDARD.code());
    }

    @Override
    public AgentKind kind() {
        return AgentKind.TRAFFIC;
    }

    @Override
    public DecisionSpace decisionSpace() {
        return SPACE;
    }

    /** True when the user belongs to the holdback; a fixed hash of the user id, so that nobody moves between the arms. */
    @HotPath
    public boolean isHeldBack(long userId) {
        long h = userId * 0x9E3779B97F4A7C15L;
        h ^= h >>> 32;
        h *= 0xD6E8FEB86659FD93L;
        h ^= h >>> 32;
        return (h >>> 11) * 0x1.0p-53 < staticShare;
    }
}
