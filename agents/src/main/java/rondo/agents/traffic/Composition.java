package rondo.agents.traffic;

/** A way to run the chain: how many candidates go from stage to stage, and which share of the requests the stages below may explore on. */
public enum Composition {
    /** What the static chain does: a middling pool, every stage free to explore within its own floor. */
    STANDARD(0, 200, 1f),
    /** A deep pool: ranking and filter have more to choose from, at a higher price. */
    WIDE(1, 500, 1f),
    /** A short pool in retrieval's own order, mostly exploiting what is known. */
    FOCUSED(2, 60, 0.25f);

    private static final Composition[] BY_CODE = values();

    private final int code;
    private final int candidateCount;
    private final float explorationShare;

    Composition(int code, int candidateCount, float explorationShare) {
        this.code = code;
        this.candidateCount = candidateCount;
        this.explorationShare = explorationShare;
    }

    /** Its action number. */
    public int code() {
        return code;
    }

    /** Candidates that retrieval shall put forward. */
    public int candidateCount() {
        return candidateCount;
    }

    /** The probability that a stage below plays its mixed policy rather than its best action; in [0, 1]. */
    public float explorationShare() {
        return explorationShare;
    }

    /** The composition of an action number. */
    public static Composition ofCode(int code) {
        return BY_CODE[code];
    }
}
