package rondo.ann.partitioned;

import java.util.List;
import rondo.ann.HotPath;

/**
 * How far a search goes for how many rows: fitted on probes for a recall, since what suffices for one set of vectors does not for another. Immutable.
 */
public final class SearchPlans {
    /** Reads everything and scores every row. */
    public static final SearchPlans EXHAUSTIVE =
            new SearchPlans(List.of(new Plan(Integer.MAX_VALUE, Float.POSITIVE_INFINITY, Float.MAX_VALUE, 1)));

    private final List<Plan> plans;

    /**
     * One of them.
     *
     * @param k          that it was fitted for; smaller ones, down to that of the plan before, are searched by what lies between.
     * @param reach      standard deviations z of the bound: a block is left out when it would take a row further out than that to matter.
     * @param candidates rows scored exactly for each one wanted.
     * @param recall     recall@k that it had on the probes.
     */
    public record Plan(int k, float reach, float candidates, double recall) {}

    /** @param plans by rising k. */
    public SearchPlans(List<Plan> plans) {
        this.plans = List.copyOf(plans);
    }

    /** Those there are, by rising k. */
    public List<Plan> plans() {
        return plans;
    }

    /** The plan of the smallest k that is not smaller; that of the largest when there is none. */
    public Plan of(int k) {
        return plans.get(at(k));
    }

    @HotPath
    private int at(int k) {
        int i = 0;
        while (i < plans.size() - 1 && plans.get(i).k() < k) {
            i++;
        }
        return i;
    }

    /** Standard deviations z of the bound; between two plans' k the larger of theirs, as what suffices for one need not for fewer rows. */
    @HotPath
    float reach(int k) {
        int at = at(k);
        return isBetween(at, k)
                ? Math.max(plans.get(at - 1).reach(), plans.get(at).reach())
                : plans.get(at).reach();
    }

    /** Rows scored exactly for each one wanted; between two plans' k what lies between theirs, by the logarithm of k. */
    @HotPath
    float candidates(int k) {
        int at = at(k);
        if (!isBetween(at, k)) {
            return plans.get(at).candidates();
        }
        Plan smaller = plans.get(at - 1);
        Plan larger = plans.get(at);
        double share = Math.log((double) k / smaller.k()) / Math.log((double) larger.k() / smaller.k());
        return (float) (smaller.candidates() + share * (larger.candidates() - smaller.candidates()));
    }

    @HotPath
    private boolean isBetween(int at, int k) {
        return at > 0 && k < plans.get(at).k();
    }
}
