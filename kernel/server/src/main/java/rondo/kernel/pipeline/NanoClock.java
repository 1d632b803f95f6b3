package rondo.kernel.pipeline;

/** Monotonic nanoseconds; a test turns it by hand. */
@FunctionalInterface
public interface NanoClock {
    long nanoTime();
}
