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
 * 52  status         uint8    0 joined, 1 defaulted    53 flags uint8 (1 = static chain or late, 2 = credited)
 * 54  expected       uint16   of the global reward, whatever was chosen; in 1/65,536; the same in all rows of a decision
 * 56  credit         float32  of the agent's choice in the global reward; a whole multiple of 2^-24
 * 60  crc32c         uint32   over bytes 0..59
 * </pre>
 *
 * <p>The credit says how much better the choice was believed to be than the policy it was drawn from; see {@link RewardTrace}. A row is not credited, and
 * its credit 0, when the decision was not drawn by chance or the policy block it was drawn from is no longer known. Rows from before there were credits
 * read as not credited, with an expectation of 0, which no later row has.
 */
public final class ExperienceRow {
    /** Bytes of a row. */
    public static final int LENGTH = 64;

    /** Where the request id is, for those who look for it in many rows. */
    public static final int REQUEST_ID_AT = 8;

    private static final int CRC_AT = 60;
    private static final int FLAG_STATIC = 1;
    private static final int FLAG_CREDITED = 2;
    private static final double EXPECTED_ONE = 1 << 16;
    private static final double CREDIT_ONE = 1 << 24;

    private final byte[] bytes = new byte[LENGTH];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private final CRC32C crc = new CRC32C();

    /** The row's bytes; valid until it is filled again. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /**
     * Fills the row and seals it.
     *
     * @param expected of the global reward, in (0, 1).
     * @param credit   NaN when the row is not to be credited.
     */
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
            boolean isStatic,
            double expected,
            double credit) {
        boolean isCredited = !Double.isNaN(credit);
        buffer.putLong(0, decisionId, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(REQUEST_ID_AT, requestId, ByteOrder.LITTLE_ENDIAN);
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
        buffer.putByte(53, (byte) ((isStatic ? FLAG_STATIC : 0) | (isCredited ? FLAG_CREDITED : 0)));
        buffer.putShort(
                54,
                (short) Math.max(1, Math.min(EXPECTED_ONE - 1, Math.rint(expected * EXPECTED_ONE))),
                ByteOrder.LITTLE_ENDIAN);
        // Sums of whole multiples of one unit are exact in double, in any order.
        float rounded = isCredited ? (float) (Math.rint(credit * CREDIT_ONE) / CREDIT_ONE) : 0f;
        buffer.putFloat(56, rounded, ByteOrder.LITTLE_ENDIAN);
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

    public long requestId() {
        return buffer.getLong(REQUEST_ID_AT, ByteOrder.LITTLE_ENDIAN);
    }

    /** Epoch, milliseconds. */
    public long decidedAtMs() {
        return buffer.getLong(16, ByteOrder.LITTLE_ENDIAN);
    }

    public long policyVersion() {
        return buffer.getLong(24, ByteOrder.LITTLE_ENDIAN);
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

    /** True when the user said or did nothing within the window. */
    public boolean isDefaulted() {
        return buffer.getByte(52) != 0;
    }

    /** True when the decision teaches nothing. */
    public boolean isStatic() {
        return (buffer.getByte(53) & FLAG_STATIC) != 0;
    }

    /** False when nothing is known of what else the agent could have done; {@link #credit} is 0 then. */
    public boolean isCredited() {
        return (buffer.getByte(53) & FLAG_CREDITED) != 0;
    }

    /** What was to be expected of the global reward; 0 in rows from before there were credits. */
    public double expected() {
        return (buffer.getShort(54, ByteOrder.LITTLE_ENDIAN) & 0xFFFF) / EXPECTED_ONE;
    }

    public float credit() {
        return buffer.getFloat(56, ByteOrder.LITTLE_ENDIAN);
    }

    public float localReward() {
        return buffer.getFloat(32, ByteOrder.LITTLE_ENDIAN);
    }

    public float globalReward() {
        return buffer.getFloat(36, ByteOrder.LITTLE_ENDIAN);
    }

    public float alpha() {
        return buffer.getFloat(40, ByteOrder.LITTLE_ENDIAN);
    }

    public float propensity() {
        return buffer.getFloat(44, ByteOrder.LITTLE_ENDIAN);
    }

    /** α·local + (1 − α)·global, in double, from the stored floats. */
    public double totalReward() {
        double alpha = buffer.getFloat(40, ByteOrder.LITTLE_ENDIAN);
        return alpha * buffer.getFloat(32, ByteOrder.LITTLE_ENDIAN)
                + (1 - alpha) * buffer.getFloat(36, ByteOrder.LITTLE_ENDIAN);
    }
}
