package rondo.reward.experience;

import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One agent's decision with what came of it; a flyweight over 64 bytes of its own.
 *
 * <pre>
 * little endian
 *  0  decisionId     int64
 *  8  requestId      int64
 * 16  decidedAtMs    int64    epoch, milliseconds
 * 24  policyVersion  int64
 * 32  localReward    float32  in [0, 1], commensurate with the global one
 * 36  globalReward   float32  in [0, 1]
 * 40  alpha          float32  in [0, 1]; total = alpha·local + (1 − alpha)·global
 * 44  propensity     float32  in (0, 1]
 * 48  agent          uint8    49 action uint8    50 segment uint16
 * 52  status         uint8    0 joined, 1 defaulted    53 flags uint8 (1 = static chain)    54 reserved uint16
 * 56  reserved       int32    60 crc32c uint32 over bytes 0..59
 * </pre>
 */
public final class ExperienceRow {
    /** Bytes of a row. */
    public static final int LENGTH = 64;

    private static final int CRC_AT = 60;

    private final byte[] bytes = new byte[LENGTH];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private final CRC32C crc = new CRC32C();

    /** The row's bytes; valid until it is filled again. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** Fills the row and seals it. */
    public void fill(
            long decisionId,
            long requestId,
            long decidedAtMs,
            long policyVersion,
            float localReward,
            float globalReward,
            float alpha,
            float propensity,
            int agent,
            int action,
            int segment,
            boolean isDefaulted,
            boolean isStatic) {
        buffer.putLong(0, decisionId, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(8, requestId, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(16, decidedAtMs, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(24, policyVersion, ByteOrder.LITTLE_ENDIAN);
        buffer.putFloat(32, localReward, ByteOrder.LITTLE_ENDIAN);
        buffer.putFloat(36, globalReward, ByteOrder.LITTLE_ENDIAN);
        buffer.putFloat(40, alpha, ByteOrder.LITTLE_ENDIAN);
        buffer.putFloat(44, propensity, ByteOrder.LITTLE_ENDIAN);
        buffer.putByte(48, (byte) agent);
        buffer.putByte(49, (byte) action);
        buffer.putShort(50, (short) segment, ByteOrder.LITTLE_ENDIAN);
        buffer.putByte(52, (byte) (isDefaulted ? 1 : 0));
        buffer.putByte(53, (byte) (isStatic ? 1 : 0));
        buffer.putShort(54, (short) 0, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(56, 0, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(CRC_AT, checksum(), ByteOrder.LITTLE_ENDIAN);
    }

    private int checksum() {
        crc.reset();
        crc.update(bytes, 0, CRC_AT);
        return (int) crc.getValue();
    }

    /** Takes over a stored row; false when its checksum does not fit. */
    public boolean read(org.agrona.DirectBuffer source, int offset) {
        source.getBytes(offset, bytes, 0, LENGTH);
        return buffer.getInt(CRC_AT, ByteOrder.LITTLE_ENDIAN) == checksum();
    }

    public long decisionId() {
        return buffer.getLong(0, ByteOrder.LITTLE_ENDIAN);
    }

    public int agent() {
        return buffer.getByte(48) & 0xFF;
    }

    public int action() {
        return buffer.getByte(49) & 0xFF;
    }

    public int segment() {
        return buffer.getShort(50, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }

    public boolean isStatic() {
        return buffer.getByte(53) != 0;
    }

    public float globalReward() {
        return buffer.getFloat(36, ByteOrder.LITTLE_ENDIAN);
    }

    public float alpha() {
        return buffer.getFloat(40, ByteOrder.LITTLE_ENDIAN);
    }

    /** α·local + (1 − α)·global, in double, from the stored floats. */
    public double totalReward() {
        double alpha = buffer.getFloat(40, ByteOrder.LITTLE_ENDIAN);
        return alpha * buffer.getFloat(32, ByteOrder.LITTLE_ENDIAN)
                + (1 - alpha) * buffer.getFloat(36, ByteOrder.LITTLE_ENDIAN);
    }
}
