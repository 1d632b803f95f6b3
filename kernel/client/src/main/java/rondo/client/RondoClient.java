package rondo.client;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.client.shm.SharedSegment;
import rondo.wire.AckDecoder;
import rondo.wire.AttachEncoder;
import rondo.wire.AttachedDecoder;
import rondo.wire.ErrorReplyDecoder;
import rondo.wire.HealthEncoder;
import rondo.wire.HealthReplyDecoder;
import rondo.wire.HelloEncoder;
import rondo.wire.InteractionBatchEncoder;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.OutcomeBatchEncoder;
import rondo.wire.OverloadedDecoder;
import rondo.wire.ReplyCode;
import rondo.wire.SlateReplyDecoder;
import rondo.wire.WelcomeDecoder;

/**
 * One connection to a Rondo server: over a socket, or on the same host through shared memory.
 *
 * <p><b>Threads:</b> one client belongs to one thread. <b>Two ways to use it:</b> {@link #recommend} asks and waits; {@link #send} and
 * {@link #poll} keep several requests in flight. Buffers are made once, at connection.
 *
 * <pre>{@code
 * try (RondoClient client = RondoClient.connect(new InetSocketAddress("127.0.0.1", 7400), 2_000)) {
 *     SlateView slate = client.recommend(new RecommendRequest().requestId(1).userId(42).k(20), 1_000);
 * }
 * }</pre>
 */
public final class RondoClient implements AutoCloseable {
    private static final int BUFFER_LENGTH = FrameLayout.PREFIX_LENGTH + FrameLayout.FRAME_LENGTH_MAX;
    private static final ReplyHandler IGNORE = new ReplyHandler() {};

    private final ByteBuffer outBytes = ByteBuffer.allocateDirect(BUFFER_LENGTH);
    private final UnsafeBuffer out = new UnsafeBuffer(outBytes);
    private Transport transport;
    private final ReceivedMessage message = new ReceivedMessage();
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final OutcomeBatchEncoder outcomes = new OutcomeBatchEncoder();
    private final InteractionBatchEncoder interactions = new InteractionBatchEncoder();
    private final SlateView slate = new SlateView();
    private final AckDecoder ack = new AckDecoder();
    private final ErrorReplyDecoder error = new ErrorReplyDecoder();
    private final HealthReplyDecoder health = new HealthReplyDecoder();
    private final WelcomeDecoder welcome = new WelcomeDecoder();
    private final OverloadedDecoder overloaded = new OverloadedDecoder();
    private final RetryBudget retries = new RetryBudget();

    private int dimension;
    private long itemCount;
    private boolean isWelcomed;

    /** What the server answered to Attach. */
    private @Nullable String memoryFile;

    private @Nullable HealthSink healthSink;

    private interface HealthSink {
        void on(boolean ready);
    }

    /** @param transport over which Hello and Welcome are still to be exchanged. */
    RondoClient(Transport transport) {
        this.transport = transport;
    }

    /**
     * Connects over a socket and exchanges Hello and Welcome.
     *
     * @param address   of the server's door: an {@link java.net.InetSocketAddress} or a {@link java.net.UnixDomainSocketAddress}.
     * @param timeoutMs for both together.
     * @throws IOException when nobody listens, or what listens does not speak this protocol.
     */
    public static RondoClient connect(SocketAddress address, long timeoutMs) throws IOException {
        return welcomed(SocketTransport.connect(address, timeoutMs), timeoutMs);
    }

    /**
     * Connects over TLS 1.3, shows a certificate, checks that the server's is for the host of {@code address}, and exchanges Hello and Welcome.
     *
     * @param context   with the own certificate and the server's authority; {@link rondo.client.tls.TlsContexts} makes one.
     * @param timeoutMs for the connection, and again for all that follows.
     * @throws IOException when nobody listens, either side does not believe the other's certificate, or what listens does not speak this protocol.
     */
    public static RondoClient connect(InetSocketAddress address, SSLContext context, long timeoutMs)
            throws IOException {
        return welcomed(SocketTransport.connect(address, context, timeoutMs), timeoutMs);
    }

    /**
     * Exchanges Hello and Welcome over a socket that is connected to a server.
     *
     * @param channel the client's from then on, also when this fails.
     */
    public static RondoClient over(SocketChannel channel, long timeoutMs) throws IOException {
        return welcomed(SocketTransport.over(channel), timeoutMs);
    }

    private static RondoClient welcomed(SocketTransport socket, long timeoutMs) throws IOException {
        try {
            RondoClient client = new RondoClient(socket);
            client.hello(timeoutMs);
            return client;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Connects to a server on the same host and talks to it through shared memory from then on; the socket stays, and with it the memory.
     *
     * @param address   of the server's door.
     * @param timeoutMs for all of it.
     * @throws IOException when nobody listens, the server gives no shared memory (the message says why), or it cannot be mapped here.
     */
    public static RondoClient connectShared(SocketAddress address, long timeoutMs) throws IOException {
        SocketTransport socket = SocketTransport.connect(address, timeoutMs);
        try {
            RondoClient client = new RondoClient(socket);
            client.hello(timeoutMs);
            client.transport = new SharedTransport(socket, SharedSegment.attach(client.askForMemory(timeoutMs)));
            return client;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private Path askForMemory(long timeoutMs) throws IOException {
        AttachEncoder attach = new AttachEncoder().wrapAndApplyHeader(out, FrameLayout.PREFIX_LENGTH, headerEncoder);
        write(MessageHeaderEncoder.ENCODED_LENGTH + attach.encodedLength());
        String[] refusal = new String[1];
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onError(long correlationId, ReplyCode code, String message) {
                refusal[0] = message;
            }
        };
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (memoryFile == null && refusal[0] == null) {
            poll(handler, remainingMs(deadlineNs, "shared memory"));
        }
        if (memoryFile == null) {
            throw new IOException("the server gives no shared memory: " + refusal[0]);
        }
        try {
            return Path.of(memoryFile);
        } catch (InvalidPathException e) {
            throw new IOException("the server named no file as its shared memory: " + e.getMessage(), e);
        }
    }

    private void hello(long timeoutMs) throws IOException {
        HelloEncoder hello = new HelloEncoder()
                .wrapAndApplyHeader(out, FrameLayout.PREFIX_LENGTH, headerEncoder)
                .protocolVersion(FrameLayout.PROTOCOL_VERSION);
        write(MessageHeaderEncoder.ENCODED_LENGTH + hello.encodedLength());
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (!isWelcomed) {
            poll(IGNORE, remainingMs(deadlineNs, "Welcome"));
        }
    }

    /** Dimension of the server's vectors, 0 when its catalogue has none. */
    public int dimension() {
        return dimension;
    }

    /** Items in the server's catalogue when the connection was made. */
    public long itemCount() {
        return itemCount;
    }

    /**
     * Asks and waits for the answer to this very request; other replies that come in meanwhile are dropped. A request that an overloaded server has no time for
     * is asked again after the pause that the server names, while {@code timeoutMs} allows it and as often as the server allows its clients.
     *
     * @return the reply, valid until the client is used again.
     * @throws SocketTimeoutException when no answer came within {@code timeoutMs}.
     * @throws IOException as {@link #poll} does.
     */
    public SlateView recommend(RecommendRequest request, long timeoutMs) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        boolean[] isAnswered = new boolean[1];
        long wanted = request.requestId();
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onSlate(SlateView reply) {
                isAnswered[0] |= reply.requestId() == wanted;
            }

            @Override
            public void onError(long correlationId, ReplyCode code, String message) {
                throw new IllegalStateException("server refused the frame: code=" + code + ", message=" + message);
            }
        };
        retries.onRequest();
        while (true) {
            send(request);
            isAnswered[0] = false;
            while (!isAnswered[0]) {
                pollOnce(handler, remainingMs(deadlineNs, "slate of request " + wanted));
            }
            long pauseNs = TimeUnit.MICROSECONDS.toNanos(slate.retryAfterUs());
            if (pauseNs == 0 || System.nanoTime() + pauseNs > deadlineNs || !retries.tryTake()) {
                return slate;
            }
            // Up to twice as long: clients that were refused together must not come back together.
            LockSupport.parkNanos(pauseNs + ThreadLocalRandom.current().nextLong(pauseNs));
        }
    }

    /** Sends a request without waiting; its reply comes with a later {@link #poll}. */
    public void send(RecommendRequest request) throws IOException {
        write(request.encode(out, FrameLayout.PREFIX_LENGTH));
    }

    /**
     * Reports one outcome; its acknowledgement comes with a later {@link #poll}.
     *
     * @param token    the {@link FrameLayout#TOKEN_LENGTH} bytes of {@link SlateView#copyToken}.
     * @param position place in the slate from 0, −1 when the item was not in it.
     * @param kind     0 none, 1 view, 2 click, 3 like, 4 purchase.
     * @param value    in [0, 1].
     * @param closes   true when nothing more will come for this decision.
     */
    public void sendOutcome(
            long correlationId,
            byte[] token,
            long itemId,
            int position,
            int kind,
            float value,
            long timeMs,
            boolean closes)
            throws IOException {
        outcomes.wrapAndApplyHeader(out, FrameLayout.PREFIX_LENGTH, headerEncoder)
                .correlationId(correlationId);
        OutcomeBatchEncoder.OutcomesEncoder one = outcomes.outcomesCount(1).next();
        for (int i = 0; i < FrameLayout.TOKEN_LENGTH; i++) {
            one.token(i, (short) (token[i] & 0xFF));
        }
        one.itemId(itemId)
                .timeMs(timeMs)
                .value(value)
                .position((short) position)
                .kind((short) kind)
                .closes((short) (closes ? 1 : 0));
        write(MessageHeaderEncoder.ENCODED_LENGTH + outcomes.encodedLength());
    }

    /** Reports something that a user did outside any slate; feeds histories, co-visits and popularity, never a policy. */
    public void sendInteraction(long correlationId, long userId, long itemId, float weight, long timeMs)
            throws IOException {
        interactions
                .wrapAndApplyHeader(out, FrameLayout.PREFIX_LENGTH, headerEncoder)
                .correlationId(correlationId);
        interactions
                .interactionsCount(1)
                .next()
                .userId(userId)
                .itemId(itemId)
                .timeMs(timeMs)
                .weight(weight);
        write(MessageHeaderEncoder.ENCODED_LENGTH + interactions.encodedLength());
    }

    /** True when the server answers and says that it is ready. */
    public boolean isReady(long timeoutMs) throws IOException {
        HealthEncoder request = new HealthEncoder()
                .wrapAndApplyHeader(out, FrameLayout.PREFIX_LENGTH, headerEncoder)
                .correlationId(0);
        write(MessageHeaderEncoder.ENCODED_LENGTH + request.encodedLength());
        int[] answer = {-1};
        healthSink = ready -> answer[0] = ready ? 1 : 0;
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (answer[0] < 0) {
            poll(IGNORE, remainingMs(deadlineNs, "health"));
        }
        healthSink = null;
        return answer[0] == 1;
    }

    /**
     * Hands every complete reply to {@code handler}; waits at most {@code timeoutMs} for the first.
     *
     * @return how many replies were handed over.
     * @throws EOFException when the server closed the connection.
     * @throws IOException naming field, expected and found, when the server sent a reply that makes no sense; later replies can still be read.
     */
    public int poll(ReplyHandler handler, long timeoutMs) throws IOException {
        int handled = 0;
        int one;
        while ((one = pollOnce(handler, handled == 0 ? timeoutMs : 0)) > 0) {
            handled += one;
        }
        return handled;
    }

    private int pollOnce(ReplyHandler handler, long timeoutMs) throws IOException {
        if (!transport.receive(timeoutMs)) {
            return 0;
        }
        dispatch(transport.buffer(), transport.offset(), transport.length(), handler);
        return 1;
    }

    /** Reads a field only after checking that it lies inside the message; bounds checks of the codecs may be off. */
    private void dispatch(DirectBuffer in, int offset, int length, ReplyHandler handler) throws IOException {
        message.wrap(in, offset, length);
        int block = message.blockLength();
        int version = message.version();
        UnsafeBuffer bytes = message.bytes();
        switch (message.templateId()) {
            case SlateReplyDecoder.TEMPLATE_ID -> handler.onSlate(slate.wrap(message));
            case OverloadedDecoder.TEMPLATE_ID -> {
                message.requireBlock("Overloaded", OverloadedDecoder.BLOCK_LENGTH);
                overloaded.wrap(bytes, MessageHeaderDecoder.ENCODED_LENGTH, block, version);
                handler.onSlate(slate.overloaded(overloaded.requestId(), overloaded.retryAfterUs()));
            }
            case AckDecoder.TEMPLATE_ID -> {
                message.requireBlock("Ack", AckDecoder.BLOCK_LENGTH);
                ack.wrap(bytes, MessageHeaderDecoder.ENCODED_LENGTH, block, version);
                handler.onAck(ack.correlationId(), ack.index(), ack.status(), ack.sequence());
            }
            case ErrorReplyDecoder.TEMPLATE_ID -> {
                message.requireBlock("ErrorReply", ErrorReplyDecoder.BLOCK_LENGTH);
                error.wrap(bytes, MessageHeaderDecoder.ENCODED_LENGTH, block, version);
                ReplyCode code = ReceivedMessage.replyCode(error.codeRaw());
                handler.onError(error.correlationId(), code, message.text("ErrorReply.message"));
            }
            case HealthReplyDecoder.TEMPLATE_ID -> {
                message.requireBlock("HealthReply", HealthReplyDecoder.BLOCK_LENGTH);
                health.wrap(bytes, MessageHeaderDecoder.ENCODED_LENGTH, block, version);
                HealthSink sink = healthSink;
                if (sink != null) {
                    sink.on(health.ready() == 1);
                }
            }
            case WelcomeDecoder.TEMPLATE_ID -> {
                boolean saysRetries = version >= WelcomeDecoder.retryPercentSinceVersion();
                message.requireBlock(
                        "Welcome",
                        saysRetries ? WelcomeDecoder.BLOCK_LENGTH : WelcomeDecoder.retryPercentEncodingOffset());
                welcome.wrap(bytes, MessageHeaderDecoder.ENCODED_LENGTH, block, version);
                dimension = welcome.dimension();
                itemCount = welcome.itemCount();
                retries.percent(saysRetries ? welcome.retryPercent() : 0);
                isWelcomed = true;
            }
            case AttachedDecoder.TEMPLATE_ID -> {
                message.requireBlock("Attached", AttachedDecoder.BLOCK_LENGTH);
                memoryFile = message.text("Attached.file");
            }
            default -> {
                // A newer server may say things that this client does not know; framing is intact, so skip it.
            }
        }
    }

    private void write(int messageLength) throws IOException {
        transport.send(out, FrameLayout.PREFIX_LENGTH, messageLength);
    }

    private static long remainingMs(long deadlineNs, String what) throws SocketTimeoutException {
        long ms = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
        if (ms <= 0) {
            throw new SocketTimeoutException("no answer in time: waitedFor=" + what);
        }
        return ms;
    }

    /** Closes the connection; requests still in flight are lost to this client. */
    @Override
    public void close() throws IOException {
        transport.close();
    }
}
