package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.wire.ReplyCode;
import rondo.wire.v1.AckDecoder;
import rondo.wire.v1.HelloEncoder;
import rondo.wire.v1.Level;
import rondo.wire.v1.MessageHeaderDecoder;
import rondo.wire.v1.MessageHeaderEncoder;
import rondo.wire.v1.OutcomeBatchEncoder;
import rondo.wire.v1.RecommendDecoder;
import rondo.wire.v1.RecommendEncoder;
import rondo.wire.v1.SlateReplyDecoder;
import rondo.wire.v1.SlateReplyEncoder;
import rondo.wire.v1.WelcomeDecoder;
import rondo.wire.v1.WelcomeEncoder;

/** A client of schema version 1 and the server of today, a server of version 1 and the client of today. */
class OldVersionTest {
    private static final int TIMEOUT_MS = 10_000;
    private static final int ITEMS = 300;

    @TempDir
    Path directory;

    private final UnsafeBuffer out = new UnsafeBuffer(new byte[4_096]);
    private final UnsafeBuffer in = new UnsafeBuffer(new byte[FrameLayout.FRAME_LENGTH_MAX]);
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();

    private Config config() throws IOException {
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < ITEMS; i++) {
            catalog.addItem(i, "item " + i, List.of("c" + i % 7), Map.of("year", (double) (1950 + i % 70)));
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
        return Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.STATIC_SHARE, 0)
                .with(Setting.DEADLINE_US, 10_000_000);
    }

    private void write(Socket socket, int encodedLength) throws IOException {
        int length = MessageHeaderEncoder.ENCODED_LENGTH + encodedLength;
        FrameLayout.writePrefix(out, 0, length);
        socket.getOutputStream().write(out.byteArray(), 0, FrameLayout.PREFIX_LENGTH + length);
    }

    /** Reads a frame into {@link #in} and its header into {@link #header}. */
    private void read(Socket socket) throws IOException {
        DataInputStream stream = new DataInputStream(socket.getInputStream());
        byte[] prefix = stream.readNBytes(FrameLayout.PREFIX_LENGTH);
        UnsafeBuffer prefixBytes = new UnsafeBuffer(prefix);
        assertTrue(prefix.length == FrameLayout.PREFIX_LENGTH && FrameLayout.isSoundPrefix(prefixBytes, 0));
        stream.readFully(in.byteArray(), 0, FrameLayout.frameLength(prefixBytes, 0));
        header.wrap(in, 0);
    }

    private int recommend(long requestId, String filter) {
        RecommendEncoder request = new RecommendEncoder()
                .wrapAndApplyHeader(out, FrameLayout.PREFIX_LENGTH, headerEncoder)
                .requestId(requestId)
                .userId(3)
                .budgetUs(0)
                .k(20)
                .segmentHint((short) 0)
                .route((short) FrameLayout.ROUTE_UNPINNED);
        request.flags().clear();
        request.exclusionsCount(0);
        request.putQueryVector(new byte[0], 0, 0);
        byte[] text = filter.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        request.putFilter(text, 0, text.length);
        return request.encodedLength();
    }

    /** What version 1 wrote, as bytes: a schema that was changed in place would write others. */
    @Test
    void shouldStillWriteTheBytesOfVersionOne() {
        int length = FrameLayout.PREFIX_LENGTH + MessageHeaderEncoder.ENCODED_LENGTH + recommend(42, "year >= 1990");
        FrameLayout.writePrefix(out, 0, length - FrameLayout.PREFIX_LENGTH);
        byte[] bytes = new byte[length];
        out.getBytes(0, bytes);
        assertEquals(
                "35000000524f010019000300591b0100"
                        + "2a00000000000000030000000000000000000000140000ff000800000000000c"
                        + "0079656172203e3d2031393930",
                HexFormat.of().formatHex(bytes));
    }

    @Test
    void shouldServeAClientOfVersionOne() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(config().with(Setting.RING_CAPACITY, 2));
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), kernel.port())) {
            socket.setSoTimeout(TIMEOUT_MS);
            write(
                    socket,
                    new HelloEncoder()
                            .wrapAndApplyHeader(out, FrameLayout.PREFIX_LENGTH, headerEncoder)
                            .protocolVersion(1)
                            .encodedLength());
            read(socket);
            assertEquals(WelcomeDecoder.TEMPLATE_ID, header.templateId());
            assertEquals(
                    ITEMS,
                    new WelcomeDecoder().wrapAndApplyHeader(in, 0, header).itemCount());
            write(socket, recommend(7, "year >= 1960"));
            read(socket);
            SlateReplyDecoder slate = new SlateReplyDecoder().wrapAndApplyHeader(in, 0, header);
            assertEquals(7, slate.requestId());
            assertEquals(Level.FULL, slate.level());
            OutcomeBatchEncoder batch = new OutcomeBatchEncoder()
                    .wrapAndApplyHeader(out, FrameLayout.PREFIX_LENGTH, headerEncoder)
                    .correlationId(5);
            OutcomeBatchEncoder.OutcomesEncoder outcome = batch.outcomesCount(1).next();
            for (int i = 0; i < FrameLayout.TOKEN_LENGTH; i++) {
                outcome.token(i, slate.token(i));
            }
            assertEquals(4, slate.agents().count());
            SlateReplyDecoder.ItemsDecoder items = itemsOf(slate);
            assertEquals(20, items.count());
            outcome.itemId(items.next().itemId())
                    .timeMs(0)
                    .value(1)
                    .position((short) 0)
                    .kind((short) 2)
                    .closes((short) 1);
            write(socket, batch.encodedLength());
            read(socket);
            AckDecoder ack = new AckDecoder().wrapAndApplyHeader(in, 0, header);
            assertEquals(5, ack.correlationId());
            assertEquals(0, ack.status());
            requireOldRefusal(socket);
        }
    }

    private static SlateReplyDecoder.ItemsDecoder itemsOf(SlateReplyDecoder slate) {
        slate.sbeRewind();
        SlateReplyDecoder.AgentsDecoder agents = slate.agents();
        while (agents.hasNext()) {
            agents.next();
        }
        return slate.items();
    }

    /** A burst of requests whose filters are new to a server with a ring of two: some are refused, in a way that version 1 knows. */
    private void requireOldRefusal(Socket socket) throws IOException {
        int refused = 0;
        long id = 100;
        for (int burst = 0; burst < 1_000 && refused == 0; burst++) {
            for (int i = 0; i < 30; i++) {
                write(socket, recommend(id, "year < " + (2_000 + id)));
                id++;
            }
            for (int i = 0; i < 30; i++) {
                read(socket);
                assertEquals(SlateReplyDecoder.TEMPLATE_ID, header.templateId());
                SlateReplyDecoder slate = new SlateReplyDecoder().wrapAndApplyHeader(in, 0, header);
                refused += slate.code() == rondo.wire.v1.ReplyCode.OVERLOADED ? 1 : 0;
            }
        }
        assertTrue(refused > 0);
    }

    @Test
    void shouldReadWhatAServerOfVersionOneWrites() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            FutureTask<Long> server = new FutureTask<>(() -> serveVersionOne(listener));
            Thread.ofPlatform().daemon(true).start(server);
            try (RondoClient client = RondoClient.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort()), TIMEOUT_MS)) {
                assertEquals(64, client.dimension());
                assertEquals(ITEMS, client.itemCount());
                SlateView slate = client.recommend(
                        new RecommendRequest().requestId(9).userId(8).k(3), TIMEOUT_MS);
                assertEquals(ReplyCode.OK, slate.code());
                assertArrayEquals(
                        new long[] {11, 12, 13}, new long[] {slate.itemId(0), slate.itemId(1), slate.itemId(2)});
                assertEquals(0, slate.retryAfterUs());
                slate = client.recommend(
                        new RecommendRequest().requestId(10).userId(8).k(3), TIMEOUT_MS);
                assertEquals(ReplyCode.OVERLOADED, slate.code(), "not asked again: version 1 allows no retries");
            }
            assertEquals(2L, server.get(), "requests that it saw");
        } catch (ExecutionException e) {
            throw new AssertionError("the server of version 1 failed", e);
        }
    }

    /** Answers Hello, one request with a slate and the others with a refusal; returns how many it saw. */
    private long serveVersionOne(ServerSocket listener) throws IOException {
        long seen = 0;
        try (Socket socket = listener.accept()) {
            socket.setSoTimeout(TIMEOUT_MS);
            read(socket);
            write(
                    socket,
                    new WelcomeEncoder()
                            .wrapAndApplyHeader(out, FrameLayout.PREFIX_LENGTH, headerEncoder)
                            .protocolVersion(1)
                            .dimension(64)
                            .itemCount(ITEMS)
                            .catalogVersion(1)
                            .encodedLength());
            for (int i = 0; i < 2; i++) {
                read(socket);
                long requestId =
                        new RecommendDecoder().wrapAndApplyHeader(in, 0, header).requestId();
                seen++;
                SlateReplyEncoder reply = new SlateReplyEncoder()
                        .wrapAndApplyHeader(out, FrameLayout.PREFIX_LENGTH, headerEncoder)
                        .requestId(requestId)
                        .code(i == 0 ? rondo.wire.v1.ReplyCode.OK : rondo.wire.v1.ReplyCode.OVERLOADED)
                        .level(i == 0 ? Level.FULL : Level.NONE);
                reply.reasons().clear();
                reply.agentsCount(0);
                SlateReplyEncoder.ItemsEncoder items = reply.itemsCount(i == 0 ? 3 : 0);
                for (int item = 11; i == 0 && item <= 13; item++) {
                    items.next().itemId(item).score(1f / item).route((short) 0);
                }
                reply.putMessage(new byte[0], 0, 0);
                write(socket, reply.encodedLength());
            }
        }
        return seen;
    }
}
