package rondo.ann;

/**
 * How a search will be done, and why.
 *
 * @param path       what is read.
 * @param reach      standard deviations that a block's bound allows for; infinite where none is left out.
 * @param candidates rows scored exactly, at most.
 * @param recall     recall@k to be expected: 1, or what the plan had on the probes that it was fitted on.
 * @param why        for people.
 */
public record SearchPlan(Path path, float reach, int candidates, double recall, String why) {
    /** What a search reads. */
    public enum Path {
        /** Every row that may be returned. */
        EVERY_ROW,
        /** The blocks that may hold one of the best, as far as a bound can tell. */
        BOUNDED_BLOCKS
    }

    /** A search that scores all of so many rows. */
    public static SearchPlan exact(int rows, int k, String why) {
        return new SearchPlan(
                Path.EVERY_ROW,
                Float.POSITIVE_INFINITY,
                rows,
                1,
                rows < k ? why + "; underfilled, for fewer rows pass than are wanted: rows=" + rows + ", k=" + k : why);
    }
}
