package rondo.reward.join;

/** What a user did; the code goes to the wire and to the journal. */
public enum OutcomeKind {
    NONE(0, 0),
    VIEW(1, 0.2),
    CLICK(2, 1),
    LIKE(3, 1),
    PURCHASE(4, 1);

    private static final OutcomeKind[] BY_CODE = values();

    private final int code;
    private final double weight;

    OutcomeKind(int code, double weight) {
        this.code = code;
        this.weight = weight;
    }

    public int code() {
        return code;
    }

    /** What one of it is worth in the global reward, times its value. */
    public double weight() {
        return weight;
    }

    /** True when there is such a code. */
    public static boolean isCode(int code) {
        return code >= 0 && code < BY_CODE.length;
    }

    public static OutcomeKind ofCode(int code) {
        return BY_CODE[code];
    }
}
