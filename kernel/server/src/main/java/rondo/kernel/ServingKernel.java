package rondo.kernel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.Segment;
import rondo.agents.catalog.Catalog;
import rondo.agents.chain.DecisionSpaces;
import rondo.agents.closure.ClosureVerdict;
import rondo.agents.closure.live.LiveModules;
import rondo.agents.filter.FilterAgent;
import rondo.agents.policy.CounterRandom;
import rondo.agents.policy.PolicyTable;
import rondo.agents.retrieval.Route;
import rondo.agents.traffic.TrafficAgent;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.RondoClient;
import rondo.kernel.access.Role;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.journal.ChronicleJournal;
import rondo.kernel.journal.DirectoryLock;
import rondo.kernel.journal.JournalCarrier;
import rondo.kernel.orchestration.Ledger;
import rondo.kernel.orchestration.TokenMint;
import rondo.kernel.pipeline.Admission;
import rondo.kernel.pipeline.CircuitBreaker;
import rondo.kernel.pipeline.DecisionLog;
import rondo.kernel.pipeline.Fault;
import rondo.kernel.pipeline.Learning;
import rondo.kernel.pipeline.Pipeline;
import rondo.kernel.pipeline.PipelineConfig;
import rondo.kernel.pipeline.ReplySink;
import rondo.kernel.pipeline.ServingState;
import rondo.kernel.pipeline.ThreadPlan;
import rondo.kernel.state.ChronicleStore;
import rondo.kernel.state.CompactedStore;
import rondo.kernel.thread.PinnedThreads;
import rondo.kernel.transport.Door;
import rondo.kernel.transport.Replies;
import rondo.kernel.transport.Requests;
import rondo.reward.Incident;
import rondo.reward.RewardConfig;
import rondo.reward.RewardRing;
import rondo.reward.evolution.Challenger;
import rondo.reward.experience.RewardTrace;
import rondo.reward.join.GlobalReward;
import rondo.reward.join.OutcomeStatus;

/**
 * A running Rondo: catalogue, tables, policies, ledger, pipeline and doors over one data directory.
 *
 * <p>{@link #launch} recovers from the journal and returns when the door listens. Any thread may call the public methods.
 */
public final class ServingKernel implements AutoCloseable {
    /** In the data directory: the settings that it was last served with. */
    public static final String SETTINGS_FILE = "settings.yaml";

    private static final int REMEMBERED_DECISIONS = 1 << 18;

    private static final int DISTANCE_PAIRS = 2_000;
    private static final int REPLIES_PER_TURN = 8;
    private static final int ACKS_PER_TURN = 64;
    private static final long SPIN_NS = 20_000;
    private static final long WARM_UP_TIMEOUT_MS = 10_000;
    private static final int STAGE_SPINS = 2_000;
    private static final int ID_SHIFT = 20;
    private static final long HANG_NS_MIN = 50_000_000;

    /** A request that takes a few times as long as it may is heavy; to give up its thread is for those that take for ever. */
    private static final long HANG_DEADLINES = 4;

    private final Deque<AutoCloseable> opened;
    private final Tables tables;
    private final PolicyTable policies;
    private final RewardRing rewards;
    private final CompactedStore states;
    private final Ledger ledger;
    private final Promotions promotions;
    private final Pipeline pipeline;
    private final Door door;
    private final Config config;
    private final Set<Role> adminRoles;
    private final PinnedThreads threads;
    private final List<String> warnings = new ArrayList<>();
    private volatile ServingState state;

    private ServingKernel(Config config, Catalog catalog, Deque<AutoCloseable> opened, LongSupplier epochMs)
            throws IOException {
        this.config = config;
        this.opened = opened;
        Path directory = Path.of(config.text(Setting.DIRECTORY));
        TrafficAgent traffic = new TrafficAgent(config.real(Setting.STATIC_SHARE));
        policies = new PolicyTable(spaces(config, catalog), config.real(Setting.EPSILON));
        tables = new Tables(catalog, (int) config.whole(Setting.USERS_MAX));
        state = new ServingState(tables.sources(catalog));
        Ledger[] late = new Ledger[1];
        rewards = new RewardRing(
                rewardConfig(config, catalog),
                policies,
                row -> Objects.requireNonNull(late[0]).experience(row));
        byte[] key = TokenMint.loadKey(directory);
        long tokenLifeMs = 2 * config.whole(Setting.OUTCOME_WINDOW_MS) + 60_000;
        states = ChronicleStore.open(
                directory.resolve("state"), AgentKind.COUNT * Segment.COUNT, rewards.stateLengthMax());
        opened.push(states);
        JournalCarrier journal = ChronicleJournal.open(directory.resolve("journal"));
        opened.push(journal);
        ledger = new Ledger(journal, states, rewards, tables, new TokenMint(key), tokenLifeMs, epochMs);
        opened.push(ledger);
        late[0] = ledger;
        ledger.recover();
        ledger.declareSpaces();
        promotions = new Promotions(policies, rewards, ledger, LiveModules::examine, epochMs);
        promotions.begin(config.text(Setting.PROMOTED), promotedBefore(directory.resolve(SETTINGS_FILE)));
        int cpus = Runtime.getRuntime().availableProcessors();
        ThreadPlan plan = ThreadPlan.of(config.text(Setting.THREAD_PLAN), cpus);
        boolean maySpin = plan.maySpin(cpus);
        if (!maySpin && plan.stageThreads() > 0) {
            warnings.add("thread.plan=" + plan.name().toLowerCase(Locale.ROOT) + " wants "
                    + (plan.stageThreads() + 1) + " spinning threads where " + cpus
                    + " processors leave room for " + Math.max(1, cpus - 1)
                    + ": they sleep instead, and waking one costs some ten microseconds");
        }
        if (!config.text(Setting.FAULT).equals("off")) {
            warnings.add("drill.fault=" + config.text(Setting.FAULT) + ": agents fail on purpose");
        }
        threads = pinnedThreads(config.text(Setting.THREAD_CPUS));
        PipelineConfig pipelineConfig = new PipelineConfig(
                (int) config.whole(Setting.RING_CAPACITY),
                config.whole(Setting.DEADLINE_US) * 1_000,
                config.whole(Setting.SEED),
                Admission.of(config.text(Setting.ADMISSION)),
                plan,
                threads,
                maySpin ? STAGE_SPINS : 0,
                hangNs(config),
                fault(config));
        Door[] lateDoor = new Door[1];
        Runnable wake = () -> Objects.requireNonNull(lateDoor[0]).wake();
        pipeline = new Pipeline(
                pipelineConfig,
                policies,
                traffic,
                () -> state,
                new CircuitBreaker(CircuitBreaker.Limits.standard(), new Learner(ledger, rewards), epochMs),
                new Log(ledger, new TokenMint(key), epochMs),
                System::nanoTime,
                wake,
                () -> Objects.requireNonNull(lateDoor[0]).relieve());
        opened.push(pipeline);
        adminRoles = DoorSettings.roles(config, Setting.ADMIN_ROLES);
        door = new Door(
                new InetSocketAddress(config.text(Setting.TCP_HOST), (int) config.whole(Setting.TCP_PORT)),
                DoorSettings.of(config, maySpin ? SPIN_NS : 0),
                threads,
                new Intake());
        opened.push(door);
        lateDoor[0] = door;
        config.save(directory.resolve(SETTINGS_FILE));
        ledger.start(wake);
        pipeline.start();
        door.start();
    }

    private static long hangNs(Config config) {
        long ms = config.whole(Setting.HANG_MS);
        return ms > 0
                ? ms * 1_000_000
                : Math.max(HANG_NS_MIN, HANG_DEADLINES * config.whole(Setting.DEADLINE_US) * 1_000);
    }

    private static @Nullable Fault fault(Config config) throws IOException {
        try {
            return Fault.parse(config.text(Setting.FAULT));
        } catch (IllegalArgumentException e) {
            throw new IOException("drill.fault: " + e.getMessage(), e);
        }
    }

    private static PinnedThreads pinnedThreads(String processors) throws IOException {
        try {
            return PinnedThreads.of(processors);
        } catch (IllegalArgumentException e) {
            throw new IOException("thread.cpus=" + processors + ": " + e.getMessage(), e);
        }
    }

    /** What is not as the settings ask, and what that costs; empty when all is. Any thread. */
    public List<String> warnings() {
        List<String> all = new ArrayList<>(warnings);
        all.addAll(threads.problems());
        return all;
    }

    /**
     * Starts a kernel.
     *
     * @throws IOException with one clear sentence, when the directory is locked or cannot be written, there is no catalogue, a file is damaged, or
     *     the port is taken.
     */
    public static ServingKernel launch(Config config) throws IOException {
        return launch(config, System::currentTimeMillis);
    }

    /** @param epochMs the clock of records, tokens and incidents, which may jump. */
    static ServingKernel launch(Config config, LongSupplier epochMs) throws IOException {
        Path directory = Path.of(config.text(Setting.DIRECTORY));
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        opened.push(DirectoryLock.take(directory));
        try {
            Catalog catalog = openCatalog(config);
            opened.push(catalog);
            return new ServingKernel(config, catalog, opened, epochMs);
        } catch (IOException | RuntimeException e) {
            try {
                closeAll(opened);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    static Catalog openCatalog(Config config) throws IOException {
        Path catalogs = Path.of(config.text(Setting.DIRECTORY)).resolve("catalog");
        long version = config.whole(Setting.CATALOG_VERSION);
        return Catalog.open(version == 0 ? Catalog.newest(catalogs) : catalogs.resolve(Long.toString(version)));
    }

    /** What every kind may choose from, by code. */
    static DecisionSpace[] spaces(Config config, Catalog catalog) {
        return DecisionSpaces.all(staticRoute(config, catalog));
    }

    /** Closes what was opened, the last first; goes on when one fails, and throws the first failure at the end. */
    private static void closeAll(Deque<AutoCloseable> opened) throws IOException {
        IOException failure = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                failure = failure == null ? new IOException("not everything could be closed: " + e, e) : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** The agents that were asked for when the directory was last served; empty when it never was. */
    private static String promotedBefore(Path settings) {
        return Files.exists(settings) ? Config.load(settings).text(Setting.PROMOTED) : "";
    }

    private static Route staticRoute(Config config, Catalog catalog) {
        String name = config.text(Setting.STATIC_ROUTE);
        return name.equals("auto") ? catalog.vectors() == null ? Route.EVERYTHING : Route.VECTOR : Route.ofName(name);
    }

    static RewardConfig rewardConfig(Config config, Catalog catalog) {
        return new RewardConfig(
                config.flag(Setting.LEARNING),
                config.whole(Setting.OUTCOME_WINDOW_MS),
                REMEMBERED_DECISIONS,
                config.real(Setting.EPSILON),
                config.real(Setting.TV_BOUND),
                (int) config.whole(Setting.EPOCH_OUTCOMES),
                (int) config.whole(Setting.REFRESH_OUTCOMES),
                config.real(Setting.ALPHA_MIN),
                config.real(Setting.ALPHA_MAX),
                randomDistance(catalog),
                config.flag(Setting.MONITORING),
                new GlobalReward(
                        config.real(Setting.VIEW_WORTH),
                        config.real(Setting.CLICK_WORTH),
                        config.real(Setting.LIKE_WORTH),
                        config.real(Setting.PURCHASE_WORTH),
                        config.real(Setting.SESSION_WEIGHT),
                        config.real(Setting.DIVERSITY_WEIGHT),
                        config.whole(Setting.SESSION_GAP_MS)),
                config.flag(Setting.ARTICLE),
                config.real(Setting.LOSS_MAX),
                Challenger.parse(config.text(Setting.CHALLENGERS)));
    }

    /** Mean category distance of two items drawn by hash, so that a replay finds the same; 1 when no item has a category. */
    private static double randomDistance(Catalog catalog) {
        FilterAgent filter = new FilterAgent(2);
        long[] pair = new long[2];
        double sum = 0;
        for (int i = 0; i < DISTANCE_PAIRS; i++) {
            for (int j = 0; j < pair.length; j++) {
                pair[j] = catalog.categories((int) (CounterRandom.uniform(0, i, j) * catalog.itemCount()));
            }
            sum += filter.intraListDistance(pair, pair.length);
        }
        return Math.max(0.01, sum / DISTANCE_PAIRS);
    }

    /**
     * A client of this process, which may do everything. Any thread.
     *
     * @param timeoutMs for the door to welcome it.
     */
    public RondoClient connect(long timeoutMs) throws IOException {
        return RondoClient.over(door.connectOwn(address()), timeoutMs);
    }

    /** Where this process reaches the binary door. */
    public InetSocketAddress address() {
        InetSocketAddress bound = new InetSocketAddress(config.text(Setting.TCP_HOST), door.port());
        return bound.getAddress() != null && bound.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), door.port())
                : bound;
    }

    /**
     * Sends itself dry requests, by every route in turn, so that the compiler sees them before a caller does: the first ones of a cold process miss
     * their deadline. They leave no trace beside the door's counters.
     *
     * @param requestCount how many; fewer when {@code limitMs} is over.
     * @throws IOException when the door does not answer.
     */
    public void warmUp(int requestCount, long limitMs) throws IOException {
        long endNs = System.nanoTime() + limitMs * 1_000_000;
        RecommendRequest request = new RecommendRequest();
        try (RondoClient client = connect(WARM_UP_TIMEOUT_MS)) {
            for (int i = 0; i < requestCount && System.nanoTime() < endNs; i++) {
                int route = i % (Route.COUNT + 1);
                client.recommend(
                        request.reset()
                                .requestId(i)
                                .userId(i)
                                .k(20)
                                .dryRun(true)
                                .route(route == Route.COUNT ? FrameLayout.ROUTE_UNPINNED : route)
                                .budgetUs(WARM_UP_TIMEOUT_MS * 1_000),
                        WARM_UP_TIMEOUT_MS);
            }
        }
    }

    /** What may be done over the admin door. */
    public Set<Role> adminRoles() {
        return adminRoles;
    }

    /** The port of the binary door. */
    public int port() {
        return door.port();
    }

    public Config config() {
        return config;
    }

    /** The catalogue in force. */
    public Catalog catalog() {
        return state.catalog();
    }

    public PolicyTable policies() {
        return policies;
    }

    /**
     * Makes a stage an agent, if the closure gate passes it. The examination takes some tenths of a second of the caller's thread; requests go on. When this
     * returns, requests admitted from now on see the agent.
     *
     * @param who asks for it; goes into the journal.
     * @return what the gate found; the stage stays what it was unless that is {@link ClosureVerdict#isPromotable()}.
     * @throws IllegalStateException when promotions are held; the message names the alarm.
     * @throws IOException when the promotion cannot be written down.
     */
    public ClosureVerdict promote(AgentKind kind, String who) throws IOException {
        return promotions.promote(kind, who);
    }

    /**
     * Makes an agent a function again, which plays its static action; what it has learnt is kept.
     *
     * @param who asks for it; goes into the journal.
     * @throws IllegalArgumentException when it is no agent.
     * @throws IOException when the demotion cannot be written down.
     */
    public void demote(AgentKind kind, String who) throws IOException {
        promotions.demote(kind, who);
    }

    /** The newest alarms, reversions and transitions of the breaker, the oldest first. Any thread. */
    public List<Incident> incidents() {
        List<Incident> all = new ArrayList<>(rewards.incidents());
        all.addAll(pipeline.breaker().incidents());
        all.sort(Comparator.comparingLong(Incident::timeMs));
        return all;
    }

    /** Rewards, α and budget, for looking at; its methods that change something belong to the ledger. */
    public RewardRing rewards() {
        return rewards;
    }

    /**
     * The last known good state of an agent in a segment with the journal sequence that it reflects, or null. Any thread; a tick behind at most.
     *
     * @throws IOException when its bytes are not those that were written.
     */
    public CompactedStore.@Nullable Entry state(AgentKind kind, int segment) throws IOException {
        return states.get(Ledger.stateKey(kind, segment));
    }

    /**
     * Who earned the reward of the newest request with this id; null when it is not among the 65,536 that wait for their outcome nor in the newest 262,144
     * rows, one for each agent and request, or when no agent decided in it. Any thread; takes some milliseconds.
     */
    public @Nullable RewardTrace trace(long requestId) {
        return ledger.trace(requestId);
    }

    /** What keeps the kernel from doing all of its work, empty when nothing does. Any thread. */
    public String problem() {
        if (door.failure() != null) {
            return "the door has stopped: " + door.failure();
        }
        return ledger.failure() == null ? "" : "outcomes are refused, the ledger has stopped: " + ledger.failure();
    }

    /** Outcomes and interactions that were answered so since start. Any thread. */
    public long outcomeCount(OutcomeStatus status) {
        return ledger.statusCount(status);
    }

    public Door door() {
        return door;
    }

    public Pipeline pipeline() {
        return pipeline;
    }

    /**
     * Puts a catalogue version with the same rows in force for every later request. The kernel owns it from then on; old versions are freed with it,
     * because the tables go on reading their items.
     *
     * @throws IllegalArgumentException when its rows are not the same: such a version takes a restart.
     */
    public synchronized void publish(Catalog next) {
        Catalog old = state.catalog();
        if (!next.hasSameRowsAs(old)) {
            throw new IllegalArgumentException("a live catalogue change keeps the items: version=" + next.version()
                    + ", inForce=" + old.version());
        }
        state = new ServingState(tables.sources(next));
        // Last in the queue: closed after everything that may read it.
        opened.addLast(next);
    }

    /** Bytes that the serving thread has allocated since it started; −1 when this JVM cannot tell. */
    public long servingThreadAllocatedBytes() {
        return java.lang.management.ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean bean
                ? bean.getThreadAllocatedBytes(door.threadId())
                : -1;
    }

    @Override
    public synchronized void close() throws IOException {
        closeAll(opened);
    }

    /** What the door hands in; runs on the door's thread. */
    private final class Intake implements Requests {
        private final Forward forward = new Forward();

        @Override
        public Pipeline.Taken recommend(
                long connectionId,
                DirectBuffer message,
                int offset,
                int length,
                long arrivedNs,
                long receivedNs,
                Replies replies) {
            forward.replies = replies;
            return pipeline.offer(connectionId, message, offset, length, arrivedNs, receivedNs, forward);
        }

        @Override
        public void refuse(
                long connectionId, DirectBuffer message, int offset, int length, long retryNs, Replies replies) {
            forward.replies = replies;
            pipeline.refuse(connectionId, message, offset, length, retryNs, forward);
        }

        @Override
        public boolean outcome(
                long origin,
                long correlationId,
                DirectBuffer token,
                int tokenOffset,
                long itemId,
                int position,
                int kind,
                float value,
                long timeMs,
                boolean closes) {
            return ledger.offerOutcome(
                    origin, correlationId, token, tokenOffset, itemId, position, kind, value, timeMs, closes);
        }

        @Override
        public boolean interaction(
                long origin, long correlationId, long userId, long itemId, float weight, long timeMs) {
            return ledger.offerInteraction(origin, correlationId, userId, itemId, weight, timeMs);
        }

        @Override
        public int poll(Replies replies) {
            forward.replies = replies;
            return pipeline.poll(forward, REPLIES_PER_TURN) + ledger.outbox().read(forward, ACKS_PER_TURN);
        }

        @Override
        public long itemCount() {
            return state.catalog().itemCount();
        }

        @Override
        public int dimension() {
            return state.catalog().dimension();
        }

        @Override
        public long catalogVersion() {
            return state.catalog().version();
        }

        @Override
        public int retryPercent() {
            return (int) config.whole(Setting.RETRY_PERCENT);
        }
    }

    /** Carries replies and acknowledgements to the door. */
    private static final class Forward implements ReplySink, MessageHandler, Ledger.AckSink {
        @Nullable
        Replies replies;

        @Override
        public void reply(long connectionId, DirectBuffer message, int offset, int length) {
            Objects.requireNonNull(replies).message(connectionId, message, offset, length);
        }

        @Override
        public void onMessage(int type, MutableDirectBuffer buffer, int index, int length) {
            Ledger.onAckMessage(this, buffer, index);
        }

        @Override
        public void ack(long origin, long correlationId, int status, int mode, long sequence) {
            Objects.requireNonNull(replies).ack(origin, correlationId, status, mode, sequence);
        }
    }

    /** What the breaker looks at. */
    private record Learner(Ledger ledger, RewardRing rewards) implements Learning {
        @Override
        public long position() {
            return ledger.position();
        }

        @Override
        public boolean hasBacklog() {
            return ledger.hasBacklog();
        }

        @Override
        public boolean isDistrusted() {
            return rewards.isDistrusted();
        }
    }

    /**
     * The pipeline's side of the ledger. Ids begin with the time in the upper bits, or behind those that the journal has, should the clock have been set back: they never
     * repeat in a directory.
     */
    private static final class Log implements DecisionLog {
        private final Ledger ledger;
        private final TokenMint mint;
        private final LongSupplier epochMs;
        private final AtomicLong nextId;

        Log(Ledger ledger, TokenMint mint, LongSupplier epochMs) {
            this.ledger = ledger;
            this.mint = mint;
            this.epochMs = epochMs;
            this.nextId = new AtomicLong(Math.max(epochMs.getAsLong() << ID_SHIFT, ledger.lastDecisionId() + 1));
        }

        @Override
        public long nextDecisionId() {
            return nextId.getAndIncrement();
        }

        @Override
        public void mintToken(long decisionId, long slateHash, MutableDirectBuffer out, int offset) {
            mint.mint(decisionId, slateHash, nowMs(), out, offset);
        }

        @Override
        public boolean offer(DirectBuffer record, int offset, int length) {
            return ledger.offerDecision(record, offset, length);
        }

        @Override
        public long nowMs() {
            return epochMs.getAsLong();
        }

        @Override
        public long snapshotVersion() {
            return ledger.appliedSequence();
        }
    }
}
