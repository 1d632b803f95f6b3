package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.RecommendRequest;
import rondo.client.RondoClient;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.transport.DoorCounters.Kind;
import rondo.wire.ReplyCode;

/** A real server over TLS, while somebody begins handshakes as fast as can be and ends none. */
class HandshakeFloodTest {
    private static final long TIMEOUT_MS = 10_000;
    private static final int REQUESTS = 150;
    private static final int FLOOD_MIN = 300;
    private static final int OPEN_MAX = 200;

    @TempDir
    Path directory;

    /** The words that a handshake begins with: the server has to compute before it can answer them. */
    private static byte[] clientHello(TestCertificates certificates) throws IOException {
        SSLEngine engine = certificates.context("client").createSSLEngine();
        engine.setUseClientMode(true);
        engine.beginHandshake();
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), record);
        byte[] bytes = new byte[record.flip().remaining()];
        record.get(bytes);
        return bytes;
    }

    private static void flood(InetSocketAddress server, byte[] hello, AtomicBoolean isOver, AtomicLong begun) {
        List<SocketChannel> open = new ArrayList<>();
        try {
            while (!isOver.get()) {
                SocketChannel channel = SocketChannel.open(server);
                open.add(channel);
                begun.incrementAndGet();
                try {
                    channel.write(ByteBuffer.wrap(hello));
                } catch (IOException e) {
                    // Let go before it had said anything.
                }
                if (open.size() == OPEN_MAX) {
                    open.removeFirst().close();
                }
            }
            for (SocketChannel channel : open) {
                channel.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException("the flood ran dry", e);
        }
    }

    @Test
    void shouldServeWhoIsInAndLetOthersInAfterwards() throws Exception {
        TestCertificates certificates = TestCertificates.make(directory);
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < 100; i++) {
            catalog.addItem(1000 + i, "item " + i, List.of("c" + i % 3), Map.of());
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
        Config config = Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.DEADLINE_US, 10_000_000)
                .with(Setting.TLS_CERTIFICATE, certificates.certificate("server"))
                .with(Setting.TLS_KEY, certificates.key("server"))
                .with(Setting.TLS_AUTHORITIES, certificates.certificate("ca"))
                .with(Setting.TLS_ROLES, Files.writeString(directory.resolve("roles"), "edge-1.example.org = serve"));
        byte[] hello = clientHello(certificates);
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicLong begun = new AtomicLong();
        try (ServingKernel kernel = ServingKernel.launch(config);
                RondoClient honest =
                        RondoClient.connect(kernel.address(), certificates.context("client"), TIMEOUT_MS)) {
            long openBefore = kernel.door().counters().get(Kind.CONNECTIONS_OPEN);
            Thread flood = Thread.ofPlatform().daemon(true).start(() -> flood(kernel.address(), hello, isOver, begun));
            for (int i = 0; i < REQUESTS || begun.get() < FLOOD_MIN; i++) {
                assertEquals(
                        ReplyCode.OK,
                        honest.recommend(
                                        new RecommendRequest()
                                                .requestId(1 + i)
                                                .userId(1)
                                                .k(5),
                                        TIMEOUT_MS)
                                .code());
            }
            isOver.set(true);
            flood.join();
            assertTrue(kernel.door().counters().get(Kind.CONNECTIONS_REFUSED) > 0, "more began than may in a second");
            assertEquals(openBefore, kernel.door().counters().get(Kind.CONNECTIONS_OPEN), "none of them came in");
            // Who comes now has to wait for those that the flood began at most.
            long endNs = System.nanoTime() + TIMEOUT_MS * 1_000_000;
            boolean isIn = false;
            while (!isIn) {
                assertTrue(System.nanoTime() < endNs, "nobody is let in any more");
                try (RondoClient other =
                        RondoClient.connect(kernel.address(), certificates.context("client"), TIMEOUT_MS)) {
                    isIn = other.isReady(TIMEOUT_MS);
                } catch (IOException e) {
                    Thread.onSpinWait();
                }
            }
        }
    }
}
