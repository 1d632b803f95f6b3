package rondo.tools.closure;

import org.jspecify.annotations.Nullable;
import rondo.agents.closure.ClosureModule;
import rondo.agents.closure.PreferenceLoop;
import rondo.agents.policy.CounterRandom;

/**
 * A module with choices whose policy, in each stratum, is what a {@link PreferenceLoop} settles on. It is scored on the choice it prefers.
 *
 * <p>The pool that the policy is learnt from and the cases it is scored on are drawn by different numbers.
 */
abstract class ChoosingModule implements ClosureModule, ClosureModule.Choices {
    private static final int POOL = 128;
    private static final double STAKE_MIN = 0.01;

    private final String id;
    private final String metric;
    private final double[] output;
    private final @Nullable HeldOutAudience strata;
    private double[][] policies = new double[0][];
    private @Nullable Loop loop;

    /** @param strata whose kinds of users the policy tells apart; null for a module that tells none apart, or others. */
    ChoosingModule(String id, String metric, int outputLength, @Nullable HeldOutAudience strata) {
        this.strata = strata;
        this.id = id;
        this.metric = metric;
        this.output = new double[outputLength];
    }

    /** Learns the policy; the last line of a subclass' construction, which must be able to act by then. */
    final void settle(long seed) {
        PreferenceLoop preferences =
                new PreferenceLoop(this, inputCount(), POOL, STAKE_MIN, CounterRandom.bits(seed, 1, 77));
        policies = new double[stratumCount()][];
        for (int s = 0; s < policies.length; s++) {
            policies[s] = preferences.settled(s);
        }
        loop = preferences;
    }

    @Override
    public final String id() {
        return id;
    }

    @Override
    public final String metric() {
        return metric;
    }

    @Override
    public final Origin origin() {
        return Origin.HELD_OUT;
    }

    @Override
    public final long inputCount() {
        return Long.MAX_VALUE;
    }

    @Override
    public final Evaluation evaluation() {
        return this::score;
    }

    /** Cases that one iteration looks at: one score is a mean over them. */
    int casesPerIteration() {
        return 1;
    }

    private double score(long input) {
        double sum = 0;
        for (int i = 0; i < casesPerIteration(); i++) {
            long one = i == 0 ? input : CounterRandom.bits(input, i, 78) >>> 1;
            act(preferred(one), one, output);
            sum += value(output, one);
        }
        return sum / casesPerIteration();
    }

    final int preferred(long input) {
        double[] policy = policies[stratum(input)];
        int best = 0;
        for (int a = 1; a < policy.length; a++) {
            best = policy[a] > policy[best] ? a : best;
        }
        return best;
    }

    @Override
    public int stratumCount() {
        return strata == null ? 1 : HeldOutAudience.STRATA;
    }

    @Override
    public int stratum(long input) {
        return strata == null ? 0 : strata.stratum(input);
    }

    @Override
    public final Choices choices() {
        return this;
    }

    @Override
    public @Nullable Loop loop() {
        return loop;
    }

    @Override
    public final int outputLength() {
        return output.length;
    }

    @Override
    public final double propensity(int action, long input) {
        return policies[stratum(input)][action];
    }
}
