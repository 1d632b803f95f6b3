package rondo.kernel.pipeline;

import org.jspecify.annotations.Nullable;
import rondo.kernel.thread.PinnedThreads;

/**
 * What the pipeline needs to know.
 *
 * @param ringCapacity   requests in flight, a power of two.
 * @param deadlineNs     deadline of a request that names none.
 * @param seed           keys every draw.
 * @param admission      which requests may wait.
 * @param plan           which threads run the stages.
 * @param threads        makes them.
 * @param spins          turns a waiting stage spins before it parks.
 * @param hangNs         how long a stage may work on one request before its thread is given up; 0 for ever.
 * @param fault          what an agent does wrong on purpose; null for nothing.
 */
public record PipelineConfig(
        int ringCapacity,
        long deadlineNs,
        long seed,
        Admission admission,
        ThreadPlan plan,
        PinnedThreads threads,
        int spins,
        long hangNs,
        @Nullable Fault fault) {}
