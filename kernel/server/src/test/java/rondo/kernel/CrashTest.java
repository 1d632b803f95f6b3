package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.reward.join.OutcomeStatus;
import rondo.wire.Level;
import rondo.wire.ReplyCode;

/**
 * A real server process is killed with SIGKILL, again and again, over one data directory.
 *
 * <p>What must hold after every restart: an outcome that was acknowledged is known (reported again, it is a duplicate); an item whose consumption was
 * acknowledged does not come back; agents have learnt from at least what was acknowledged and at most what was sent; and where the kill fell into a
 * pause, every agent holds the same policy and the same beliefs, bit for bit.
 */
class CrashTest {
    private static final int KILLS = 20;
    private static final int ACKNOWLEDGED_MIN = 100;
    private static final int IN_FLIGHT_MAX = 16;
    private static final int ITEMS = 300;
    private static final long TIMEOUT_MS = 20_000;
    private static final Pattern READY = Pattern.compile("on 127\\.0\\.0\\.1:(\\d+); .*http://127\\.0\\.0\\.1:(\\d+)");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path directory;

    /** An outcome's slate and item; the token in hex. A slate that the static chain made, because the machine was too busy for agents, teaches nothing. */
    private record Acknowledged(String token, long itemId, boolean teaches) {
        byte[] tokenBytes() {
            return HexFormat.of().parseHex(token);
        }
    }

    private record Consumed(long userId, long itemId) {}

    private final List<Acknowledged> outcomes = new ArrayList<>();
    private final List<Consumed> interactions = new ArrayList<>();
    private long acknowledgedCount;
    private long taughtCount;
    private long sentCount;
    private long nextId = 1;

    /** The server in a process of its own, and one connection to it. */
    private static final class Server {
        final Process process;
        final RondoClient client;
        final String admin;

        private Server(Process process, RondoClient client, String admin) {
            this.process = process;
            this.client = client;
            this.admin = admin;
        }

        static Server start(Path directory) throws IOException {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .filter(argument -> argument.startsWith("--") || argument.startsWith("-D"))
                    .forEach(command::add);
            command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), "rondo.kernel.cli.Main", "serve"));
            command.addAll(List.of("--config", directory.resolve("rondo.yaml").toString()));
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
            StringBuilder said = new StringBuilder();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.append(line).append('\n');
                Matcher ready = READY.matcher(line);
                if (ready.find()) {
                    Thread.ofPlatform().daemon(true).start(() -> lines.lines().forEach(ignored -> {}));
                    return new Server(
                            process,
                            RondoClient.connect(
                                    new InetSocketAddress("127.0.0.1", Integer.parseInt(ready.group(1))), TIMEOUT_MS),
                            "http://127.0.0.1:" + ready.group(2));
                }
            }
            throw new IOException("the server did not start: " + said);
        }

        /** Policy version, outcomes learnt and checksum of the beliefs by agent and segment. */
        Map<String, String> agents() throws IOException, InterruptedException {
            Map<String, String> states = new TreeMap<>();
            for (JsonNode state : get("/v1/agents").path("agents")) {
                states.put(
                        state.path("agent").asText() + "/"
                                + state.path("segment").asInt(),
                        state.path("policyVersion").asLong() + " "
                                + state.path("outcomes").asLong() + " "
                                + state.path("beliefsCrc32c").asText());
            }
            return states;
        }

        /** Outcomes that an agent has learnt from, over all segments. */
        long learnt() throws IOException, InterruptedException {
            long sum = 0;
            for (JsonNode state : get("/v1/agents").path("agents")) {
                sum += state.path("agent").asText().equals("retrieval")
                        ? state.path("outcomes").asLong()
                        : 0;
            }
            return sum;
        }

        private JsonNode get(String path) throws IOException, InterruptedException {
            try (HttpClient http = HttpClient.newHttpClient()) {
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(URI.create(admin + path)).build(), HttpResponse.BodyHandlers.ofString());
                assertEquals(200, answer.statusCode(), answer.body());
                return MAPPER.readTree(answer.body());
            }
        }

        void kill() throws InterruptedException {
            process.destroyForcibly();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        }
    }

    /** Sends requests with outcomes and interactions, several in flight, and keeps what comes back. */
    private final class Traffic implements ReplyHandler {
        private final RondoClient client;
        private final Map<Long, Acknowledged> outcomesInFlight = new TreeMap<>();
        private final Map<Long, Consumed> interactionsInFlight = new TreeMap<>();
        private final List<Acknowledged> slates = new ArrayList<>();
        private int requestsInFlight;

        Traffic(RondoClient client) {
            this.client = client;
        }

        void round() throws IOException {
            if (requestsInFlight < IN_FLIGHT_MAX) {
                requestsInFlight++;
                client.send(new RecommendRequest()
                        .requestId(nextId++)
                        .userId(1 + nextId % 50)
                        .k(5)
                        .budgetUs(5_000_000));
                Consumed consumed = new Consumed(10_000 + nextId, 1000 + nextId % ITEMS);
                interactionsInFlight.put(nextId, consumed);
                client.sendInteraction(nextId++, consumed.userId(), consumed.itemId(), 1f, 1);
            }
            report();
        }

        /** Sends an outcome for every slate that has come. */
        void report() throws IOException {
            for (Acknowledged slate : slates) {
                outcomesInFlight.put(nextId, slate);
                sentCount++;
                client.sendOutcome(
                        nextId++, slate.tokenBytes(), slate.itemId(), 0, 2, nextId % 3 == 0 ? 1f : 0f, 1, true);
            }
            slates.clear();
        }

        boolean isQuiet() {
            return requestsInFlight == 0
                    && outcomesInFlight.isEmpty()
                    && interactionsInFlight.isEmpty()
                    && slates.isEmpty();
        }

        @Override
        public void onSlate(SlateView slate) {
            requestsInFlight--;
            assertEquals(ReplyCode.OK, slate.code(), slate.message());
            byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
            slate.copyToken(token);
            boolean teaches = slate.level() == Level.FULL && !slate.isStaticArm();
            slates.add(new Acknowledged(HexFormat.of().formatHex(token), slate.itemId(0), teaches));
        }

        @Override
        public void onAck(long correlationId, int index, int status, long sequence) {
            Acknowledged outcome = outcomesInFlight.remove(correlationId);
            Consumed consumed = interactionsInFlight.remove(correlationId);
            if (status == OutcomeStatus.ACCEPTED.code() && outcome != null) {
                outcomes.add(outcome);
                acknowledgedCount++;
                taughtCount += outcome.teaches() ? 1 : 0;
            }
            if (status == OutcomeStatus.ACCEPTED.code() && consumed != null) {
                interactions.add(consumed);
            }
        }
    }

    @AfterEach
    void killWhatIsLeft() {
        ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void shouldKeepEveryAcknowledgedOutcomeAndBeliefOverKills() throws Exception {
        writeDirectory();
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        String run = "seed=" + seed;
        Map<String, String> held = Map.of();
        for (int kill = 0; kill < KILLS; kill++) {
            Server server = Server.start(directory);
            if (!held.isEmpty()) {
                assertEquals(held, server.agents(), run + ": what agents held in a pause must come back");
            }
            assertEquals(0, lost(server), run + ": acknowledged outcomes or interactions lost before kill " + kill);
            long learntAtStart = server.learnt();
            assertTrue(
                    learntAtStart >= taughtCount && learntAtStart <= sentCount,
                    run + ": acknowledged=" + taughtCount + ", learnt=" + learntAtStart + ", sent=" + sentCount);
            outcomes.clear();
            interactions.clear();
            long acknowledgedAtStart = acknowledgedCount;
            long taughtAtStart = taughtCount;
            Traffic traffic = new Traffic(server.client);
            int target = ACKNOWLEDGED_MIN + random.nextInt(200);
            while (acknowledgedCount - acknowledgedAtStart < target) {
                traffic.round();
                server.client.poll(traffic, 1);
            }
            held = Map.of();
            if (kill % 2 == 0) {
                while (!traffic.isQuiet()) {
                    traffic.report();
                    server.client.poll(traffic, 1);
                }
                long expected = learntAtStart + taughtCount - taughtAtStart;
                // The store is a tick behind at most; what is waited for is that it has caught up.
                long learnt = server.learnt();
                for (long endNs = System.nanoTime() + TIMEOUT_MS * 1_000_000;
                        learnt < expected;
                        learnt = server.learnt()) {
                    assertTrue(System.nanoTime() < endNs, run + ": learnt=" + learnt + ", expected=" + expected);
                }
                held = server.agents();
                assertTrue(held.size() >= 4, run);
            } else {
                for (int burst = 0; burst < 1 + random.nextInt(30); burst++) {
                    traffic.round();
                    server.client.poll(traffic, 0);
                }
            }
            server.kill();
            drain(server.client, traffic);
        }
        assertTrue(taughtCount >= (long) KILLS * ACKNOWLEDGED_MIN / 2, "vacuous: taught=" + taughtCount);
        assertTrue(acknowledgedCount >= (long) KILLS * ACKNOWLEDGED_MIN, "vacuous: acknowledged=" + acknowledgedCount);

        // The twin that must fail: with its journal gone a server has lost what it acknowledged, and the same check
        // says so.
        try (Stream<Path> files = Files.walk(directory.resolve("journal"))) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        Server server = Server.start(directory);
        assertTrue(lost(server) >= outcomes.size(), "a check that finds no loss here finds none anywhere");
        assertEquals(0, server.learnt(), "a store that was not closed must not be believed");
        server.kill();
    }

    /** Acknowledged outcomes that the server does not know any more, and acknowledged items that it would show again. */
    private long lost(Server server) throws IOException {
        int[] counts = {0, 0};
        for (int i = 0; i < outcomes.size(); i++) {
            Acknowledged outcome = outcomes.get(i);
            server.client.sendOutcome(i, outcome.tokenBytes(), outcome.itemId(), 0, 2, 1f, 1, true);
        }
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onAck(long correlationId, int index, int status, long sequence) {
                counts[0]++;
                counts[1] += status == OutcomeStatus.DUPLICATE.code() ? 0 : 1;
            }
        };
        while (counts[0] < outcomes.size()) {
            server.client.poll(handler, TIMEOUT_MS);
        }
        long lost = counts[1];
        for (Consumed consumed : interactions) {
            SlateView slate = server.client.recommend(
                    new RecommendRequest()
                            .requestId(nextId++)
                            .userId(consumed.userId())
                            .k(ITEMS)
                            .budgetUs(5_000_000)
                            .dryRun(true),
                    TIMEOUT_MS);
            lost += slate.indexOf(consumed.itemId()) >= 0 ? 1 : 0;
        }
        return lost;
    }

    /** What the server had already sent when it died still counts as acknowledged. */
    private static void drain(RondoClient client, Traffic traffic) throws IOException {
        try {
            while (client.poll(traffic, 1_000) > 0) {
                // Until the connection says that it is over.
            }
        } catch (IOException e) {
            // It is.
        }
        client.close();
    }

    private void writeDirectory() throws IOException {
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < ITEMS; i++) {
            catalog.addItem(1000 + i, "item " + i, List.of(i % 2 == 0 ? "even" : "odd"), Map.of());
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
        Files.writeString(
                directory.resolve("rondo.yaml"),
                "directory: \"" + directory + "\"\ntcp:\n  port: 0\nadmin:\n  port: 0\ntraffic:\n  staticShare: 0\n");
    }
}
