package rondo.tools.experiment;

import rondo.agents.AgentKind;

/**
 * A small world for one kind of agent, in which its learner plays beside the static action. Both meet the same world; what it is like depends on the seed
 * alone.
 */
interface AgentBench {
    AgentKind kind();

    /** The learner that plays. */
    String learner();

    /** What the agent is for. */
    String primary();

    /** True when less of {@link #primary} is better. */
    default boolean isLessBetter() {
        return false;
    }

    /** What it must not spoil. */
    String secondary();

    /** True when {@link #bound} is the most that is allowed, false when it is the least. */
    boolean isBoundAbove();

    double bound();

    Played play(long seed);

    /** The primary metric of the static action and of the agent, and the agent's secondary metric. */
    record Played(double fixed, double agent, double secondary) {}
}
