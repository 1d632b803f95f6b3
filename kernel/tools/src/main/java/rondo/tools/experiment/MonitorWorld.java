package rondo.tools.experiment;

import java.util.SplittableRandom;
import rondo.agents.policy.ChangePointThompson;

/**
 * Four agents of four actions at work on one audience, and beside them a holdback that nothing is done to. Knobs make it healthy in different ways or sick
 * in different ways. What an agent logs as its propensities is what it draws with, unless its scenario says otherwise.
 */
final class MonitorWorld {
    static final int AGENTS = 4;
    static final int ACTIONS = 4;
    static final int TICK_REQUESTS = 50;

    /** The intra-list distance of random slates. */
    static final double RANDOM_DISTANCE = 0.85;

    private static final double CLICK = 0.30;

    /** Requests held back for each one served. */
    private static final double HOLDBACK = 0.05;

    private static final double FLOOR = 0.04;
    private static final int REFRESH_REQUESTS = 50;
    private static final int BLOCK_REQUESTS = 25;
    private static final double SEASON_REQUESTS = 50_000;

    /** How policies come about. */
    enum Policy {
        /** Fixed and open. */
        OPEN,
        /** ε-greedy, ε falling from 1 to 0.1. */
        EPSILON_GREEDY,
        /** Rondo's own learner with a floor. */
        THOMPSON,
        /** All agents favour the same action, which the context names. */
        COMMON_CONTEXT
    }

    private final SplittableRandom random;
    private final Policy policy;
    private final float[][] probabilities = new float[AGENTS][ACTIONS];
    private final int[] actions = new int[AGENTS];
    private final double[] locals = new double[AGENTS];
    private final double[][] sums = new double[AGENTS][ACTIONS];
    private final double[][] counts = new double[AGENTS][ACTIONS];
    private final ChangePointThompson[] learners = new ChangePointThompson[AGENTS];
    private final double[] best = new double[ACTIONS];
    private long requests;
    private int context;
    private double global;
    private boolean isHeldBack;
    private double holdback;
    private double distance;

    /** What has lately been earned: the learner's baseline. */
    private double usual = 0.35;

    /** Strength of the seasons, in [0, 1]. */
    double season;

    /** Agents that, from 0 on, play one fixed policy: closed on a worse action, or without chance. */
    int closedAgents;

    boolean isFrozen;

    /** Probability that the first two agents share one draw. */
    double together;

    /** What the first two earn themselves, and cost the whole, when both play action 0. */
    double jointGain;

    double jointLoss;

    /** Added to the first agent's own reward. */
    double inflation;

    /** Taken from the probability of a click, whatever is done. */
    double harm;

    /** What the best action of an agent adds to the probability of a click over the others. */
    double gap = 0.04;

    double localNoise = 0.1;
    double slateDistance = 0.6;
    double alpha = 0.7;
    double volatility = 0.005;

    MonitorWorld(Policy policy, long seed) {
        this.policy = policy;
        this.random = new SplittableRandom(seed);
        for (int a = 0; a < AGENTS; a++) {
            learners[a] = new ChangePointThompson(ACTIONS);
            favour(a, best(a), policy == Policy.OPEN ? 0.5 : 1.0 / ACTIONS);
        }
    }

    private static int best(int agent) {
        return agent % ACTIONS;
    }

    private void favour(int agent, int action, double probability) {
        for (int k = 0; k < ACTIONS; k++) {
            probabilities[agent][k] = (float) (k == action ? probability : (1 - probability) / (ACTIONS - 1));
        }
    }

    /** One request, start to end. */
    void step() {
        if (requests % REFRESH_REQUESTS == 0) {
            refresh();
        }
        if (policy == Policy.COMMON_CONTEXT && requests % BLOCK_REQUESTS == 0) {
            context = random.nextInt(ACTIONS);
            for (int a = 0; a < AGENTS; a++) {
                favour(a, context, 0.7);
            }
        }
        for (int a = 0; a < closedAgents; a++) {
            favour(a, (best(a) + 1) % ACTIONS, isFrozen ? 1 : 0.97);
        }
        double base = CLICK * (1 + season * Math.sin(2 * Math.PI * requests / SEASON_REQUESTS));
        double shared = random.nextDouble();
        double click = base - harm;
        double untouched = base;
        for (int a = 0; a < AGENTS; a++) {
            boolean isShared = a < 2 && together > 0 && random.nextDouble() < together;
            actions[a] = draw(a, isShared ? shared : random.nextDouble());
            click += actions[a] == best(a) ? gap : 0;
            // The holdback is run by the open policies that all began with.
            untouched += random.nextDouble() < 0.5 ? gap : 0;
        }
        boolean isJoint = actions[0] == 0 && actions[1] == 0;
        click -= isJoint ? jointLoss : 0;
        global = random.nextDouble() < click ? 1 : 0;
        isHeldBack = random.nextDouble() < HOLDBACK;
        holdback = random.nextDouble() < untouched ? 1 : 0;
        for (int a = 0; a < AGENTS; a++) {
            double own = 0.35 + 0.25 * global + localNoise * (2 * random.nextDouble() - 1);
            own += (a == 0 ? inflation : 0) + (a < 2 && isJoint ? jointGain : 0);
            locals[a] = Math.max(0, Math.min(1, own));
            learn(a);
        }
        usual += 0.01 * (global - usual);
        distance = Math.max(0, Math.min(1, slateDistance + 0.2 * (random.nextDouble() - 0.5)));
        requests++;
    }

    private int draw(int agent, double u) {
        double sum = 0;
        for (int k = 0; k < ACTIONS - 1; k++) {
            sum += probabilities[agent][k];
            if (u < sum) {
                return k;
            }
        }
        return ACTIONS - 1;
    }

    private void learn(int agent) {
        switch (policy) {
            case EPSILON_GREEDY -> {
                sums[agent][actions[agent]] += global;
                counts[agent][actions[agent]]++;
            }
            case THOMPSON -> learners[agent].learn(actions[agent], global, usual);
            case OPEN, COMMON_CONTEXT -> {
                // These do not learn.
            }
        }
    }

    private void refresh() {
        for (int a = 0; a < AGENTS; a++) {
            if (policy == Policy.EPSILON_GREEDY) {
                int top = 0;
                for (int k = 1; k < ACTIONS; k++) {
                    top = mean(a, k) > mean(a, top) ? k : top;
                }
                double epsilon = Math.max(0.1, 1 / (1 + requests / 2_000.0));
                favour(a, top, 1 - epsilon + epsilon / ACTIONS);
            } else if (policy == Policy.THOMPSON) {
                learners[a].bestProbabilities(best);
                for (int k = 0; k < ACTIONS; k++) {
                    probabilities[a][k] = (float) (FLOOR / ACTIONS + (1 - FLOOR) * best[k]);
                }
            }
        }
    }

    private double mean(int agent, int action) {
        return counts[agent][action] > 0 ? sums[agent][action] / counts[agent][action] : 0;
    }

    long requests() {
        return requests;
    }

    int action(int agent) {
        return actions[agent];
    }

    /** The propensities the agent drew with; valid until the next step. */
    float[] propensities(int agent) {
        return probabilities[agent];
    }

    double local(int agent) {
        return locals[agent];
    }

    double global() {
        return global;
    }

    /** True when a request of the holdback came by together with this one. */
    boolean isHeldBack() {
        return isHeldBack;
    }

    double holdback() {
        return holdback;
    }

    double distance() {
        return distance;
    }
}
