package rondo.kernel.transport;

import org.agrona.DirectBuffer;

/** What goes back to clients; called on the door's thread. A connection that is gone swallows what is sent to it. */
public interface Replies {
    /** A complete message, without frame prefix. */
    void message(long connectionId, DirectBuffer message, int offset, int length);

    /** The fate of one outcome or interaction; {@code origin} as it was given. */
    void ack(long origin, long correlationId, int status, int mode, long sequence);
}
