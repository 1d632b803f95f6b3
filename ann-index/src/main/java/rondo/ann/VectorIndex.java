package rondo.ann;

/** An index over rows {@code 0 … count−1}; shared by any number of threads, each with its own searcher. */
public interface VectorIndex extends AutoCloseable {
    int count();

    int dimension();

    Similarity similarity();

    /**
     * A searcher for one thread, with all its memory.
     *
     * @param kMax largest k it will be asked for.
     */
    VectorSearcher newSearcher(int kMax);

    /** Copies a row, as it is stored, into {@code out}. */
    void copyRow(int row, float[] out);

    /** Frees the native memory; no searcher may be in use. */
    @Override
    void close();
}
