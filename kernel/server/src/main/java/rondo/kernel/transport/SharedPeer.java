package rondo.kernel.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.ann.HotPath;
import rondo.client.FrameLayout;
import rondo.client.shm.BrokenRingException;
import rondo.client.shm.MessageRing;
import rondo.client.shm.SharedSegment;
import rondo.kernel.access.Transport;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.WakeEncoder;

/** A client that shares memory with this process. Its socket is a peer of its own; this one ends with it. */
final class SharedPeer extends Peer {
    final Connection line;
    private final Path file;
    private final SharedSegment segment;
    private final MessageRing requests;
    private final MessageRing replies;
    private final UnsafeBuffer wake = new UnsafeBuffer(new byte[MessageHeaderEncoder.ENCODED_LENGTH]);

    /** The memory is mapped no longer: it must not be touched. */
    private boolean isClosed;

    SharedPeer(long id, Connection line, Path file) throws IOException {
        super(id, Transport.SHARED, line.principal);
        this.isWelcomed = true;
        this.line = line;
        this.file = file;
        this.segment = SharedSegment.create(file);
        this.requests = segment.requests();
        this.replies = segment.replies();
        new WakeEncoder().wrapAndApplyHeader(wake, 0, new MessageHeaderEncoder());
    }

    Path file() {
        return file;
    }

    /**
     * Copies the next message out, once: what is looked at does not change.
     *
     * @return its length, or 0.
     * @throws BrokenRingException when there is something else.
     */
    @HotPath
    int receive(MutableDirectBuffer in) {
        if (isClosed) {
            return 0;
        }
        int length = requests.poll();
        if (length == 0) {
            return 0;
        }
        if (length < MessageHeaderDecoder.ENCODED_LENGTH || length > FrameLayout.FRAME_LENGTH_MAX) {
            throw new BrokenRingException("messageLength=" + length);
        }
        requests.copy(in, 0, length);
        requests.done();
        return length;
    }

    /** The client has to wake this side from here on, or does not any more. */
    @HotPath
    void sleep(boolean isSleeping) {
        if (!isClosed) {
            requests.sleep(isSleeping);
        }
    }

    boolean isWhole() {
        return segment.isWhole();
    }

    @Override
    @HotPath
    boolean append(DirectBuffer message, int offset, int length) {
        try {
            return !isClosed && replies.write(message, offset, length);
        } catch (BrokenRingException e) {
            return false;
        } catch (InternalError e) {
            // Mapped memory that is no more. A reply that cannot be sent must not stop the request it belongs to.
            if (isWhole()) {
                throw e;
            }
            return false;
        }
    }

    @Override
    @HotPath
    void flush() throws IOException {
        if (!isClosed && replies.takeSleeper() && line.append(wake, 0, MessageHeaderEncoder.ENCODED_LENGTH)) {
            line.flush();
        }
    }

    @Override
    boolean hasPendingOutput() {
        return false;
    }

    @Override
    void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        try {
            segment.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The memory goes with the process.
        }
    }
}
