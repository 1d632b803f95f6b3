package rondo.tools.experiment;

import rondo.agents.AgentKind;
import rondo.agents.policy.ChangePointThompson;
import rondo.agents.policy.CounterRandom;
import rondo.agents.policy.ExplorationBudget;
import rondo.agents.policy.PolicyBlock;

/**
 * The learner that serves live requests, without a server around it: per segment a policy block from change-point Thompson sampling within the exploration
 * budget, refreshed every ten rewards.
 */
final class BlockLearner {
    static final double DEVIATION_MAX = 0.1;

    private static final double FLOOR = 0.02;
    private static final int REFRESH = 10;
    private static final int EPOCH = 250;
    private static final double EXPECTED = 0.5;

    private final ExplorationBudget budget = new ExplorationBudget(FLOOR, DEVIATION_MAX);
    private final ChangePointThompson[] beliefs;
    private final PolicyBlock[] blocks;
    private final PolicyBlock[] epochStarts;
    private final double[] wanted;
    private final long seed;
    private long decisions;

    BlockLearner(AgentKind kind, int segmentCount, int actionCount, int staticAction, long seed) {
        this.seed = seed;
        this.wanted = new double[actionCount];
        this.beliefs = new ChangePointThompson[segmentCount];
        this.blocks = new PolicyBlock[segmentCount];
        for (int s = 0; s < segmentCount; s++) {
            beliefs[s] = new ChangePointThompson(actionCount);
            blocks[s] = PolicyBlock.initial(kind, s, actionCount, staticAction, FLOOR);
        }
        this.epochStarts = blocks.clone();
    }

    int choose(int segment) {
        return blocks[segment].draw(CounterRandom.uniform(seed, decisions++, 0), 1f);
    }

    void learn(int segment, int action, double reward) {
        beliefs[segment].learn(action, reward, EXPECTED);
        long steps = beliefs[segment].steps();
        if (steps % EPOCH == 0) {
            epochStarts[segment] = blocks[segment];
        }
        if (steps % REFRESH == 0) {
            beliefs[segment].bestProbabilities(wanted);
            blocks[segment] = budget.next(epochStarts[segment], blocks[segment], wanted);
        }
    }

    /** The furthest that any policy moved within an epoch. */
    double deviation() {
        return budget.used();
    }
}
