package rondo.kernel;

import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.filter.FilterAgent;
import rondo.agents.ranking.RankingAgent;
import rondo.agents.retrieval.Route;
import rondo.agents.traffic.TrafficAgent;

/** What each kind of agent may choose from. */
public final class DecisionSpaces {
    private DecisionSpaces() {}

    /** @param staticRoute route of the static chain. */
    public static DecisionSpace of(AgentKind kind, Route staticRoute) {
        return switch (kind) {
            case TRAFFIC -> new TrafficAgent(0).decisionSpace();
            case RETRIEVAL -> Route.decisionSpace(staticRoute);
            case RANKING -> new RankingAgent(1).decisionSpace();
            case FILTER -> new FilterAgent(1).decisionSpace();
        };
    }
}
