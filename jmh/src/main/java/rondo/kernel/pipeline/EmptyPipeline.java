package rondo.kernel.pipeline;

import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.kernel.thread.PinnedThreads;

/**
 * A pipeline whose stages do nothing but read a request and answer it with an empty slate: what is left is ring, threads, codecs and transport. It stands in the
 * kernel's package because stages are the kernel's own matter.
 */
public final class EmptyPipeline {
    private static final long HANG_NS = 1_000_000_000;

    private EmptyPipeline() {}

    /** @param onReply called on the last stage's thread after each request, unless the plan is fused. */
    public static Pipeline create(ThreadPlan plan, int spins, Supplier<ServingState> states, Runnable onReply) {
        PipelineConfig config = new PipelineConfig(
                256, 1_000_000_000, 1, Admission.WAIT, plan, PinnedThreads.nowhere(), spins, HANG_NS, null);
        DecisionLog log = new NoLog();
        NanoClock clock = System::nanoTime;
        RequestDecoder decoder = new RequestDecoder(config.deadlineNs(), true);
        ReplyEncoder encoder = new ReplyEncoder(log::snapshotVersion, clock);
        UnsafeBuffer token = new UnsafeBuffer(new byte[ReplyEncoder.TOKEN_LENGTH]);
        Stage[] stages = {
            slot -> {
                slot.clear();
                slot.state = states.get();
                decoder.decode(slot, states.get());
            },
            slot -> {},
            slot -> {},
            slot -> {},
            slot -> encoder.encode(slot, token)
        };
        CircuitBreaker breaker = new CircuitBreaker(CircuitBreaker.Limits.standard(), new NothingToLearn(), () -> 0);
        return new Pipeline(
                config, () -> stages, new AtOnce(config, states, log, clock), breaker, clock, onReply, () -> {
                    throw new IllegalStateException("a stage that does nothing hangs");
                });
    }

    /** Nobody may call what it does not need. */
    private static final class NoLog implements DecisionLog {
        @Override
        public long nextDecisionId() {
            throw new UnsupportedOperationException("nothing is decided");
        }

        @Override
        public void mintToken(long decisionId, long slateHash, MutableDirectBuffer out, int offset) {
            throw new UnsupportedOperationException("nothing is decided");
        }

        @Override
        public boolean offer(DirectBuffer record, int offset, int length) {
            throw new UnsupportedOperationException("nothing is decided");
        }

        @Override
        public long nowMs() {
            return 0;
        }

        @Override
        public long snapshotVersion() {
            return 0;
        }
    }

    private static final class NothingToLearn implements Learning {
        @Override
        public long position() {
            return 0;
        }

        @Override
        public boolean hasBacklog() {
            return false;
        }

        @Override
        public boolean isDistrusted() {
            return false;
        }
    }
}
