package rondo.kernel.pipeline;

/** One step of a request. An instance belongs to one thread; it never throws for what a request brings, it refuses the request instead. */
interface Stage {
    void process(RequestSlot slot);

    /** For messages. */
    default String name() {
        return getClass().getSimpleName();
    }
}
