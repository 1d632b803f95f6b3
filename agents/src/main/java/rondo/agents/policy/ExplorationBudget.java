package rondo.agents.policy;

import rondo.agents.DecisionSpace;

/**
 * How far a policy may stray: a floor under every action, and a bound on the total variation between the policy in force and the one that its epoch
 * began with. A step that would go further is projected onto the bound, and counted. The ledger is what monitoring shows.
 *
 * <p>One budget serves all agents and segments of one learner thread.
 */
public final class ExplorationBudget {
    private final double floor;
    private final double deviationMax;
    private double deviationUsed;
    private long projectionCount;

    /**
     * @param floor        share spread evenly over all actions, in [0, 1].
     * @param deviationMax bound on the total variation per epoch, in [0, 1].
     */
    public ExplorationBudget(double floor, double deviationMax) {
        this.floor = floor;
        this.deviationMax = deviationMax;
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

    /** The block that puts a policy back to its start: the static action, and the floor over all; a version of its own. */
    public PolicyBlock reverted(PolicyBlock current, DecisionSpace space) {
        return PolicyBlock.initial(current.kind(), current.segment(), space.size(), space.staticAction(), floor)
                .atVersion(current.version() + 1);
    }

    /**
     * The next block: the wanted probabilities mixed with the floor, within the bound around the block that the epoch began with.
     *
     * @param epochStart block in force when the epoch began.
     * @param current    block in force.
     * @param wanted     probabilities that the learner asks for; sum 1.
     */
    public PolicyBlock next(PolicyBlock epochStart, PolicyBlock current, double[] wanted) {
        int count = wanted.length;
        double[] mixed = new double[count];
        double deviation = 0;
        for (int a = 0; a < count; a++) {
            mixed[a] = floor / count + (1 - floor) * wanted[a];
            deviation += Math.abs(mixed[a] - epochStart.probability(a)) / 2;
        }
        double step = 1;
        // A hair inside the bound, so that rounding to float cannot cross it.
        double bound = deviationMax * (1 - 1e-5);
        if (deviation > bound) {
            step = bound / deviation;
            projectionCount++;
        }
        float[] probabilities = new float[count];
        double sum = 0;
        for (int a = 0; a < count; a++) {
            probabilities[a] = (float) (epochStart.probability(a) + step * (mixed[a] - epochStart.probability(a)));
            sum += probabilities[a];
        }
        double taken = 0;
        for (int a = 0; a < count; a++) {
            probabilities[a] = (float) (probabilities[a] / sum);
            taken += Math.abs(probabilities[a] - epochStart.probability(a)) / 2;
        }
        deviationUsed = Math.max(deviationUsed, taken);
        return new PolicyBlock(current.kind(), current.segment(), current.version() + 1, probabilities);
    }
}
