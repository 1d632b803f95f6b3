package rondo.ann;

/** The result of a search: parallel arrays, best first. Belongs to one thread; reused for every search. */
public final class TopK {
    private final int[] rows;
    private final float[] scores;
    private int count;

    /** @param capacity largest k. */
    public TopK(int capacity) {
        this.rows = new int[capacity];
        this.scores = new float[capacity];
    }

    public int capacity() {
        return rows.length;
    }

    /** How many rows the last search found. */
    public int count() {
        return count;
    }

    public int row(int index) {
        return rows[index];
    }

    public float score(int index) {
        return scores[index];
    }

    /** Forgets the last result. For index implementations. */
    @HotPath
    public void clear() {
        count = 0;
    }

    /** Appends the next best row. For index implementations. */
    @HotPath
    public void append(int row, float score) {
        rows[count] = row;
        scores[count] = score;
        count++;
    }
}
