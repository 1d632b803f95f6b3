package rondo.client.shm;

/** The other side of a ring wrote what makes no sense; nothing more can be read from it or written to it. */
public final class BrokenRingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BrokenRingException(String what) {
        super("the other side's memory holds what nobody wrote: " + what);
    }
}
