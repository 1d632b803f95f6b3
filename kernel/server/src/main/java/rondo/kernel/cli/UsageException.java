package rondo.kernel.cli;

/** Bad usage or bad input: one clear sentence, exit code 2. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
