package rondo.ann.simd;

/** Makes the entries of a look-up table: the products of a part of a query with each of 16 levels. */
public interface EntryKernel {
    /** Entries of a table. */
    int LEVELS = 16;

    /**
     * Makes one table.
     *
     * @param levels {@link #LEVELS} values for each coordinate.
     * @param from   first coordinate of the part.
     * @param to     the one after its last.
     * @param shift  added to each entry.
     * @param out    receives the entries, from {@code at} on.
     */
    void entries(float[] levels, int from, int to, float[] query, float shift, float[] out, int at);

    /** The fastest kernel that this JVM has. */
    static EntryKernel best() {
        return Simd.isAvailable() ? new VectorEntryKernel() : new ScalarEntryKernel();
    }
}
