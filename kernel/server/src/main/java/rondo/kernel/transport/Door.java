package rondo.kernel.transport;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;
import rondo.client.FrameLayout;
import rondo.client.shm.BrokenRingException;
import rondo.kernel.access.Principal;
import rondo.kernel.access.Role;
import rondo.kernel.access.Transport;
import rondo.kernel.pipeline.RelievedException;
import rondo.kernel.thread.PinnedThreads;
import rondo.kernel.thread.SleepFlag;
import rondo.kernel.transport.DoorCounters.Kind;

/**
 * The binary door, over sockets and shared memory: one thread that accepts, reads, drives the pipeline when it is fused onto this thread, and writes. What comes in goes
 * through the {@link Dispatcher}.
 *
 * <p>It spins on its sockets for a moment after work and then sleeps in the selector until a socket, {@link #wake()} or the tick brings work.
 *
 * <p>Memory is bounded: a connection has about a kilobyte of its own, begun frames and waiting replies are in two {@link ChunkPool}s of 42 MB together, and each client
 * of the same host that asks for one has a shared file of 1.3 MB. Whoever begins a frame, or a connection, and does not go on is let go ({@link DoorLimits}).
 */
public final class Door implements AutoCloseable {
    private static final long SELECT_MS_MAX = 50;

    /** Time between two looks at the sockets while there is shared memory to look at, which costs some ten nanoseconds. */
    private static final long SELECT_NS = 10_000;

    /** Messages taken from one client before the others get their turn; what comes in while a few slates are made has to fit. */
    private static final int SHARED_BATCH = 256;

    /** Reads of one socket before the others get their turn. */
    private static final int READ_BATCH = 4;

    private static final int BACKLOG = 512;
    private static final int CHUNKS_MAX = 128;
    private static final int IN_LENGTH = FrameLayout.PREFIX_LENGTH + FrameLayout.FRAME_LENGTH_MAX;
    private static final int OUT_LENGTH = 256 * 1024;

    /** Time between two looks for connections whose time is over, each at a part of them. */
    private static final long SWEEP_NS = 10_000_000;

    private static final int SWEEP_PARTS = 16;
    private static final int SWEEP_MIN = 32;

    /** Connections accepted between two sweeps: 1,600 a second, which leaves most of the thread to those who are in. */
    private static final int ACCEPTS_PER_SWEEP = 16;

    private static final Set<Role> EVERYTHING = EnumSet.allOf(Role.class);

    private final Selector selector;
    private final List<SelectionKey> listeners = new ArrayList<>();
    private final ServerSocketChannel server;
    private final @Nullable UnixListener unix;
    private final Requests requests;
    private final DoorConfig config;
    private final DoorLimits limits;
    private final DoorCounters counters = new DoorCounters();
    private final Long2ObjectHashMap<Peer> peers = new Long2ObjectHashMap<>();

    /** Those of the peers that are sockets, in any order. */
    private final List<Connection> connections = new ArrayList<>();

    /** Those that share memory. */
    private final List<SharedPeer> shared = new ArrayList<>();

    /** Addresses of this process's own clients, who may do everything and need no certificate. */
    private final Set<SocketAddress> own = ConcurrentHashMap.newKeySet();

    private final ChunkPool inPool = new ChunkPool(IN_LENGTH, CHUNKS_MAX, this::evict);
    private final ChunkPool outPool = new ChunkPool(OUT_LENGTH, CHUNKS_MAX, this::evict);
    private final Dispatcher dispatcher;
    private final @Nullable SharedDirectory sharedDirectory;
    private final @Nullable Handshakes handshakes;
    private final Consumer<SelectionKey> onKey = this::onKey;
    private final PinnedThreads threads;

    /** Who has the door; replaced by the pipeline's watch. */
    private volatile Thread thread;

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

    private long sweptNs;
    private int sweepAt;

    /** How many may be accepted before the next sweep. */
    private int acceptsLeft = ACCEPTS_PER_SWEEP;

    /** The connection that something was read from last, since this thread slept. */
    private @Nullable Connection lately;

    /**
     * Binds; nothing is accepted before {@link #start()}.
     *
     * @param threads makes its thread.
     * @throws IOException with one clear sentence when the address cannot be bound.
     */
    public Door(InetSocketAddress address, DoorConfig config, PinnedThreads threads, Requests requests)
            throws IOException {
        this.config = config;
        this.limits = config.limits();
        this.requests = requests;
        this.dispatcher = new Dispatcher(requests, counters, new Clients());
        this.selector = Selector.open();
        this.server = ServerSocketChannel.open();
        UnixListener listener = null;
        try {
            bind(address);
            listener = config.unixPath() == null ? null : UnixListener.open(config.unixPath());
            this.sharedDirectory = config.sharedBase() == null ? null : SharedDirectory.below(config.sharedBase());
            listeners.add(server.register(selector, SelectionKey.OP_ACCEPT, server));
            if (listener != null) {
                listeners.add(listener.channel().register(selector, SelectionKey.OP_ACCEPT, listener.channel()));
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
        this.handshakes = config.tls() == null
                ? null
                : new Handshakes(config.tls(), config.handshakesPerSecond(), limits.helloNs(), selector::wakeup);
        this.threads = threads;
        this.thread = threads.make(0, "rondo-door", this::run);
    }

    private void bind(InetSocketAddress address) throws IOException {
        try {
            server.configureBlocking(false);
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(address, BACKLOG);
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

    /**
     * Gives the door to a new thread, because the one that has it hangs in a stage and ends before it comes back here. Another thread than the door's, one at a time.
     */
    public void relieve() {
        Thread next = threads.make(0, "rondo-door", this::run);
        thread = next;
        next.start();
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

    /**
     * Connects this process to its own door: in the clear also where others need a certificate, and with every role. Any thread.
     *
     * @param address where the door is reached.
     */
    public SocketChannel connectOwn(InetSocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.bind(new InetSocketAddress(address.getAddress(), 0));
            SocketAddress local = channel.getLocalAddress();
            own.add(local);
            try {
                channel.connect(address);
            } catch (IOException e) {
                own.remove(local);
                throw e;
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
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
            sweptNs = turnNs;
            // A thread that was relieved may have been about to sleep.
            asleep.lower();
            sleepShared(false);
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
        } catch (RelievedException e) {
            // Another thread has the door.
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
    }

    private void turn() throws IOException {
        int work = doWork();
        turnNs = System.nanoTime();
        if (turnNs - sweptNs > SWEEP_NS) {
            sweptNs = turnNs;
            sweep();
        }
        if (work > 0) {
            lastWorkNs = turnNs;
        } else if (turnNs - lastWorkNs > config.spinNs()) {
            asleep.raise();
            lately = null;
            sleepShared(true);
            // The flags before the last look: whoever hands work over after it sees them and wakes the selector.
            if (pollShared() + requests.poll(dispatcher) == 0) {
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
        if (handshakes != null) {
            takeSecured(handshakes);
        }
        return workCount + pollShared() + requests.poll(dispatcher);
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
                int length = peer.receive(dispatcher.inbox().view());
                if (length == 0) {
                    peer.emptyNs = asleep.isRaised() ? Long.MAX_VALUE : turnNs;
                    break;
                }
                dispatcher.take(peer, dispatcher.inbox().view(), 0, length, System.nanoTime());
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
        if (key.attachment() instanceof ServerSocketChannel listener) {
            if (key.isValid() && key.isAcceptable()) {
                accept(listener);
            }
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
        acceptsLeft--;
        if (acceptsLeft == 0) {
            listeners.forEach(key -> key.interestOps(0));
        }
        try {
            SocketChannel channel = listener.accept();
            if (channel != null && !isAdmitted(channel, listener.equals(server))) {
                refuse(channel);
            }
        } catch (IOException e) {
            counters.add(Kind.CONNECTIONS_REFUSED, 1);
        }
    }

    private boolean isAdmitted(SocketChannel channel, boolean isTcp) {
        try {
            return tryAdmit(channel, isTcp);
        } catch (IOException e) {
            // It has gone already.
            return false;
        }
    }

    private void refuse(Channel channel) {
        counters.add(Kind.CONNECTIONS_REFUSED, 1);
        try {
            channel.close();
        } catch (IOException e) {
            // Gone either way.
        }
    }

    /** True when a connection becomes one of those there are, or begins to show its certificate. */
    private boolean tryAdmit(SocketChannel channel, boolean isTcp) throws IOException {
        channel.configureBlocking(false);
        long nowNs = System.nanoTime();
        InetSocketAddress from = isTcp ? (InetSocketAddress) channel.getRemoteAddress() : null;
        if (from != null) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (own.remove(from)) {
                return tryAdd(channel, channel, Transport.TCP, new Principal(EVERYTHING, 0, nowNs), nowNs);
            }
        }
        if (connections.size() >= limits.connectionsMax()) {
            return false;
        }
        if (from == null) {
            String user =
                    channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
            return tryAdd(channel, channel, Transport.UNIX, config.principals().of(Transport.UNIX, user, nowNs), nowNs);
        }
        if (handshakes != null) {
            return handshakes.begin(channel, nowNs);
        }
        String host = from.getAddress().getHostAddress();
        return tryAdd(channel, channel, Transport.TCP, config.principals().of(Transport.TCP, host, nowNs), nowNs);
    }

    private boolean tryAdd(
            SocketChannel socket, ByteChannel bytes, Transport transport, @Nullable Principal principal, long nowNs)
            throws IOException {
        if (principal == null) {
            return false;
        }
        SelectionKey key = socket.register(selector, SelectionKey.OP_READ);
        Connection connection =
                new Connection(nextConnectionId++, transport, principal, bytes, key, inPool, outPool, nowNs);
        key.attach(connection);
        principal.connected();
        peers.put(connection.id, connection);
        connection.place = connections.size();
        connections.add(connection);
        counters.add(Kind.CONNECTIONS_OPENED, 1);
        counters.add(Kind.CONNECTIONS_OPEN, 1);
        return true;
    }

    private void takeSecured(Handshakes from) {
        for (Handshakes.Secured one = from.poll(); one != null; one = from.poll()) {
            if (isAdmitted(one)) {
                // What came with the end of the handshake is in no socket any more.
                tryRead(connections.getLast());
            } else {
                refuse(one.channel());
            }
        }
    }

    private boolean isAdmitted(Handshakes.Secured one) {
        if (connections.size() >= limits.connectionsMax()) {
            return false;
        }
        long nowNs = System.nanoTime();
        Principal principal = config.principals().ofCertificate(one.names(), nowNs);
        try {
            return tryAdd(one.socket(), one.channel(), Transport.TLS, principal, nowNs);
        } catch (IOException e) {
            // It has gone already.
            return false;
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
            Connection last = connections.removeLast();
            if (last != connection) {
                last.place = connection.place;
                connections.set(last.place, last);
            }
            connection.principal.disconnected();
            counters.add(Kind.CONNECTIONS_OPEN, -1);
            if (connection.shared != null) {
                drop(connection.shared);
            }
        }
        peer.close();
    }

    private void evict(Connection connection) {
        counters.add(Kind.EVICTED, 1);
        drop(connection);
    }

    /** Lets connections go whose time is over, a part of them at each call, and accepts again. */
    private void sweep() {
        if (acceptsLeft <= 0) {
            listeners.forEach(key -> key.interestOps(SelectionKey.OP_ACCEPT));
        }
        acceptsLeft = ACCEPTS_PER_SWEEP;
        if (handshakes != null) {
            counters.add(Kind.TIMED_OUT, handshakes.expire(turnNs));
        }
        int count = Math.min(connections.size(), Math.max(SWEEP_MIN, connections.size() / SWEEP_PARTS));
        for (int i = 0; i < count && !connections.isEmpty(); i++) {
            sweepAt = sweepAt + 1 < connections.size() ? sweepAt + 1 : 0;
            Connection connection = connections.get(sweepAt);
            if (isOverdue(connection)) {
                counters.add(Kind.TIMED_OUT, 1);
                drop(connection);
            }
        }
    }

    private boolean isOverdue(Connection connection) {
        return (!connection.isWelcomed && turnNs - connection.heardNs > limits.helloNs())
                || (connection.begunNs != 0
                        && !connection.isBackedUp()
                        && turnNs - connection.begunNs > limits.frameNs())
                || (connection.stalledNs != 0 && turnNs - connection.stalledNs > limits.stallNs())
                || (connection.shared == null && turnNs - connection.heardNs > limits.idleNs());
    }

    /** Reads what is there and takes its frames; true when there was anything. */
    @HotPath
    private boolean read(Connection connection) throws IOException {
        if (connection.isBackedUp()) {
            return false;
        }
        boolean isEmpty = false;
        boolean hasRead = false;
        // What came in after the last look at the sockets, or while this thread slept.
        connection.emptyNs = Math.min(connection.emptyNs, asleep.isRaised() ? Long.MAX_VALUE : selectedNs);
        for (int i = 0; i < READ_BATCH && !isEmpty && !connection.isClosing && !connection.isBackedUp(); i++) {
            int count = connection.readFrames(dispatcher);
            if (count < 0) {
                drop(connection);
                return true;
            }
            isEmpty = connection.isDrained;
            if (count > 0) {
                hasRead = true;
                lately = connection;
                connection.flush();
            }
        }
        if (isEmpty) {
            connection.emptyNs = Long.MAX_VALUE;
        }
        return hasRead;
    }

    @Override
    public void close() {
        isRunning = false;
        selector.wakeup();
        try {
            thread.join(2_000);
            if (handshakes != null) {
                handshakes.close();
            }
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

    /** The door's clients, as the dispatcher knows them. */
    private final class Clients implements Dispatcher.Peers {
        @Override
        @HotPath
        public @Nullable Peer find(long id) {
            return peers.get(id);
        }

        @Override
        public void drop(Peer peer) {
            Door.this.drop(peer);
        }

        @Override
        public String attach(Peer peer) throws IOException {
            if (!(peer instanceof Connection connection) || connection.shared != null) {
                throw new IOException("this client has shared memory already");
            }
            SharedDirectory directory = sharedDirectory;
            if (directory == null) {
                throw new IOException("shared memory is off (shm.directory)");
            }
            long id = nextConnectionId++;
            SharedPeer memory;
            try {
                memory = new SharedPeer(id, connection, directory.file(id));
            } catch (IOException e) {
                throw new IOException("shared memory cannot be made", e);
            }
            connection.shared = memory;
            peers.put(id, memory);
            shared.add(memory);
            counters.add(Kind.SHARED_OPEN, 1);
            return memory.file().toAbsolutePath().toString();
        }
    }
}
