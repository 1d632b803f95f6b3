package rondo.agents;

import java.util.Arrays;
import java.util.Locale;

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
    FILTER(3, false),
    /** Chooses which feature groups the ranking score may use. */
    FEATURE(4, false),
    /** Chooses how much work a request may cost. */
    RESOURCE(5, false),
    /** Chooses the hyper-parameters of the user model behind the features. */
    MODEL(6, false),
    /** Chooses how the sources of a blended route are weighed against each other. */
    FUSION(7, false),
    /** Chooses which stages may explore on a request; coordination, so it learns from the global reward alone. */
    STRATEGY(8, true);

    /** How many kinds there are: the length of every array that is indexed by {@link #code()}. */
    public static final int COUNT = 9;

    private static final AgentKind[] BY_CODE = values();

    private final int code;
    private final boolean outerOnly;

    AgentKind(int code, boolean outerOnly) {
        this.code = code;
        this.outerOnly = outerOnly;
    }

    /** Its name in configuration, JSON and on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The kind of a {@link #label()}.
     *
     * @throws IllegalArgumentException naming the kinds there are.
     */
    public static AgentKind ofLabel(String label) {
        for (AgentKind kind : BY_CODE) {
            if (kind.label().equals(label)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("unknown agent: agent=" + label + ", known="
                + Arrays.stream(BY_CODE).map(AgentKind::label).toList());
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
