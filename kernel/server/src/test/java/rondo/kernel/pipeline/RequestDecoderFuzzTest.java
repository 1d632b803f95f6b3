package rondo.kernel.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterAll;
import rondo.agents.Segment;
import rondo.agents.catalog.Audience;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CatalogBuilder;
import rondo.agents.catalog.CoVisits;
import rondo.agents.catalog.Popularity;
import rondo.agents.retrieval.RetrievalSources;
import rondo.agents.retrieval.Route;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.RecommendEncoder;

/**
 * Goal: a Recommend message fills its slot with what later stages may rely on, or is refused with a reason; nothing beyond the message is read. Method: an input
 * is a message as the door hands it over, in a buffer that ends where it ends; what was read is encoded again and must be read the same.
 */
class RequestDecoderFuzzTest {
    private static final int DIMENSION = 2;
    private static final long DEADLINE_NS = 5_000_000;

    private static int takenCount;
    private static int filteredCount;
    private static int refusedCount;

    private final ServingState state = state();
    private final RequestDecoder decoder = new RequestDecoder(DEADLINE_NS, true);
    private final RequestSlot slot = new RequestSlot();
    private final RequestSlot second = new RequestSlot();
    private final UnsafeBuffer encoded = new UnsafeBuffer(new byte[2 * RequestSlot.REQUEST_LENGTH_MAX]);
    private final RecommendEncoder encoder = new RecommendEncoder();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();

    private static ServingState state() {
        CatalogBuilder builder = new CatalogBuilder();
        for (int i = 0; i < 3; i++) {
            builder.addItem(i, "", List.of("Drama"), Map.of("year", 1990 + i));
        }
        builder.itemVectors(new float[] {1, 0, 0, 1, 1, 1}, DIMENSION);
        Catalog catalog = builder.build(1);
        return new ServingState(new RetrievalSources(
                catalog, new Audience(16), new CoVisits(catalog.itemCount()), new Popularity(catalog, 1_000)));
    }

    @FuzzTest
    void shouldFillTheSlotOrRefuse(byte[] message) {
        if (message.length < MessageHeaderDecoder.ENCODED_LENGTH || message.length > RequestSlot.REQUEST_LENGTH_MAX) {
            // The door keeps those away.
            return;
        }
        slot.clear();
        slot.request.wrap(message);
        slot.requestLength = message.length;
        if (!decoder.decode(slot, state)) {
            refusedCount++;
            assertTrue(slot.isRefused() && !slot.message.isEmpty());
            return;
        }
        takenCount++;
        filteredCount += slot.filter == null ? 0 : 1;
        assertFalse(slot.isRefused());
        assertTrue(slot.wanted >= 1 && slot.wanted <= RequestSlot.SLATE_MAX);
        assertTrue(slot.segment >= 0 && slot.segment < Segment.HINT_COUNT);
        assertTrue(slot.pinnedRoute >= -1 && slot.pinnedRoute < Route.COUNT);
        assertTrue(slot.exclusionCount >= 0 && slot.exclusionCount <= RequestSlot.EXCLUSIONS_MAX);
        assertTrue(slot.deadlineNs > slot.arrivedNs);
        requireRoundTrip(message);
    }

    private void requireRoundTrip(byte[] message) {
        long budgetNs = slot.deadlineNs - slot.arrivedNs;
        encoder.wrapAndApplyHeader(encoded, 0, header)
                .requestId(slot.requestId)
                .userId(slot.userId)
                .budgetUs(budgetNs / 1_000)
                .k(slot.wanted)
                .segmentHint((short) slot.segment)
                .route((short) (slot.pinnedRoute & 0xFF));
        encoder.flags().clear().dryRun(slot.isDryRun).staticChain(slot.isStatic).keepSeen(slot.keepsSeen);
        RecommendEncoder.ExclusionsEncoder exclusions = encoder.exclusionsCount(slot.exclusionCount);
        for (int i = 0; i < slot.exclusionCount; i++) {
            exclusions.next().itemId(slot.exclusions[i]);
        }
        ByteBuffer vector = ByteBuffer.allocate(slot.hasQueryVector ? DIMENSION * Float.BYTES : 0)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < DIMENSION && slot.hasQueryVector; i++) {
            assertTrue(Float.isFinite(slot.queryVector[i]));
            vector.putFloat(slot.queryVector[i]);
        }
        encoder.putQueryVector(vector.array(), 0, vector.capacity());
        byte[] filter = filter(message);
        encoder.putFilter(filter, 0, filter.length);
        second.clear();
        second.request.wrap(encoded);
        second.requestLength = MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
        second.arrivedNs = slot.arrivedNs;
        assertTrue(decoder.decode(second, state), second.message);
        assertEquals(slot.requestId, second.requestId);
        assertEquals(slot.userId, second.userId);
        assertEquals(slot.deadlineNs, second.deadlineNs);
        assertEquals(slot.wanted, second.wanted);
        assertEquals(slot.segment, second.segment);
        assertEquals(slot.pinnedRoute, second.pinnedRoute);
        assertEquals(slot.isDryRun, second.isDryRun);
        assertEquals(slot.isStatic, second.isStatic);
        assertEquals(slot.keepsSeen, second.keepsSeen);
        assertArrayEquals(
                Arrays.copyOf(slot.exclusions, slot.exclusionCount),
                Arrays.copyOf(second.exclusions, second.exclusionCount));
        assertEquals(slot.hasQueryVector, second.hasQueryVector);
        if (slot.hasQueryVector) {
            assertArrayEquals(Arrays.copyOf(slot.queryVector, DIMENSION), Arrays.copyOf(second.queryVector, DIMENSION));
        }
        // The same text is the same compiled filter.
        assertSame(slot.filter, second.filter);
    }

    /** The filter's bytes, looked up in the message by a reading of its own. */
    private static byte[] filter(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        int at = MessageHeaderDecoder.ENCODED_LENGTH + (in.getShort(0) & 0xFFFF);
        at += 4 + (in.getShort(at) & 0xFFFF) * (in.getShort(at + 2) & 0xFFFF);
        at += 2 + (in.getShort(at) & 0xFFFF);
        return Arrays.copyOfRange(message, at + 2, at + 2 + (in.getShort(at) & 0xFFFF));
    }

    @AfterAll
    static void shouldHaveSeenEach() {
        assertTrue(
                takenCount > filteredCount && filteredCount > 0 && refusedCount > 0,
                "taken=" + takenCount + ", filtered=" + filteredCount + ", refused=" + refusedCount);
    }
}
