package rondo.agents.policy;

/** What the contextual learners ask of a context and a reward, checked before anything is changed. */
final class ContextRule {
    /** Largest magnitude of a feature: beyond it one row would decide a regression alone. */
    static final double FEATURE_MAX = 10;

    private ContextRule() {}

    static void check(double[] context, int dimension) {
        if (context.length != dimension) {
            throw new IllegalArgumentException(
                    "a context has one value per dimension: length=" + context.length + ", dimension=" + dimension);
        }
        for (int i = 0; i < dimension; i++) {
            if (!(Math.abs(context[i]) <= FEATURE_MAX)) {
                throw new IllegalArgumentException("feature outside [-10, 10]: index=" + i + ", feature=" + context[i]);
            }
        }
    }

    static void checkReward(double reward) {
        if (!(reward >= 0 && reward <= 1)) {
            throw new IllegalArgumentException("reward outside [0, 1]: reward=" + reward);
        }
    }

    static void checkIndex(String name, int index, int count) {
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException(name + " outside [0, " + count + "): " + name + "=" + index);
        }
    }

    static void checkUniform(double uniform) {
        if (!(uniform >= 0 && uniform < 1)) {
            throw new IllegalArgumentException("uniform outside [0, 1): uniform=" + uniform);
        }
    }
}
