package rondo.tools.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.AgentKind;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.ServingKernel;
import rondo.kernel.admin.AdminDoor;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.tools.VerbRun;
import rondo.tools.demo.DemoVerb;
import rondo.wire.Level;

/** A real server's journal, made again. */
class ReplayVerbTest {
    @TempDir
    Path directory;

    @Test
    void shouldMakeEveryDecisionAndRewardAgainAndSeeAnotherSeedOrSetting() throws Exception {
        VerbRun demo = VerbRun.of(new DemoVerb(), "--requests", 3_000, "--items", 2_000, "--keep", directory);
        assertEquals(0, demo.exitCode(), demo.said());
        assertEquals(AgentKind.COUNT, demo.json().path("agents").size());
        VerbRun replay = VerbRun.of(new ReplayVerb(), "--directory", directory);
        assertEquals(0, replay.exitCode(), replay.said());
        assertEquals(
                0, replay.json().path("differences").asLong(), replay.json().toString());
        assertEquals(0, replay.json().path("unlogged").asLong());
        assertTrue(
                replay.json().path("requests").asLong() >= 3_000, replay.json().toString());
        assertTrue(
                replay.json().path("decisions").asLong() > 10_000, replay.json().toString());
        assertEquals(
                replay.json().path("decisions").asLong(),
                replay.json().path("rewards").asLong());
        assertTrue(replay.json().path("blocks").asLong() > 500, replay.json().toString());

        Path settings = directory.resolve(ServingKernel.SETTINGS_FILE);
        String served = Files.readString(settings);
        Path other = directory.resolve("other.yaml");
        Files.writeString(other, served.replace("\nseed: 1\n", "\nseed: 2\n"));
        replay = VerbRun.of(new ReplayVerb(), "--directory", directory, "--config", other);
        assertEquals(1, replay.exitCode());
        assertTrue(replay.json().path("firstDifference").asText().startsWith("another action"), replay.said());
        Files.writeString(other, served.replace("alphaMax: 0.8", "alphaMax: 0.7"));
        replay = VerbRun.of(new ReplayVerb(), "--directory", directory, "--config", other);
        assertEquals(1, replay.exitCode(), "another setting is noticed: " + replay.json());

        agentsOfTheSameDirectoryAreShown();
    }

    /** The journal is enough: what was promoted and learnt is there again in a new server. */
    private void agentsOfTheSameDirectoryAreShown() throws Exception {
        Config config =
                Config.load(directory.resolve(ServingKernel.SETTINGS_FILE)).with(Setting.DIRECTORY, directory);
        try (ServingKernel kernel = ServingKernel.launch(config.with(Setting.PROMOTED, "traffic, retrieval"));
                AdminDoor door = AdminDoor.open("127.0.0.1", 0, kernel);
                HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.port() + "/v1/agents"))
                    .build();
            JsonNode state = new ObjectMapper()
                    .readTree(http.send(request, HttpResponse.BodyHandlers.ofString())
                            .body());
            for (JsonNode kind : state.path("kinds")) {
                AgentKind agent = AgentKind.ofLabel(kind.path("agent").asText());
                boolean isWanted = agent == AgentKind.TRAFFIC || agent == AgentKind.RETRIEVAL;
                assertEquals(isWanted, kind.path("promoted").asBoolean(), agent.label());
                assertEquals(isWanted ? 1 : 2, kind.path("promotions").size(), "demotion is an event: " + kind);
            }
            assertTrue(state.path("agents").size() > AgentKind.COUNT, "every agent has learnt somewhere");
        }
    }

    /** Requirement B11: a promotion and a demotion between requests are as replayable as the requests. */
    @Test
    void shouldReplayWhatWasPromotedAndDemotedWhileServing() throws Exception {
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < 200; i++) {
            catalog.addItem(i, "", List.of("category " + i % 5), Map.of());
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
        Config config = Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.DEADLINE_US, 10_000_000)
                .with(Setting.STATIC_SHARE, 0);
        try (ServingKernel kernel = ServingKernel.launch(config);
                RondoClient client = RondoClient.connect(kernel.address(), 10_000)) {
            serve(client, 0, 4);
            assertTrue(kernel.promote(AgentKind.RESOURCE, "ann").isPromotable());
            serve(client, 100, 5);
            kernel.demote(AgentKind.RANKING, "ann");
            serve(client, 200, 4);
        }
        VerbRun replay = VerbRun.of(new ReplayVerb(), "--directory", directory);
        assertEquals(0, replay.exitCode(), replay.said());
        assertEquals(300, replay.json().path("requests").asLong());
        assertEquals(400 + 500 + 400, replay.json().path("decisions").asLong());
        assertEquals(0, replay.json().path("differences").asLong(), replay.said());
    }

    /** Requirement G11: stages that take longer than the server's deadline open the breaker; what it made of requests replays as well. */
    @Test
    void shouldReplayWhatTheStaticChainServedWhileTheBreakerWasOpen() throws Exception {
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < 200; i++) {
            catalog.addItem(i, "", List.of("category " + i % 5), Map.of());
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
        Config config = Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.DEADLINE_US, 1)
                .with(Setting.STATIC_SHARE, 0);
        int staticCount = 0;
        try (ServingKernel kernel = ServingKernel.launch(config);
                AdminDoor door = AdminDoor.open("127.0.0.1", 0, kernel);
                HttpClient http = HttpClient.newHttpClient();
                RondoClient client = RondoClient.connect(kernel.address(), 10_000)) {
            for (int id = 1; id <= 300; id++) {
                SlateView slate = client.recommend(
                        new RecommendRequest()
                                .requestId(id)
                                .userId(id % 7)
                                .k(10)
                                .budgetUs(10_000_000),
                        10_000);
                assertEquals(10, slate.size());
                assertTrue(id <= 5 || slate.level() == Level.STATIC || staticCount > 0, "open within 20 requests");
                staticCount += slate.level() == Level.STATIC ? 1 : 0;
            }
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.port() + "/v1/agents"))
                    .build();
            JsonNode state = new ObjectMapper()
                    .readTree(http.send(request, HttpResponse.BodyHandlers.ofString())
                            .body());
            assertEquals(staticCount, state.at("/breaker/bypassed").asInt());
            assertEquals("BREAKER", state.at("/incidents/0/signal").asText());
            assertEquals("STATIC_CHAIN", state.at("/incidents/0/response").asText());
        }
        assertTrue(staticCount >= 200, "static=" + staticCount);
        VerbRun replay = VerbRun.of(new ReplayVerb(), "--directory", directory);
        assertEquals(0, replay.exitCode(), replay.said());
        assertEquals(300, replay.json().path("requests").asLong());
        assertEquals(0, replay.json().path("differences").asLong(), replay.said());
    }

    private static void serve(RondoClient client, int from, int agentCount) throws IOException {
        byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
        boolean[] isAnswered = new boolean[1];
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onAck(long correlationId, int index, int status, long sequence) {
                isAnswered[0] = true;
            }
        };
        for (int id = from; id < from + 100; id++) {
            SlateView slate = client.recommend(
                    new RecommendRequest().requestId(id).userId(id % 7).k(10), 10_000);
            assertEquals(agentCount, slate.agentCount());
            slate.copyToken(token);
            client.sendOutcome(id, token, slate.itemId(id % 10), id % 10, 2, 1f, 0, true);
            isAnswered[0] = false;
            while (!isAnswered[0]) {
                client.poll(handler, 10_000);
            }
        }
    }

    @Test
    void shouldSayWhatIsMissing() throws Exception {
        VerbRun replay = VerbRun.of(new ReplayVerb(), "--directory", directory);
        assertEquals(2, replay.exitCode());
        assertTrue(replay.error().contains("settings.yaml"), replay.error());
    }
}
