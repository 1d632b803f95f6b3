package rondo.agents.closure.live;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.chain.Chain;
import rondo.agents.chain.DecisionSpaces;
import rondo.agents.closure.ClosureGate;
import rondo.agents.closure.ClosureModule;
import rondo.agents.closure.ClosureSpec;
import rondo.agents.closure.ClosureVerdict;
import rondo.agents.retrieval.Route;

/**
 * The live kinds of agent as modules of the closure gate, on one held-out audience that follows from a seed.
 *
 * <p>A kind whose choice could not matter after static actions of the others is examined where it does: fusion on a route that blends, feature and model
 * behind weights that read features.
 */
public final class LiveModules implements AutoCloseable {
    /** What a server examines with, so that the same build gives the same verdicts in every data directory. */
    public static final long SEED = 1;

    private static final int TRAINING = 512;
    private static final int HELD_OUT = 512;

    private final long seed;
    private final HeldOutAudience audience;
    private final Chain chain;

    public LiveModules(long seed) {
        this.seed = seed;
        this.audience = new HeldOutAudience(seed, TRAINING + HELD_OUT);
        this.chain = new Chain(audience.sources());
    }

    /** The module of a kind; valid until this is closed. Costs the making of its preferences, some tens of milliseconds. */
    public ClosureModule module(AgentKind kind) {
        DecisionSpace[] spaces = DecisionSpaces.all(Route.VECTOR);
        int[] base = new int[AgentKind.COUNT];
        for (int code = 0; code < base.length; code++) {
            base[code] = spaces[code].staticAction();
        }
        switch (kind) {
            case FUSION -> base[AgentKind.RETRIEVAL.code()] = Route.EVERYTHING.code();
            case FEATURE -> base[AgentKind.RANKING.code()] = ranking(spaces, "balanced");
            case MODEL -> base[AgentKind.RANKING.code()] = ranking(spaces, "taste");
            default -> {
                // The static chain leaves it something to decide.
            }
        }
        return new LiveModule(kind, spaces, base, audience, chain, TRAINING, HELD_OUT, seed);
    }

    /** What the gate says of some kinds, by the rules in force and {@link #SEED}. Costs about a tenth of a second each once the compiler has seen it. */
    public static Map<AgentKind, ClosureVerdict> examine(Set<AgentKind> kinds) {
        Map<AgentKind, ClosureVerdict> verdicts = new EnumMap<>(AgentKind.class);
        try (LiveModules modules = new LiveModules(SEED)) {
            for (AgentKind kind : kinds) {
                verdicts.put(kind, ClosureGate.examine(modules.module(kind), ClosureSpec.standard(), SEED));
            }
        }
        return verdicts;
    }

    private static int ranking(DecisionSpace[] spaces, String action) {
        return spaces[AgentKind.RANKING.code()].actions().indexOf(action);
    }

    @Override
    public void close() {
        audience.close();
    }
}
