package rondo.kernel.transport;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;
import rondo.client.FrameLayout;
import rondo.kernel.transport.DoorCounters.Kind;
import rondo.wire.AckEncoder;
import rondo.wire.ErrorReplyEncoder;
import rondo.wire.HealthDecoder;
import rondo.wire.HealthReplyEncoder;
import rondo.wire.HelloDecoder;
import rondo.wire.InteractionBatchDecoder;
import rondo.wire.Level;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.OutcomeBatchDecoder;
import rondo.wire.RecommendDecoder;
import rondo.wire.ReplyCode;
import rondo.wire.SlateReplyEncoder;
import rondo.wire.WelcomeEncoder;

/**
 * The binary door over TCP: one thread that accepts, reads, checks frames, drives the pipeline when it is fused onto this thread, and writes.
 *
 * <p>It spins on its sockets for a moment after work and then sleeps in the selector until a socket, {@link #wake()} or the tick brings work.
 * Memory is bounded by {@code connectionsMax} times two fixed buffers.
 */
public final class TcpDoor implements AutoCloseable {
    private static final long SELECT_MS_MAX = 50;
    private static final int STATUS_RETRY = 7;
    private static final int STATUS_INVALID = 6;
    private static final int ORIGIN_INDEX_SHIFT = 48;
    private static final long ORIGIN_CONNECTION_MASK = (1L << ORIGIN_INDEX_SHIFT) - 1;

    private final ServerSocketChannel server;
    private final Selector selector;
    private final Requests requests;
    private final long spinNs;
    private final int connectionsMax;
    private final DoorCounters counters = new DoorCounters();
    private final Long2ObjectHashMap<Connection> connections = new Long2ObjectHashMap<>();
    private final Consumer<SelectionKey> onKey = this::onKey;
    private final Replies replies = new Outgoing();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final OutcomeBatchDecoder outcomes = new OutcomeBatchDecoder();
    private final InteractionBatchDecoder interactions = new InteractionBatchDecoder();
    private final RecommendDecoder recommend = new RecommendDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private final HealthDecoder health = new HealthDecoder();
    private final AckEncoder ack = new AckEncoder();
    private final ErrorReplyEncoder error = new ErrorReplyEncoder();
    private final SlateReplyEncoder refusal = new SlateReplyEncoder();
    private final WelcomeEncoder welcome = new WelcomeEncoder();
    private final HealthReplyEncoder healthReply = new HealthReplyEncoder();
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[4096]);
    private final Thread thread;
    private volatile boolean isRunning = true;
    private volatile boolean isAsleep;
    private volatile @Nullable Throwable failure;
    private long nextConnectionId = 1;
    private int workCount;

    /**
     * Binds; nothing is accepted before {@link #start()}.
     *
     * @param spinNs how long the thread looks for more work before it sleeps.
     * @throws IOException with one clear sentence when the address cannot be bound.
     */
    public TcpDoor(InetSocketAddress address, int connectionsMax, long spinNs, Requests requests) throws IOException {
        this.requests = requests;
        this.spinNs = spinNs;
        this.connectionsMax = connectionsMax;
        this.server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(address, 512);
        } catch (BindException e) {
            server.close();
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort()
                            + ": the port is taken or not ours to take; set tcp.port to another, or 0 for a free one",
                    e);
        }
        this.selector = Selector.open();
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        this.thread = Thread.ofPlatform().name("rondo-door").daemon(true).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** The port it listens on. */
    public int port() {
        return server.socket().getLocalPort();
    }

    public DoorCounters counters() {
        return counters;
    }

    /** Id of its thread, for the allocation counter. */
    public long threadId() {
        return thread.threadId();
    }

    /** What stopped the door's thread before {@link #close()}, or null. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** Makes a sleeping door look for work at once. Any thread; cheap when it is awake. */
    public void wake() {
        if (isAsleep) {
            selector.wakeup();
        }
    }

    private void run() {
        long lastWorkNs = System.nanoTime();
        try {
            while (isRunning) {
                int work = doWork(0);
                long nowNs = System.nanoTime();
                if (work > 0) {
                    lastWorkNs = nowNs;
                } else if (nowNs - lastWorkNs > spinNs) {
                    isAsleep = true;
                    // Volatile write before the last look: whoever hands work over after it sees the flag and wakes the
                    // selector.
                    if (requests.poll(replies) == 0) {
                        doWork(SELECT_MS_MAX);
                    }
                    isAsleep = false;
                } else {
                    Thread.onSpinWait();
                }
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
    }

    @HotPath
    private int doWork(long selectMs) throws IOException {
        workCount = 0;
        if (selectMs == 0) {
            selector.selectNow(onKey);
        } else {
            selector.select(onKey, selectMs);
        }
        return workCount + requests.poll(replies);
    }

    private void onKey(SelectionKey key) {
        workCount++;
        if (key.isAcceptable()) {
            accept();
            return;
        }
        Connection connection = (Connection) key.attachment();
        try {
            if (key.isValid() && key.isWritable()) {
                connection.flush();
                if (connection.isClosing && !connection.hasPendingOutput()) {
                    drop(connection);
                    return;
                }
            }
            if (key.isValid() && key.isReadable()) {
                read(connection);
            }
        } catch (IOException e) {
            drop(connection);
        }
    }

    private void accept() {
        try {
            SocketChannel channel = server.accept();
            if (channel == null) {
                return;
            }
            if (connections.size() >= connectionsMax) {
                counters.add(Kind.CONNECTIONS_REFUSED, 1);
                channel.close();
                return;
            }
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            Connection connection = new Connection(nextConnectionId++, channel, key);
            key.attach(connection);
            connections.put(connection.id, connection);
            counters.add(Kind.CONNECTIONS_OPENED, 1);
            counters.add(Kind.CONNECTIONS_OPEN, 1);
        } catch (IOException e) {
            counters.add(Kind.CONNECTIONS_REFUSED, 1);
        }
    }

    private void drop(Connection connection) {
        connection.close();
        if (connections.remove(connection.id) != null) {
            counters.add(Kind.CONNECTIONS_OPEN, -1);
        }
    }

    @HotPath
    private void read(Connection connection) throws IOException {
        int count = connection.channel.read(connection.inBytes);
        if (count < 0) {
            drop(connection);
            return;
        }
        long receivedNs = System.nanoTime();
        int end = connection.inBytes.position();
        int at = 0;
        while (!connection.isClosing && end - at >= FrameLayout.PREFIX_LENGTH) {
            if (!FrameLayout.isSoundPrefix(connection.in, at)) {
                breakOff(connection, "the frame's length, magic or version is wrong");
                break;
            }
            int length = FrameLayout.frameLength(connection.in, at);
            if (end - at < FrameLayout.PREFIX_LENGTH + length) {
                break;
            }
            dispatch(connection, at + FrameLayout.PREFIX_LENGTH, length, receivedNs);
            at += FrameLayout.PREFIX_LENGTH + length;
        }
        if (at > 0 && !connection.isClosing) {
            connection.inBytes.limit(end).position(at);
            connection.inBytes.compact();
        }
        if (connections.containsKey(connection.id)) {
            connection.flush();
        }
    }

    @HotPath
    private void dispatch(Connection connection, int offset, int length, long receivedNs) {
        DirectBuffer in = connection.in;
        header.wrap(in, offset);
        int block = header.blockLength();
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID
                || MessageHeaderDecoder.ENCODED_LENGTH + block > length) {
            breakOff(connection, "the message header is of another schema or does not fit its frame");
            return;
        }
        int body = offset + MessageHeaderDecoder.ENCODED_LENGTH;
        int bodyLength = length - MessageHeaderDecoder.ENCODED_LENGTH;
        switch (header.templateId()) {
            case RecommendDecoder.TEMPLATE_ID -> onRecommend(connection, offset, length, receivedNs);
            case OutcomeBatchDecoder.TEMPLATE_ID -> onOutcomes(connection, body, bodyLength, block);
            case InteractionBatchDecoder.TEMPLATE_ID -> onInteractions(connection, body, bodyLength, block);
            case HelloDecoder.TEMPLATE_ID -> onHello(connection, body, block);
            case HealthDecoder.TEMPLATE_ID -> onHealth(connection, body, block);
            default -> {
                counters.add(Kind.UNKNOWN_TEMPLATES, 1);
                sendError(connection, ReplyCode.UNSUPPORTED, "unknown template");
            }
        }
    }

    @HotPath
    private void onRecommend(Connection connection, int offset, int length, long receivedNs) {
        counters.add(Kind.REQUESTS, 1);
        if (requests.recommend(connection.id, connection.in, offset, length, receivedNs)) {
            return;
        }
        counters.add(Kind.OVERLOADED, 1);
        long requestId = 0;
        if (header.blockLength() >= RecommendDecoder.BLOCK_LENGTH) {
            recommend.wrap(
                    connection.in,
                    offset + MessageHeaderDecoder.ENCODED_LENGTH,
                    header.blockLength(),
                    header.version());
            requestId = recommend.requestId();
        }
        scratch.setMemory(0, MessageHeaderEncoder.ENCODED_LENGTH + SlateReplyEncoder.BLOCK_LENGTH, (byte) 0);
        refusal.wrapAndApplyHeader(scratch, 0, headerEncoder)
                .requestId(requestId)
                .code(ReplyCode.OVERLOADED)
                .level(Level.NONE);
        refusal.reasons().clear().overload(true);
        refusal.agentsCount(0);
        refusal.itemsCount(0);
        int limit = refusal.limit();
        scratch.putShort(limit, (short) 0, ByteOrder.LITTLE_ENDIAN);
        refusal.limit(limit + 2);
        send(connection, scratch, MessageHeaderEncoder.ENCODED_LENGTH + refusal.encodedLength());
    }

    private void onOutcomes(Connection connection, int body, int bodyLength, int block) {
        int groupAt = block;
        if (block < OutcomeBatchDecoder.BLOCK_LENGTH
                || !groupFits(
                        connection.in,
                        body,
                        bodyLength,
                        groupAt,
                        OutcomeBatchDecoder.OutcomesDecoder.sbeBlockLength())) {
            sendError(connection, ReplyCode.BAD_REQUEST, "the outcomes do not fit their frame");
            return;
        }
        outcomes.wrap(connection.in, body, block, header.version());
        long correlationId = outcomes.correlationId();
        OutcomeBatchDecoder.OutcomesDecoder group = outcomes.outcomes();
        int elementLength = group.actingBlockLength();
        int elementAt = body + groupAt + 4;
        int index = 0;
        while (group.hasNext()) {
            group.next();
            counters.add(Kind.OUTCOMES, 1);
            long origin = connection.id | (long) index << ORIGIN_INDEX_SHIFT;
            boolean taken = requests.outcome(
                    origin,
                    correlationId,
                    connection.in,
                    elementAt + index * elementLength,
                    group.itemId(),
                    group.position(),
                    group.kind(),
                    group.value(),
                    group.timeMs(),
                    group.closes() == 1);
            if (!taken) {
                replies.ack(origin, correlationId, STATUS_RETRY, 0, -1);
            }
            index++;
        }
    }

    private void onInteractions(Connection connection, int body, int bodyLength, int block) {
        if (block < InteractionBatchDecoder.BLOCK_LENGTH
                || !groupFits(
                        connection.in,
                        body,
                        bodyLength,
                        block,
                        InteractionBatchDecoder.InteractionsDecoder.sbeBlockLength())) {
            sendError(connection, ReplyCode.BAD_REQUEST, "the interactions do not fit their frame");
            return;
        }
        interactions.wrap(connection.in, body, block, header.version());
        long correlationId = interactions.correlationId();
        InteractionBatchDecoder.InteractionsDecoder group = interactions.interactions();
        int index = 0;
        while (group.hasNext()) {
            group.next();
            counters.add(Kind.INTERACTIONS, 1);
            long origin = connection.id | (long) index << ORIGIN_INDEX_SHIFT;
            float weight = group.weight();
            if (!Float.isFinite(weight) || weight < 0) {
                replies.ack(origin, correlationId, STATUS_INVALID, 0, -1);
            } else if (!requests.interaction(
                    origin, correlationId, group.userId(), group.itemId(), weight, group.timeMs())) {
                replies.ack(origin, correlationId, STATUS_RETRY, 0, -1);
            }
            index++;
        }
    }

    /** True when the group header at {@code groupAt} and all its elements lie inside the body. */
    private static boolean groupFits(DirectBuffer in, int body, int bodyLength, int groupAt, int elementLengthMin) {
        if (groupAt + 4 > bodyLength) {
            return false;
        }
        int elementLength = in.getShort(body + groupAt, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        int count = in.getShort(body + groupAt + 2, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        return elementLength >= elementLengthMin && groupAt + 4 + (long) elementLength * count <= bodyLength;
    }

    private void onHello(Connection connection, int body, int block) {
        if (block < HelloDecoder.BLOCK_LENGTH) {
            breakOff(connection, "Hello is too short");
            return;
        }
        hello.wrap(connection.in, body, block, header.version());
        if (hello.protocolVersion() != FrameLayout.PROTOCOL_VERSION) {
            breakOff(connection, "the protocol version is not supported");
            return;
        }
        welcome.wrapAndApplyHeader(scratch, 0, headerEncoder)
                .protocolVersion(FrameLayout.PROTOCOL_VERSION)
                .dimension(requests.dimension())
                .itemCount(requests.itemCount())
                .catalogVersion(requests.catalogVersion());
        send(connection, scratch, MessageHeaderEncoder.ENCODED_LENGTH + welcome.encodedLength());
    }

    private void onHealth(Connection connection, int body, int block) {
        long correlationId = 0;
        if (block >= HealthDecoder.BLOCK_LENGTH) {
            correlationId =
                    health.wrap(connection.in, body, block, header.version()).correlationId();
        }
        healthReply
                .wrapAndApplyHeader(scratch, 0, headerEncoder)
                .correlationId(correlationId)
                .requests(counters.get(Kind.REQUESTS))
                .ready((short) 1);
        send(connection, scratch, MessageHeaderEncoder.ENCODED_LENGTH + healthReply.encodedLength());
    }

    /** Says what is wrong once, then closes: after a broken frame nobody knows where the next one begins. */
    private void breakOff(Connection connection, String message) {
        counters.add(Kind.BROKEN_FRAMES, 1);
        sendError(connection, ReplyCode.BAD_REQUEST, message);
        connection.isClosing = true;
        try {
            connection.flush();
        } catch (IOException e) {
            drop(connection);
            return;
        }
        if (!connection.hasPendingOutput()) {
            drop(connection);
        }
    }

    private void sendError(Connection connection, ReplyCode code, String message) {
        error.wrapAndApplyHeader(scratch, 0, headerEncoder).correlationId(0).code(code);
        int limit = error.limit();
        scratch.putShort(limit, (short) message.length(), ByteOrder.LITTLE_ENDIAN);
        scratch.putStringWithoutLengthAscii(limit + 2, message);
        error.limit(limit + 2 + message.length());
        send(connection, scratch, MessageHeaderEncoder.ENCODED_LENGTH + error.encodedLength());
    }

    @HotPath
    private void send(Connection connection, DirectBuffer message, int length) {
        if (!connection.append(message, 0, length)) {
            counters.add(Kind.SLOW_READERS, 1);
            drop(connection);
        }
    }

    @Override
    public void close() {
        isRunning = false;
        selector.wakeup();
        try {
            thread.join(2_000);
            connections.values().forEach(Connection::close);
            connections.clear();
            selector.close();
            server.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // Closing: the descriptors go with the process.
        }
    }

    /** Replies and acknowledgements on their way out; each goes to its socket at once. */
    private final class Outgoing implements Replies {
        @Override
        @HotPath
        public void message(long connectionId, DirectBuffer message, int offset, int length) {
            Connection connection = connections.get(connectionId);
            if (connection == null) {
                return;
            }
            counters.add(Kind.REPLIES, 1);
            if (!connection.append(message, offset, length)) {
                counters.add(Kind.SLOW_READERS, 1);
                drop(connection);
                return;
            }
            flush(connection);
        }

        @Override
        @HotPath
        public void ack(long origin, long correlationId, int status, int mode, long sequence) {
            Connection connection = connections.get(origin & ORIGIN_CONNECTION_MASK);
            if (connection == null) {
                return;
            }
            ack.wrapAndApplyHeader(scratch, 0, headerEncoder)
                    .correlationId(correlationId)
                    .sequence(sequence)
                    .index((int) (origin >>> ORIGIN_INDEX_SHIFT))
                    .status((short) status)
                    .mode((short) mode);
            send(connection, scratch, MessageHeaderEncoder.ENCODED_LENGTH + ack.encodedLength());
            flush(connection);
        }

        @HotPath
        private void flush(Connection connection) {
            try {
                connection.flush();
            } catch (IOException e) {
                drop(connection);
            }
        }
    }
}
