package rondo.client;

import java.io.IOException;
import java.nio.ByteOrder;
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
    private static final int AGENT_LENGTH = SlateReplyDecoder.AgentsDecoder.sbeBlockLength();
    private static final int ITEM_LENGTH = SlateReplyDecoder.ItemsDecoder.sbeBlockLength();

    private final UnsafeBuffer body = new UnsafeBuffer(0, 0);
    private final SlateReplyDecoder decoder = new SlateReplyDecoder();
    private int agentsOffset;
    private int agentCount;
    private int agentLength;
    private int itemsOffset;
    private int itemCount;
    private int itemLength;
    private ReplyCode code = ReplyCode.OK;
    private Level level = Level.NONE;
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
        body.wrap(refusal);
        decoder.wrap(
                body,
                MessageHeaderEncoder.ENCODED_LENGTH,
                SlateReplyEncoder.BLOCK_LENGTH,
                SlateReplyEncoder.SCHEMA_VERSION);
        code = ReplyCode.OVERLOADED;
        level = Level.NONE;
        agentCount = 0;
        itemCount = 0;
        message = "";
        retryAfterUs = retryUs;
        return this;
    }

    /** @throws IOException when the message does not hold what it says. */
    SlateView wrap(ReceivedMessage received) throws IOException {
        received.requireBlock("SlateReply", SlateReplyDecoder.BLOCK_LENGTH);
        body.wrap(received.bytes());
        decoder.wrap(body, MessageHeaderDecoder.ENCODED_LENGTH, received.blockLength(), received.version());
        code = ReceivedMessage.replyCode(decoder.codeRaw());
        level = ReceivedMessage.level(decoder.levelRaw());
        received.readGroup("SlateReply.agents", AGENT_LENGTH);
        agentsOffset = received.groupAt();
        agentCount = received.groupCount();
        agentLength = received.groupBlockLength();
        received.readGroup("SlateReply.items", ITEM_LENGTH);
        itemsOffset = received.groupAt();
        itemCount = received.groupCount();
        itemLength = received.groupBlockLength();
        message = received.text("SlateReply.message");
        retryAfterUs = 0;
        return this;
    }

    public long requestId() {
        return decoder.requestId();
    }

    /** How the request ended; only {@code OK} carries items. */
    public ReplyCode code() {
        return code;
    }

    /** How much of the chain took part. */
    public Level level() {
        return level;
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

    /** True when there was too little time left for more than popular items. */
    public boolean isLate() {
        return decoder.reasons().deadline();
    }

    /** True when an agent failed on this request, or its agents rest because they failed before; the slate is a static one. */
    public boolean hasAgentFailed() {
        return decoder.reasons().agentFailed();
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
