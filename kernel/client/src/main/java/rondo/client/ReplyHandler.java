package rondo.client;

import rondo.wire.ReplyCode;

/** Receives what a poll of the client brought in, on the thread that polls. */
public interface ReplyHandler {
    /** A slate, or the refusal of one; {@code slate} is valid until this call returns. */
    default void onSlate(SlateView slate) {}

    /**
     * An outcome or interaction has been dealt with.
     *
     * @param index    its place in the batch that {@code correlationId} names.
     * @param status   0 accepted, 1 duplicate, 2 late, 3 unknown, 4 forged, 5 expired, 6 invalid, 7 retry.
     * @param sequence where the journal holds it, −1 when nothing was written.
     */
    default void onAck(long correlationId, int index, int status, long sequence) {}

    /** The server could not take a frame. */
    default void onError(long correlationId, ReplyCode code, String message) {}
}
