package rondo.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import rondo.client.shm.MessageRing;
import rondo.client.shm.SharedSegment;
import rondo.wire.HelloEncoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.OutcomeBatchEncoder;

/** The dumps of docs/PROTOCOL.md are what this version writes. */
class ProtocolPageTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(4_096));
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();

    private static String page() throws IOException {
        return Files.readString(Path.of(System.getProperty("rondo.root")).resolve("docs/PROTOCOL.md"));
    }

    private static void requireDump(String name, UnsafeBuffer bytes, int offset, int length) throws IOException {
        StringBuilder dump = new StringBuilder();
        for (int i = 0; i < length; i++) {
            dump.append(String.format(Locale.ROOT, "%02x", bytes.getByte(offset + i)))
                    .append(i % 16 == 15 || i == length - 1 ? '\n' : ' ');
        }
        Matcher matcher =
                Pattern.compile("```" + name + "\n(.*?)```", Pattern.DOTALL).matcher(page());
        assertTrue(matcher.find(), name);
        assertEquals(dump.toString(), matcher.group(1), name);
    }

    private int hello(int offset) {
        HelloEncoder hello = new HelloEncoder()
                .wrapAndApplyHeader(buffer, offset, header)
                .protocolVersion(FrameLayout.PROTOCOL_VERSION);
        return MessageHeaderEncoder.ENCODED_LENGTH + hello.encodedLength();
    }

    private void requireFrame(String name, int length) throws IOException {
        FrameLayout.writePrefix(buffer, 0, length);
        requireDump(name, buffer, 0, FrameLayout.PREFIX_LENGTH + length);
    }

    @Test
    void shouldShowHello() throws IOException {
        requireFrame("hello", hello(FrameLayout.PREFIX_LENGTH));
    }

    @Test
    void shouldShowARequest() throws IOException {
        RecommendRequest request = new RecommendRequest()
                .requestId(42)
                .userId(7)
                .k(20)
                .budgetUs(5_000)
                .filter("year >= 1990");
        requireFrame("recommend", request.encode(buffer, FrameLayout.PREFIX_LENGTH));
    }

    @Test
    void shouldShowAnOutcome() throws IOException {
        OutcomeBatchEncoder batch = new OutcomeBatchEncoder()
                .wrapAndApplyHeader(buffer, FrameLayout.PREFIX_LENGTH, header)
                .correlationId(9);
        OutcomeBatchEncoder.OutcomesEncoder one = batch.outcomesCount(1).next();
        for (int i = 0; i < FrameLayout.TOKEN_LENGTH; i++) {
            one.token(i, (short) 0xab);
        }
        one.itemId(1001).timeMs(0).value(1).position((short) 0).kind((short) 2).closes((short) 1);
        requireFrame("outcome", MessageHeaderEncoder.ENCODED_LENGTH + batch.encodedLength());
    }

    @Test
    void shouldShowARecordOfTheRing() throws IOException {
        int length = hello(0);
        int capacity = SharedSegment.REQUEST_CAPACITY;
        UnsafeBuffer memory = new UnsafeBuffer(BufferUtil.allocateDirectAligned(MessageRing.length(capacity), 64));
        assertTrue(new MessageRing(memory, capacity).write(buffer, 0, length));
        requireDump("record", memory, 128, 64);
    }
}
