package rondo.ann.partitioned;

import java.util.List;

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
     * @param k          largest k that it is for.
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
        for (int i = 0; i < plans.size(); i++) {
            if (plans.get(i).k() >= k) {
                return plans.get(i);
            }
        }
        return plans.getLast();
    }
}
