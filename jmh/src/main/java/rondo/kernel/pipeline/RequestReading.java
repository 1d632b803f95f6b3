package rondo.kernel.pipeline;

import org.agrona.DirectBuffer;

/** The server's decoder of requests, for whoever measures it from outside. It belongs to one thread. */
public final class RequestReading {
    private static final long DEADLINE_NS = 50_000_000;

    private final ServingState state;
    private final RequestDecoder decoder = new RequestDecoder(DEADLINE_NS, true);
    private final RequestSlot slot = new RequestSlot();

    public RequestReading(ServingState state) {
        this.state = state;
    }

    /**
     * Copies a message into a slot, as the door does, and reads it.
     *
     * @return how many items it excludes.
     * @throws IllegalArgumentException when it is refused.
     */
    public int read(DirectBuffer message, int offset, int length) {
        slot.request.putBytes(0, message, offset, length);
        slot.requestLength = length;
        if (!decoder.decode(slot, state)) {
            throw new IllegalArgumentException(slot.message);
        }
        return slot.exclusionCount;
    }
}
