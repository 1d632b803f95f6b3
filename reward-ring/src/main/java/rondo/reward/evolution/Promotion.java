package rondo.reward.evolution;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import rondo.agents.AgentKind;

/**
 * A stage becomes an agent, or a function again. Events are only ever added; the last one of a kind is in force.
 *
 * <pre>
 * little endian
 *  0  timeMs           int64    epoch, milliseconds
 *  8  agent            uint8    code of the kind    9 promoted uint8    10 criteriaVersion uint16
 * 12  whoLength        uint16   14 reserved uint16
 * 16  evidence         32 bytes SHA-256 over what the closure gate measured; zeros when nothing was
 * 48  who              UTF-8
 * </pre>
 *
 * @param timeMs          when, epoch milliseconds.
 * @param isPromoted      true: an agent from here on.
 * @param criteriaVersion of the gate that examined it; 0 when none did.
 * @param evidenceHash    64 hexadecimal digits, or empty when nothing was measured.
 * @param who             who asked for it, at most {@link #WHO_LENGTH_MAX} bytes.
 */
public record Promotion(
        long timeMs, AgentKind kind, boolean isPromoted, int criteriaVersion, String evidenceHash, String who) {
    /** Bytes of the longest {@link #who}. */
    public static final int WHO_LENGTH_MAX = 256;

    /** Bytes of the longest event. */
    public static final int LENGTH_MAX = 48 + WHO_LENGTH_MAX;

    private static final int HASH_LENGTH = 32;
    private static final int WHO_AT = 48;

    public Promotion {
        if (!evidenceHash.isEmpty() && HexFormat.of().parseHex(evidenceHash).length != HASH_LENGTH) {
            throw new IllegalArgumentException("an evidence hash is 32 bytes in hex: evidenceHash=" + evidenceHash);
        }
        int length = who.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > WHO_LENGTH_MAX || criteriaVersion < 0 || criteriaVersion > 0xFFFF) {
            throw new IllegalArgumentException("who takes 1 to " + WHO_LENGTH_MAX
                    + " bytes and criteriaVersion 16 bits: who=" + who + ", criteriaVersion=" + criteriaVersion);
        }
    }

    /** Writes the event, and returns its length. */
    public int write(MutableDirectBuffer out, int offset) {
        byte[] name = who.getBytes(StandardCharsets.UTF_8);
        out.putLong(offset, timeMs, ByteOrder.LITTLE_ENDIAN);
        out.putByte(offset + 8, (byte) kind.code());
        out.putByte(offset + 9, (byte) (isPromoted ? 1 : 0));
        out.putShort(offset + 10, (short) criteriaVersion, ByteOrder.LITTLE_ENDIAN);
        out.putShort(offset + 12, (short) name.length, ByteOrder.LITTLE_ENDIAN);
        out.putShort(offset + 14, (short) 0, ByteOrder.LITTLE_ENDIAN);
        byte[] hash =
                evidenceHash.isEmpty() ? new byte[HASH_LENGTH] : HexFormat.of().parseHex(evidenceHash);
        out.putBytes(offset + 16, hash);
        out.putBytes(offset + WHO_AT, name);
        return WHO_AT + name.length;
    }

    /**
     * Reads an event.
     *
     * @throws IllegalArgumentException when the bytes cannot be one.
     */
    public static Promotion read(DirectBuffer in, int offset, int length) {
        int whoLength = length < WHO_AT ? -1 : in.getShort(offset + 12, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        if (whoLength < 0 || whoLength != length - WHO_AT) {
            throw new IllegalArgumentException(
                    "the bytes hold no promotion: length=" + length + ", whoLength=" + whoLength);
        }
        byte[] hash = new byte[HASH_LENGTH];
        in.getBytes(offset + 16, hash);
        byte[] name = new byte[whoLength];
        in.getBytes(offset + WHO_AT, name);
        String hex = HexFormat.of().formatHex(hash);
        return new Promotion(
                in.getLong(offset, ByteOrder.LITTLE_ENDIAN),
                AgentKind.ofCode(in.getByte(offset + 8) & 0xFF),
                in.getByte(offset + 9) != 0,
                in.getShort(offset + 10, ByteOrder.LITTLE_ENDIAN) & 0xFFFF,
                hex.chars().allMatch(c -> c == '0') ? "" : hex,
                new String(name, StandardCharsets.UTF_8));
    }
}
