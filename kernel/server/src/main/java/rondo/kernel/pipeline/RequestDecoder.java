package rondo.kernel.pipeline;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import rondo.agents.Segment;
import rondo.agents.retrieval.Route;
import rondo.ann.HotPath;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.RecommendDecoder;
import rondo.wire.ReplyCode;

/** Reads a request's bytes into its slot's fields. One decoder belongs to one thread. */
final class RequestDecoder {
    private final long deadlineNs;
    private final boolean compilesFilters;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final RecommendDecoder decoder = new RecommendDecoder();
    private final FilterCache.Expression expression = new FilterCache.Expression(RequestSlot.REQUEST_LENGTH_MAX);

    /**
     * @param deadlineNs      of a request that names none.
     * @param compilesFilters true on the admitting thread; elsewhere a request whose filter nobody has compiled is refused.
     */
    RequestDecoder(long deadlineNs, boolean compilesFilters) {
        this.deadlineNs = deadlineNs;
        this.compilesFilters = compilesFilters;
    }

    /** Reads every field after checking that it lies inside the message; bounds checks of the codecs are off in production. */
    @HotPath
    boolean decode(RequestSlot slot, ServingState state) {
        DirectBuffer in = slot.request;
        int length = slot.requestLength;
        header.wrap(in, 0);
        int blockLength = header.blockLength();
        int at = MessageHeaderDecoder.ENCODED_LENGTH + blockLength;
        if (blockLength < RecommendDecoder.BLOCK_LENGTH || at + 4 > length) {
            slot.refuse(ReplyCode.BAD_REQUEST, "Recommend is too short");
            return false;
        }
        decoder.wrap(in, MessageHeaderDecoder.ENCODED_LENGTH, blockLength, header.version());
        slot.requestId = decoder.requestId();
        slot.userId = decoder.userId();
        slot.wanted = decoder.k();
        slot.segment = decoder.segmentHint();
        slot.isDryRun = decoder.flags().dryRun();
        slot.isStatic = decoder.flags().staticChain();
        slot.keepsSeen = decoder.flags().keepSeen();
        slot.pinnedRoute = decoder.route() == 255 ? -1 : decoder.route();
        long budgetNs = decoder.budgetUs() * 1_000L;
        slot.deadlineNs = slot.arrivedNs + (budgetNs == 0 ? deadlineNs : budgetNs);
        if (slot.wanted < 1 || slot.wanted > RequestSlot.SLATE_MAX) {
            slot.refuse(ReplyCode.BAD_REQUEST, "k outside [1, 500]");
            return false;
        }
        if (slot.segment >= Segment.HINT_COUNT) {
            slot.refuse(ReplyCode.BAD_REQUEST, "segmentHint outside [0, 15]");
            return false;
        }
        if (slot.pinnedRoute >= Route.COUNT) {
            slot.refuse(ReplyCode.BAD_REQUEST, "unknown route code");
            return false;
        }
        int groupLength = in.getShort(at, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        int groupCount = in.getShort(at + 2, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        at += 4;
        if (groupCount > RequestSlot.EXCLUSIONS_MAX
                || groupLength < Long.BYTES
                || at + (long) groupLength * groupCount + 2 > length) {
            if (groupCount != 0) {
                slot.refuse(ReplyCode.BAD_REQUEST, "exclusions do not fit the message");
                return false;
            }
        }
        for (int i = 0; i < groupCount; i++) {
            slot.exclusions[i] = in.getLong(at + i * groupLength, ByteOrder.LITTLE_ENDIAN);
        }
        slot.exclusionCount = groupCount;
        at += groupLength * groupCount;
        if (at + 2 > length) {
            slot.refuse(ReplyCode.BAD_REQUEST, "Recommend is too short");
            return false;
        }
        int vectorLength = in.getShort(at, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        at += 2;
        if (at + (long) vectorLength + 2 > length) {
            slot.refuse(ReplyCode.BAD_REQUEST, "queryVector does not fit the message");
            return false;
        }
        if (vectorLength != 0 && !readVector(slot, state, in, at, vectorLength)) {
            return false;
        }
        at += vectorLength;
        int filterLength = in.getShort(at, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        at += 2;
        if (at + (long) filterLength > length) {
            slot.refuse(ReplyCode.BAD_REQUEST, "filter does not fit the message");
            return false;
        }
        return filterLength == 0 || findFilter(slot, state, at, filterLength);
    }

    @HotPath
    private boolean findFilter(RequestSlot slot, ServingState state, int at, int length) {
        expression.set(slot.request, at, length);
        if (!compilesFilters) {
            slot.filter = state.filters().find(expression);
            if (slot.filter == null) {
                slot.refuse(ReplyCode.OVERLOADED, "there is no time to compile a filter");
            }
            return slot.filter != null;
        }
        try {
            slot.filter = state.filters().findOrCompile(expression);
        } catch (IllegalArgumentException e) {
            slot.refuse(ReplyCode.BAD_REQUEST, String.valueOf(e.getMessage()));
            return false;
        }
        return true;
    }

    @HotPath
    private boolean readVector(RequestSlot slot, ServingState state, DirectBuffer in, int at, int vectorLength) {
        int dimension = state.catalog().dimension();
        if (vectorLength != dimension * Float.BYTES) {
            slot.refuse(ReplyCode.BAD_REQUEST, "queryVector is not of the catalogue's dimension");
            return false;
        }
        for (int i = 0; i < dimension; i++) {
            float value = in.getFloat(at + i * Float.BYTES, ByteOrder.LITTLE_ENDIAN);
            if (!Float.isFinite(value)) {
                slot.refuse(ReplyCode.BAD_REQUEST, "queryVector holds a value that is not finite");
                return false;
            }
            slot.queryVector[i] = value;
        }
        slot.hasQueryVector = true;
        return true;
    }
}
