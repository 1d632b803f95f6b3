package rondo.ann.partitioned;

/** Rows that an index is built from; read by several threads. */
interface RowSource {
    int count();

    /** What the index's user calls a row. */
    long id(int row);

    /** Writes a row's values. */
    void copy(int row, float[] out);
}
