package rondo.kernel.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import rondo.reward.join.OutcomeKind;

/** {@code agent trace} of a request that was really served and rewarded, from the running server and from its journal. */
class AgentVerbTest {
    private static final long REQUEST = 77;
    private static final long TIMEOUT_MS = 10_000;

    @TempDir
    Path directory;

    private record Run(int exitCode, JsonNode json) {}

    private static Run run(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("agent"));
        all.addAll(List.of(arguments));
        all.add("--json");
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

    private static void click(RondoClient client, byte[] token, long itemId) throws IOException {
        client.sendOutcome(1, token, itemId, 0, OutcomeKind.CLICK.code(), 1f, 1, true);
        boolean[] isAnswered = new boolean[1];
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onAck(long correlationId, int index, int status, long sequence) {
                isAnswered[0] = true;
            }
        };
        while (!isAnswered[0]) {
            client.poll(handler, TIMEOUT_MS);
        }
    }

    @Test
    void shouldTakeARequestsRewardApartLiveAndFromTheJournal() throws Exception {
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < 50; i++) {
            catalog.addItem(100 + i, "item " + i, List.of(i % 2 == 0 ? "even" : "odd"), Map.of());
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
        JsonNode live;
        try (ServingKernel kernel = ServingKernel.launch(Config.defaults()
                        .with(Setting.DIRECTORY, directory)
                        .with(Setting.TCP_PORT, 0)
                        .with(Setting.DEADLINE_US, 10_000_000)
                        .with(Setting.STATIC_SHARE, 0));
                AdminDoor door = AdminDoor.open("127.0.0.1", 0, kernel);
                RondoClient client = RondoClient.connect(kernel.address(), TIMEOUT_MS)) {
            String port = Integer.toString(door.port());
            SlateView slate = client.recommend(
                    new RecommendRequest().requestId(REQUEST).userId(1).k(5), TIMEOUT_MS);
            byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
            slate.copyToken(token);
            int agentCount = slate.agentCount();
            long itemId = slate.itemId(0);
            Run awaited = run("trace", "77", "--admin-port", port);
            // The slate may be here before the ledger has taken its record.
            for (long end = System.nanoTime() + TIMEOUT_MS * 1_000_000;
                    awaited.exitCode() != 0 && System.nanoTime() < end; ) {
                awaited = run("trace", "77", "--admin-port", port);
            }
            assertEquals(0, awaited.exitCode());
            assertEquals("awaited", awaited.json().path("status").asText());

            click(client, token, itemId);
            live = run("trace", "77", "--admin-port", port).json();
            for (long end = System.nanoTime() + TIMEOUT_MS * 1_000_000;
                    !live.path("status").asText().equals("joined") && System.nanoTime() < end; ) {
                live = run("trace", "77", "--admin-port", port).json();
            }
            assertEquals("joined", live.path("status").asText(), live.toString());
            assertEquals(1.0, live.path("global").asDouble());
            assertEquals(agentCount, live.path("agents").size());
            double sum =
                    live.path("expected").asDouble() + live.path("residual").asDouble();
            for (JsonNode agent : live.path("agents")) {
                assertTrue(agent.path("credited").asBoolean(), agent.toString());
                double alpha = agent.path("alpha").asDouble();
                double total = alpha * agent.path("local").asDouble() + (1 - alpha) * 1.0;
                assertEquals(total, agent.path("total").asDouble(), 0, agent.toString());
                sum += agent.path("credit").asDouble();
            }
            assertEquals(1.0, sum, 0, "it adds up: " + live);

            assertEquals(2, run("trace", "78", "--admin-port", port).exitCode(), "nobody asked with that id");
            assertEquals(2, run("trace", "seventy", "--admin-port", port).exitCode());
        }
        Run stopped = run("trace", "77", "--directory", directory.toString());
        assertEquals(0, stopped.exitCode());
        assertEquals(withoutTime(live), withoutTime(stopped.json()));
        assertEquals(2, run("trace", "78", "--directory", directory.toString()).exitCode());
        assertEquals(
                2,
                run("trace", "77", "--directory", directory.resolve("nowhere").toString())
                        .exitCode());
    }

    /** The answer without how long it took. */
    private static JsonNode withoutTime(JsonNode answer) {
        return ((ObjectNode) answer.deepCopy()).without("seconds");
    }
}
