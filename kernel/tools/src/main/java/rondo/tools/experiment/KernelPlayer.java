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

    // As the reward ring's baseline has them.
    private static final double RUNNING_MEAN_START = 0.3;
    private static final double RUNNING_MEAN_STEP = 1.0 / 100;
    private static final double RUNNING_MEAN_MIN = 0.005;
    private static final double RUNNING_MEAN_MAX = 0.95;

    private final ChangePointThompson beliefs;
    private final ExplorationBudget budget;
    private final int epoch;
    private final int refresh;
    private final long seed;
    private final boolean isAgainstRunningMean;
    private final double[] wanted;
    private double runningMean = RUNNING_MEAN_START;
    private PolicyBlock epochStart;
    private PolicyBlock block;
    private long step;

    private KernelPlayer(
            int actionCount,
            int refresh,
            double floor,
            double deviationMax,
            int epoch,
            boolean isAgainstRunningMean,
            long seed) {
        this.beliefs = new ChangePointThompson(actionCount);
        this.budget = new ExplorationBudget(floor, deviationMax);
        this.epoch = epoch;
        this.refresh = refresh;
        this.seed = seed;
        this.isAgainstRunningMean = isAgainstRunningMean;
        this.wanted = new double[actionCount];
        this.block = PolicyBlock.initial(AgentKind.RETRIEVAL, 0, actionCount, 0, 1);
        this.epochStart = block;
    }

    /** The learner alone, without floor and without bound: what its probabilities are worth. */
    static Maker refreshedEvery(int refresh) {
        return (actionCount, steps, random) ->
                new KernelPlayer(actionCount, refresh, 0, 1, 1, false, random.nextLong());
    }

    /** With the exploration floor and the bound on a policy's movement within an epoch of so many rewards. */
    static Maker bounded(int refresh, double floor, double deviationMax, int epoch) {
        return (actionCount, steps, random) ->
                new KernelPlayer(actionCount, refresh, floor, deviationMax, epoch, false, random.nextLong());
    }

    /** As {@link #refreshedEvery}, told to expect what was lately earned, as the reward ring's baseline does. */
    static Maker againstRunningMean(int refresh) {
        return (actionCount, steps, random) -> new KernelPlayer(actionCount, refresh, 0, 1, 1, true, random.nextLong());
    }

    @Override
    public int choose() {
        return block.draw(CounterRandom.uniform(seed, step, 0), 1f);
    }

    @Override
    public void learn(int action, double reward) {
        double expected = Math.max(RUNNING_MEAN_MIN, Math.min(RUNNING_MEAN_MAX, runningMean));
        beliefs.learn(action, reward, isAgainstRunningMean ? expected : EXPECTED);
        runningMean += RUNNING_MEAN_STEP * (reward - runningMean);
        if (++step % epoch == 0) {
            epochStart = block;
        }
        if (step % refresh == 0) {
            beliefs.bestProbabilities(wanted);
            block = budget.next(epochStart, block, wanted);
        }
    }
}
