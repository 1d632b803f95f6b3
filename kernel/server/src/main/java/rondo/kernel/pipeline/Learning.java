package rondo.kernel.pipeline;

/** What the {@link CircuitBreaker} asks of those who learn from decisions. Called for each request on the admitting thread: never blocks, never allocates. */
public interface Learning {
    /** Grows with everything that the learner has dealt with. */
    long position();

    /** True while something waits for the learner. */
    boolean hasBacklog();

    /** True while the agents as a whole are not to be trusted, because the watch found several of them working against the users, or two whom it could not part. */
    boolean isDistrusted();
}
