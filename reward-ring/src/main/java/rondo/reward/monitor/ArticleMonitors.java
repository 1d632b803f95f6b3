package rondo.reward.monitor;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The source article's four monitors over the agents that run, for those who want to see them beside {@link HardenedMonitors}. The formulas are
 * {@link CompatMonitor}'s. An alarm begins at the first look that finds something and ends after three in a row that do not, so that one which comes
 * and goes is told of less often; nothing else is softened, and most of what they find is nothing: nothing may follow from it.
 *
 * <pre>
 * every {@value #LOOK_REQUESTS} requests, of what they brought:
 * entropy     of the probabilities that an agent drew from last
 * collusion   actions of a pair on the last {@value #SERIES} requests on which both decided
 * divergence  own and global rewards of an agent on its last ten requests
 * diversity   intra-list distance of the last slate, as it is
 * </pre>
 *
 * <p>Call {@link #decision} for each agent that took part in a request, then {@link #request} once. One thread; memory is fixed at construction, and
 * only an alarm allocates.
 */
public final class ArticleMonitors {
    private static final int LOOK_REQUESTS = 10;
    private static final int SERIES = 5;

    private static final double ENTROPY_MIN = 0.3;
    private static final double CORRELATION_MAX = 0.75;
    private static final double DIVERGENCE_MAX = 0.25;
    private static final double DIVERSITY_MIN = 0.30;

    private final int agentCount;
    private final CompatMonitor[] rewards;
    private final double[][] policies;
    private final double[] locals;
    private final int[] actions;
    private final boolean[] isPresent;

    /** By pair of agents, the lower number first: their actions, and how many requests both have decided on. */
    private final double[][] firsts;

    private final double[][] seconds;
    private final long[] togetherCounts;

    private final AlarmBoard entropy;
    private final AlarmBoard collusion;
    private final AlarmBoard divergence;
    private final AlarmBoard diversity;
    private long requestCount;

    /**
     * @param actionCounts actions of each agent.
     * @param listener     receives every alarm that is raised or cleared, on the caller's thread; the look is its epoch.
     */
    public ArticleMonitors(int[] actionCounts, Consumer<Alarm> listener) {
        this.agentCount = actionCounts.length;
        this.rewards = new CompatMonitor[agentCount];
        this.policies = new double[agentCount][];
        this.locals = new double[agentCount];
        this.actions = new int[agentCount];
        this.isPresent = new boolean[agentCount];
        int pairs = agentCount * agentCount;
        this.firsts = new double[pairs][];
        this.seconds = new double[pairs][];
        this.togetherCounts = new long[pairs];
        for (int a = 0; a < agentCount; a++) {
            rewards[a] = new CompatMonitor(DIVERGENCE_MAX, ENTROPY_MIN);
            policies[a] = new double[actionCounts[a]];
            Arrays.fill(policies[a], 1.0 / actionCounts[a]);
            for (int b = a + 1; b < agentCount; b++) {
                firsts[a * agentCount + b] = new double[SERIES];
                seconds[a * agentCount + b] = new double[SERIES];
            }
        }
        this.entropy = new AlarmBoard(Signal.ENTROPY, agentCount, 1, listener);
        this.collusion = new AlarmBoard(Signal.COLLUSION, pairs, 1, listener);
        this.divergence = new AlarmBoard(Signal.DIVERGENCE, agentCount, 1, listener);
        this.diversity = new AlarmBoard(Signal.DIVERSITY, 1, 1, listener);
    }

    /**
     * An agent's part in the request at hand.
     *
     * @param propensities probability of each of its actions there and then; copied.
     * @param local        its own reward, in [0, 1], or NaN when it has none.
     */
    public void decision(int agent, int action, float[] propensities, double local) {
        isPresent[agent] = true;
        actions[agent] = action;
        locals[agent] = local;
        double[] policy = policies[agent];
        for (int a = 0; a < policy.length; a++) {
            policy[a] = propensities[a];
        }
    }

    /**
     * The request at hand is complete.
     *
     * @param global   its global reward, in [0, 1].
     * @param distance intra-list distance of the slate, in [0, 1], or NaN for a slate that has none.
     */
    public void request(double global, double distance) {
        for (int a = 0; a < agentCount; a++) {
            if (isPresent[a] && !Double.isNaN(locals[a])) {
                rewards[a].record(locals[a], global);
            }
            for (int b = a + 1; b < agentCount && isPresent[a]; b++) {
                if (isPresent[b]) {
                    int pair = a * agentCount + b;
                    int at = (int) (togetherCounts[pair]++ % SERIES);
                    firsts[pair][at] = actions[a];
                    seconds[pair][at] = actions[b];
                }
            }
        }
        Arrays.fill(isPresent, false);
        if (++requestCount % LOOK_REQUESTS == 0) {
            look(requestCount / LOOK_REQUESTS, distance);
        }
    }

    private void look(long epoch, double distance) {
        for (int a = 0; a < agentCount; a++) {
            boolean isHalted = rewards[a].isExplorationHalted(policies[a]);
            double evenness = CompatMonitor.normalisedEntropy(policies[a]);
            entropy.judge(a, isHalted, !isHalted, a, -1, "exploration halted", evenness, ENTROPY_MIN, epoch);
            boolean isDecoupled = rewards[a].isDecoupled();
            divergence.judge(
                    a,
                    isDecoupled,
                    !isDecoupled,
                    a,
                    -1,
                    "own reward apart from the global one",
                    rewards[a].divergence(),
                    DIVERGENCE_MAX,
                    epoch);
            for (int b = a + 1; b < agentCount; b++) {
                int pair = a * agentCount + b;
                if (togetherCounts[pair] >= SERIES) {
                    boolean isColluding = CompatMonitor.isColluding(firsts[pair], seconds[pair]);
                    double correlation = CompatMonitor.correlation(firsts[pair], seconds[pair]);
                    collusion.judge(
                            pair,
                            isColluding,
                            !isColluding,
                            a,
                            b,
                            "actions correlate",
                            correlation,
                            CORRELATION_MAX,
                            epoch);
                }
            }
        }
        boolean isCollapsed = CompatMonitor.isCollapsed(distance);
        diversity.judge(0, isCollapsed, !isCollapsed, -1, -1, "slates are alike", distance, DIVERSITY_MIN, epoch);
    }
}
