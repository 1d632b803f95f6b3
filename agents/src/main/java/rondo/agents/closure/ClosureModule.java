package rondo.agents.closure;

import org.jspecify.annotations.Nullable;

/**
 * A module as the gate sees it: something that may be scored alone, may have choices, and may correct itself. A part that is not there is null, and
 * the criterion that needs it fails with that reason.
 *
 * <p>Every method is a pure function of its arguments and of how the module was made: no clock, no state that survives a call, no random draw but from
 * the numbers handed in. {@code input} numbers a case of the module's held-out simulation; the gate draws it from [0, {@link #inputCount()}).
 */
public interface ClosureModule {
    /** Where the module's inputs come from. */
    enum Origin {
        /** A behavioural simulation that the module was not made on. */
        HELD_OUT,
        /** Logged traffic: what the system showed decides what was seen there, so scores on it flatter. The gate refuses it. */
        PRODUCTION
    }

    /** Its name in verdicts and files. */
    String id();

    /** Name of the module's own metric; the only one it may later be rewarded by. */
    String metric();

    Origin origin();

    /** Held-out cases there are; 0 is an empty input. {@link Long#MAX_VALUE} for a generator. */
    long inputCount();

    /** How one iteration is scored, nothing downstream being changed or asked. */
    @Nullable
    Evaluation evaluation();

    /** What it may choose from. */
    @Nullable
    Choices choices();

    /** How it corrects itself from its own output. */
    @Nullable
    Loop loop();

    /**
     * How it would be corrected by somebody else, such as the gradient of the model behind it. A module with this and without {@link #loop()} closes its
     * loop only implicitly.
     */
    default @Nullable Loop outsideLoop() {
        return null;
    }

    /** One held-out iteration. */
    @FunctionalInterface
    interface Evaluation {
        /** The metric on one case as a share of what was attainable, in [0, 1]; anything not finite counts as a failure. */
        double score(long input);
    }

    /** An enumerable decision space, by behaviour instead of by label. */
    interface Choices {
        /** Actions declared. */
        int count();

        /** Numbers that an output consists of. */
        int outputLength();

        /** Writes all of what {@code action} would put out for a case. */
        void act(int action, long input, double[] output);

        /** The metric of an output for a case, in [0, 1]. It does not see the action, so that two labels for one behaviour have one value. */
        double value(double[] output, long input);

        /** The probability with which the policy would choose {@code action}; over all actions they sum to 1. */
        double propensity(int action, long input);

        /** Kinds of cases within which actions may differ although they are equal on the whole. */
        default int stratumCount() {
            return 1;
        }

        /** The kind of a case, in [0, {@link #stratumCount()}). */
        default int stratum(long input) {
            return 0;
        }
    }

    /** A feedback loop: a state, and a step that should bring the metric back to its target. Nothing of an orchestrator is in scope. */
    interface Loop {
        /** Numbers that a state consists of. */
        int stateLength();

        /** Writes a disturbed state. */
        void perturb(double[] state, long draw);

        /** One corrective step from the module's own output on held-out cases from {@code input} on. */
        void correct(double[] state, long input);

        /** How far the module's own metric is from its target under {@code state}, as a share of what is at stake; never negative. */
        double distance(double[] state);
    }
}
