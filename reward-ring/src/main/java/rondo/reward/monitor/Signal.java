package rondo.reward.monitor;

/** What may go wrong, and what to do then. Codes are for files and are never reused. */
public enum Signal {
    /** G1: an agent all but stopped trying other actions, and its rewards do not say that it may; subject: agent and segment. */
    ENTROPY(0, Response.RAISE_FLOOR),
    /** G2: two agents explore together although each draws for itself; subject: a pair. */
    COLLUSION(1, Response.SEPARATE_AGENTS),
    /** G2: an agent's choices hold no chance at all, so that nothing can be said of it; subject: an agent. */
    FROZEN(2, Response.RAISE_FLOOR),
    /** G10: doing something together pays two agents and costs the whole; subject: a pair. */
    COALITION(3, Response.SEPARATE_AGENTS),
    /** G3: an agent's own metric rises and the global reward does not; subject: an agent. */
    DIVERGENCE(4, Response.LOWER_ALPHA),
    /** G4: slates have become alike. */
    DIVERSITY(5, Response.RAISE_DIVERSITY),
    /** F5: α stays high although the audience changes. */
    ALPHA_STUCK(6, Response.RESET_ALPHA),
    /** G8: rewards spread differently while their mean stays; subject: an agent, or the global reward after the last. */
    VARIANCE(7, Response.HOLD_PROMOTIONS),
    /** G8: the mean has jumped; subject as above. */
    JUMP(8, Response.HOLD_PROMOTIONS);

    /** How many signals there are. */
    public static final int COUNT = 9;

    /** What is to be done while an alarm stands. */
    public enum Response {
        /** More exploration for that agent and segment. */
        RAISE_FLOOR,
        /** Freeze one of the two, and judge the other alone. */
        SEPARATE_AGENTS,
        /** Give the global reward more weight. */
        LOWER_ALPHA,
        /** A stronger diversification than the filter agent's policy asks for. */
        RAISE_DIVERSITY,
        /** α to its minimum, and its schedule looked at. */
        RESET_ALPHA,
        /** No promotion until it is understood. */
        HOLD_PROMOTIONS
    }

    private final int code;
    private final Response response;

    Signal(int code, Response response) {
        this.code = code;
        this.response = response;
    }

    public int code() {
        return code;
    }

    public Response response() {
        return response;
    }
}
