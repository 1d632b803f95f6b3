package rondo.tools.closure;

import rondo.agents.closure.ClosureModule;

/** An item's row in a trained table. It can be scored alone, but there is one thing it can do; rows move only when a model behind it moves them. */
final class EmbeddingLookup {
    private static final double TRAINING_NOISE = 0.05;

    private final HeldOutAudience audience;
    private final double[][] table = new double[HeldOutAudience.ITEMS][HeldOutAudience.DIMENSION];

    private EmbeddingLookup(HeldOutAudience audience) {
        this.audience = audience;
        for (int i = 0; i < table.length; i++) {
            for (int d = 0; d < HeldOutAudience.DIMENSION; d++) {
                table[i][d] = audience.component(i, d) + TRAINING_NOISE * audience.normal(i, 1_000 + d);
            }
        }
    }

    /** @param labels actions that it declares; all of them look up the same row. */
    static ClosureModule of(String id, HeldOutAudience audience, int labels) {
        EmbeddingLookup lookup = new EmbeddingLookup(audience);
        return new FixedModule(
                id,
                "cosine to the held-out vector",
                ClosureModule.Origin.HELD_OUT,
                HeldOutAudience.ITEMS,
                input -> lookup.cosine(lookup.table[(int) input], (int) input),
                lookup.new Lookup(labels),
                null,
                lookup.new OutsideGradient());
    }

    private double cosine(double[] row, int item) {
        double product = 0;
        double square = 0;
        for (int d = 0; d < HeldOutAudience.DIMENSION; d++) {
            product += row[d] * audience.component(item, d);
            square += row[d] * row[d];
        }
        return square > 0 ? product / Math.sqrt(square) : 0;
    }

    private final class Lookup implements ClosureModule.Choices {
        private final int labels;

        Lookup(int labels) {
            this.labels = labels;
        }

        @Override
        public int count() {
            return labels;
        }

        @Override
        public int outputLength() {
            return HeldOutAudience.DIMENSION;
        }

        @Override
        public void act(int action, long input, double[] output) {
            System.arraycopy(table[(int) input], 0, output, 0, output.length);
        }

        @Override
        public double value(double[] output, long input) {
            return cosine(output, (int) input);
        }

        @Override
        public double propensity(int action, long input) {
            return 1.0 / labels;
        }
    }

    /** What a model behind the table would do to a row: pull it to where its own errors say. */
    private final class OutsideGradient implements ClosureModule.Loop {
        @Override
        public int stateLength() {
            return HeldOutAudience.DIMENSION + 1;
        }

        @Override
        public void perturb(double[] state, long draw) {
            int item = audience.draw(draw, 1, HeldOutAudience.ITEMS);
            for (int d = 0; d < HeldOutAudience.DIMENSION; d++) {
                state[d] = 0.3 * audience.component(item, d) + 0.5 * (audience.uniform(draw, 2 + d) < 0.5 ? -1 : 1);
            }
            state[HeldOutAudience.DIMENSION] = item;
        }

        @Override
        public void correct(double[] state, long input) {
            int item = (int) state[HeldOutAudience.DIMENSION];
            for (int d = 0; d < HeldOutAudience.DIMENSION; d++) {
                state[d] += 0.4 * (audience.component(item, d) - state[d]);
            }
        }

        @Override
        public double distance(double[] state) {
            return Math.max(0, 1 - cosine(state, (int) state[HeldOutAudience.DIMENSION]));
        }
    }
}
