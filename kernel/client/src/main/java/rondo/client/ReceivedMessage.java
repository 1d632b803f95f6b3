package rondo.client;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.wire.Level;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.ReplyCode;

/**
 * Walks through a message that the other side made, and goes nowhere beyond its end. A flyweight that belongs to one thread.
 *
 * <p>Every method throws an {@link IOException} naming the field, what it would take and what there is, when the message does not hold what it says.
 */
final class ReceivedMessage {
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final UnsafeBuffer bytes = new UnsafeBuffer(0, 0);
    private int blockLength;

    /** Where the next group or text begins; this and what follows count from the message's header. */
    private int at;

    private int groupAt;
    private int groupCount;
    private int groupBlockLength;

    /** Stands at the message's header. */
    void wrap(DirectBuffer in, int messageOffset, int messageLength) throws IOException {
        if (messageLength < MessageHeaderDecoder.ENCODED_LENGTH) {
            throw new IOException("the server sent less than a message: length=" + messageLength
                    + ", expected at least=" + MessageHeaderDecoder.ENCODED_LENGTH);
        }
        bytes.wrap(in, messageOffset, messageLength);
        header.wrap(bytes, 0);
        // Read once: who shares the memory that it lies in may change it.
        blockLength = header.blockLength();
        at = MessageHeaderDecoder.ENCODED_LENGTH;
    }

    /** The message from its header on, and no more. */
    UnsafeBuffer bytes() {
        return bytes;
    }

    int templateId() {
        return header.templateId();
    }

    int version() {
        return header.version();
    }

    int blockLength() {
        return blockLength;
    }

    /** Goes behind the fixed fields, which must take at least {@code lengthMin}; a newer server's may take more. */
    void requireBlock(String name, int lengthMin) throws IOException {
        if (blockLength < lengthMin) {
            throw broken(name + ".blockLength", blockLength, "at least " + lengthMin);
        }
        require(name, blockLength);
        at += blockLength;
    }

    /** Goes behind a group, whose entries must take at least {@code lengthMin} each. */
    void readGroup(String name, int lengthMin) throws IOException {
        require(name, 2 * Short.BYTES);
        groupBlockLength = uint16(at);
        groupCount = uint16(at + Short.BYTES);
        at += 2 * Short.BYTES;
        groupAt = at;
        if (groupCount > 0 && groupBlockLength < lengthMin) {
            throw broken(name + ".blockLength", groupBlockLength, "at least " + lengthMin);
        }
        require(name, (long) groupBlockLength * groupCount);
        at += groupBlockLength * groupCount;
    }

    /** Where the entries of the group that was read last begin. */
    int groupAt() {
        return groupAt;
    }

    int groupCount() {
        return groupCount;
    }

    int groupBlockLength() {
        return groupBlockLength;
    }

    /** Reads a text and goes behind it. */
    String text(String name) throws IOException {
        require(name, Short.BYTES);
        int textLength = uint16(at);
        at += Short.BYTES;
        require(name, textLength);
        if (textLength == 0) {
            return "";
        }
        byte[] utf8 = new byte[textLength];
        bytes.getBytes(at, utf8);
        at += textLength;
        return new String(utf8, StandardCharsets.UTF_8);
    }

    static ReplyCode replyCode(int code) throws IOException {
        if (code > ReplyCode.INTERNAL.value()) {
            throw broken("code", code, "at most " + ReplyCode.INTERNAL.value());
        }
        return ReplyCode.get((short) code);
    }

    static Level level(int code) throws IOException {
        if (code > Level.NONE.value()) {
            throw broken("level", code, "at most " + Level.NONE.value());
        }
        return Level.get((short) code);
    }

    private int uint16(int index) {
        return bytes.getShort(index, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }

    private void require(String name, long length) throws IOException {
        if (length > bytes.capacity() - at) {
            throw new IOException("the server sent a reply that ends inside " + name + ": offset=" + at + ", needed="
                    + length + ", left=" + (bytes.capacity() - at));
        }
    }

    private static IOException broken(String name, int found, String expected) {
        return new IOException(
                "the server sent a reply that makes no sense: " + name + "=" + found + ", expected " + expected);
    }
}
