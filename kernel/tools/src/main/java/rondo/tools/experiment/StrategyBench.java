package rondo.tools.experiment;

import java.util.SplittableRandom;
import rondo.agents.AgentKind;

/**
 * Who may explore on a request: everyone, or one of three groups. The group whose world has just moved finds better actions when it explores, one that is
 * settled only pays for trying; which group that is changes every so often. The static action lets everyone explore.
 */
final class StrategyBench implements AgentBench {
    private static final int GROUPS = 3;
    private static final int STEPS = 30_000;
    private static final int MOVES_EVERY = 7_500;
    private static final double REWARD = 0.3;
    private static final double FOUND = 0.09;
    private static final double COST = 0.03;

    /** Share of a request's decisions that leave the best known action when everyone, or one group, explores. */
    private static final double EVERYONE_SHARE = 0.12;

    private static final double GROUP_SHARE = 0.04;

    @Override
    public AgentKind kind() {
        return AgentKind.STRATEGY;
    }

    @Override
    public String learner() {
        return "change-point Thompson, policy block, budget";
    }

    @Override
    public String primary() {
        return "clicks per request";
    }

    @Override
    public String secondary() {
        return "share of decisions that explore";
    }

    @Override
    public boolean isBoundAbove() {
        return true;
    }

    @Override
    public double bound() {
        return 0.1;
    }

    @Override
    public Played play(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        BlockLearner learner = new BlockLearner(kind(), 1, 1 + GROUPS, 0, seed);
        int moving = 0;
        double fixed = 0;
        double agent = 0;
        double explored = 0;
        for (int t = 0; t < STEPS; t++) {
            if (t % MOVES_EVERY == 0) {
                moving = 1 + random.nextInt(GROUPS);
            }
            double luck = random.nextDouble();
            int action = learner.choose(0);
            double reward = luck < mean(action, moving) ? 1 : 0;
            learner.learn(0, action, reward);
            agent += reward;
            fixed += luck < mean(0, moving) ? 1 : 0;
            explored += action == 0 ? EVERYONE_SHARE : GROUP_SHARE;
        }
        return new Played(fixed / STEPS, agent / STEPS, explored / STEPS);
    }

    private static double mean(int action, int moving) {
        if (action == 0) {
            // The finder's gain, blurred by the two that only pay.
            return REWARD + (FOUND - (GROUPS - 1) * COST) / GROUPS;
        }
        return action == moving ? REWARD + FOUND : REWARD - COST;
    }
}
