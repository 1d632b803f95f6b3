package rondo.client;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import rondo.wire.MessageHeaderDecoder;

/**
 * The eight bytes before every message on a stream, and the limits that both sides keep.
 *
 * <pre>
 *  0  frameLength   int32   bytes after these 8: message header and message; 8 .. 65,536
 *  4  magic         uint16  'RO' = 0x4F52
 *  6  frameVersion  uint8   1
 *  7  reserved      uint8   0
 *  8  message header (SBE): blockLength, templateId, schemaId, version, uint16 each
 * 16  message
 * </pre>
 *
 * Little endian. A length outside its bounds, another magic or another frame version means that the stream can no longer be trusted: the reader
 * says so once and closes. An unknown template in a sound frame is answered and skipped.
 */
public final class FrameLayout {
    /** Bytes before the message header. */
    public static final int PREFIX_LENGTH = 8;

    /** Bytes before the message body. */
    public static final int HEADER_LENGTH = PREFIX_LENGTH + MessageHeaderDecoder.ENCODED_LENGTH;

    /** Largest value of {@code frameLength}: memory per connection is bounded by it. */
    public static final int FRAME_LENGTH_MAX = 64 * 1024;

    /** The two bytes 'R', 'O' as a little-endian uint16. */
    public static final int MAGIC = 0x4F52;

    /** The only frame version there is. */
    public static final int FRAME_VERSION = 1;

    /** The version that Hello and Welcome carry. */
    public static final int PROTOCOL_VERSION = 1;

    /** In the {@code route} field of a request: the retrieval agent decides. */
    public static final int ROUTE_UNPINNED = 255;

    /** Bytes of a decision token. */
    public static final int TOKEN_LENGTH = 40;

    private FrameLayout() {}

    /**
     * Writes the prefix for a message that was encoded at {@code offset + PREFIX_LENGTH}.
     *
     * @param messageLength bytes of message header and message together.
     */
    public static void writePrefix(MutableDirectBuffer buffer, int offset, int messageLength) {
        buffer.putInt(offset, messageLength, ByteOrder.LITTLE_ENDIAN);
        buffer.putShort(offset + 4, (short) MAGIC, ByteOrder.LITTLE_ENDIAN);
        buffer.putByte(offset + 6, (byte) FRAME_VERSION);
        buffer.putByte(offset + 7, (byte) 0);
    }

    /** The {@code frameLength} that stands at {@code offset}; not yet checked. */
    public static int frameLength(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset, ByteOrder.LITTLE_ENDIAN);
    }

    /** True when magic, version, reserved byte and length are all as this version of the protocol wants them. */
    public static boolean isSoundPrefix(DirectBuffer buffer, int offset) {
        int frameLength = frameLength(buffer, offset);
        return frameLength >= MessageHeaderDecoder.ENCODED_LENGTH
                && frameLength <= FRAME_LENGTH_MAX
                && (buffer.getShort(offset + 4, ByteOrder.LITTLE_ENDIAN) & 0xFFFF) == MAGIC
                && buffer.getByte(offset + 6) == FRAME_VERSION
                && buffer.getByte(offset + 7) == 0;
    }
}
