package rondo.tools.closure;

import rondo.agents.closure.ClosureModule;

/**
 * Lets through what the rules allow. It is scored alone and always right; but a rule that could be chosen against would be no rule, so there is one thing
 * it can do, and what it should let through is not for it to find out.
 */
final class BusinessFilter implements ClosureModule.Choices {
    private static final int OFFERED = 20;

    private final HeldOutAudience audience;

    private BusinessFilter(HeldOutAudience audience) {
        this.audience = audience;
    }

    static ClosureModule of(HeldOutAudience audience) {
        BusinessFilter filter = new BusinessFilter(audience);
        double[] output = new double[OFFERED];
        return new FixedModule(
                "business-filter",
                "share of items handled as the rules say",
                ClosureModule.Origin.HELD_OUT,
                Long.MAX_VALUE,
                input -> {
                    filter.act(0, input, output);
                    return filter.value(output, input);
                },
                filter,
                null,
                null);
    }

    /** In stock, and not only for those of age. */
    private boolean isAllowed(long input, int index) {
        int item = audience.draw(input, 100 + index, HeldOutAudience.ITEMS);
        return audience.uniform(item, 60) >= 0.1 && audience.uniform(item, 61) >= 0.05;
    }

    @Override
    public int count() {
        return 1;
    }

    @Override
    public int outputLength() {
        return OFFERED;
    }

    @Override
    public void act(int action, long input, double[] output) {
        for (int i = 0; i < OFFERED; i++) {
            output[i] = isAllowed(input, i) ? 1 : 0;
        }
    }

    @Override
    public double value(double[] output, long input) {
        int right = 0;
        for (int i = 0; i < OFFERED; i++) {
            right += (output[i] == 1) == isAllowed(input, i) ? 1 : 0;
        }
        return (double) right / OFFERED;
    }

    @Override
    public double propensity(int action, long input) {
        return 1;
    }
}
