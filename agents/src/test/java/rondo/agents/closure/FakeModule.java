package rondo.agents.closure;

import java.util.function.LongToDoubleFunction;
import org.jspecify.annotations.Nullable;
import rondo.agents.policy.CounterRandom;

/** A module whose parts a test may take away or spoil, one at a time; whole, it passes. */
final class FakeModule implements ClosureModule {
    Origin origin = Origin.HELD_OUT;
    long inputCount = Long.MAX_VALUE;
    int evaluations;

    @Nullable
    LongToDoubleFunction scores = input -> CounterRandom.uniform(1, input, 1) < 0.95 ? 0.9 : 0.1;

    @Nullable
    Choices choices = new FakeChoices(3);

    @Nullable
    Loop loop = new FakeLoop(Step.HALVING);

    @Nullable
    Loop outsideLoop;

    enum Step {
        HALVING,
        IDENTITY,
        NOISE,
        OSCILLATION,
        FLICKER,
        STALLING,
        NAN
    }

    @Override
    public String id() {
        return "fake";
    }

    @Override
    public String metric() {
        return "share of ones";
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public long inputCount() {
        return inputCount;
    }

    @Override
    public @Nullable Evaluation evaluation() {
        LongToDoubleFunction function = scores;
        return function == null
                ? null
                : input -> {
                    evaluations++;
                    return function.applyAsDouble(input);
                };
    }

    @Override
    public @Nullable Choices choices() {
        return choices;
    }

    @Override
    public @Nullable Loop loop() {
        return loop;
    }

    @Override
    public @Nullable Loop outsideLoop() {
        return outsideLoop;
    }

    /** Action a puts out the number a, which is worth a/10. */
    static class FakeChoices implements Choices {
        private final int count;

        FakeChoices(int count) {
            this.count = count;
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public int outputLength() {
            return 1;
        }

        @Override
        public void act(int action, long input, double[] output) {
            output[0] = action;
        }

        @Override
        public double value(double[] output, long input) {
            return output[0] / 10;
        }

        @Override
        public double propensity(int action, long input) {
            return 1.0 / count;
        }
    }

    /** A number that should be zero. */
    static final class FakeLoop implements Loop {
        private final Step step;

        FakeLoop(Step step) {
            this.step = step;
        }

        @Override
        public int stateLength() {
            return 1;
        }

        @Override
        public void perturb(double[] state, long draw) {
            state[0] = 0.5 + CounterRandom.uniform(2, draw, 1);
        }

        @Override
        public void correct(double[] state, long input) {
            state[0] = switch (step) {
                case HALVING -> state[0] / 2;
                case IDENTITY -> state[0];
                case NOISE -> state[0] + CounterRandom.uniform(3, input, 1) - 0.5;
                case OSCILLATION -> -state[0];
                // Near and far in turn: its first step is a good one.
                case FLICKER -> Math.abs(state[0]) > 0.2 ? state[0] / 10 : state[0] * 10;
                case STALLING -> Math.max(0.2, state[0] / 2);
                case NAN -> Double.NaN;
            };
        }

        @Override
        public double distance(double[] state) {
            return Math.abs(state[0]);
        }
    }
}
