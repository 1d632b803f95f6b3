package rondo.kernel.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.AgentKind;
import rondo.agents.catalog.CatalogBuilder;
import rondo.kernel.ServingKernel;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.transport.DoorCounters;

/** The JSON door over real HTTP, in front of a real kernel. */
class AdminDoorTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path directory;

    private final HttpClient http = HttpClient.newHttpClient();

    @SuppressWarnings("NullAway.Init")
    private ServingKernel kernel;

    @SuppressWarnings("NullAway.Init")
    private AdminDoor door;

    @BeforeEach
    void open() throws IOException {
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < 50; i++) {
            catalog.addItem(100 + i, "item " + i, List.of(i % 2 == 0 ? "even" : "odd"), Map.of("year", 1990 + i));
        }
        float[] vectors = new float[50 * 4];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = i % 7 - 3;
        }
        catalog.itemVectors(vectors, 4);
        catalog.writeTo(directory.resolve("catalog"), 1);
        kernel = ServingKernel.launch(Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.DEADLINE_US, 10_000_000)
                .with(Setting.CLIENT_IDLE_MS, 1_000)
                .with(Setting.STATIC_SHARE, 0));
        door = AdminDoor.open("127.0.0.1", 0, kernel);
    }

    @AfterEach
    void close() throws IOException {
        door.close();
        kernel.close();
        http.close();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return http.send(
                request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.port() + path));
    }

    @Test
    void shouldConnectAgainWhenItsQuietConnectionWasLetGo() throws Exception {
        String request = "{\"userId\":7,\"k\":5}";
        assertEquals(200, post("/v1/recommend", request).statusCode());
        long endNs = System.nanoTime() + 60_000_000_000L;
        while (kernel.door().counters().get(DoorCounters.Kind.CONNECTIONS_OPEN) > 0) {
            assertTrue(System.nanoTime() < endNs, "it stays open");
            LockSupport.parkNanos(1_000_000);
        }
        assertEquals(200, post("/v1/recommend", request).statusCode());
    }

    @Test
    void shouldServeASlateAndTakeItsOutcomeOnce() throws Exception {
        JsonNode slate = MAPPER.readTree(
                post("/v1/recommend", "{\"userId\":7,\"k\":5,\"filter\":\"genre = \\\"odd\\\" and year >= 2000\"}")
                        .body());
        assertEquals("OK", slate.path("code").asText());
        assertEquals(5, slate.path("items").size());
        for (JsonNode item : slate.path("items")) {
            assertTrue(
                    item.path("itemId").asInt() % 2 == 1 && item.path("itemId").asInt() >= 110, item.toString());
            assertEquals(
                    "item " + (item.path("itemId").asInt() - 100),
                    item.path("title").asText());
        }
        String outcome = "{\"token\":\"%s\",\"itemId\":%d,\"position\":0,\"kind\":\"click\"}"
                .replace("%s", slate.path("token").asText())
                .replace("%d", slate.at("/items/0/itemId").asText());
        assertEquals("{\"status\":\"accepted\"}\n", post("/v1/outcome", outcome).body());
        assertEquals(
                "{\"status\":\"duplicate\"}\n", post("/v1/outcome", outcome).body());
        String metrics = get("/metrics").body();
        assertTrue(metrics.contains("rondo_outcomes_answered{status=\"accepted\"} 1\n"), metrics);
        assertTrue(metrics.contains("rondo_outcomes_answered{status=\"duplicate\"} 1\n"), metrics);
        assertTrue(metrics.contains("rondo_breaker_state 0\n"), metrics);
        JsonNode agents = MAPPER.readTree(get("/v1/agents").body());
        assertEquals("closed", agents.at("/breaker/state").asText());
        JsonNode ranking = agents.at("/kinds/" + AgentKind.RANKING.code());
        assertEquals("ranking", ranking.path("agent").asText());
        assertEquals(0, ranking.path("explorationLoss").asDouble(-1));
        assertEquals("thompson", ranking.at("/contest/champion").asText());
        assertEquals("squarecb", ranking.at("/contest/challenger").asText());
        assertEquals(0, ranking.at("/contest/share").asDouble(-1), "it begins in the shadow");
        assertEquals(-1, ranking.at("/contest/gainLower").asDouble(), "nothing is known of it");
        assertEquals("ready\n", get("/health/ready").body());
    }

    @Test
    void shouldSayHowVectorsWouldBeSearched() throws Exception {
        JsonNode plan = MAPPER.readTree(post("/v1/plan", "{\"k\":20}").body());
        assertEquals("every_row", plan.path("path").asText(), plan.toString());
        assertEquals(1, plan.path("recall").asDouble());
        assertEquals(plan.path("rows").asInt(), plan.path("passing").asInt());
        assertFalse(plan.path("why").asText().isEmpty());
        for (String wrong : List.of("{\"k\":0}", "{\"k\":5,\"filter\":\"colour =\"}", "{\"n\":1}")) {
            HttpResponse<String> answer = post("/v1/plan", wrong);
            assertEquals(400, answer.statusCode(), answer.body());
        }
    }

    @Test
    void shouldSayWhatIsWrongWithARequest() throws Exception {
        assertEquals(405, get("/v1/recommend").statusCode());
        Map<String, String> wrong = Map.of(
                "[1]", "one JSON object",
                "{\"userId\":", "Unexpected end-of-input",
                "{\"userId\":1,\"route\":\"teleport\"}", "route=teleport",
                "{\"userId\":1,\"k\":100000}", "k",
                "{\"user_id\":1}", "unknown field: field=user_id",
                "{\"k\":5}", "field=userId",
                "{\"userId\":\"abc\"}", "userId must be a whole number",
                "{\"userId\":1,\"k\":2.5}", "k must be a whole number");
        for (Map.Entry<String, String> entry : wrong.entrySet()) {
            HttpResponse<String> answer = post("/v1/recommend", entry.getKey());
            assertEquals(400, answer.statusCode(), entry.getKey() + " → " + answer.body());
            assertTrue(answer.body().contains(entry.getValue()), answer.body());
        }
        assertEquals(400, post("/v1/outcome", "{\"token\":\"zz\"}").statusCode());
        assertEquals(400, post("/v1/outcome", "{\"token\":\"00\"}").statusCode());
        assertEquals(
                400,
                post("/v1/recommend", "{\"x\":\"" + "y".repeat(70_000) + "\"}").statusCode());
        JsonNode refused = MAPPER.readTree(post("/v1/recommend", "{\"userId\":1,\"filter\":\"colour = \\\"red\\\"\"}")
                .body());
        assertEquals("BAD_REQUEST", refused.path("code").asText());
        assertTrue(refused.path("message").asText().contains("unknown attribute"), refused.toString());
        assertEquals("live\n", get("/health/live").body());
    }
}
