package rondo.agents.policy;

import java.nio.ByteBuffer;

/**
 * Merits of actions of which each changes by itself: every action has hypotheses of its own, as {@link ChangePointMerits} has them for all actions, which
 * age while the action is not played, so that an action that was given up is tried again.
 *
 * <pre>
 * action a, hypothesis i, oldest first: weight, sum of rewards, sum of expectations (prior included)
 * </pre>
 */
final class LoneMerits {
    /** Hypotheses kept for each action. */
    static final int HYPOTHESES_MAX = 8;

    private static final int FIELDS = 3;

    /** Chance per reward, whichever action it is for, that one action's merit changes. */
    private static final double HAZARD = 1e-3;

    /** What a fresh hypothesis holds: less than in {@link ChangePointMerits}, since most are soon given up and what they claim should not outlast what was seen. */
    private static final double PRIOR = 1.5;

    private final int actionCount;
    private final double[] hypotheses;
    private final int[] counts;
    private final long[] learntAt;

    LoneMerits(int actionCount) {
        this.actionCount = actionCount;
        this.hypotheses = new double[actionCount * HYPOTHESES_MAX * FIELDS];
        this.counts = new int[actionCount];
        this.learntAt = new long[actionCount];
        for (int a = 0; a < actionCount; a++) {
            append(a, 1);
        }
    }

    /**
     * Learns from one reward and returns how probable it was.
     *
     * @param step the reward's number among those of all actions.
     */
    double learn(int action, double reward, double expected, long step) {
        double fresh = changed(action, step);
        learntAt[action] = step;
        if (counts[action] == HYPOTHESES_MAX) {
            mergeLightest(action);
        }
        int from = at(action, 0);
        for (int at = from; at < from + FIELDS * counts[action]; at += FIELDS) {
            hypotheses[at] *= 1 - fresh;
        }
        append(action, fresh);
        int to = from + FIELDS * counts[action];
        double sum = 0;
        for (int at = from; at < to; at += FIELDS) {
            double mean = ChangePointMerits.success(expected * hypotheses[at + 1] / hypotheses[at + 2]);
            hypotheses[at] *= Bernoulli.probability(mean, reward);
            sum += hypotheses[at];
            hypotheses[at + 1] += reward;
            hypotheses[at + 2] += expected;
        }
        for (int at = from; at < to; at += FIELDS) {
            hypotheses[at] /= sum;
        }
        return sum;
    }

    /** The probability that an action's merit changed since it was last played. */
    private double changed(int action, long step) {
        return Bernoulli.happened(HAZARD, step - learntAt[action]);
    }

    private static int at(int action, int hypothesis) {
        return (action * HYPOTHESES_MAX + hypothesis) * FIELDS;
    }

    private void append(int action, double weight) {
        int at = at(action, counts[action]++);
        hypotheses[at] = weight;
        hypotheses[at + 1] = PRIOR;
        hypotheses[at + 2] = PRIOR;
    }

    /** As in {@link ChangePointMerits}. */
    private void mergeLightest(int action) {
        int end = at(action, counts[action]);
        int lightest = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int at = at(action, 1); at < end; at += FIELDS) {
            double pair = hypotheses[at] + hypotheses[at - FIELDS];
            if (pair < least) {
                least = pair;
                lightest = at;
            }
        }
        int into = lightest - FIELDS;
        if (hypotheses[lightest] > hypotheses[into]) {
            hypotheses[into + 1] = hypotheses[lightest + 1];
            hypotheses[into + 2] = hypotheses[lightest + 2];
        }
        hypotheses[into] = least;
        System.arraycopy(hypotheses, lightest + FIELDS, hypotheses, lightest, end - lightest - FIELDS);
        counts[action]--;
    }

    /** The mean merit of an action over its hypotheses and a fresh one for the time since it was played. */
    double merit(int action, long step) {
        double sum = 0;
        int end = at(action, counts[action]);
        for (int at = at(action, 0); at < end; at += FIELDS) {
            sum += hypotheses[at] * hypotheses[at + 1] / hypotheses[at + 2];
        }
        double fresh = changed(action, step);
        return (1 - fresh) * sum + fresh;
    }

    /** Receives what an action's merit may be. */
    @FunctionalInterface
    interface Visitor {
        void visit(int action, double weight, double rewards, double expectations);
    }

    /**
     * Shows an action's hypotheses, and a fresh one for the time since it was played. Neighbours are shown as one, the heaviest, until they weigh
     * {@code share} together.
     *
     * @param negligible hypotheses lighter than this are left out.
     */
    void visit(int action, long step, double share, double negligible, Visitor visitor) {
        double fresh = changed(action, step);
        double weight = 0;
        int heaviest = -1;
        int end = at(action, counts[action]);
        for (int at = at(action, 0); at < end; at += FIELDS) {
            weight += hypotheses[at] * (1 - fresh);
            if (heaviest < 0 || hypotheses[at] > hypotheses[heaviest]) {
                heaviest = at;
            }
            if (weight >= share || at + FIELDS == end) {
                if (weight >= negligible) {
                    visitor.visit(action, weight, hypotheses[heaviest + 1], hypotheses[heaviest + 2]);
                }
                weight = 0;
                heaviest = -1;
            }
        }
        if (fresh >= negligible) {
            visitor.visit(action, fresh, PRIOR, PRIOR);
        }
    }

    static int encodedLength(int actionCount) {
        return actionCount * (Integer.BYTES + Long.BYTES + HYPOTHESES_MAX * FIELDS * Double.BYTES);
    }

    void write(ByteBuffer out) {
        for (int a = 0; a < actionCount; a++) {
            out.putInt(counts[a]).putLong(learntAt[a]);
        }
        ChangePointMerits.put(out, hypotheses);
    }

    void read(ByteBuffer in) {
        for (int a = 0; a < actionCount; a++) {
            counts[a] = in.getInt();
            learntAt[a] = in.getLong();
        }
        ChangePointMerits.get(in, hypotheses);
    }
}
