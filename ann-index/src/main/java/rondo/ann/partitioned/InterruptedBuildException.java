package rondo.ann.partitioned;

/** The thread that builds an index was interrupted; nothing of the index is left. */
public final class InterruptedBuildException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InterruptedBuildException(Throwable cause) {
        super("the build of an index was interrupted", cause);
    }
}
