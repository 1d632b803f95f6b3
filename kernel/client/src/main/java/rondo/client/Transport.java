package rondo.client;

import java.io.IOException;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Whole messages to a server and back; one thread. */
interface Transport extends AutoCloseable {
    /**
     * Sends a message; waits for room.
     *
     * @param buffer whose {@link FrameLayout#PREFIX_LENGTH} bytes before {@code offset} the transport may use.
     */
    void send(UnsafeBuffer buffer, int offset, int length) throws IOException;

    /**
     * Receives the next message, waiting at most so long. It lies in {@link #buffer} from {@link #offset} on, {@link #length} bytes, until the next call.
     *
     * @throws java.io.EOFException when the server is gone.
     */
    boolean receive(long timeoutMs) throws IOException;

    DirectBuffer buffer();

    int offset();

    int length();

    @Override
    void close() throws IOException;
}
