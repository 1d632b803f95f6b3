package rondo.agents.filter;

/**
 * The prices of constraints: each multiplier rises while its constraint is violated and falls while there is slack, λ ← [λ + η · violation]⁺ (primal-dual
 * subgradient steps for constrained rewards: Tessler, Mankowitz and Mannor, Reward constrained policy optimization, ICLR 2019). A policy that
 * maximises {@link #priced} ends where the reward is largest among the points that keep the constraints on average. Rules that must hold on every slate
 * are code and never come here.
 *
 * <p>A pure state machine on one thread; nothing allocates.
 */
public final class PrimalDual {
    /** Step of a multiplier per unit of violation: η. */
    public static final double STEP = 0.01;

    /** No multiplier exceeds this, so that a constraint nobody can keep does not drown the reward for ever. */
    public static final double MULTIPLIER_MAX = 20;

    private final double[] multipliers;

    /** All prices 0. */
    public PrimalDual(int constraintCount) {
        if (constraintCount < 1) {
            throw new IllegalArgumentException("constraints below 1: constraintCount=" + constraintCount);
        }
        this.multipliers = new double[constraintCount];
    }

    /** The price of a constraint, in [0, {@link #MULTIPLIER_MAX}]. */
    public double multiplier(int constraint) {
        return multipliers[constraint];
    }

    /**
     * Learns how a constraint fared.
     *
     * @param violation bound exceeded by, below 0 when there is slack; in [-1, 1].
     */
    public void learn(int constraint, double violation) {
        if (constraint < 0 || constraint >= multipliers.length || !(violation >= -1 && violation <= 1)) {
            throw new IllegalArgumentException("constraint outside [0, " + multipliers.length
                    + ") or violation outside [-1, 1]: constraint=" + constraint + ", violation=" + violation);
        }
        double moved = multipliers[constraint] + STEP * violation;
        multipliers[constraint] = Math.max(0, Math.min(MULTIPLIER_MAX, moved));
    }

    /**
     * A reward less the price of its violations.
     *
     * @param violations by constraint, below 0 for slack; read only.
     */
    public double priced(double reward, double[] violations) {
        if (violations.length != multipliers.length) {
            throw new IllegalArgumentException("one violation per constraint: violations=" + violations.length
                    + ", constraints=" + multipliers.length);
        }
        double sum = reward;
        for (int c = 0; c < multipliers.length; c++) {
            sum -= multipliers[c] * violations[c];
        }
        return sum;
    }
}
