package rondo.agents.closure.live;

import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.closure.ClosureModule;
import rondo.agents.feature.FeatureAgent;
import rondo.agents.filter.FilterAgent;
import rondo.agents.fusion.FusionAgent;
import rondo.agents.model.ModelAgent;
import rondo.agents.ranking.RankingAgent;
import rondo.agents.resource.ResourceAgent;
import rondo.agents.retrieval.Route;
import rondo.agents.strategy.StrategyAgent;
import rondo.agents.traffic.TrafficAgent;

/**
 * The live kinds of agent as modules of the closure gate, on one held-out audience that follows from a seed.
 *
 * <p>A kind whose choice could not matter after static actions of the others is examined where it does: fusion on a route that blends, feature and model
 * behind weights that read features.
 */
public final class LiveModules implements AutoCloseable {
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

    /** The decision space of a kind. */
    public static DecisionSpace space(AgentKind kind, Route staticRoute) {
        return switch (kind) {
            case TRAFFIC -> new TrafficAgent(0).decisionSpace();
            case RETRIEVAL -> Route.decisionSpace(staticRoute);
            case RANKING -> new RankingAgent(1).decisionSpace();
            case FILTER -> new FilterAgent(1).decisionSpace();
            case FEATURE -> new FeatureAgent().decisionSpace();
            case RESOURCE -> new ResourceAgent().decisionSpace();
            case MODEL -> new ModelAgent().decisionSpace();
            case FUSION -> new FusionAgent().decisionSpace();
            case STRATEGY -> new StrategyAgent().decisionSpace();
        };
    }

    /** The module of a kind; valid until this is closed. Costs the making of its preferences, some tens of milliseconds. */
    public ClosureModule module(AgentKind kind) {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        int[] base = new int[AgentKind.COUNT];
        for (AgentKind other : AgentKind.values()) {
            spaces[other.code()] = space(other, Route.VECTOR);
            base[other.code()] = spaces[other.code()].staticAction();
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

    private static int ranking(DecisionSpace[] spaces, String action) {
        return spaces[AgentKind.RANKING.code()].actions().indexOf(action);
    }

    @Override
    public void close() {
        audience.close();
    }
}
