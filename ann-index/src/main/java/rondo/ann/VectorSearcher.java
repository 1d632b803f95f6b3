package rondo.ann;

import org.jspecify.annotations.Nullable;

/** Searches one index on one thread, without allocating. */
public interface VectorSearcher {
    /**
     * Finds the rows nearest to {@code query} among those the filter lets pass.
     *
     * @param query  at least {@code dimension} finite floats; read only, not kept.
     * @param k      rows wanted, at most the searcher's {@code kMax}.
     * @param filter of exactly the index's count; null for every row.
     * @param out    receives rows and scores, best first, equal scores by smaller row; its previous content is lost.
     * @return how many were found; fewer than {@code k} only when fewer rows pass.
     * @throws IllegalArgumentException for a query, a k or a filter that does not fit the index.
     */
    int search(float[] query, int k, @Nullable RowFilter filter, TopK out);

    /** What {@link #search} would do; allocates. */
    SearchPlan plan(int k, @Nullable RowFilter filter);
}
