package rondo.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import rondo.wire.Level;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.ReplyCode;
import rondo.wire.SlateReplyEncoder;

class ReceivedMessageTest {
    private static final int CODE_AT = MessageHeaderEncoder.ENCODED_LENGTH + SlateReplyEncoder.codeEncodingOffset();

    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[512]);
    private final ReceivedMessage message = new ReceivedMessage();
    private final SlateView slate = new SlateView();

    /** A reply of two agents, two items and a text; returns its length. */
    private int encode() {
        SlateReplyEncoder encoder = new SlateReplyEncoder()
                .wrapAndApplyHeader(bytes, 0, new MessageHeaderEncoder())
                .requestId(7)
                .code(ReplyCode.OK)
                .level(Level.FULL);
        encoder.agentsCount(2).next().kind((short) 1).next().kind((short) 2);
        encoder.itemsCount(2).next().itemId(100).next().itemId(101);
        encoder.putMessage(new byte[] {'n', 'o'}, 0, 2);
        return MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }

    private String refusal(int length) {
        return String.valueOf(assertThrows(
                        IOException.class,
                        () -> {
                            message.wrap(bytes, 0, length);
                            slate.wrap(message);
                        },
                        "length=" + length)
                .getMessage());
    }

    @Test
    void shouldRefuseASlateThatEndsAnywhereBeforeItsEnd() throws IOException {
        int whole = encode();
        message.wrap(bytes, 0, whole);
        assertEquals(101, slate.wrap(message).itemId(1));
        for (int length = 0; length < whole; length++) {
            assertTrue(refusal(length).startsWith("the server sent "), "length=" + length);
        }
    }

    @Test
    void shouldNameACodeThatItDoesNotKnow() {
        int whole = encode();
        bytes.putByte(CODE_AT, (byte) 99);
        assertTrue(refusal(whole).contains("code=99"), refusal(whole));
    }
}
