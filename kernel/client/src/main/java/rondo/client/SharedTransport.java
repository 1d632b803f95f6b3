package rondo.client;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.client.shm.MessageRing;
import rondo.client.shm.SharedSegment;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.WakeEncoder;

/**
 * Messages through memory that the server maps too. A socket stands beside it: it ends when the server does, and carries nothing but what wakes a side that
 * sleeps.
 */
final class SharedTransport implements Transport {
    /** How long it looks before it sleeps; a sleep costs some 50 us more. */
    private static final long SPIN_NS = 200_000;

    private static final int LOOKS = 64;

    /** Looks that find nothing between two questions whether the server is still there. */
    private static final int ASKED = 4_096;

    private static final long SEND_MS_MAX = 5_000;

    private final SocketTransport line;
    private final SharedSegment segment;
    private final MessageRing requests;
    private final MessageRing replies;
    private final UnsafeBuffer wake = new UnsafeBuffer(
            ByteBuffer.allocateDirect(FrameLayout.PREFIX_LENGTH + MessageHeaderEncoder.ENCODED_LENGTH));
    private boolean hasMessage;
    private int offset;
    private int length;
    private int looks;

    SharedTransport(SocketTransport line, SharedSegment segment) {
        this.line = line;
        this.segment = segment;
        this.requests = segment.requests();
        this.replies = segment.replies();
        new WakeEncoder().wrapAndApplyHeader(wake, FrameLayout.PREFIX_LENGTH, new MessageHeaderEncoder());
    }

    @Override
    public void send(UnsafeBuffer buffer, int messageOffset, int length) throws IOException {
        if (!requests.write(buffer, messageOffset, length)) {
            sendWhenThereIsRoom(buffer, messageOffset, length);
        }
        if (requests.takeSleeper()) {
            line.send(wake, FrameLayout.PREFIX_LENGTH, MessageHeaderEncoder.ENCODED_LENGTH);
        }
    }

    private void sendWhenThereIsRoom(UnsafeBuffer buffer, int messageOffset, int length) throws IOException {
        long startNs = System.nanoTime();
        while (!requests.write(buffer, messageOffset, length)) {
            line.receive(0);
            if (System.nanoTime() - startNs > TimeUnit.MILLISECONDS.toNanos(SEND_MS_MAX)) {
                throw new SocketTimeoutException("the server takes no requests: waitedMs=" + SEND_MS_MAX);
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public boolean receive(long timeoutMs) throws IOException {
        if (hasMessage) {
            replies.done();
            hasMessage = false;
        }
        if (look()) {
            return true;
        }
        if (timeoutMs <= 0) {
            if (++looks % ASKED == 0) {
                line.receive(0);
            }
            return false;
        }
        long startNs = System.nanoTime();
        long timeoutNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        long waitedNs = 0;
        while (waitedNs < Math.min(SPIN_NS, timeoutNs)) {
            for (int i = 0; i < LOOKS; i++) {
                if (look()) {
                    return true;
                }
                Thread.onSpinWait();
            }
            waitedNs = System.nanoTime() - startNs;
        }
        while (waitedNs < timeoutNs) {
            replies.sleep(true);
            boolean isThere = look();
            if (!isThere) {
                // Only what wakes us comes over it, or its end.
                line.receive(Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNs - waitedNs)));
                isThere = look();
            }
            replies.sleep(false);
            if (isThere) {
                return true;
            }
            waitedNs = System.nanoTime() - startNs;
        }
        return false;
    }

    private boolean look() {
        length = replies.poll();
        hasMessage = length > 0;
        offset = replies.messageOffset();
        return hasMessage;
    }

    @Override
    public DirectBuffer buffer() {
        return replies.buffer();
    }

    @Override
    public int offset() {
        return offset;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public void close() throws IOException {
        line.close();
        segment.close();
    }
}
