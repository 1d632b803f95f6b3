package rondo.reward.join;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.ann.HotPath;

/**
 * One served request as the journal keeps it; a flyweight that belongs to one thread.
 *
 * <pre>
 * little endian
 *  0  requestId       int64
 *  8  userId          int64
 * 16  decidedAtMs     int64   epoch, milliseconds
 * 24  decisionId      int64   unique in the data directory
 * 32  catalogVersion  int64
 * 40  slateHash       int64
 * 48  segment         uint16  50 agentCount uint8  51 flags uint8  52 slateCount uint16  54 distance uint16
 * 56  agentCount × 24 bytes
 *      0  kind        uint8    1 action uint8    2 reserved uint16    4 propensity float32
 *      8  policyVersion int64
 *     16  localContext float32 (NaN = none)     20 policyChecksum int32
 *  …  slateCount × 16 bytes
 *      0  itemId      int64
 *      8  retrievalRank uint16  10 rankingRank uint16  12 route uint8  13 reserved
 * </pre>
 */
public final class DecisionRecord {
    /** Flag: the static chain made it, so it teaches nothing. */
    public static final int FLAG_STATIC = 1;

    /** Flag: time ran out and the popular route stood in for what was decided, so it teaches nothing. */
    public static final int FLAG_LATE = 2;

    private static final int HEADER_LENGTH = 56;
    private static final int AGENT_LENGTH = 24;
    private static final int ITEM_LENGTH = 16;

    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private int capacity;

    /** Bytes of a record. */
    public static int length(int agentCount, int slateCount) {
        return HEADER_LENGTH + agentCount * AGENT_LENGTH + slateCount * ITEM_LENGTH;
    }

    /** Looks at, or prepares to write, the record that starts at {@code offset}. */
    @HotPath
    public DecisionRecord wrap(DirectBuffer bytes, int offset) {
        capacity = bytes.capacity() - offset;
        buffer.wrap(bytes, offset, capacity);
        return this;
    }

    /** True when {@code length} bytes hold exactly the record that its own counts describe. */
    public boolean isSound(int length) {
        return length >= HEADER_LENGTH && length <= capacity && length == length();
    }

    @HotPath
    public int length() {
        return length(agentCount(), slateCount());
    }

    public long requestId() {
        return buffer.getLong(0, ByteOrder.LITTLE_ENDIAN);
    }

    @HotPath
    public DecisionRecord requestId(long value) {
        buffer.putLong(0, value, ByteOrder.LITTLE_ENDIAN);
        return this;
    }

    public long userId() {
        return buffer.getLong(8, ByteOrder.LITTLE_ENDIAN);
    }

    @HotPath
    public DecisionRecord userId(long value) {
        buffer.putLong(8, value, ByteOrder.LITTLE_ENDIAN);
        return this;
    }

    public long decidedAtMs() {
        return buffer.getLong(16, ByteOrder.LITTLE_ENDIAN);
    }

    @HotPath
    public DecisionRecord decidedAtMs(long value) {
        buffer.putLong(16, value, ByteOrder.LITTLE_ENDIAN);
        return this;
    }

    public long decisionId() {
        return buffer.getLong(24, ByteOrder.LITTLE_ENDIAN);
    }

    @HotPath
    public DecisionRecord decisionId(long value) {
        buffer.putLong(24, value, ByteOrder.LITTLE_ENDIAN);
        return this;
    }

    public long catalogVersion() {
        return buffer.getLong(32, ByteOrder.LITTLE_ENDIAN);
    }

    @HotPath
    public DecisionRecord catalogVersion(long value) {
        buffer.putLong(32, value, ByteOrder.LITTLE_ENDIAN);
        return this;
    }

    public long slateHash() {
        return buffer.getLong(40, ByteOrder.LITTLE_ENDIAN);
    }

    @HotPath
    public DecisionRecord slateHash(long value) {
        buffer.putLong(40, value, ByteOrder.LITTLE_ENDIAN);
        return this;
    }

    public int segment() {
        return buffer.getShort(48, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }

    @HotPath
    public DecisionRecord segment(int value) {
        buffer.putShort(48, (short) value, ByteOrder.LITTLE_ENDIAN);
        return this;
    }

    public int agentCount() {
        return buffer.getByte(50) & 0xFF;
    }

    @HotPath
    public DecisionRecord agentCount(int value) {
        buffer.putByte(50, (byte) value);
        return this;
    }

    public boolean isStatic() {
        return (buffer.getByte(51) & FLAG_STATIC) != 0;
    }

    public boolean isLate() {
        return (buffer.getByte(51) & FLAG_LATE) != 0;
    }

    /** True when the agents' choices made this slate. */
    public boolean teaches() {
        return buffer.getByte(51) == 0;
    }

    @HotPath
    public DecisionRecord flags(int value) {
        buffer.putByte(51, (byte) value);
        return this;
    }

    public int slateCount() {
        return buffer.getShort(52, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }

    @HotPath
    public DecisionRecord slateCount(int value) {
        buffer.putShort(52, (short) value, ByteOrder.LITTLE_ENDIAN);
        return this;
    }

    /** Mean pairwise category distance of the slate, in [0, 1] with a resolution of 1/65535. */
    public float distance() {
        return (buffer.getShort(54, ByteOrder.LITTLE_ENDIAN) & 0xFFFF) / 65_535f;
    }

    @HotPath
    public DecisionRecord distance(float value) {
        buffer.putShort(54, (short) Math.round(value * 65_535f), ByteOrder.LITTLE_ENDIAN);
        return this;
    }

    /** Writes what one agent decided; {@code agentCount} must have been set. */
    @HotPath
    public void agent(
            int index,
            int kind,
            int action,
            float propensity,
            long policyVersion,
            int policyChecksum,
            float localContext) {
        int at = HEADER_LENGTH + index * AGENT_LENGTH;
        buffer.putByte(at, (byte) kind);
        buffer.putByte(at + 1, (byte) action);
        buffer.putShort(at + 2, (short) 0, ByteOrder.LITTLE_ENDIAN);
        buffer.putFloat(at + 4, propensity, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(at + 8, policyVersion, ByteOrder.LITTLE_ENDIAN);
        buffer.putFloat(at + 16, localContext, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(at + 20, policyChecksum, ByteOrder.LITTLE_ENDIAN);
    }

    public int agentKind(int index) {
        return buffer.getByte(HEADER_LENGTH + index * AGENT_LENGTH) & 0xFF;
    }

    public int action(int index) {
        return buffer.getByte(HEADER_LENGTH + index * AGENT_LENGTH + 1) & 0xFF;
    }

    public float propensity(int index) {
        return buffer.getFloat(HEADER_LENGTH + index * AGENT_LENGTH + 4, ByteOrder.LITTLE_ENDIAN);
    }

    public long policyVersion(int index) {
        return buffer.getLong(HEADER_LENGTH + index * AGENT_LENGTH + 8, ByteOrder.LITTLE_ENDIAN);
    }

    public int policyChecksum(int index) {
        return buffer.getInt(HEADER_LENGTH + index * AGENT_LENGTH + 20, ByteOrder.LITTLE_ENDIAN);
    }

    public float localContext(int index) {
        return buffer.getFloat(HEADER_LENGTH + index * AGENT_LENGTH + 16, ByteOrder.LITTLE_ENDIAN);
    }

    private int itemAt(int place) {
        return HEADER_LENGTH + agentCount() * AGENT_LENGTH + place * ITEM_LENGTH;
    }

    /** Writes one place of the slate; {@code agentCount} must have been set. */
    @HotPath
    public void slate(int place, long itemId, int retrievalRank, int rankingRank, int route) {
        int at = itemAt(place);
        buffer.putLong(at, itemId, ByteOrder.LITTLE_ENDIAN);
        buffer.putShort(at + 8, (short) retrievalRank, ByteOrder.LITTLE_ENDIAN);
        buffer.putShort(at + 10, (short) rankingRank, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(at + 12, route & 0xFF, ByteOrder.LITTLE_ENDIAN);
    }

    public long itemId(int place) {
        return buffer.getLong(itemAt(place), ByteOrder.LITTLE_ENDIAN);
    }

    public int retrievalRank(int place) {
        return buffer.getShort(itemAt(place) + 8, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }

    public int rankingRank(int place) {
        return buffer.getShort(itemAt(place) + 10, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }

    /** Copies the record. */
    public void copyTo(MutableDirectBuffer out, int offset) {
        out.putBytes(offset, buffer, 0, length());
    }
}
