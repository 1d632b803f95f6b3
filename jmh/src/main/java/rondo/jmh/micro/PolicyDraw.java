package rondo.jmh.micro;

import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import rondo.agents.AgentKind;
import rondo.agents.policy.CounterRandom;
import rondo.agents.policy.PolicyBlock;

/**
 * Question: what does one decision cost, a draw that can be repeated from its log row together with its propensity? Baseline: the same draw from a
 * generator with state, which cannot be repeated.
 */
@State(Scope.Thread)
public class PolicyDraw {
    private static final int ACTIONS = 8;

    private final PolicyBlock block = PolicyBlock.initial(AgentKind.RETRIEVAL, 0, ACTIONS, 3, 0.5);
    private final SplittableRandom random = new SplittableRandom(1);
    private long requestId;

    /** Action and propensity in one number. */
    @Benchmark
    public float draw() {
        int action = block.draw(CounterRandom.uniform(1, requestId++, AgentKind.RETRIEVAL.code()), 0.5f);
        return action + block.propensity(action, 0.5f);
    }

    /** The baseline. */
    @Benchmark
    public float baselineWithState() {
        int action = block.draw(random.nextDouble(), 0.5f);
        return action + block.propensity(action, 0.5f);
    }
}
