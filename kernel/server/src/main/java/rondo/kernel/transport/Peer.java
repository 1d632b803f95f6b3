package rondo.kernel.transport;

import java.io.IOException;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A client with its bounded buffers; belongs to the door's thread. */
abstract class Peer {
    final long id;

    /** What came from it, copied once: what lies here does not change while it is looked at. */
    final UnsafeBuffer in;

    /** Since when there was nothing of it that was not read: what it has sent came later. */
    long emptyNs = Long.MAX_VALUE;

    /** True once nothing that it sends is read any more. */
    boolean isClosing;

    Peer(long id, UnsafeBuffer in) {
        this.id = id;
        this.in = in;
    }

    /**
     * Takes a message to be sent.
     *
     * @return false when the peer reads so slowly that there is no room.
     */
    abstract boolean append(DirectBuffer message, int offset, int length);

    /** Sends what it can. */
    abstract void flush() throws IOException;

    /** True while something was taken that is not sent. */
    abstract boolean hasPendingOutput();

    abstract void close();
}
