package rondo.reward;

import java.util.Arrays;
import rondo.agents.AgentKind;
import rondo.agents.Segment;

/**
 * What reward was to be expected of a request before anybody knew what the agents would choose: the lately earned mean of agent and segment, times how
 * the user lately did against the mean of the segment. It follows slow and sudden changes that concern all actions alike, so that learners see none of
 * them.
 *
 * <p>Users share {@link #USERS} places by hash; two in one place get what both did. One thread; a pure function of what it was given, in its order.
 */
final class RewardBaseline {
    static final int USERS = 1 << 15;

    private static final double MEAN_START = 0.3;
    private static final double MEAN_STEP = 1.0 / 100;
    private static final double USER_FADE = 1 - 1.0 / 30;

    /** Expected successes that pull a user's ratio towards 1. */
    private static final double USER_PRIOR = 5;

    private static final double MIN = 0.005;
    private static final double MAX = 0.95;

    private final double[] means = new double[AgentKind.COUNT * Segment.COUNT];
    private final double[] globalMeans = new double[Segment.COUNT];
    private final double[] earned = new double[USERS];
    private final double[] expected = new double[USERS];

    RewardBaseline() {
        Arrays.fill(means, MEAN_START);
        Arrays.fill(globalMeans, MEAN_START);
    }

    private static int place(long userId) {
        long h = userId * 0x9E3779B97F4A7C15L;
        return (int) (h >>> 32) & (USERS - 1);
    }

    /** The expected global reward, in [{@link #MIN}, {@link #MAX}]. */
    double expectedGlobal(int segment, long userId) {
        return scaled(globalMeans[segment], userId);
    }

    private double scaled(double mean, long userId) {
        return Math.max(MIN, Math.min(MAX, mean * userRatio(userId)));
    }

    /** How a user lately did against what was to be expected; 1 for one who is not known. */
    double userRatio(long userId) {
        int place = place(userId);
        return (earned[place] + USER_PRIOR) / (expected[place] + USER_PRIOR);
    }

    /** The expected total reward of an agent, in [{@link #MIN}, {@link #MAX}]. */
    double expected(AgentKind kind, int segment, long userId) {
        return scaled(means[kind.code() * Segment.COUNT + segment], userId);
    }

    /** An agent's total reward was so much. */
    void record(AgentKind kind, int segment, double reward) {
        int index = kind.code() * Segment.COUNT + segment;
        means[index] += MEAN_STEP * (reward - means[index]);
    }

    /** A request's global reward was so much. */
    void recordGlobal(int segment, long userId, double reward) {
        int place = place(userId);
        earned[place] = earned[place] * USER_FADE + reward;
        expected[place] = expected[place] * USER_FADE + Math.max(MIN, globalMeans[segment]);
        globalMeans[segment] += MEAN_STEP * (reward - globalMeans[segment]);
    }
}
