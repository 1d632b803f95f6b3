package rondo.kernel.pipeline;

import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.agents.Decision;
import rondo.agents.catalog.CompiledFilter;
import rondo.agents.retrieval.Candidates;
import rondo.agents.traffic.Composition;
import rondo.ann.HotPath;
import rondo.ann.RowFilter;
import rondo.wire.Level;
import rondo.wire.ReplyCode;

/**
 * Everything about one request in flight. Made once with the ring and used for ever; the stage that holds its sequence owns it, and the ring's
 * sequences order the writes of one stage before the reads of the next.
 *
 * <p>Request and reply bytes lie off-heap. Candidates, slate and decisions are parallel arrays and reusable values that live as long as the ring,
 * so the collector promotes them once and never moves them again.
 */
final class RequestSlot {
    static final int SLATE_MAX = 500;
    static final int CANDIDATES_MAX = 500;
    static final int EXCLUSIONS_MAX = 4096;
    static final int REQUEST_LENGTH_MAX = 64 * 1024;
    private static final int REPLY_LENGTH_MAX = 16 * 1024;

    // Written by the transport before publishing.
    final UnsafeBuffer request = new UnsafeBuffer(BufferUtil.allocateDirectAligned(REQUEST_LENGTH_MAX, 64));
    int requestLength;
    long connectionId;
    long receivedNs;

    /** No later than it came: the time left counts from here. */
    long arrivedNs;

    // Written by admit.
    final long[] exclusions = new long[EXCLUSIONS_MAX];
    final float[] queryVector = new float[4096];
    final Decision[] decisions = new Decision[AgentKind.COUNT];
    int promoted;
    boolean hasQueryVector;
    int exclusionCount;
    long requestId;
    long userId;
    long deadlineNs;
    int wanted;
    int segment;
    int pinnedRoute;
    /** Epoch of the {@link CircuitBreaker} that let agents serve it; {@link CircuitBreaker#BYPASS} when they do not. */
    int breakerEpoch = CircuitBreaker.BYPASS;

    boolean isDryRun;
    boolean isStatic;
    boolean keepsSeen;
    Composition composition = Composition.STANDARD;

    @Nullable
    CompiledFilter filter;

    @Nullable
    ServingState state;

    ReplyCode code = ReplyCode.OK;
    Level level = Level.FULL;
    String message = "";
    boolean isUnderfilled;
    boolean isColdUser;
    boolean isLate;
    boolean hasAgentFailed;
    boolean isStaticArm;
    boolean isUnlogged;
    boolean isOverloaded;

    /** A stage failed on it or hangs in it: the stages behind pass it on, and it is answered without the chain. */
    boolean isGivenUp;

    // Written by retrieve.
    final Candidates candidates = new Candidates(CANDIDATES_MAX);
    final long[] candidateCategories = new long[CANDIDATES_MAX];
    final float[] popularity = new float[CANDIDATES_MAX];
    final float[] taste = new float[CANDIDATES_MAX];

    @Nullable
    RowFilter allowed;

    long retrievalNs;

    // Written by rank.
    final int[] order = new int[CANDIDATES_MAX];
    final float[] rankScores = new float[CANDIDATES_MAX];
    long rankingNs;

    // Written by select and reply.
    final int[] selected = new int[CANDIDATES_MAX];
    int slateCount;
    float distance;
    long filterNs;
    final UnsafeBuffer reply = new UnsafeBuffer(BufferUtil.allocateDirectAligned(REPLY_LENGTH_MAX, 64));
    int replyLength;

    RequestSlot() {
        for (AgentKind kind : AgentKind.values()) {
            decisions[kind.code()] = new Decision(kind);
        }
    }

    /** Takes a request's bytes, on the transport's thread. */
    @HotPath
    void take(long connection, DirectBuffer message, int offset, int length, long arrived, long received) {
        isGivenUp = false;
        connectionId = connection;
        arrivedNs = arrived;
        receivedNs = received;
        requestLength = length;
        request.putBytes(0, message, offset, length);
    }

    /** Forgets the request before. */
    void clear() {
        replyLength = 0;
        hasQueryVector = false;
        exclusionCount = 0;
        filter = null;
        code = ReplyCode.OK;
        level = Level.FULL;
        message = "";
        isUnderfilled = false;
        isColdUser = false;
        isLate = false;
        hasAgentFailed = false;
        isStaticArm = false;
        isUnlogged = false;
        isOverloaded = false;
        breakerEpoch = CircuitBreaker.BYPASS;
        slateCount = 0;
        retrievalNs = 0;
        rankingNs = 0;
        filterNs = 0;
        candidates.clear();
    }

    /** Ends what the chain does for it. */
    @HotPath
    void giveUp() {
        isGivenUp = true;
        hasAgentFailed = true;
    }

    /**
     * Goes on as another slot, because a thread that hangs knows this one.
     *
     * @return {@code other}, with the same request, given up.
     */
    RequestSlot abandonedFor(RequestSlot other) {
        other.take(connectionId, request, 0, requestLength, arrivedNs, receivedNs);
        other.giveUp();
        return other;
    }

    /** Ends the request without a slate; later stages pass it on. */
    void refuse(ReplyCode why, String what) {
        code = why;
        level = Level.NONE;
        message = what;
        slateCount = 0;
    }

    /** Agents that decided. */
    @HotPath
    int takenCount() {
        int count = 0;
        for (int i = 0; i < decisions.length; i++) {
            count += decisions[i].isTaken() ? 1 : 0;
        }
        return count;
    }

    boolean isRefused() {
        return code != ReplyCode.OK;
    }
}
