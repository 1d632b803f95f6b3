package rondo.ann.partitioned;

/** Rows that an index is built from; read by several threads. */
interface RowSource {
    int count();

    /** What the index's user calls a row. */
    long id(int row);

    /** Writes a row's values. */
    void copy(int row, float[] out);

    /**
     * Rows that lie one after the other.
     *
     * @throws IllegalArgumentException unless there is an id for each row.
     */
    static RowSource of(long[] ids, float[] rows, int dimension) {
        if ((long) ids.length * dimension != rows.length) {
            throw new IllegalArgumentException("there is an id for each row: ids=" + ids.length + ", floats="
                    + rows.length + ", dimension=" + dimension);
        }
        return new RowSource() {
            @Override
            public int count() {
                return ids.length;
            }

            @Override
            public long id(int row) {
                return ids[row];
            }

            @Override
            public void copy(int row, float[] out) {
                System.arraycopy(rows, row * dimension, out, 0, dimension);
            }
        };
    }
}
