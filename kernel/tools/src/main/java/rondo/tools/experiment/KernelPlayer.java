package rondo.tools.experiment;

import rondo.agents.AgentKind;
import rondo.agents.policy.ChangePointThompson;
import rondo.agents.policy.CounterRandom;
import rondo.agents.policy.ExplorationBudget;
import rondo.agents.policy.PolicyBlock;

/**
 * The kernel's learner as the kernel drives it: rewards go into {@link ChangePointThompson}, every few rewards its probabilities go through the
 * exploration budget into a policy block, and actions are drawn from the block in force.
 */
final class KernelPlayer implements Player {
    /** What is to be expected of a reward when nothing is known of it; the learner then works on plain rewards. */
    static final double EXPECTED = 0.5;

    private final ChangePointThompson beliefs;
    private final ExplorationBudget budget;
    private final int epoch;
    private final int refresh;
    private final long seed;
    private final double[] wanted;
    private PolicyBlock epochStart;
    private PolicyBlock block;
    private long step;

    private KernelPlayer(int actionCount, int refresh, double floor, double deviationMax, int epoch, long seed) {
        this.beliefs = new ChangePointThompson(actionCount);
        this.budget = new ExplorationBudget(floor, deviationMax);
        this.epoch = epoch;
        this.refresh = refresh;
        this.seed = seed;
        this.wanted = new double[actionCount];
        this.block = PolicyBlock.initial(AgentKind.RETRIEVAL, 0, actionCount, 0, 1);
        this.epochStart = block;
    }

    /** The learner alone, without floor and without bound: what its probabilities are worth. */
    static Maker refreshedEvery(int refresh) {
        return (actionCount, steps, random) ->
                new KernelPlayer(actionCount, refresh, 0, 1, 1, random.nextLong());
    }

    /** With the exploration floor and the bound on a policy's movement within an epoch of so many rewards. */
    static Maker bounded(int refresh, double floor, double deviationMax, int epoch) {
        return (actionCount, steps, random) ->
                new KernelPlayer(actionCount, refresh, floor, deviationMax, epoch, random.nextLong());
    }

    @Override
    public int choose() {
        return block.draw(CounterRandom.uniform(seed, step, 0), 1f);
    }

    @Override
    public void learn(int action, double reward) {
        beliefs.learn(action, reward, EXPECTED);
        if (++step % epoch == 0) {
            epochStart = block;
        }
        if (step % refresh == 0) {
            beliefs.bestProbabilities(wanted);
            block = budget.next(epochStart, block, wanted);
        }
    }
}
