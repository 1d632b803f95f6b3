package rondo.agents.catalog;

import rondo.ann.RowFilter;

/** The rows of one catalogue version for which an expression holds; never changed after it was made. */
public final class CompiledFilter {
    private final RowFilter rows;

    CompiledFilter(RowFilter rows) {
        this.rows = rows;
    }

    /** The rows that pass; to be read only. */
    public RowFilter rows() {
        return rows;
    }
}
