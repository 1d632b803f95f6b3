package rondo.client;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.wire.Level;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.ReplyCode;
import rondo.wire.SlateReplyDecoder;
import rondo.wire.SlateReplyEncoder;

/**
 * A reply, read in place. It is valid until the client that handed it out is used again; copy what must live longer.
 */
public final class SlateView {
    private static final byte[] NOTHING = {};

    private final UnsafeBuffer body = new UnsafeBuffer(0, 0);
    private final SlateReplyDecoder decoder = new SlateReplyDecoder();
    private int agentsOffset;
    private int agentCount;
    private int agentLength;
    private int itemsOffset;
    private int itemCount;
    private int itemLength;
    private String message = "";
    private long retryAfterUs;

    /** What a short refusal says, as a reply that decoders can read. */
    private final UnsafeBuffer refusal = new UnsafeBuffer(new byte[256]);

    private final SlateReplyEncoder refusalEncoder = new SlateReplyEncoder();
    private final MessageHeaderEncoder refusalHeader = new MessageHeaderEncoder();

    /** Becomes the reply of a server that had no time. */
    SlateView overloaded(long requestId, long retryUs) {
        refusal.setMemory(0, refusal.capacity(), (byte) 0);
        refusalEncoder
                .wrapAndApplyHeader(refusal, 0, refusalHeader)
                .requestId(requestId)
                .code(ReplyCode.OVERLOADED)
                .level(Level.NONE);
        refusalEncoder.reasons().clear().overload(true);
        refusalEncoder.agentsCount(0);
        refusalEncoder.itemsCount(0);
        refusalEncoder.putMessage(NOTHING, 0, 0);
        wrap(refusal, 0, SlateReplyEncoder.BLOCK_LENGTH, SlateReplyEncoder.SCHEMA_VERSION);
        retryAfterUs = retryUs;
        return this;
    }

    SlateView wrap(DirectBuffer buffer, int offset, int blockLength, int version) {
        decoder.wrap(buffer, offset + MessageHeaderDecoder.ENCODED_LENGTH, blockLength, version);
        SlateReplyDecoder.AgentsDecoder agents = decoder.agents();
        agentCount = agents.count();
        agentsOffset = decoder.limit();
        agentLength = agents.actingBlockLength();
        decoder.limit(agentsOffset + agentCount * agentLength);
        SlateReplyDecoder.ItemsDecoder items = decoder.items();
        itemCount = items.count();
        itemsOffset = decoder.limit();
        itemLength = items.actingBlockLength();
        decoder.limit(itemsOffset + itemCount * itemLength);
        message = decoder.messageLength() == 0 ? "" : readMessage();
        body.wrap(buffer);
        retryAfterUs = 0;
        return this;
    }

    private String readMessage() {
        byte[] bytes = new byte[decoder.messageLength()];
        decoder.getMessage(bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    public long requestId() {
        return decoder.requestId();
    }

    /** How the request ended; only {@code OK} carries items. */
    public ReplyCode code() {
        return decoder.code();
    }

    /** How much of the chain took part. */
    public Level level() {
        return decoder.level();
    }

    public boolean isUnderfilled() {
        return decoder.reasons().underfilled();
    }

    public boolean isColdUser() {
        return decoder.reasons().coldUser();
    }

    /** True when the user belongs to the share of the audience that the static chain serves. */
    public boolean isStaticArm() {
        return decoder.reasons().staticArm();
    }

    /** True when no outcome can be reported for this slate, because it was a dry run or could not be logged. */
    public boolean isUnlogged() {
        return decoder.reasons().unlogged() || decoder.reasons().dryRun();
    }

    public int segment() {
        return decoder.segment();
    }

    public long catalogVersion() {
        return decoder.catalogVersion();
    }

    /** The version of the agents' shared state that the decisions saw. */
    public long snapshotVersion() {
        return decoder.snapshotVersion();
    }

    public long retrievalNs() {
        return decoder.retrievalNs();
    }

    public long rankingNs() {
        return decoder.rankingNs();
    }

    public long filterNs() {
        return decoder.filterNs();
    }

    /** Frame decoded to reply encoded, nanoseconds. */
    public long serverNs() {
        return decoder.serverNs();
    }

    /** How many items the slate holds. */
    public int size() {
        return itemCount;
    }

    public long itemId(int index) {
        return body.getLong(itemsOffset + index * itemLength, ByteOrder.LITTLE_ENDIAN);
    }

    public float score(int index) {
        return body.getFloat(itemsOffset + index * itemLength + 8, ByteOrder.LITTLE_ENDIAN);
    }

    /** Code of the route that brought the item. */
    public int route(int index) {
        return body.getByte(itemsOffset + index * itemLength + 12) & 0xFF;
    }

    /** How many agents decided. */
    public int agentCount() {
        return agentCount;
    }

    public int agentKind(int index) {
        return body.getByte(agentsOffset + index * agentLength) & 0xFF;
    }

    public int action(int index) {
        return body.getByte(agentsOffset + index * agentLength + 1) & 0xFF;
    }

    /** The probability with which that agent's policy made this choice. */
    public float propensity(int index) {
        return body.getFloat(agentsOffset + index * agentLength + 2, ByteOrder.LITTLE_ENDIAN);
    }

    public long policyVersion(int index) {
        return body.getLong(agentsOffset + index * agentLength + 6, ByteOrder.LITTLE_ENDIAN);
    }

    /** The place of an item in the slate, or −1. */
    public int indexOf(long itemId) {
        for (int i = 0; i < itemCount; i++) {
            if (itemId(i) == itemId) {
                return i;
            }
        }
        return -1;
    }

    /** Copies the decision token, {@link FrameLayout#TOKEN_LENGTH} bytes. */
    public void copyToken(byte[] out) {
        body.getBytes(decoder.offset() + SlateReplyDecoder.tokenEncodingOffset(), out, 0, FrameLayout.TOKEN_LENGTH);
    }

    /** True when the server had no time for the whole chain; a slate that came with it holds popular items. */
    public boolean isOverloaded() {
        return decoder.reasons().overload();
    }

    /** Microseconds after which an overloaded server wants to be asked again, 0 when it does not say. */
    public long retryAfterUs() {
        return retryAfterUs;
    }

    /** What is wrong, when {@link #code()} is not {@code OK}; else empty. */
    public String message() {
        return message;
    }
}
