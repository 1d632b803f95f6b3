package rondo.tools.closure;

import rondo.agents.policy.CounterRandom;

/**
 * Two fields made one, with the consumption rate of each cell as its value. Which two is a choice that matters. But a cross puts out a cell, not a
 * forecast that could turn out wrong, so it has no error of its own: its step leaves everything as it is, and only a model behind it can correct the
 * cells.
 */
final class FeatureCross extends ChoosingModule {
    private static final int AUDIENCES = 3;
    private static final int KINDS = 12;
    private static final int HOURS = 8;
    private static final int TRAINING = 60_000;

    /** Cells of each cross: audience × kind, audience × hour, kind × hour, and no cross at all. */
    private static final int[] CELLS = {AUDIENCES * KINDS, AUDIENCES * HOURS, KINDS * HOURS, 1};

    private final HeldOutAudience audience;
    private final double[][] cells = new double[CELLS.length][];

    FeatureCross(HeldOutAudience audience, long seed) {
        super("feature-cross", "1 - squared error of the cell's rate / 0.25", 1, null);
        this.audience = audience;
        for (int cross = 0; cross < CELLS.length; cross++) {
            cells[cross] = new double[CELLS[cross]];
            double[] seen = new double[CELLS[cross]];
            for (int i = 0; i < TRAINING; i++) {
                long event = CounterRandom.bits(seed, i, 5) >>> 1;
                int cell = cell(cross, event);
                cells[cross][cell] += audience.uniform(event, 6) < rate(event) ? 1 : 0;
                seen[cell]++;
            }
            for (int cell = 0; cell < CELLS[cross]; cell++) {
                cells[cross][cell] /= Math.max(1, seen[cell]);
            }
        }
        settle(seed);
    }

    private int field(long input, int which) {
        return which == 0
                ? audience.draw(input, 7, AUDIENCES)
                : which == 1 ? audience.draw(input, 8, KINDS) : audience.draw(input, 9, HOURS);
    }

    private int cell(int cross, long input) {
        return switch (cross) {
            case 0 -> field(input, 0) * KINDS + field(input, 1);
            case 1 -> field(input, 0) * HOURS + field(input, 2);
            case 2 -> field(input, 1) * HOURS + field(input, 2);
            default -> 0;
        };
    }

    /** What the simulation's users do: audience and kind belong together, the hour matters a little. */
    private double rate(long input) {
        int group = field(input, 0);
        int kind = field(input, 1);
        double together = audience.uniform(group * KINDS + kind, 900) - 0.5;
        double hour = audience.uniform(field(input, 2), 901) - 0.5;
        return 0.35 + 0.6 * together + 0.05 * hour;
    }

    private double cellRate(int cell) {
        return 0.35 + 0.6 * (audience.uniform(cell, 900) - 0.5);
    }

    @Override
    public int count() {
        return CELLS.length;
    }

    @Override
    public void act(int action, long input, double[] output) {
        output[0] = cells[action][cell(action, input)];
    }

    @Override
    public double value(double[] output, long input) {
        double error = output[0] - rate(input);
        return Math.max(0, 1 - error * error / 0.25);
    }

    @Override
    public Loop loop() {
        return new CellLoop(false);
    }

    @Override
    public Loop outsideLoop() {
        return new CellLoop(true);
    }

    /** The cells of the first cross, thrown off. */
    private final class CellLoop implements Loop {
        private static final double SPREAD = 0.3;

        private final boolean isTold;

        /** @param isTold true when the model behind the cross passes back how wrong it was in each cell. */
        CellLoop(boolean isTold) {
            this.isTold = isTold;
        }

        @Override
        public int stateLength() {
            return CELLS[0];
        }

        @Override
        public void perturb(double[] state, long draw) {
            for (int cell = 0; cell < state.length; cell++) {
                state[cell] = cellRate(cell) + SPREAD * (2 * audience.uniform(draw, 1_000 + cell) - 1);
            }
        }

        @Override
        public void correct(double[] state, long input) {
            if (isTold) {
                for (int cell = 0; cell < state.length; cell++) {
                    double error = cellRate(cell) + 0.01 * audience.normal(input, 2_000 + cell) - state[cell];
                    state[cell] += 0.5 * error;
                }
            }
            // Without that, crossing the same fields again fills the same cells.
        }

        @Override
        public double distance(double[] state) {
            double square = 0;
            for (int cell = 0; cell < state.length; cell++) {
                square += (state[cell] - cellRate(cell)) * (state[cell] - cellRate(cell));
            }
            return Math.sqrt(square / state.length) / SPREAD;
        }
    }
}
