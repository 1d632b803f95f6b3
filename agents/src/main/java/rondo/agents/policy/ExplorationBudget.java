package rondo.agents.policy;

import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;

/**
 * How far a policy may stray: a floor under every action, and a bound on the total variation between the policy in force and the one that its epoch
 * began with. A step that would go further is projected onto the bound, and counted. And what it may cost: the ledger says when an agent's policy is believed
 * to have earned too much less than its static action, and that enough was earned again (conservative bandits: Wu, Shariff, Lattimore and Szepesvári, ICML
 * 2016). What a policy gains pays for what it lost, since beliefs are noisy and losses alone would charge an agent for its noise; but it is not saved up
 * as there, so that the bound holds over every stretch of time. Ledger, deviation and projections are what monitoring shows.
 *
 * <p>One budget serves all agents and segments of one learner thread.
 */
public final class ExplorationBudget {
    /** Reward that nobody has earned yet but may be counted on, so that a new agent may learn at all: it buys the first mistakes. */
    private static final double ADVANCE = 2_000;

    /** What was overspent is paid back to this share of the bound before an agent may explore again. */
    private static final double PAID_BACK = 0.9;

    private final double floor;
    private final double deviationMax;
    private final double lossMax;
    private double deviationUsed;
    private long projectionCount;
    private final double[] losses = new double[AgentKind.COUNT];
    private final double[] rewards = new double[AgentKind.COUNT];
    private final double[] mostLoss = new double[AgentKind.COUNT];
    private final boolean[] isSpent = new boolean[AgentKind.COUNT];

    /**
     * As below, whatever policies cost.
     *
     * @param floor        share spread evenly over all actions, in [0, 1].
     * @param deviationMax bound on the total variation per epoch, in [0, 1].
     */
    public ExplorationBudget(double floor, double deviationMax) {
        this(floor, deviationMax, 1);
    }

    /**
     * @param lossMax share of the reward that an agent's policy may be believed to lose, in [0, 1].
     */
    public ExplorationBudget(double floor, double deviationMax, double lossMax) {
        this.floor = floor;
        this.deviationMax = deviationMax;
        this.lossMax = lossMax;
    }

    /** The bound. */
    public double limit() {
        return deviationMax;
    }

    /** The largest deviation that any policy took within one epoch. */
    public double used() {
        return deviationUsed;
    }

    /** Steps that had to be projected. */
    public long projectionCount() {
        return projectionCount;
    }

    /**
     * An agent decided.
     *
     * @param loss   what it is believed to earn less by its policy than by its static action under the same floor; below 0 when it earns more.
     * @param reward what it is believed to earn by its static action.
     */
    public void record(AgentKind kind, double loss, double reward) {
        int code = kind.code();
        losses[code] = Math.max(0, losses[code] + loss);
        rewards[code] += reward;
        double share = lossShare(kind);
        mostLoss[code] = Math.max(mostLoss[code], share);
        isSpent[code] = share > (isSpent[code] ? PAID_BACK * lossMax : lossMax);
    }

    /** True while an agent's policy has cost what it may: until that is earned again, it may not play what is believed to cost more. */
    public boolean isSpent(AgentKind kind) {
        return isSpent[kind.code()];
    }

    /** How far an agent is behind its static action, as a share of what that one has earned and of the advance; to be compared with the bound. */
    public double lossShare(AgentKind kind) {
        return losses[kind.code()] / (rewards[kind.code()] + ADVANCE);
    }

    /** The largest that {@link #lossShare} has been. */
    public double mostLossShare(AgentKind kind) {
        return mostLoss[kind.code()];
    }

    /**
     * The block that puts a policy back to its start: the static action, and a floor over all; a version of its own.
     *
     * @param floor share spread evenly over all actions, in [0, 1].
     */
    public PolicyBlock reverted(PolicyBlock current, DecisionSpace space, double floor) {
        return PolicyBlock.initial(current.kind(), current.segment(), space.size(), space.staticAction(), floor)
                .atVersion(current.version() + 1);
    }

    /** As below, with the floor that the budget was made with. */
    public PolicyBlock next(PolicyBlock epochStart, PolicyBlock current, double[] wanted) {
        return next(epochStart, current, wanted, floor);
    }

    /**
     * The next block: the wanted probabilities mixed with a floor, within the bound around the block that the epoch began with. A floor other than that
     * block's comes first: what it leaves of the bound is for what the learner wants. {@link PolicyBlock#floor} says what came of it.
     *
     * @param epochStart block in force when the epoch began.
     * @param current    block in force.
     * @param wanted     probabilities that the learner asks for; sum 1.
     * @param floor      share spread evenly over all actions, in [0, 1].
     */
    public PolicyBlock next(PolicyBlock epochStart, PolicyBlock current, double[] wanted, double floor) {
        int count = wanted.length;
        // A hair inside the bound, so that rounding to float cannot cross it.
        double bound = deviationMax * (1 - 1e-5);
        double[] start = new double[count];
        double refloored = refloor(epochStart, floor, start);
        double reached = floor;
        if (refloored > bound) {
            double part = bound / refloored;
            reached = epochStart.floor() + part * (floor - epochStart.floor());
            refloor(epochStart, reached, start);
        }
        double[] mixed = new double[count];
        double deviation = 0;
        for (int a = 0; a < count; a++) {
            mixed[a] = reached / count + (1 - reached) * wanted[a];
            deviation += Math.abs(mixed[a] - start[a]) / 2;
        }
        double step = 1;
        double left = Math.max(0, bound - refloored);
        if (deviation > left) {
            step = left / deviation;
            projectionCount++;
        }
        float[] probabilities = new float[count];
        double sum = 0;
        for (int a = 0; a < count; a++) {
            probabilities[a] = (float) (start[a] + step * (mixed[a] - start[a]));
            sum += probabilities[a];
        }
        double taken = 0;
        for (int a = 0; a < count; a++) {
            probabilities[a] = (float) (probabilities[a] / sum);
            taken += Math.abs(probabilities[a] - epochStart.probability(a)) / 2;
        }
        deviationUsed = Math.max(deviationUsed, taken);
        return new PolicyBlock(current.kind(), current.segment(), current.version() + 1, probabilities, reached);
    }

    /**
     * A block's probabilities with another floor under what it gives beyond its own.
     *
     * @return their total variation from the block's own.
     */
    private static double refloor(PolicyBlock block, double floor, double[] out) {
        double deviation = 0;
        for (int a = 0; a < out.length; a++) {
            out[a] = block.probability(a);
            if (floor != block.floor() && block.floor() < 1) {
                double beyond = (out[a] - block.floor() / out.length) / (1 - block.floor());
                out[a] = floor / out.length + (1 - floor) * beyond;
                deviation += Math.abs(out[a] - block.probability(a)) / 2;
            }
        }
        return deviation;
    }
}
