package rondo.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterAll;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.ReplyCode;
import rondo.wire.SlateReplyEncoder;

/**
 * Goal: whatever a server sends, the client hands over what the message holds, or throws an IOException that says what is wrong; nothing beyond the message
 * is read. Method: an input is one message, in a buffer that ends where it ends; a slate that is handed over is encoded again and must read the same.
 */
class RondoClientFuzzTest {
    private static int slateCount;
    private static int otherCount;
    private static int refusedCount;

    private final OneMessage transport = new OneMessage();
    private final RondoClient client = new RondoClient(transport);
    private final SlateView copy = new SlateView();
    private final ReceivedMessage copied = new ReceivedMessage();
    private final UnsafeBuffer encoded = new UnsafeBuffer(new byte[2 * FrameLayout.FRAME_LENGTH_MAX]);
    private final SlateReplyEncoder encoder = new SlateReplyEncoder();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final ReplyHandler handler = new ReplyHandler() {
        @Override
        public void onSlate(SlateView slate) {
            slateCount++;
            requireRoundTrip(slate);
        }

        @Override
        public void onAck(long correlationId, int index, int status, long sequence) {
            otherCount++;
            assertTrue(index >= 0 && status >= 0);
        }

        @Override
        public void onError(long correlationId, ReplyCode code, String message) {
            otherCount++;
        }
    };

    /** Receives its message once. */
    private static final class OneMessage implements Transport {
        private final UnsafeBuffer message = new UnsafeBuffer(0, 0);
        private boolean isThere;

        void put(byte[] bytes) {
            message.wrap(bytes);
            isThere = true;
        }

        @Override
        public boolean receive(long timeoutMs) {
            boolean wasThere = isThere;
            isThere = false;
            return wasThere;
        }

        @Override
        public DirectBuffer buffer() {
            return message;
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public int length() {
            return message.capacity();
        }

        @Override
        public void send(UnsafeBuffer buffer, int offset, int length) {
            throw new AssertionError("nothing is sent");
        }

        @Override
        public void close() {}
    }

    @FuzzTest
    void shouldHandOverOrSayWhatIsWrong(byte[] message) {
        transport.put(message);
        try {
            assertEquals(1, client.poll(handler, 0));
        } catch (IOException e) {
            refusedCount++;
            assertTrue(String.valueOf(e.getMessage()).startsWith("the server sent "), e::getMessage);
        }
        assertTrue(client.dimension() >= 0 && client.itemCount() >= 0);
    }

    private void requireRoundTrip(SlateView slate) {
        byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
        slate.copyToken(token);
        encoder.wrapAndApplyHeader(encoded, 0, header)
                .requestId(slate.requestId())
                .catalogVersion(slate.catalogVersion())
                .snapshotVersion(slate.snapshotVersion())
                .retrievalNs(slate.retrievalNs())
                .rankingNs(slate.rankingNs())
                .filterNs(slate.filterNs())
                .serverNs(slate.serverNs())
                .segment(slate.segment())
                .code(slate.code())
                .level(slate.level());
        encoder.reasons().clear().overload(slate.isOverloaded()).coldUser(slate.isColdUser());
        for (int i = 0; i < token.length; i++) {
            encoder.token(i, (short) (token[i] & 0xFF));
        }
        // A group's own count of 65,535 means that there is none.
        int agents = Math.min(slate.agentCount(), 64);
        SlateReplyEncoder.AgentsEncoder agent = encoder.agentsCount(agents);
        for (int i = 0; i < agents; i++) {
            agent.next()
                    .kind((short) slate.agentKind(i))
                    .action((short) slate.action(i))
                    .propensity(slate.propensity(i))
                    .policyVersion(slate.policyVersion(i));
        }
        int items = Math.min(slate.size(), 512);
        SlateReplyEncoder.ItemsEncoder item = encoder.itemsCount(items);
        for (int i = 0; i < items; i++) {
            item.next().itemId(slate.itemId(i)).score(slate.score(i)).route((short) slate.route(i));
        }
        byte[] text = slate.message().getBytes(StandardCharsets.UTF_8);
        encoder.putMessage(text, 0, Math.min(text.length, 0xFFFF));
        try {
            copied.wrap(encoded, 0, MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength());
            copy.wrap(copied);
        } catch (IOException e) {
            throw new AssertionError("what was taken is not taken again", e);
        }
        byte[] copiedToken = new byte[FrameLayout.TOKEN_LENGTH];
        copy.copyToken(copiedToken);
        assertArrayEquals(token, copiedToken);
        assertEquals(slate.requestId(), copy.requestId());
        assertEquals(slate.code(), copy.code());
        assertEquals(slate.level(), copy.level());
        assertEquals(slate.segment(), copy.segment());
        assertEquals(slate.serverNs(), copy.serverNs());
        assertEquals(slate.isOverloaded(), copy.isOverloaded());
        assertEquals(agents, copy.agentCount());
        for (int i = 0; i < agents; i++) {
            assertEquals(slate.agentKind(i), copy.agentKind(i));
            assertEquals(slate.action(i), copy.action(i));
            assertEquals(slate.propensity(i), copy.propensity(i));
            assertEquals(slate.policyVersion(i), copy.policyVersion(i));
        }
        assertEquals(items, copy.size());
        for (int i = 0; i < items; i++) {
            assertEquals(slate.itemId(i), copy.itemId(i));
            assertEquals(slate.score(i), copy.score(i));
            assertEquals(slate.route(i), copy.route(i));
        }
        assertEquals(slate.message(), copy.message());
    }

    @AfterAll
    static void shouldHaveSeenEach() {
        assertTrue(
                slateCount > 0 && otherCount > 0 && refusedCount > 0,
                "slates=" + slateCount + ", others=" + otherCount + ", refused=" + refusedCount);
    }
}
