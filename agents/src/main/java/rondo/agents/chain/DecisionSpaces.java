package rondo.agents.chain;

import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.feature.FeatureAgent;
import rondo.agents.filter.FilterAgent;
import rondo.agents.fusion.FusionAgent;
import rondo.agents.model.ModelAgent;
import rondo.agents.ranking.RankingAgent;
import rondo.agents.resource.ResourceAgent;
import rondo.agents.retrieval.Route;
import rondo.agents.strategy.StrategyAgent;
import rondo.agents.traffic.TrafficAgent;

/** What each kind of agent may choose from. */
public final class DecisionSpaces {
    private DecisionSpaces() {}

    /** Every kind's, by {@link AgentKind#code()}. */
    public static DecisionSpace[] all(Route staticRoute) {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = of(kind, staticRoute);
        }
        return spaces;
    }

    /** @param staticRoute route of the static chain. */
    public static DecisionSpace of(AgentKind kind, Route staticRoute) {
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
}
