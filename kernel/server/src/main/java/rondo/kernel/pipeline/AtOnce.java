package rondo.kernel.pipeline;

import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.agents.Segment;
import rondo.ann.HotPath;
import rondo.kernel.pipeline.Pipeline.Taken;
import rondo.wire.Level;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.OverloadedEncoder;
import rondo.wire.ReplyCode;

/**
 * Answers, on the transport's thread, the requests that the ring has no room or no time for and those that it has failed on: with a {@link StaticSlate}, or where there
 * can be none with why, and when to ask again.
 */
final class AtOnce {
    /** Schema version from which on a client knows the short refusal. */
    private static final int SHORT_REFUSAL_SINCE = 2;

    private static final long RETRY_US_MIN = 100;

    private final Supplier<ServingState> states;
    private final RequestSlot slot = new RequestSlot();
    private final RequestDecoder decoder;
    private final boolean hasSlates;
    private final Predicate<RequestSlot> slate;
    private Consumer<RuntimeException> onFailure = e -> {};
    private final ReplyEncoder encoder;
    private final UnsafeBuffer noToken = new UnsafeBuffer(new byte[ReplyEncoder.TOKEN_LENGTH]);
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final OverloadedEncoder refusal = new OverloadedEncoder();

    /** Why the chain does not answer. */
    private enum Why {
        NO_ROOM,
        OVER_RATE,
        AGENT_FAILED
    }

    AtOnce(PipelineConfig config, Supplier<ServingState> states, DecisionLog log, NanoClock clock) {
        this(config, states, log, clock, new StaticSlate()::fill);
    }

    /** @param slate fills a slot's slate; false when nothing passes. */
    AtOnce(
            PipelineConfig config,
            Supplier<ServingState> states,
            DecisionLog log,
            NanoClock clock,
            Predicate<RequestSlot> slate) {
        this.slate = slate;
        this.states = states;
        this.hasSlates = config.admission() != Admission.FIFO;
        this.decoder = new RequestDecoder(config.deadlineNs(), false);
        this.encoder = new ReplyEncoder(log::snapshotVersion, clock);
    }

    /** @param handler told of what goes wrong. */
    void onFailure(Consumer<RuntimeException> handler) {
        onFailure = handler;
    }

    /**
     * Answers a request.
     *
     * @param drainNs when those before it will be done.
     */
    @HotPath
    Taken answer(
            long connectionId,
            DirectBuffer message,
            int offset,
            int length,
            long arrivedNs,
            long receivedNs,
            double drainNs,
            ReplySink sink) {
        return answer(connectionId, message, offset, length, arrivedNs, receivedNs, (long) drainNs, Why.NO_ROOM, sink);
    }

    /**
     * Refuses a request of somebody who has made too many.
     *
     * @param retryNs until there may be another.
     */
    @HotPath
    void refuse(
            long connectionId, DirectBuffer message, int offset, int length, long nowNs, long retryNs, ReplySink sink) {
        answer(connectionId, message, offset, length, nowNs, nowNs, retryNs, Why.OVER_RATE, sink);
    }

    /** Answers a request that was given up. */
    @HotPath
    void answerFailed(RequestSlot failed, long nowNs, ReplySink sink) {
        set(failed.connectionId, failed.request, 0, failed.requestLength, failed.arrivedNs, failed.receivedNs);
        tryFill(nowNs, Why.AGENT_FAILED);
        encoder.encode(slot, noToken);
        sink.reply(slot.connectionId, slot.reply, 0, slot.replyLength);
    }

    @HotPath
    private Taken answer(
            long connectionId,
            DirectBuffer message,
            int offset,
            int length,
            long arrivedNs,
            long receivedNs,
            long retryNs,
            Why why,
            ReplySink sink) {
        set(connectionId, message, offset, length, arrivedNs, receivedNs);
        Taken taken = tryFill(receivedNs, why) ? Taken.ANSWERED : Taken.REFUSED;
        if (taken == Taken.ANSWERED || slot.code != ReplyCode.OVERLOADED || !knowsShortRefusal()) {
            encoder.encode(slot, noToken);
            sink.reply(connectionId, slot.reply, 0, slot.replyLength);
        } else {
            refusal.wrapAndApplyHeader(slot.reply, 0, headerEncoder)
                    .requestId(slot.requestId)
                    .retryAfterUs(Math.clamp(retryNs / 1_000, RETRY_US_MIN, 0xFFFF_FFFFL));
            sink.reply(
                    connectionId, slot.reply, 0, MessageHeaderEncoder.ENCODED_LENGTH + OverloadedEncoder.BLOCK_LENGTH);
        }
        return taken;
    }

    @HotPath
    private void set(long connectionId, DirectBuffer message, int offset, int length, long arrivedNs, long receivedNs) {
        slot.clear();
        slot.take(connectionId, message, offset, length, arrivedNs, receivedNs);
        slot.requestId = 0;
    }

    /** What goes wrong here costs one request, as in a stage, and not the transport's thread. */
    @HotPath
    private boolean tryFill(long nowNs, Why why) {
        try {
            return fill(nowNs, why);
        } catch (RuntimeException e) {
            onFailure.accept(e);
            slot.refuse(ReplyCode.INTERNAL, "no slate could be made; the failure is counted");
            return false;
        }
    }

    @HotPath
    private boolean fill(long nowNs, Why why) {
        slot.isOverloaded = why != Why.AGENT_FAILED;
        slot.hasAgentFailed = why == Why.AGENT_FAILED;
        slot.isUnlogged = true;
        ServingState state = states.get();
        slot.state = state;
        if (!decoder.decode(slot, state)) {
            return false;
        }
        if (why == Why.OVER_RATE) {
            slot.refuse(ReplyCode.OVERLOADED, "this client has made more requests than it may in a second");
            return false;
        }
        if (slot.deadlineNs <= nowNs && why == Why.AGENT_FAILED) {
            slot.refuse(ReplyCode.DEADLINE_EXCEEDED, "its time was over when the stage that it was in was given up");
            return false;
        }
        if (slot.deadlineNs <= nowNs) {
            slot.refuse(ReplyCode.OVERLOADED, "its time was over before it could be looked at");
            return false;
        }
        int historySize = state.sources().audience().historySize(slot.userId);
        slot.isColdUser = historySize == 0;
        slot.segment = Segment.of(slot.segment, historySize);
        slot.level = Level.STATIC;
        if (!hasSlates && why != Why.AGENT_FAILED) {
            slot.refuse(ReplyCode.OVERLOADED, "there is no room");
            return false;
        }
        if (!slate.test(slot)) {
            slot.refuse(ReplyCode.OVERLOADED, "no popular item passes its filter");
            return false;
        }
        return true;
    }

    @HotPath
    private boolean knowsShortRefusal() {
        header.wrap(slot.request, 0);
        return header.version() >= SHORT_REFUSAL_SINCE;
    }
}
