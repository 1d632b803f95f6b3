package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.AgentKind;
import rondo.agents.catalog.CatalogBuilder;
import rondo.agents.retrieval.Route;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.transport.DoorCounters;
import rondo.reward.join.OutcomeStatus;
import rondo.wire.Level;
import rondo.wire.ReplyCode;

/** The real server over real sockets, spoken to by the real client. */
class ServingKernelTest {
    private static final int ITEMS = 600;
    private static final int DIMENSION = 8;
    private static final long TIMEOUT_MS = 10_000;

    @TempDir
    Path directory;

    @BeforeEach
    void writeCatalog() throws IOException {
        SplittableRandom random = new SplittableRandom(4);
        CatalogBuilder catalog = new CatalogBuilder();
        float[] vectors = new float[ITEMS * DIMENSION];
        for (int i = 0; i < ITEMS; i++) {
            catalog.addItem(
                    1000 + i, "item " + i, List.of(i % 3 == 0 ? "Comedy" : "Drama"), Map.of("year", 1950 + i % 70));
            for (int d = 0; d < DIMENSION; d++) {
                vectors[i * DIMENSION + d] = (float) random.nextGaussian();
            }
        }
        catalog.itemVectors(vectors, DIMENSION);
        for (int user = 0; user < 40; user++) {
            for (int i = 0; i < user; i++) {
                catalog.interaction(user, 1000 + random.nextInt(ITEMS));
            }
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
    }

    private Config config() {
        return Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.DEADLINE_US, 10_000_000)
                .with(Setting.STATIC_SHARE, 0);
    }

    private static RondoClient connect(ServingKernel kernel) throws IOException {
        return RondoClient.connect(new InetSocketAddress("127.0.0.1", kernel.port()), TIMEOUT_MS);
    }

    private static long[] items(SlateView slate) {
        long[] items = new long[slate.size()];
        for (int i = 0; i < items.length; i++) {
            items[i] = slate.itemId(i);
        }
        return items;
    }

    private static int outcome(RondoClient client, byte[] token, long itemId, int place, int kind) throws IOException {
        client.sendOutcome(1, token, itemId, place, kind, 1f, 1, true);
        int[] answer = {-1};
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onAck(long correlationId, int index, int status, long sequence) {
                answer[0] = status;
            }
        };
        while (answer[0] < 0) {
            client.poll(handler, TIMEOUT_MS);
        }
        return answer[0];
    }

    @Test
    void shouldAnswerKnownUnknownFilteredAndPinnedRequests() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(config());
                RondoClient client = connect(kernel)) {
            SlateView slate = client.recommend(
                    new RecommendRequest().requestId(1).userId(7).k(20), TIMEOUT_MS);
            assertEquals(ReplyCode.OK, slate.code());
            assertEquals(20, slate.size());
            assertEquals(4, slate.agentCount(), "the agents of a new directory");
            assertFalse(slate.isColdUser());
            for (int i = 0; i < slate.agentCount(); i++) {
                assertTrue(slate.propensity(i) > 0 && slate.propensity(i) <= 1);
            }
            slate = client.recommend(
                    new RecommendRequest().requestId(2).userId(999_999).k(20), TIMEOUT_MS);
            assertEquals(20, slate.size());
            assertTrue(slate.isColdUser());
            slate = client.recommend(
                    new RecommendRequest()
                            .requestId(3)
                            .userId(7)
                            .k(500)
                            .filter("genre = \"Comedy\" and year >= 1990 and not seen"),
                    TIMEOUT_MS);
            assertEquals(ReplyCode.OK, slate.code());
            assertTrue(slate.isUnderfilled());
            for (long item : items(slate)) {
                assertTrue((item - 1000) % 3 == 0 && 1950 + (item - 1000) % 70 >= 1990, "item=" + item);
            }
            for (Route route : Route.values()) {
                slate = client.recommend(
                        new RecommendRequest().requestId(4).userId(30).k(10).route(route.code()), TIMEOUT_MS);
                assertEquals(10, slate.size(), route.label());
                assertEquals(
                        10, java.util.Arrays.stream(items(slate)).distinct().count(), route.label());
            }
        }
    }

    @Test
    void shouldRefuseWhatCannotBeWithoutHarm() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(config());
                RondoClient client = connect(kernel)) {
            SlateView slate = client.recommend(
                    new RecommendRequest().requestId(1).userId(1).filter("genre ="), TIMEOUT_MS);
            assertEquals(ReplyCode.BAD_REQUEST, slate.code());
            assertTrue(slate.message().contains("position 8"), slate.message());
            slate = client.recommend(
                    new RecommendRequest().requestId(2).userId(1).filter("colour = \"red\""), TIMEOUT_MS);
            assertTrue(slate.message().contains("unknown attribute"), slate.message());
            slate = client.recommend(
                    new RecommendRequest().requestId(3).userId(1).queryVector(new float[3]), TIMEOUT_MS);
            assertEquals(ReplyCode.BAD_REQUEST, slate.code());
            float[] vector = new float[DIMENSION];
            vector[5] = Float.NaN;
            slate = client.recommend(
                    new RecommendRequest().requestId(4).userId(1).queryVector(vector), TIMEOUT_MS);
            assertEquals(ReplyCode.BAD_REQUEST, slate.code());
            slate = client.recommend(
                    new RecommendRequest().requestId(5).userId(1).budgetUs(1), TIMEOUT_MS);
            assertTrue(slate.code() == ReplyCode.DEADLINE_EXCEEDED || slate.code() == ReplyCode.OK);
            slate = client.recommend(new RecommendRequest().requestId(6).userId(1), TIMEOUT_MS);
            assertEquals(ReplyCode.OK, slate.code());
            assertEquals(0, kernel.pipeline().failureCount(), kernel.pipeline().lastFailure());
        }
    }

    @Test
    void shouldSurviveAnyBytesOnTheWire() throws Exception {
        SplittableRandom random = new SplittableRandom(99);
        try (ServingKernel kernel = ServingKernel.launch(config())) {
            for (int round = 0; round < 60; round++) {
                try (Socket socket = new Socket("127.0.0.1", kernel.port())) {
                    socket.setSoTimeout(5_000);
                    // Half of them after a sound Hello.
                    byte[] hello = {10, 0, 0, 0, 0x52, 0x4f, 1, 0, 2, 0, 1, 0, 0x59, 0x1b, 2, 0, 1, 0};
                    if (round % 8 >= 4) {
                        socket.getOutputStream().write(hello);
                    }
                    byte[] bytes = new byte[8 + random.nextInt(200)];
                    random.nextBytes(bytes);
                    switch (round % 4) {
                        case 0 ->
                            java.nio.ByteBuffer.wrap(bytes)
                                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                                    .putInt(0, 1 << 30);
                        case 1 ->
                            java.nio.ByteBuffer.wrap(bytes)
                                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                                    .putInt(0, bytes.length - 8)
                                    .putShort(4, (short) FrameLayout.MAGIC)
                                    .putShort(6, (short) 1)
                                    .putShort(10, (short) (1 + random.nextInt(12)))
                                    .putShort(12, (short) 7001);
                        default -> {
                            // Noise as it is.
                        }
                    }
                    socket.getOutputStream().write(bytes);
                    socket.shutdownOutput();
                    // The server answers with an error, or a slate refusal, and closes; reading to the end proves that
                    // it did.
                    socket.getInputStream().readAllBytes();
                } catch (java.net.SocketException e) {
                    // A reset is a closed connection too.
                }
            }
            assertTrue(kernel.door().counters().get(DoorCounters.Kind.BROKEN_FRAMES) > 10);
            try (RondoClient client = connect(kernel)) {
                assertEquals(
                        ReplyCode.OK,
                        client.recommend(new RecommendRequest().requestId(1).userId(1), TIMEOUT_MS)
                                .code());
            }
        }
    }

    @Test
    void shouldAnswerEverybodyWhenMoreComesThanItCanServe() throws Exception {
        String filter = "genre = \"Comedy\" and year >= 1960";
        try (ServingKernel kernel = ServingKernel.launch(config().with(Setting.RING_CAPACITY, 2));
                RondoClient client = connect(kernel)) {
            long[] counts = new long[3];
            ReplyHandler handler = new ReplyHandler() {
                @Override
                public void onSlate(SlateView slate) {
                    assertTrue(slate.code() == ReplyCode.OK || slate.code() == ReplyCode.OVERLOADED, slate.message());
                    assertEquals(slate.code() == ReplyCode.OK ? 20 : 0, slate.size());
                    assertEquals(slate.code() == ReplyCode.OVERLOADED, slate.retryAfterUs() > 0);
                    assertEquals(slate.level() != Level.FULL, slate.isOverloaded());
                    if (slate.requestId() % 2 == 1) {
                        assertTrue(slate.level() == Level.FULL || slate.code() != ReplyCode.OK, "filter unknown");
                    }
                    counts[slate.level() == Level.FULL ? 0 : slate.code() == ReplyCode.OK ? 1 : 2]++;
                }
            };
            // A burst that the door happens to read one by one overloads nothing; the next one may.
            long sent = 0;
            for (int burst = 0; burst < 1_000 && counts[1] * counts[2] == 0; burst++) {
                for (int i = 0; i < 50; i++) {
                    RecommendRequest request =
                            new RecommendRequest().requestId(++sent).userId(i).k(20);
                    // Filters that no request has brought before: nobody compiles them for a request that cannot be
                    // served.
                    client.send(sent % 2 == 1 ? request.filter(filter + " and year < " + (3_000 + sent)) : request);
                }
                while (counts[0] + counts[1] + counts[2] < sent) {
                    client.poll(handler, TIMEOUT_MS);
                }
            }
            assertTrue(counts[0] > 0 && counts[1] > 0 && counts[2] > 0, java.util.Arrays.toString(counts));
            DoorCounters counters = kernel.door().counters();
            assertEquals(counts[1], counters.get(DoorCounters.Kind.STATIC_SLATES));
            assertEquals(counts[2], counters.get(DoorCounters.Kind.OVERLOADED));
        }
    }

    @Test
    void shouldTakeAnOutcomeOnceAndRefuseForgedOnes() throws Exception {
        byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
        long item;
        try (ServingKernel kernel = ServingKernel.launch(config());
                RondoClient client = connect(kernel)) {
            SlateView slate =
                    client.recommend(new RecommendRequest().requestId(1).userId(5), TIMEOUT_MS);
            slate.copyToken(token);
            item = slate.itemId(0);
            byte[] forged = token.clone();
            forged[9] ^= 1;
            assertEquals(OutcomeStatus.FORGED.code(), outcome(client, forged, item, 0, 2));
            assertEquals(OutcomeStatus.INVALID.code(), outcome(client, token, item + 1, 0, 2));
            assertEquals(OutcomeStatus.ACCEPTED.code(), outcome(client, token, item, 0, 2));
            assertEquals(OutcomeStatus.DUPLICATE.code(), outcome(client, token, item, 0, 2));
            for (OutcomeStatus status : OutcomeStatus.values()) {
                boolean isExpected = status == OutcomeStatus.FORGED
                        || status == OutcomeStatus.INVALID
                        || status == OutcomeStatus.ACCEPTED
                        || status == OutcomeStatus.DUPLICATE;
                assertEquals(isExpected ? 1 : 0, kernel.outcomeCount(status), status.name());
            }
            slate = client.recommend(
                    new RecommendRequest().requestId(2).userId(5).k(500), TIMEOUT_MS);
            assertEquals(-1, slate.indexOf(item), "what was consumed must not come back");
        }
        try (ServingKernel kernel = ServingKernel.launch(config());
                RondoClient client = connect(kernel)) {
            assertEquals(OutcomeStatus.DUPLICATE.code(), outcome(client, token, item, 0, 2), "also after a restart");
        }
    }

    @Test
    void shouldGiveTheSameSlatesUnderEveryPlan() throws Exception {
        List<List<Long>> byPlan = new ArrayList<>();
        for (String plan : List.of("fused", "split", "staged")) {
            List<Long> served = new ArrayList<>();
            try (ServingKernel kernel = ServingKernel.launch(
                            config().with(Setting.THREAD_PLAN, plan).with(Setting.EPSILON, 1.0));
                    RondoClient client = connect(kernel)) {
                for (int id = 1; id <= 200; id++) {
                    SlateView slate = client.recommend(
                            new RecommendRequest().requestId(id).userId(id % 50).dryRun(true), TIMEOUT_MS);
                    for (long item : items(slate)) {
                        served.add(item);
                    }
                }
            }
            byPlan.add(served);
        }
        assertEquals(byPlan.get(0), byPlan.get(1));
        assertEquals(byPlan.get(0), byPlan.get(2));
        assertTrue(byPlan.getFirst().size() >= 1_000, "vacuous");
    }

    /**
     * Goal: a warm request costs the serving thread no byte, over a socket (of a high number too) or through shared memory. Method: batches until several in a row
     * allocate nothing; with one object in a batch none would.
     */
    @Test
    void shouldAllocateNothingOnceItIsWarm() throws Exception {
        List<Selector> others = new ArrayList<>();
        try {
            while (others.size() < 200) {
                others.add(Selector.open());
            }
            serveWithoutAllocating();
        } finally {
            for (Selector other : others) {
                other.close();
            }
        }
    }

    private void serveWithoutAllocating() throws Exception {
        int cleanBatches = 0;
        List<Long> bytes = new ArrayList<>();
        try (ServingKernel kernel = ServingKernel.launch(config());
                RondoClient socket = connect(kernel);
                RondoClient shared = RondoClient.connectShared(kernel.address(), TIMEOUT_MS)) {
            long[] id = {0};
            while (cleanBatches < 5 && bytes.size() < 200) {
                long before = kernel.servingThreadAllocatedBytes();
                serveBatch(socket, id);
                serveBatch(shared, id);
                long allocated = kernel.servingThreadAllocatedBytes() - before;
                bytes.add(allocated);
                cleanBatches = allocated == 0 ? cleanBatches + 1 : 0;
            }
            if (cleanBatches < 5) {
                fail("bytes by batch: " + bytes + "; sites:\n"
                        + AllocationSites.of("rondo-door", 50, () -> serveBatch(socket, id) + serveBatch(shared, id)));
            }
        }
    }

    /** Some of everything that a warm server is asked for. */
    private static long serveBatch(RondoClient client, long[] id) throws IOException {
        byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
        RecommendRequest request = new RecommendRequest();
        for (int i = 0; i < 300; i++) {
            id[0]++;
            request.reset().requestId(id[0]).userId(id[0] % 60).k(20);
            SlateView slate = client.recommend(
                    id[0] % 7 == 0 ? request.filter("genre = \"Comedy\" and year >= 1990 and not seen") : request,
                    TIMEOUT_MS);
            assertEquals(ReplyCode.OK, slate.code());
            slate.copyToken(token);
            assertEquals(0, outcome(client, token, slate.itemId(0), 0, id[0] % 5 == 0 ? 1 : 0));
        }
        return id[0];
    }

    @Test
    void shouldKeepItsBeliefsOverARestart() throws Exception {
        java.nio.ByteBuffer before;
        try (ServingKernel kernel = ServingKernel.launch(config());
                RondoClient client = connect(kernel)) {
            byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
            for (int id = 1; id <= 300; id++) {
                SlateView slate =
                        client.recommend(new RecommendRequest().requestId(id).userId(100 + id % 5), TIMEOUT_MS);
                slate.copyToken(token);
                assertEquals(0, outcome(client, token, slate.itemId(0), 0, id % 3 == 0 ? 1 : 0));
            }
            before = kernel.rewards().state(AgentKind.RETRIEVAL, 0);
        }
        try (ServingKernel kernel = ServingKernel.launch(config())) {
            assertEquals(300, kernel.rewards().joiner().joinedCount());
            assertEquals(before, kernel.rewards().state(AgentKind.RETRIEVAL, 0));
        }
    }

    @Test
    void shouldSayWhyItCannotStart() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(config())) {
            String locked = String.valueOf(assertThrows(
                            IOException.class,
                            () -> ServingKernel.launch(config()).close())
                    .getMessage());
            assertTrue(locked.contains("in use"), locked);
            assertTrue(kernel.port() > 0);
        }
        String none = String.valueOf(assertThrows(
                        IOException.class,
                        () -> ServingKernel.launch(config().with(Setting.DIRECTORY, directory.resolve("empty")))
                                .close())
                .getMessage());
        assertTrue(none.contains("rondo import"), none);
    }
}
