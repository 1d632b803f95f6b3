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
    private float localContext = Float.NaN;

    public Decision(AgentKind kind) {
        this.kind = kind;
    }

    /** Who decided. */
    public AgentKind kind() {
        return kind;
    }

    /**
     * Records a choice.
     *
     * @param propensity in (0, 1]: the probability with which the sampler returned this very action.
     */
    @HotPath
    public void set(int action, float propensity, long policyVersion) {
        this.action = action;
        this.propensity = propensity;
        this.policyVersion = policyVersion;
        this.localContext = Float.NaN;
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

    /** What the agent saw of its own work at decision time, in [0, 1], or NaN: the filter agent's diversity ratio. */
    public float localContext() {
        return localContext;
    }

    @HotPath
    public void localContext(float value) {
        localContext = value;
    }
}
