package rondo.reward.join;

/** What a user did; the code goes to the wire and to the journal. */
public enum OutcomeKind {
    NONE(0),
    VIEW(1),
    CLICK(2),
    LIKE(3),
    PURCHASE(4);

    private static final OutcomeKind[] BY_CODE = values();

    private final int code;

    OutcomeKind(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** True when the user did something with the item, which a view is not. */
    public boolean isConsumption() {
        return code > VIEW.code;
    }

    /** True when there is such a code. */
    public static boolean isCode(int code) {
        return code >= 0 && code < BY_CODE.length;
    }

    public static OutcomeKind ofCode(int code) {
        return BY_CODE[code];
    }
}
