package rondo.agents.policy;

/**
 * What one agent believes of its actions in every {@link rondo.agents.Segment}, and what it would play there. A pure state machine on one thread: the same
 * rewards in the same order give the same wishes, bit for bit.
 */
public interface AgentLearner {
    /**
     * Learns from one reward, whoever chose the action.
     *
     * @param reward   in [0, 1].
     * @param expected what was to be expected before anybody knew the action, in (0, 1].
     */
    void learn(int segment, int action, double reward, double expected);

    /**
     * What it would play in a segment, before any floor or bound.
     *
     * @param out one probability per action; they sum to 1.
     */
    void want(int segment, double[] out);
}
