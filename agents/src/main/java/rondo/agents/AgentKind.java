package rondo.agents;

/**
 * The stages that decide. The code goes to the wire, to the journal and into every random draw, so it is written down here and never reused.
 */
public enum AgentKind {
    /** Chooses the composition of the chain and how much of it may explore; coordination, so it learns from the global reward alone. */
    TRAFFIC(0, true),
    /** Chooses the route, or blend of routes, that candidates come from. */
    RETRIEVAL(1, false),
    /** Chooses the weights of the score that orders candidates. */
    RANKING(2, false),
    /** Chooses how strongly the slate is diversified; enforces the hard rules. */
    FILTER(3, false);

    /** How many kinds there are: the length of every array that is indexed by {@link #code()}. */
    public static final int COUNT = 4;

    private static final AgentKind[] BY_CODE = values();

    private final int code;
    private final boolean outerOnly;

    AgentKind(int code, boolean outerOnly) {
        this.code = code;
        this.outerOnly = outerOnly;
    }

    /** The number that stands for this kind in arrays, files and frames. */
    public int code() {
        return code;
    }

    /** True for coordination agents, whose α is always 0 (requirement P16). */
    public boolean isOuterOnly() {
        return outerOnly;
    }

    /**
     * The kind that a stored code stands for.
     *
     * @throws IllegalArgumentException when no kind has that code.
     */
    public static AgentKind ofCode(int code) {
        if (code < 0 || code >= COUNT) {
            throw new IllegalArgumentException("agent code outside [0, " + (COUNT - 1) + "]: code=" + code);
        }
        return BY_CODE[code];
    }
}
