package rondo.kernel.transport;

import java.io.IOException;
import org.agrona.DirectBuffer;
import rondo.ann.HotPath;
import rondo.kernel.access.Operation;
import rondo.kernel.access.Principal;
import rondo.kernel.access.Transport;

/** A client at the end of a socket or of shared memory; belongs to the door's thread. */
abstract class Peer {
    final long id;
    final Transport transport;

    /** Whose connection it is. */
    final Principal principal;

    /** Bits of what it may do; see {@link Operation#allowed}. */
    private final int allowed;

    /** Since when there was nothing of it that was not read: what it has sent came later. */
    long emptyNs = Long.MAX_VALUE;

    /** It has said Hello and was welcomed. */
    boolean isWelcomed;

    /** True once nothing that it sends is read any more. */
    boolean isClosing;

    Peer(long id, Transport transport, Principal principal) {
        this.id = id;
        this.transport = transport;
        this.principal = principal;
        this.allowed = Operation.allowed(transport, principal.roles());
    }

    @HotPath
    final boolean may(Operation operation) {
        return (allowed & operation.bit()) != 0;
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
