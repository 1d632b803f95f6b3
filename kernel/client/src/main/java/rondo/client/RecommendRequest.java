package rondo.client;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.RecommendEncoder;

/**
 * One request for a slate; a reusable value that belongs to one thread. Setting a field twice keeps the last value; {@link #reset()} returns to
 * the defaults: ten items for a user, every agent deciding, the server's own deadline.
 */
public final class RecommendRequest {
    private static final byte[] NOTHING = {};

    private final RecommendEncoder encoder = new RecommendEncoder();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();

    private long requestId;
    private long userId;
    private long budgetUs;
    private int k;
    private int segmentHint;
    private int route;
    private boolean dryRun;
    private boolean staticChain;
    private boolean keepSeen;
    private float @Nullable [] queryVector;
    private byte[] filter = NOTHING;
    private long[] exclusions = {};

    public RecommendRequest() {
        reset();
    }

    /** Back to the defaults. */
    public RecommendRequest reset() {
        requestId = 0;
        userId = 0;
        budgetUs = 0;
        k = 10;
        segmentHint = 0;
        route = FrameLayout.ROUTE_UNPINNED;
        dryRun = false;
        staticChain = false;
        keepSeen = false;
        queryVector = null;
        filter = NOTHING;
        exclusions = new long[0];
        return this;
    }

    /** The caller's correlation id; every random choice is keyed by it, so the same id draws the same actions under the same policies. */
    public RecommendRequest requestId(long id) {
        requestId = id;
        return this;
    }

    /** Whose slate; a user that the server has never seen gets the documented cold path. */
    public RecommendRequest userId(long id) {
        userId = id;
        return this;
    }

    /** Microseconds that remain for the server, 0 for its default; at most 2³²−1. */
    public RecommendRequest budgetUs(long us) {
        budgetUs = requireWithin("budgetUs", us, 0, 0xFFFF_FFFFL);
        return this;
    }

    /** Items wanted, 1 to 500. */
    public RecommendRequest k(int count) {
        k = (int) requireWithin("k", count, 1, 500);
        return this;
    }

    /** The caller's own audience label, 0 to 15; part of the segment that agents learn by. */
    public RecommendRequest segmentHint(int hint) {
        segmentHint = (int) requireWithin("segmentHint", hint, 0, 15);
        return this;
    }

    /** Pins the retrieval route by its code; {@link FrameLayout#ROUTE_UNPINNED} leaves the choice to the agent. */
    public RecommendRequest route(int code) {
        route = (int) requireWithin("route", code, 0, 255);
        return this;
    }

    /** Nothing is logged and no decision token is given. */
    public RecommendRequest dryRun(boolean on) {
        dryRun = on;
        return this;
    }

    /** Every agent plays its static action. */
    public RecommendRequest staticChain(boolean on) {
        staticChain = on;
        return this;
    }

    /** Items that the user has already consumed may come back. */
    public RecommendRequest keepSeen(boolean on) {
        keepSeen = on;
        return this;
    }

    /** The query itself instead of the user's stored vector; not copied, read when the request is sent. */
    public RecommendRequest queryVector(float @Nullable [] vector) {
        queryVector = vector;
        return this;
    }

    /** Only items for which the expression holds, for example {@code genre = "Comedy" and year >= 1990}; empty for all. */
    public RecommendRequest filter(String expression) {
        filter = expression.getBytes(StandardCharsets.UTF_8);
        return this;
    }

    /** Item ids that must not come back, beside those already seen. */
    public RecommendRequest exclude(long... itemIds) {
        requireWithin("exclusions", itemIds.length, 0, 4096);
        exclusions = Arrays.copyOf(itemIds, itemIds.length);
        return this;
    }

    long requestId() {
        return requestId;
    }

    /** Encodes message header and message; returns their length in bytes. */
    public int encode(MutableDirectBuffer buffer, int offset) {
        encoder.wrapAndApplyHeader(buffer, offset, header)
                .requestId(requestId)
                .userId(userId)
                .budgetUs(budgetUs)
                .k(k)
                .segmentHint((short) segmentHint)
                .route((short) route);
        encoder.flags().clear().dryRun(dryRun).staticChain(staticChain).keepSeen(keepSeen);
        RecommendEncoder.ExclusionsEncoder group = encoder.exclusionsCount(exclusions.length);
        for (long itemId : exclusions) {
            group.next().itemId(itemId);
        }
        float[] vector = queryVector;
        int at = encoder.limit();
        int vectorLength = vector == null ? 0 : vector.length * Float.BYTES;
        buffer.putShort(at, (short) vectorLength, ByteOrder.LITTLE_ENDIAN);
        at += RecommendEncoder.queryVectorHeaderLength();
        if (vector != null) {
            for (int i = 0; i < vector.length; i++) {
                buffer.putFloat(at + i * Float.BYTES, vector[i], ByteOrder.LITTLE_ENDIAN);
            }
        }
        encoder.limit(at + vectorLength);
        encoder.putFilter(filter, 0, filter.length);
        return MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }

    private static long requireWithin(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " outside [" + min + ", " + max + "]: " + name + "=" + value);
        }
        return value;
    }
}
