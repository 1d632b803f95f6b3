package rondo.tools.closure;

import org.jspecify.annotations.Nullable;
import rondo.agents.closure.ClosureModule;

/** A module put together from parts. */
record FixedModule(
        String id,
        String metric,
        Origin origin,
        long inputCount,
        @Nullable Evaluation evaluation,
        @Nullable Choices choices,
        @Nullable Loop loop,
        @Nullable Loop outsideLoop)
        implements ClosureModule {
    /** Another module under another name, with another loop and origin. */
    static FixedModule of(String id, ClosureModule like, Origin origin, @Nullable Loop loop) {
        return new FixedModule(
                id, like.metric(), origin, like.inputCount(), like.evaluation(), like.choices(), loop, null);
    }
}
