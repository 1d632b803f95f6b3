package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.client.tls.TlsContexts;
import rondo.kernel.admin.AdminDoor;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.transport.DoorCounters.Kind;
import rondo.wire.ReplyCode;

/** Who may do what over which transport, asked of a real server over all of them, and TLS with certificates on either side. */
class AccessTest {
    private static final long TIMEOUT_MS = 10_000;

    @TempDir
    static Path made;

    private static TestCertificates certificates;

    @TempDir
    Path directory;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = TestCertificates.make(made);
    }

    @BeforeEach
    void writeCatalog() throws IOException {
        CatalogBuilder catalog = new CatalogBuilder();
        float[] vectors = new float[200 * 4];
        for (int i = 0; i < 200; i++) {
            catalog.addItem(100 + i, "item " + i, List.of("c" + i % 3), Map.of());
            vectors[4 * i + i % 4] = 1 + i;
        }
        catalog.itemVectors(vectors, 4);
        catalog.writeTo(directory.resolve("catalog"), 1);
    }

    private Config config() {
        return Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.UNIX_PATH, directory.resolve("s"))
                .with(Setting.DEADLINE_US, 10_000_000);
    }

    private Config withTls(String roles) throws IOException {
        Path file = Files.writeString(Files.createTempFile(directory, "roles", ""), roles);
        return config().with(Setting.TLS_CERTIFICATE, certificates.certificate("server"))
                .with(Setting.TLS_KEY, certificates.key("server"))
                .with(Setting.TLS_AUTHORITIES, certificates.certificate("ca"))
                .with(Setting.TLS_ROLES, file);
    }

    private static InetSocketAddress tcp(ServingKernel kernel) {
        return new InetSocketAddress("127.0.0.1", kernel.port());
    }

    private static RondoClient tls(ServingKernel kernel, String who) throws IOException {
        return RondoClient.connect(tcp(kernel), certificates.context(who), TIMEOUT_MS);
    }

    /** Goal: each cell of the table, as a server answers it. Method: a server for each single role and for none; everything is tried by every transport. */
    @Test
    void shouldAllowOverEachTransportWhatItsTableSays() throws Exception {
        Set<String> seen = new TreeSet<>();
        for (String role : List.of("none", "serve", "outcome", "policy", "observe")) {
            Config config = config().with(Setting.TCP_ROLES, role)
                    .with(Setting.UNIX_ROLES, role)
                    .with(Setting.ADMIN_ROLES, role);
            try (ServingKernel kernel = ServingKernel.launch(config);
                    AdminDoor admin = AdminDoor.open("127.0.0.1", 0, kernel);
                    RondoClient tcp = RondoClient.connect(tcp(kernel), TIMEOUT_MS);
                    RondoClient unix =
                            RondoClient.connect(UnixDomainSocketAddress.of(directory.resolve("s")), TIMEOUT_MS)) {
                tryAll(seen, role, "tcp", tcp);
                tryAll(seen, role, "unix", unix);
                if (role.equals("serve")) {
                    try (RondoClient shared = RondoClient.connectShared(tcp(kernel), TIMEOUT_MS)) {
                        tryAll(seen, role, "shared", shared);
                        seen.add("serve tcp attach");
                    }
                    RondoClient.connectShared(UnixDomainSocketAddress.of(directory.resolve("s")), TIMEOUT_MS)
                            .close();
                    seen.add("serve unix attach");
                } else {
                    String why = String.valueOf(
                            assertThrows(IOException.class, () -> RondoClient.connectShared(tcp(kernel), TIMEOUT_MS))
                                    .getMessage());
                    assertTrue(why.contains("role serve"), why);
                }
                tryAdmin(seen, role, admin);
            }
            try (ServingKernel kernel = ServingKernel.launch(withTls("edge-1.example.org = " + role));
                    RondoClient tls = tls(kernel, "client")) {
                tryAll(seen, role, "tls", tls);
                assertTrue(kernel.door().counters().get(Kind.DENIED) >= 1, "no role is enough for everything");
            }
        }
        Set<String> expected = new TreeSet<>();
        for (String role : List.of("none", "serve", "outcome", "policy", "observe")) {
            expected.add(role + " admin health");
        }
        for (String transport : List.of("tcp", "unix", "tls", "shared", "admin")) {
            expected.add("serve " + transport + " recommend");
        }
        for (String transport : List.of("tcp", "unix", "tls")) {
            expected.add("outcome " + transport + " outcome");
            expected.add("outcome " + transport + " interaction");
            for (String role : List.of("none", "serve", "outcome", "policy", "observe")) {
                expected.add(role + " " + transport + " health");
            }
        }
        expected.add("serve shared health");
        expected.addAll(
                List.of("serve tcp attach", "serve unix attach", "outcome admin outcome", "policy admin policy"));
        for (String what : List.of("metrics", "agents", "rewards", "plan")) {
            expected.add("observe admin " + what);
        }
        assertEquals(expected, seen);
    }

    private static void tryAll(Set<String> seen, String role, String transport, RondoClient client) throws IOException {
        if (client.isReady(TIMEOUT_MS)) {
            seen.add(role + " " + transport + " health");
        }
        boolean[] got = new boolean[3];
        List<String> refusals = new ArrayList<>();
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onSlate(SlateView slate) {
                got[0] = slate.code() == ReplyCode.OK;
            }

            @Override
            public void onAck(long correlationId, int index, int status, long sequence) {
                got[(int) correlationId] = true;
            }

            @Override
            public void onError(long correlationId, ReplyCode code, String message) {
                refusals.add(message);
            }
        };
        client.send(new RecommendRequest().requestId(1).userId(1).k(5));
        // The token is forged, which is another refusal than that of somebody who may not report.
        client.sendOutcome(1, new byte[FrameLayout.TOKEN_LENGTH], 100, 0, 2, 1, 1, true);
        client.sendInteraction(2, 1, 100, 1, 1);
        long endNs = System.nanoTime() + TIMEOUT_MS * 1_000_000;
        for (int answers = 0; answers < 3; ) {
            answers += client.poll(handler, TIMEOUT_MS);
            assertTrue(System.nanoTime() < endNs, "answers=" + answers);
        }
        String[] names = {"recommend", "outcome", "interaction"};
        for (int i = 0; i < names.length; i++) {
            if (got[i]) {
                seen.add(role + " " + transport + " " + names[i]);
            } else {
                String name = names[i];
                assertTrue(
                        refusals.stream().anyMatch(why -> why.startsWith(name + " takes the role")),
                        refusals.toString());
            }
        }
    }

    private static void tryAdmin(Set<String> seen, String role, AdminDoor admin) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            Map<String, String> gets = Map.of(
                    "health",
                    "/health/live",
                    "metrics",
                    "/metrics",
                    "agents",
                    "/v1/agents",
                    "rewards",
                    "/v1/requests/1/rewards");
            Map<String, String> posts = Map.of(
                    "recommend", "/v1/recommend", "outcome", "/v1/outcome", "plan", "/v1/plan", "policy", "/v1/policy");
            for (Map.Entry<String, String> get : gets.entrySet()) {
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + admin.port() + get.getValue()))
                        .build();
                tryHttp(seen, role, get.getKey(), http.send(request, HttpResponse.BodyHandlers.ofString()));
            }
            for (Map.Entry<String, String> post : posts.entrySet()) {
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + admin.port() + post.getValue()))
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build();
                tryHttp(seen, role, post.getKey(), http.send(request, HttpResponse.BodyHandlers.ofString()));
            }
        }
    }

    private static void tryHttp(Set<String> seen, String role, String what, HttpResponse<String> answer) {
        if (answer.statusCode() == 403) {
            assertTrue(answer.body().contains(what + " takes the role"), answer.body());
        } else {
            seen.add(role + " admin " + what);
        }
    }

    @Test
    void shouldServeTheSameOverTlsAsInTheClear() throws Exception {
        long[][] slates = new long[2][];
        int large = 500;
        try (ServingKernel kernel = ServingKernel.launch(withTls("edge-1.example.org = serve"));
                RondoClient tls = tls(kernel, "client");
                RondoClient unix =
                        RondoClient.connect(UnixDomainSocketAddress.of(directory.resolve("s")), TIMEOUT_MS)) {
            List<RondoClient> clients = List.of(tls, unix);
            for (int id = 1; id <= 300; id++) {
                for (int i = 0; i < clients.size(); i++) {
                    SlateView slate = clients.get(i)
                            .recommend(
                                    new RecommendRequest()
                                            .requestId(id)
                                            .userId(id)
                                            .k(id % 3 == 0 ? large : 7)
                                            .dryRun(true),
                                    TIMEOUT_MS);
                    assertEquals(ReplyCode.OK, slate.code());
                    slates[i] = new long[slate.size()];
                    for (int k = 0; k < slate.size(); k++) {
                        slates[i][k] = slate.itemId(k);
                    }
                }
                assertArrayEquals(slates[0], slates[1]);
            }
            for (RondoClient client : clients) {
                requireAll(client, 500, large);
            }
            kernel.warmUp(20, TIMEOUT_MS);
        }
    }

    /** Many at once, so that frames and replies end within a record, and more is to be said at once than there is room for. */
    private static void requireAll(RondoClient client, int requests, int k) throws IOException {
        int[] count = {0};
        for (int id = 1; id <= requests; id++) {
            client.send(new RecommendRequest().requestId(id).userId(id).k(k).dryRun(true));
        }
        ReplyHandler counting = new ReplyHandler() {
            @Override
            public void onSlate(SlateView slate) {
                count[0]++;
            }
        };
        long endNs = System.nanoTime() + TIMEOUT_MS * 1_000_000;
        while (count[0] < requests) {
            client.poll(counting, TIMEOUT_MS);
            assertTrue(System.nanoTime() < endNs, "replies=" + count[0]);
        }
    }

    @Test
    void shouldLetNobodyInWhoseCertificateItDoesNotBelieve() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(withTls("edge-1.example.org = serve"))) {
            assertThrows(IOException.class, () -> tls(kernel, "stranger"), "signed by another authority");
            assertThrows(IOException.class, () -> tls(kernel, "server"), "stands in no line of the roles");
            assertThrows(
                    SSLException.class,
                    () -> RondoClient.connect(
                            tcp(kernel),
                            TlsContexts.of(
                                    certificates.certificate("client"),
                                    certificates.key("client"),
                                    certificates.certificate("stranger")),
                            TIMEOUT_MS),
                    "the server is not whom the client believes");
            assertThrows(IOException.class, () -> RondoClient.connect(tcp(kernel), 1_000), "in the clear");
            try (Socket silent = new Socket("127.0.0.1", kernel.port())) {
                assertEquals(-1, silent.getInputStream().read(), "who does not shake hands is let go");
            }
            try (RondoClient client = tls(kernel, "client")) {
                assertTrue(client.isReady(TIMEOUT_MS));
            }
            assertTrue(kernel.door().counters().get(Kind.TIMED_OUT) > 0);
        }
    }

    @Test
    void shouldNotStartWhereStrangersCouldComeIn() throws Exception {
        Map<String, Config> wrong = Map.of(
                "tcp.host=0.0.0.0", config().with(Setting.TCP_HOST, "0.0.0.0"),
                "tls.key must be set", config().with(Setting.TLS_CERTIFICATE, certificates.certificate("server")),
                "tcp.roles: a role is one of", config().with(Setting.TCP_ROLES, "root"),
                "admin.roles: a role is one of", config().with(Setting.ADMIN_ROLES, "root"),
                ":1: a line is", withTls("edge-1"),
                "no private key", withTls("a = serve").with(Setting.TLS_KEY, certificates.certificate("server")));
        for (Map.Entry<String, Config> one : wrong.entrySet()) {
            String message = String.valueOf(assertThrows(
                            IOException.class,
                            () -> ServingKernel.launch(one.getValue()).close())
                    .getMessage());
            assertTrue(message.contains(one.getKey()), message);
        }
        try (ServerSocket silent = new ServerSocket(0)) {
            InetSocketAddress address = new InetSocketAddress("127.0.0.1", silent.getLocalPort());
            assertThrows(
                    SocketTimeoutException.class,
                    () -> RondoClient.connect(address, certificates.context("client"), 200));
        }
    }
}
