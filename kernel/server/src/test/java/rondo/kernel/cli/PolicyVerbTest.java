package rondo.kernel.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.AgentKind;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.RecommendRequest;
import rondo.client.RondoClient;
import rondo.kernel.ServingKernel;
import rondo.kernel.admin.AdminDoor;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;

/** The verbs over HTTP, against a real server and its gate. */
class PolicyVerbTest {
    @TempDir
    Path directory;

    private record Run(int exitCode, JsonNode json) {}

    private static Run run(AdminDoor door, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("policy"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--admin-port", Integer.toString(door.port()), "--json"));
        PrintStream stdout = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            return new Run(
                    Main.execute(all.toArray(new String[0])),
                    new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8)));
        } finally {
            System.setOut(stdout);
        }
    }

    private Config config() {
        return Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.DEADLINE_US, 10_000_000)
                .with(Setting.STATIC_SHARE, 0);
    }

    private static int agentCount(ServingKernel kernel) throws IOException {
        try (RondoClient client = RondoClient.connect(kernel.address(), 10_000)) {
            return client.recommend(
                            new RecommendRequest().requestId(1).userId(1).k(5), 10_000)
                    .agentCount();
        }
    }

    @Test
    void shouldPromoteAndDemoteAStageOfARunningServer() throws Exception {
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < 50; i++) {
            catalog.addItem(100 + i, "item " + i, List.of(i % 2 == 0 ? "even" : "odd"), Map.of());
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
        String evidence;
        try (ServingKernel kernel = ServingKernel.launch(config());
                AdminDoor door = AdminDoor.open("127.0.0.1", 0, kernel)) {
            assertEquals(4, agentCount(kernel));

            Run promotion = run(door, "promote", "resource", "--who", "ann");
            assertEquals(0, promotion.exitCode(), promotion.json().toString());
            assertEquals("PASS", promotion.json().path("verdict").asText());
            evidence = promotion.json().path("evidenceHash").asText();
            assertEquals(64, evidence.length());
            assertEquals(5, agentCount(kernel));

            Run demotion = run(door, "demote", "traffic", "--who", "bob");
            assertEquals(0, demotion.exitCode(), demotion.json().toString());
            assertFalse(demotion.json().path("promoted").asBoolean());
            assertEquals(4, agentCount(kernel), "traffic is a function again");

            assertEquals(2, run(door, "demote", "traffic").exitCode(), "it is no agent any more");
            assertEquals(2, run(door, "promote").exitCode(), "nobody was named");
            assertEquals(2, run(door, "promote", "resorce").exitCode());
            assertEquals(2, run(door, "promote", "model", "--who", "").exitCode(), "nobody asks");
        }
        try (ServingKernel kernel = ServingKernel.launch(config());
                AdminDoor door = AdminDoor.open("127.0.0.1", 0, kernel)) {
            assertTrue(kernel.policies().isPromoted(AgentKind.RESOURCE));
            assertFalse(kernel.policies().isPromoted(AgentKind.TRAFFIC));
            List<String> events = new ArrayList<>();
            for (JsonNode event : run(door, "log").json().path("events")) {
                int criteria = event.path("criteriaVersion").asInt();
                boolean isPromoted = event.path("promoted").asBoolean();
                assertEquals(
                        isPromoted ? 64 : 0, event.path("evidenceHash").asText().length());
                assertEquals(isPromoted ? 1 : 0, criteria);
                events.add(event.path("agent").asText() + " " + isPromoted + " "
                        + event.path("who").asText());
                if (event.path("agent").asText().equals("resource")) {
                    assertEquals(evidence, event.path("evidenceHash").asText());
                }
            }
            assertEquals(
                    List.of(
                            "traffic true agents.promoted=auto",
                            "traffic false bob",
                            "retrieval true agents.promoted=auto",
                            "ranking true agents.promoted=auto",
                            "filter true agents.promoted=auto",
                            "resource true ann"),
                    events);
        }
    }
}
