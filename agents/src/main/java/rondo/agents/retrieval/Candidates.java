package rondo.agents.retrieval;

import rondo.ann.HotPath;

/** Items that retrieval put forward, best first, as parallel arrays. Reused; belongs to whoever holds its request. */
public final class Candidates {
    private final int[] rows;
    private final float[] scores;
    private final byte[] routes;
    private int count;

    public Candidates(int capacity) {
        this.rows = new int[capacity];
        this.scores = new float[capacity];
        this.routes = new byte[capacity];
    }

    public int capacity() {
        return rows.length;
    }

    public int count() {
        return count;
    }

    public int row(int index) {
        return rows[index];
    }

    public float score(int index) {
        return scores[index];
    }

    /** Code of the route that brought it. */
    public int route(int index) {
        return routes[index];
    }

    /** The rows themselves, {@link #count()} of them; to be read only. */
    public int[] rows() {
        return rows;
    }

    /** The scores themselves, falling; to be read only. */
    public float[] scores() {
        return scores;
    }

    @HotPath
    public void clear() {
        count = 0;
    }

    /** Adds one; there must be room. */
    @HotPath
    public void append(int row, float score, int route) {
        rows[count] = row;
        scores[count] = score;
        routes[count] = (byte) route;
        count++;
    }
}
