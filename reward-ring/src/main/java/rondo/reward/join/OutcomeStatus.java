package rondo.reward.join;

/** What became of a reported outcome; the code goes to the wire. */
public enum OutcomeStatus {
    ACCEPTED(0),
    /** The same place of the same slate and kind was reported before; nothing changed. */
    DUPLICATE(1),
    /** The decision had already been given its default; the outcome is kept and counted, and teaches nothing. */
    LATE(2),
    /** No such decision is remembered. */
    UNKNOWN(3),
    /** The token was not made here, or was changed. */
    FORGED(4),
    /** The token is older than any decision is remembered. */
    EXPIRED(5),
    /** Value, kind, place or item cannot be. */
    INVALID(6),
    /** The ledger is behind; send it again. */
    RETRY(7);

    /** How many statuses there are. */
    public static final int COUNT = 8;

    private static final OutcomeStatus[] BY_CODE = values();

    private final int code;

    OutcomeStatus(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    public static OutcomeStatus ofCode(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("unknown outcome status: code=" + code);
        }
        return BY_CODE[code];
    }
}
