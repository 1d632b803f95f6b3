package rondo.agents;

import rondo.ann.HotPath;

/**
 * What one agent chose for one request, with the probability of that choice. A reusable value that belongs to the slot of its request; written by
 * the stage that decides, read by the stages after it.
 */
public final class Decision {
    private final AgentKind kind;
    private int action;
    private float propensity;
    private long policyVersion;
    private int policyChecksum;
    private float localContext = Float.NaN;
    private boolean isTaken;

    public Decision(AgentKind kind) {
        this.kind = kind;
    }

    /** Who decided. */
    public AgentKind kind() {
        return kind;
    }

    /**
     * Forgets the choice before: until {@link #set}, the agent has not decided and {@code staticAction} is what its stage does.
     */
    @HotPath
    public void clear(int staticAction) {
        set(staticAction, 1f, 0, 0);
        isTaken = false;
    }

    /**
     * Records a choice.
     *
     * @param propensity     in (0, 1]: the probability with which the sampler returned this very action.
     * @param policyVersion  of the block that was in force.
     * @param policyChecksum of its probabilities.
     */
    @HotPath
    public void set(int action, float propensity, long policyVersion, int policyChecksum) {
        this.action = action;
        this.propensity = propensity;
        this.policyVersion = policyVersion;
        this.policyChecksum = policyChecksum;
        this.localContext = Float.NaN;
        this.isTaken = true;
    }

    /** True when the agent decided; false when it is no agent here but a function, or when its choice could not have mattered. */
    @HotPath
    public boolean isTaken() {
        return isTaken;
    }

    /** Index into the agent's decision space. */
    public int action() {
        return action;
    }

    public float propensity() {
        return propensity;
    }

    public long policyVersion() {
        return policyVersion;
    }

    public int policyChecksum() {
        return policyChecksum;
    }

    /** What the agent saw of its own work at decision time, in [0, 1], or NaN; each kind says what, for example the filter agent its
     * slate's diversity ratio. */
    public float localContext() {
        return localContext;
    }

    @HotPath
    public void localContext(float value) {
        localContext = value;
    }
}
