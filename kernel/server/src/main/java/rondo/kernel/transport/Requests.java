package rondo.kernel.transport;

import org.agrona.DirectBuffer;
import rondo.kernel.pipeline.Pipeline;

/** Where the door puts sound frames; every method is called on the door's thread and never blocks. */
public interface Requests {
    /**
     * One request for a slate.
     *
     * @param arrivedNs  no later than it came.
     * @param receivedNs when it was found.
     * @param replies    gets the answer at once when there is no time for it to wait.
     */
    Pipeline.Taken recommend(
            long connectionId,
            DirectBuffer message,
            int offset,
            int length,
            long arrivedNs,
            long receivedNs,
            Replies replies);

    /**
     * A request of somebody who has made more than it may.
     *
     * @param retryNs until it may make the next.
     * @param replies gets the refusal before this returns.
     */
    void refuse(long connectionId, DirectBuffer message, int offset, int length, long retryNs, Replies replies);

    /**
     * One outcome of a batch.
     *
     * @param origin connection id, with the index in the batch in the upper sixteen bits; comes back with the acknowledgement.
     * @param token  buffer and offset of the decision token.
     * @return false when the ledger is behind.
     */
    boolean outcome(
            long origin,
            long correlationId,
            DirectBuffer token,
            int tokenOffset,
            long itemId,
            int position,
            int kind,
            float value,
            long timeMs,
            boolean closes);

    /** One interaction of a batch; false when the ledger is behind. */
    boolean interaction(long origin, long correlationId, long userId, long itemId, float weight, long timeMs);

    /** Drives whatever shares the door's thread; hands replies and acknowledgements to {@code replies}. Returns how much was done. */
    int poll(Replies replies);

    /** Items in the catalogue in force. */
    long itemCount();

    /** Dimension of the catalogue in force. */
    int dimension();

    /** Version of the catalogue in force. */
    long catalogVersion();

    /** Of a hundred requests of a client, how many it may ask again. */
    int retryPercent();
}
