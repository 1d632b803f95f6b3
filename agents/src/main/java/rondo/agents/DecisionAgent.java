package rondo.agents;

/**
 * A stage that owns a decision space: what it may choose is enumerable, and what it chose can be evaluated alone.
 *
 * <p>Deciding itself is a draw from the policy block in force ({@code rondo.agents.policy}); acting on the decision is the agent's own method,
 * whose parameters differ from stage to stage. Agrona's {@code Agent} is a duty cycle and has nothing to do with this.
 */
public interface DecisionAgent {
    AgentKind kind();

    DecisionSpace decisionSpace();
}
