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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;
import rondo.client.FrameLayout;
import rondo.client.shm.BrokenRingException;
import rondo.kernel.thread.PinnedThreads;
import rondo.kernel.thread.SleepFlag;
import rondo.kernel.transport.DoorCounters.Kind;
import rondo.wire.AckEncoder;
import rondo.wire.AttachDecoder;
import rondo.wire.AttachedEncoder;
import rondo.wire.ErrorReplyEncoder;
import rondo.wire.HealthDecoder;
import rondo.wire.HealthReplyEncoder;
import rondo.wire.HelloDecoder;
import rondo.wire.InteractionBatchDecoder;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.OutcomeBatchDecoder;
import rondo.wire.RecommendDecoder;
import rondo.wire.ReplyCode;
import rondo.wire.WakeDecoder;
import rondo.wire.WelcomeEncoder;

/**
 * The binary door, over sockets and shared memory: one thread that accepts, reads, checks frames, drives the pipeline when it is fused onto this thread, and writes.
 *
 * <p>It spins on its sockets for a moment after work and then sleeps in the selector until a socket, {@link #wake()} or the tick brings work.
 * Memory is bounded by {@code connectionsMax} times two fixed buffers, and a shared file of 1.3 MB for each client of the same host that asks for one.
 */
public final class Door implements AutoCloseable {
    private static final long SELECT_MS_MAX = 50;

    /** Time between two looks at the sockets while there is shared memory to look at, which costs some ten nanoseconds. */
    private static final long SELECT_NS = 10_000;

    /** Messages taken from one client before the others get their turn; what comes in while a few slates are made has to fit. */
    private static final int SHARED_BATCH = 256;

    /** Reads of one socket before the others get their turn. */
    private static final int READ_BATCH = 4;

    private static final int STATUS_RETRY = 7;
    private static final int STATUS_INVALID = 6;
    private static final int ORIGIN_INDEX_SHIFT = 48;
    private static final long ORIGIN_CONNECTION_MASK = (1L << ORIGIN_INDEX_SHIFT) - 1;

    private final ServerSocketChannel server;
    private final @Nullable UnixListener unix;
    private final Selector selector;
    private final Requests requests;
    private final long spinNs;
    private final int connectionsMax;
    private final DoorCounters counters = new DoorCounters();
    private final Long2ObjectHashMap<Peer> peers = new Long2ObjectHashMap<>();

    /** Those of the peers that share memory. */
    private final List<SharedPeer> shared = new ArrayList<>();

    private final @Nullable SharedDirectory sharedDirectory;
    private final Consumer<SelectionKey> onKey = this::onKey;
    private final Replies replies = new Outgoing();
    private final AttachedEncoder attached = new AttachedEncoder();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final OutcomeBatchDecoder outcomes = new OutcomeBatchDecoder();
    private final InteractionBatchDecoder interactions = new InteractionBatchDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private final HealthDecoder health = new HealthDecoder();
    private final AckEncoder ack = new AckEncoder();
    private final ErrorReplyEncoder error = new ErrorReplyEncoder();
    private final WelcomeEncoder welcome = new WelcomeEncoder();
    private final HealthReplyEncoder healthReply = new HealthReplyEncoder();
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[4096]);
    private final Thread thread;
    private volatile boolean isRunning = true;
    private final SleepFlag asleep = new SleepFlag();
    private volatile @Nullable Throwable failure;
    private long nextConnectionId = 1;
    private int workCount;
    private long lastWorkNs;

    /** When this turn began. */
    private long turnNs;

    /** When the sockets were looked at last, and nothing was left in those that were read. */
    private long selectedNs;

    /** The connection that something was read from last, since this thread slept. */
    private @Nullable Connection lately;

    /** The connection that is being read; its replies leave together. */
    private long reading;

    /**
     * Binds; nothing is accepted before {@link #start()}.
     *
     * @param spinNs how long the thread looks for more work before it sleeps.
     * @param threads    makes its thread.
     * @param unixPath   of the Unix-domain socket that it listens on too; null for none.
     * @param sharedBase folder to make shared memory below; null for none.
     * @throws IOException with one clear sentence when the address cannot be bound.
     */
    public Door(
            InetSocketAddress address,
            int connectionsMax,
            long spinNs,
            PinnedThreads threads,
            @Nullable Path unixPath,
            @Nullable Path sharedBase,
            Requests requests)
            throws IOException {
        this.requests = requests;
        this.spinNs = spinNs;
        this.connectionsMax = connectionsMax;
        this.selector = Selector.open();
        this.server = ServerSocketChannel.open();
        UnixListener listener = null;
        try {
            bind(address);
            listener = unixPath == null ? null : UnixListener.open(unixPath);
            this.sharedDirectory = sharedBase == null ? null : SharedDirectory.below(sharedBase);
            server.register(selector, SelectionKey.OP_ACCEPT, server);
            if (listener != null) {
                listener.channel().register(selector, SelectionKey.OP_ACCEPT, listener.channel());
            }
        } catch (IOException | RuntimeException e) {
            selector.close();
            server.close();
            if (listener != null) {
                listener.close();
            }
            throw e;
        }
        this.unix = listener;
        this.thread = threads.make(0, "rondo-door", this::run);
    }

    private void bind(InetSocketAddress address) throws IOException {
        try {
            server.configureBlocking(false);
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(address, 512);
        } catch (BindException e) {
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort()
                            + ": the port is taken or not ours to take; set tcp.port to another, or 0 for a free one",
                    e);
        }
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

    /** Makes a sleeping door look at once for work that was handed over before. Any thread; cheap when it is awake. */
    public void wake() {
        if (asleep.mustWake()) {
            selector.wakeup();
        }
    }

    private void run() {
        try {
            turnNs = System.nanoTime();
            lastWorkNs = turnNs;
            selectedNs = turnNs;
            while (isRunning) {
                try {
                    turn();
                } catch (InternalError e) {
                    // The JVM's word for mapped memory that is no more, said some time after it was touched.
                    if (dropCut() == 0) {
                        throw e;
                    }
                }
            }
        } catch (IOException | RuntimeException | InternalError e) {
            failure = e;
        }
    }

    private void turn() throws IOException {
        int work = doWork();
        turnNs = System.nanoTime();
        if (work > 0) {
            lastWorkNs = turnNs;
        } else if (turnNs - lastWorkNs > spinNs) {
            asleep.raise();
            lately = null;
            sleepShared(true);
            // The flags before the last look: whoever hands work over after it sees them and wakes the selector.
            if (pollShared() + requests.poll(replies) == 0) {
                selector.select(onKey, SELECT_MS_MAX);
            }
            asleep.lower();
            sleepShared(false);
            turnNs = System.nanoTime();
            selectedNs = turnNs;
        } else {
            Thread.onSpinWait();
        }
    }

    @HotPath
    private int doWork() throws IOException {
        workCount = 0;
        Connection likely = lately;
        // To ask for sockets is a call of the system, to look into shared memory is none, and to read from the socket
        // that something came from last saves one.
        if ((shared.isEmpty() && likely == null) || turnNs - selectedNs > SELECT_NS) {
            selector.selectNow(onKey);
            selectedNs = turnNs;
        } else if (likely != null) {
            tryRead(likely);
        }
        return workCount + pollShared() + requests.poll(replies);
    }

    @HotPath
    private void tryRead(Connection connection) {
        try {
            if (read(connection)) {
                workCount++;
            }
        } catch (IOException e) {
            drop(connection);
        }
    }

    /** Takes what clients have written into shared memory; returns how much. */
    @HotPath
    private int pollShared() {
        int count = 0;
        for (int i = shared.size() - 1; i >= 0; i--) {
            if (i < shared.size()) {
                count += poll(shared.get(i));
            }
        }
        return count;
    }

    @HotPath
    private int poll(SharedPeer peer) {
        int count = 0;
        try {
            while (count < SHARED_BATCH && !peer.isClosing) {
                int length = peer.receive();
                if (length == 0) {
                    peer.emptyNs = asleep.isRaised() ? Long.MAX_VALUE : turnNs;
                    break;
                }
                dispatch(peer, 0, length, System.nanoTime());
                count++;
            }
        } catch (BrokenRingException e) {
            counters.add(Kind.BROKEN_FRAMES, 1);
            drop(peer);
        }
        return count;
    }

    /** Lets those go whose memory's file was cut; returns how many. */
    private int dropCut() {
        int count = 0;
        for (int i = shared.size() - 1; i >= 0; i--) {
            if (!shared.get(i).isWhole()) {
                counters.add(Kind.BROKEN_FRAMES, 1);
                drop(shared.get(i));
                count++;
            }
        }
        return count;
    }

    @HotPath
    private void sleepShared(boolean isSleeping) {
        for (int i = shared.size() - 1; i >= 0; i--) {
            shared.get(i).sleep(isSleeping);
        }
    }

    private void onKey(SelectionKey key) {
        workCount++;
        if (key.isAcceptable()) {
            accept((ServerSocketChannel) key.attachment());
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

    private void accept(ServerSocketChannel listener) {
        try {
            SocketChannel channel = listener.accept();
            if (channel == null) {
                return;
            }
            if (counters.get(Kind.CONNECTIONS_OPEN) >= connectionsMax) {
                counters.add(Kind.CONNECTIONS_REFUSED, 1);
                channel.close();
                return;
            }
            channel.configureBlocking(false);
            if (listener.getLocalAddress() instanceof InetSocketAddress) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            Connection connection = new Connection(nextConnectionId++, channel, key);
            key.attach(connection);
            peers.put(connection.id, connection);
            counters.add(Kind.CONNECTIONS_OPENED, 1);
            counters.add(Kind.CONNECTIONS_OPEN, 1);
        } catch (IOException e) {
            counters.add(Kind.CONNECTIONS_REFUSED, 1);
        }
    }

    private void drop(Peer peer) {
        if (peers.remove(peer.id) == null) {
            return;
        }
        peer.isClosing = true;
        lately = null;
        if (peer instanceof SharedPeer memory) {
            shared.remove(memory);
            counters.add(Kind.SHARED_OPEN, -1);
            drop(memory.line);
        } else if (peer instanceof Connection connection) {
            counters.add(Kind.CONNECTIONS_OPEN, -1);
            if (connection.shared != null) {
                drop(connection.shared);
            }
        }
        peer.close();
    }

    /** Reads what is there and takes its frames; true when there was anything. */
    @HotPath
    private boolean read(Connection connection) throws IOException {
        reading = connection.id;
        boolean isEmpty = false;
        boolean hasRead = false;
        // What came in after the last look at the sockets, or while this thread slept.
        connection.emptyNs = Math.min(connection.emptyNs, asleep.isRaised() ? Long.MAX_VALUE : selectedNs);
        for (int i = 0; i < READ_BATCH && !isEmpty && !connection.isClosing; i++) {
            int room = connection.inBytes.remaining();
            int count = connection.channel.read(connection.inBytes);
            if (count < 0) {
                reading = 0;
                drop(connection);
                return true;
            }
            isEmpty = count < room;
            if (count > 0) {
                hasRead = true;
                lately = connection;
                takeFrames(connection, System.nanoTime());
            }
        }
        reading = 0;
        if (isEmpty) {
            connection.emptyNs = Long.MAX_VALUE;
        }
        if (hasRead && peers.containsKey(connection.id)) {
            connection.flush();
        }
        return hasRead;
    }

    /** Takes the whole frames that a connection's buffer holds, and leaves the beginning of the next one. */
    @HotPath
    private void takeFrames(Connection connection, long receivedNs) {
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
    }

    @HotPath
    private void dispatch(Peer peer, int offset, int length, long receivedNs) {
        DirectBuffer in = peer.in;
        header.wrap(in, offset);
        int block = header.blockLength();
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID
                || MessageHeaderDecoder.ENCODED_LENGTH + block > length) {
            breakOff(peer, "the message header is of another schema or does not fit its frame");
            return;
        }
        int body = offset + MessageHeaderDecoder.ENCODED_LENGTH;
        int bodyLength = length - MessageHeaderDecoder.ENCODED_LENGTH;
        switch (header.templateId()) {
            case RecommendDecoder.TEMPLATE_ID -> onRecommend(peer, offset, length, receivedNs);
            case OutcomeBatchDecoder.TEMPLATE_ID -> onOutcomes(peer, body, bodyLength, block);
            case InteractionBatchDecoder.TEMPLATE_ID -> onInteractions(peer, body, bodyLength, block);
            case HelloDecoder.TEMPLATE_ID -> onHello(peer, body, block);
            case HealthDecoder.TEMPLATE_ID -> onHealth(peer, body, block);
            case AttachDecoder.TEMPLATE_ID -> onAttach(peer);
            // It has done what it is for.
            case WakeDecoder.TEMPLATE_ID -> counters.add(Kind.WAKES, 1);
            default -> {
                counters.add(Kind.UNKNOWN_TEMPLATES, 1);
                sendError(peer, ReplyCode.UNSUPPORTED, "unknown template");
            }
        }
    }

    @HotPath
    private void onRecommend(Peer peer, int offset, int length, long receivedNs) {
        counters.add(Kind.REQUESTS, 1);
        switch (requests.recommend(
                peer.id, peer.in, offset, length, Math.min(peer.emptyNs, receivedNs), receivedNs, replies)) {
            case QUEUED -> {}
            case ANSWERED -> counters.add(Kind.STATIC_SLATES, 1);
            case REFUSED -> counters.add(Kind.OVERLOADED, 1);
        }
    }

    private void onOutcomes(Peer peer, int body, int bodyLength, int block) {
        int groupAt = block;
        if (block < OutcomeBatchDecoder.BLOCK_LENGTH
                || !groupFits(
                        peer.in, body, bodyLength, groupAt, OutcomeBatchDecoder.OutcomesDecoder.sbeBlockLength())) {
            sendError(peer, ReplyCode.BAD_REQUEST, "the outcomes do not fit their frame");
            return;
        }
        outcomes.wrap(peer.in, body, block, header.version());
        long correlationId = outcomes.correlationId();
        OutcomeBatchDecoder.OutcomesDecoder group = outcomes.outcomes();
        int elementLength = group.actingBlockLength();
        int elementAt = body + groupAt + 4;
        int index = 0;
        while (group.hasNext()) {
            group.next();
            counters.add(Kind.OUTCOMES, 1);
            long origin = peer.id | (long) index << ORIGIN_INDEX_SHIFT;
            boolean taken = requests.outcome(
                    origin,
                    correlationId,
                    peer.in,
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

    private void onInteractions(Peer peer, int body, int bodyLength, int block) {
        if (block < InteractionBatchDecoder.BLOCK_LENGTH
                || !groupFits(
                        peer.in,
                        body,
                        bodyLength,
                        block,
                        InteractionBatchDecoder.InteractionsDecoder.sbeBlockLength())) {
            sendError(peer, ReplyCode.BAD_REQUEST, "the interactions do not fit their frame");
            return;
        }
        interactions.wrap(peer.in, body, block, header.version());
        long correlationId = interactions.correlationId();
        InteractionBatchDecoder.InteractionsDecoder group = interactions.interactions();
        int index = 0;
        while (group.hasNext()) {
            group.next();
            counters.add(Kind.INTERACTIONS, 1);
            long origin = peer.id | (long) index << ORIGIN_INDEX_SHIFT;
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

    private void onHello(Peer peer, int body, int block) {
        if (block < HelloDecoder.BLOCK_LENGTH) {
            breakOff(peer, "Hello is too short");
            return;
        }
        hello.wrap(peer.in, body, block, header.version());
        if (hello.protocolVersion() != FrameLayout.PROTOCOL_VERSION) {
            breakOff(peer, "the protocol version is not supported");
            return;
        }
        welcome.wrapAndApplyHeader(scratch, 0, headerEncoder)
                .protocolVersion(FrameLayout.PROTOCOL_VERSION)
                .dimension(requests.dimension())
                .itemCount(requests.itemCount())
                .catalogVersion(requests.catalogVersion())
                .retryPercent((short) requests.retryPercent());
        send(peer, scratch, MessageHeaderEncoder.ENCODED_LENGTH + welcome.encodedLength());
    }

    /** Gives a client of this host memory of its own. */
    private void onAttach(Peer peer) {
        if (!(peer instanceof Connection connection) || connection.shared != null) {
            sendError(peer, ReplyCode.BAD_REQUEST, "this client has shared memory already");
            return;
        }
        if (sharedDirectory == null) {
            sendError(peer, ReplyCode.UNSUPPORTED, "shared memory is off (shm.directory)");
            return;
        }
        if (!connection.isOnThisHost()) {
            sendError(peer, ReplyCode.UNSUPPORTED, "shared memory is for clients of the same host");
            return;
        }
        try {
            long id = nextConnectionId++;
            SharedPeer memory = new SharedPeer(id, connection, sharedDirectory.file(id));
            connection.shared = memory;
            peers.put(id, memory);
            shared.add(memory);
            counters.add(Kind.SHARED_OPEN, 1);
            attached.wrapAndApplyHeader(scratch, 0, headerEncoder);
            byte[] path = memory.file().toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
            attached.putFile(path, 0, path.length);
            send(peer, scratch, MessageHeaderEncoder.ENCODED_LENGTH + attached.encodedLength());
        } catch (IOException e) {
            sendError(peer, ReplyCode.INTERNAL, "shared memory cannot be made");
        }
    }

    private void onHealth(Peer peer, int body, int block) {
        long correlationId = 0;
        if (block >= HealthDecoder.BLOCK_LENGTH) {
            correlationId = health.wrap(peer.in, body, block, header.version()).correlationId();
        }
        healthReply
                .wrapAndApplyHeader(scratch, 0, headerEncoder)
                .correlationId(correlationId)
                .requests(counters.get(Kind.REQUESTS))
                .ready((short) 1);
        send(peer, scratch, MessageHeaderEncoder.ENCODED_LENGTH + healthReply.encodedLength());
    }

    /** Says what is wrong once, then closes: after a broken frame nobody knows where the next one begins. */
    private void breakOff(Peer peer, String message) {
        counters.add(Kind.BROKEN_FRAMES, 1);
        sendError(peer, ReplyCode.BAD_REQUEST, message);
        peer.isClosing = true;
        try {
            peer.flush();
        } catch (IOException e) {
            drop(peer);
            return;
        }
        if (!peer.hasPendingOutput()) {
            drop(peer);
        }
    }

    private void sendError(Peer peer, ReplyCode code, String message) {
        error.wrapAndApplyHeader(scratch, 0, headerEncoder).correlationId(0).code(code);
        int limit = error.limit();
        scratch.putShort(limit, (short) message.length(), ByteOrder.LITTLE_ENDIAN);
        scratch.putStringWithoutLengthAscii(limit + 2, message);
        error.limit(limit + 2 + message.length());
        send(peer, scratch, MessageHeaderEncoder.ENCODED_LENGTH + error.encodedLength());
    }

    @HotPath
    private void send(Peer peer, DirectBuffer message, int length) {
        if (!peer.append(message, 0, length)) {
            counters.add(Kind.SLOW_READERS, 1);
            drop(peer);
        }
    }

    @Override
    public void close() {
        isRunning = false;
        selector.wakeup();
        try {
            thread.join(2_000);
            peers.values().forEach(Peer::close);
            peers.clear();
            if (sharedDirectory != null) {
                sharedDirectory.close();
            }
            selector.close();
            server.close();
            if (unix != null) {
                unix.close();
            }
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
            Peer peer = peers.get(connectionId);
            if (peer == null) {
                return;
            }
            counters.add(Kind.REPLIES, 1);
            if (!peer.append(message, offset, length)) {
                counters.add(Kind.SLOW_READERS, 1);
                drop(peer);
                return;
            }
            flush(peer);
        }

        @Override
        @HotPath
        public void ack(long origin, long correlationId, int status, int mode, long sequence) {
            Peer peer = peers.get(origin & ORIGIN_CONNECTION_MASK);
            if (peer == null) {
                return;
            }
            ack.wrapAndApplyHeader(scratch, 0, headerEncoder)
                    .correlationId(correlationId)
                    .sequence(sequence)
                    .index((int) (origin >>> ORIGIN_INDEX_SHIFT))
                    .status((short) status)
                    .mode((short) mode);
            send(peer, scratch, MessageHeaderEncoder.ENCODED_LENGTH + ack.encodedLength());
            flush(peer);
        }

        @HotPath
        private void flush(Peer peer) {
            if (peer.id == reading) {
                return;
            }
            try {
                peer.flush();
            } catch (IOException e) {
                drop(peer);
            }
        }
    }
}
