package rondo.kernel.pipeline;

/** Ends a thread whose work was given to another one because it hung: nothing that it knows is its own any more. */
public final class RelievedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RelievedException() {
        super("this thread's work was given to another", null, false, false);
    }
}
