package rondo.reward.evolution;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import rondo.agents.AgentKind;
import rondo.agents.policy.AgentLearner;
import rondo.agents.policy.SegmentedLinearThompson;
import rondo.agents.policy.SegmentedSquareCb;
import rondo.agents.policy.SegmentedThompson;

/** The learners that may challenge an agent's own, which is change-point Thompson on the total reward. */
public enum Challenger {
    /** Inverse-gap weighting over a regression per class of users. */
    SQUARECB,

    /** One linear regression over all segments, Thompson sampling. */
    LINEAR_THOMPSON,

    /** The agent's own learner, taught by the global reward alone. */
    GLOBAL_THOMPSON;

    private static final String NONE = "none";

    /**
     * Which agents are challenged by what.
     *
     * @param text {@code none}, or {@code ranking=squarecb,retrieval=linear-thompson}.
     * @throws IllegalArgumentException when it is neither, or names an agent twice.
     */
    public static Map<AgentKind, Challenger> parse(String text) {
        Map<AgentKind, Challenger> challengers = new EnumMap<>(AgentKind.class);
        if (text.equals(NONE)) {
            return challengers;
        }
        for (String pair : text.split(",", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException(
                        "a challenger is agent=learner, several with commas between, or none: challenger=" + pair);
            }
            AgentKind kind = AgentKind.ofLabel(pair.substring(0, equals).trim());
            if (challengers.put(kind, ofLabel(pair.substring(equals + 1).trim())) != null) {
                throw new IllegalArgumentException("an agent has one challenger at most: agent=" + kind.label());
            }
        }
        return challengers;
    }

    private static Challenger ofLabel(String label) {
        for (Challenger challenger : values()) {
            if (challenger.label().equals(label)) {
                return challenger;
            }
        }
        throw new IllegalArgumentException("unknown learner: learner=" + label + ", known="
                + Arrays.stream(values()).map(Challenger::label).toList());
    }

    /** Its name in the settings: {@code linear-thompson}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** True when it learns from the global reward, false when from the total one. */
    boolean isGlobal() {
        return this == GLOBAL_THOMPSON;
    }

    /** One that has learnt nothing. */
    AgentLearner make(int actionCount) {
        return switch (this) {
            case SQUARECB -> new SegmentedSquareCb(actionCount);
            case LINEAR_THOMPSON -> new SegmentedLinearThompson(actionCount, 1);
            case GLOBAL_THOMPSON -> new SegmentedThompson(actionCount);
        };
    }
}
