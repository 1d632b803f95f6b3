package rondo.agents.feature;

import java.util.Arrays;

/**
 * Searches the subsets of feature groups from a champion outward: each neighbour, the champion with one group switched, is a challenger that sleeps until
 * it is its turn to be scored beside the champion (Wu, Wang, Langford, Mineiro and Rossi, ChaCha for online AutoML, ICML 2021). At the end of an epoch at most two challengers are adopted, those whose paired gain is above 0 by {@link #DEVIATIONS} standard
 * errors. The groups of the core are on in every mask, and a group whose features are too old is off until they are fresh again.
 *
 * <p>A pure state machine on one thread; {@link #learn} allocates nothing.
 */
public final class SubsetSearch {
    /** Most groups a search can hold. */
    public static final int GROUPS_MAX = 24;

    /** Most groups that one epoch may switch. */
    public static final int FLIPS_MAX = 2;

    /** Standard errors of proof; with 24 challengers, one look in 170 adopts a challenger that gains nothing. */
    public static final double DEVIATIONS = 3.5;

    /** Paired scores before a challenger may be adopted: fewer do not tell their own spread. */
    public static final int PAIRS_MIN = 50;

    private final int groupCount;
    private final int core;
    private final double lagMsMax;
    private final int[] counts;
    private final double[] means;
    private final double[] squares;
    private int champion;
    private int stale;

    /**
     * @param core     groups that stay on, as bits.
     * @param champion groups that are on at first, as bits; the core among them.
     * @param lagMsMax oldest features that may still be used, in milliseconds.
     */
    public SubsetSearch(int groupCount, int core, int champion, double lagMsMax) {
        if (groupCount < 1 || groupCount > GROUPS_MAX || !(lagMsMax >= 0)) {
            throw new IllegalArgumentException(
                    "groups outside [1, 24] or lag below 0: groupCount=" + groupCount + ", lagMsMax=" + lagMsMax);
        }
        if ((champion >>> groupCount) != 0 || (core & ~champion) != 0) {
            throw new IllegalArgumentException("the champion holds the core and known groups only: groupCount="
                    + groupCount + ", core=" + core + ", champion=" + champion);
        }
        this.groupCount = groupCount;
        this.core = core;
        this.champion = champion;
        this.lagMsMax = lagMsMax;
        this.counts = new int[groupCount];
        this.means = new double[groupCount];
        this.squares = new double[groupCount];
    }

    /** The groups to serve with, as bits: the champion's without those that are too old. */
    public int mask() {
        return (champion & ~stale) | core;
    }

    /** The champion, fresh or not. */
    public int champion() {
        return champion;
    }

    /** Says how old a group's features are; beyond the bound it is off at once. The core is not asked. */
    public void observeLag(int group, double lagMs) {
        checkGroup(group);
        if (!(lagMs >= 0)) {
            throw new IllegalArgumentException("lag below 0: lagMs=" + lagMs + ", group=" + group);
        }
        stale = lagMs > lagMsMax ? stale | 1 << group : stale & ~(1 << group);
    }

    /**
     * The group whose switch to score next: the one that may gain most as far as is known (upper confidence bound), one that was never scored first.
     *
     * @return the group, or -1 when the core and stale groups leave none.
     */
    public int nextChallenger() {
        int next = -1;
        double highest = Double.NEGATIVE_INFINITY;
        for (int g = 0; g < groupCount; g++) {
            if (((core | stale) >>> g & 1) != 0) {
                continue;
            }
            double bound = counts[g] < PAIRS_MIN ? 1e9 - counts[g] : means[g] + DEVIATIONS * error(g);
            if (bound > highest) {
                highest = bound;
                next = g;
            }
        }
        return next;
    }

    /**
     * Learns from one slate that was scored both ways.
     *
     * @param gain value with the group switched less value of the champion, costs taken off; in [-1, 1].
     */
    public void learn(int group, double gain) {
        checkGroup(group);
        if (!(gain >= -1 && gain <= 1) || (core >>> group & 1) != 0) {
            throw new IllegalArgumentException(
                    "gain outside [-1, 1], or group in the core: gain=" + gain + ", group=" + group + ", core=" + core);
        }
        counts[group]++;
        double before = gain - means[group];
        means[group] += before / counts[group];
        squares[group] += before * (gain - means[group]);
    }

    private void checkGroup(int group) {
        if (group < 0 || group >= groupCount) {
            throw new IllegalArgumentException("group outside [0, " + groupCount + "): group=" + group);
        }
    }

    /** Standard error of a challenger's mean gain; infinite below two pairs. */
    private double error(int group) {
        int n = counts[group];
        return n < 2 ? Double.POSITIVE_INFINITY : Math.sqrt(squares[group] / (n - 1) / n);
    }

    /**
     * Adopts the best proven challengers, two at most, and forgets all scores: they were taken beside the old champion.
     *
     * <p>When nothing is proven the scores are kept, so that small gains are found too; each look at them has its own chance of error.
     *
     * @return how many groups were switched.
     */
    public int endEpoch() {
        int flips = 0;
        int switched = 0;
        while (flips < FLIPS_MAX) {
            int best = -1;
            double highest = 0;
            for (int g = 0; g < groupCount; g++) {
                double bound = counts[g] < PAIRS_MIN ? 0 : means[g] - DEVIATIONS * error(g);
                if ((switched >>> g & 1) == 0 && bound > highest) {
                    highest = bound;
                    best = g;
                }
            }
            if (best < 0) {
                break;
            }
            switched |= 1 << best;
            flips++;
        }
        if (flips > 0) {
            champion ^= switched;
            Arrays.fill(counts, 0);
            Arrays.fill(means, 0);
            Arrays.fill(squares, 0);
        }
        return flips;
    }
}
