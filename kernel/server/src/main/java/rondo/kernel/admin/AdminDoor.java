package rondo.kernel.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.Segment;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.FilterExpression;
import rondo.agents.closure.ClosureVerdict;
import rondo.agents.retrieval.Route;
import rondo.agents.traffic.Composition;
import rondo.ann.RowFilter;
import rondo.ann.SearchPlan;
import rondo.ann.VectorIndex;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.ServingKernel;
import rondo.kernel.access.Operation;
import rondo.kernel.access.Transport;
import rondo.kernel.pipeline.CircuitBreaker;
import rondo.kernel.state.CompactedStore;
import rondo.kernel.transport.DoorCounters;
import rondo.reward.AgentState;
import rondo.reward.Incident;
import rondo.reward.evolution.Contest;
import rondo.reward.evolution.Promotion;
import rondo.reward.join.OutcomeKind;
import rondo.reward.join.OutcomeStatus;
import rondo.reward.monitor.Signal;
import rondo.wire.ReplyCode;

/**
 * Health, metrics and the JSON door for people with curl. Requests go through the kernel's own binary door, so that they meet the same checks. Who may do what is
 * in {@link Operation}: 403 for anything that {@code admin.roles} does not hold.
 *
 * <pre>
 * GET  /health/live, /health/ready
 * GET  /metrics           Prometheus text
 * GET  /v1/agents         every kind: agent or function, actions, reward, promotions; α, the exploration budget, the state of the
 *                         breaker; the newest alarms, reversions and transitions of the breaker; and the last known good state
 *                         of each agent in each segment where it has learnt something
 * GET  /v1/requests/ID/rewards   who earned the reward of the newest request with this id; 404 when it is unknown
 * POST /v1/recommend      {"userId":1,"k":10,"segment":0,"filter":"genre = \"Comedy\"","route":"vector"}
 * POST /v1/outcome        {"token":"…","itemId":5,"position":0,"kind":"click","value":1}
 * POST /v1/policy         {"agent":"fusion","promoted":true,"who":"somebody"}; 409 with the findings when the closure gate does not pass it,
 *                         or with the alarm that holds promotions
 * </pre>
 */
public final class AdminDoor implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int BODY_LENGTH_MAX = 64 * 1024;
    private static final long TIMEOUT_MS = 2_000;
    private static final int CANDIDATES_MAX = 10_000;
    private static final String REQUESTS = "/v1/requests/";
    private static final String REWARDS = "/rewards";

    private final HttpServer server;
    private final ServingKernel kernel;

    /** Bits of what may be done over this door. */
    private final int allowed;

    private final ReentrantLock clientLock = new ReentrantLock();
    private @Nullable RondoClient client;
    private final AtomicLong nextRequestId = new AtomicLong(System.nanoTime());

    private AdminDoor(HttpServer server, ServingKernel kernel) {
        this.server = server;
        this.kernel = kernel;
        this.allowed = Operation.allowed(Transport.ADMIN, kernel.adminRoles());
    }

    /**
     * Opens the door.
     *
     * @throws IOException with one clear sentence when the port is taken.
     */
    public static AdminDoor open(String host, int port, ServingKernel kernel) throws IOException {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(host, port), 64);
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on " + host + ":" + port
                            + ": the port is taken; set admin.port to another, or 0 for a free one",
                    e);
        }
        AdminDoor door = new AdminDoor(server, kernel);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        door.serve("/health/live", Operation.HEALTH, exchange -> door.answer(exchange, 200, "text/plain", "live\n"));
        door.serve("/health/ready", Operation.HEALTH, door::ready);
        door.serve(
                "/metrics",
                Operation.METRICS,
                exchange -> door.answer(exchange, 200, "text/plain; version=0.0.4", door.metrics()));
        door.serve("/v1/agents", Operation.AGENTS, door::agents);
        door.serve(REQUESTS, Operation.REWARDS, door::rewards);
        door.serve("/v1/recommend", Operation.RECOMMEND, exchange -> door.json(exchange, door::recommend));
        door.serve("/v1/outcome", Operation.OUTCOME, exchange -> door.json(exchange, door::outcome));
        door.serve("/v1/plan", Operation.PLAN, exchange -> door.json(exchange, door::plan));
        door.serve("/v1/policy", Operation.POLICY, exchange -> door.json(exchange, door::policy));
        server.start();
        return door;
    }

    /** Answers a path for those who may; who may not is told why. */
    private void serve(String path, Operation operation, HttpHandler handler) {
        boolean isAllowed = (allowed & operation.bit()) != 0;
        String refusal = MAPPER.createObjectNode().put("error", operation.refusal(Transport.ADMIN)) + "\n";
        server.createContext(
                path, isAllowed ? handler : exchange -> answer(exchange, 403, "application/json", refusal));
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private void ready(HttpExchange exchange) throws IOException {
        String problem = kernel.problem();
        answer(exchange, problem.isEmpty() ? 200 : 503, "text/plain", problem.isEmpty() ? "ready\n" : problem + "\n");
    }

    private String metrics() {
        StringBuilder text = new StringBuilder(1024);
        for (DoorCounters.Kind kind : DoorCounters.Kind.values()) {
            String name = "rondo_" + kind.name().toLowerCase(Locale.ROOT);
            text.append(name)
                    .append(' ')
                    .append(kernel.door().counters().get(kind))
                    .append('\n');
        }
        for (OutcomeStatus status : OutcomeStatus.values()) {
            text.append("rondo_outcomes_answered{status=\"")
                    .append(status.name().toLowerCase(Locale.ROOT))
                    .append("\"} ")
                    .append(kernel.outcomeCount(status))
                    .append('\n');
        }
        text.append("rondo_decisions_strange ")
                .append(kernel.rewards().strangeCount())
                .append('\n');
        text.append("rondo_stage_failures ")
                .append(kernel.pipeline().failureCount())
                .append('\n');
        CircuitBreaker breaker = kernel.pipeline().breaker();
        text.append("rondo_breaker_state ").append(breaker.state().code()).append('\n');
        text.append("rondo_breaker_bypassed ").append(breaker.bypassedCount()).append('\n');
        text.append("rondo_stages_hung ").append(breaker.hungCount()).append('\n');
        text.append("rondo_alpha ").append(kernel.rewards().alpha()).append('\n');
        text.append("rondo_exploration_deviation_used ")
                .append(kernel.rewards().budget().used())
                .append('\n');
        text.append("rondo_exploration_deviation_limit ")
                .append(kernel.rewards().budget().limit())
                .append('\n');
        for (Signal signal : Signal.values()) {
            text.append("rondo_alarms{signal=\"")
                    .append(signal.name().toLowerCase(Locale.ROOT))
                    .append("\"} ")
                    .append(kernel.rewards().raised(signal))
                    .append('\n');
        }
        for (AgentKind kind : AgentKind.values()) {
            text.append("rondo_agent_reward{agent=\"")
                    .append(kind.label())
                    .append("\"} ")
                    .append(kernel.rewards().rewardMean(kind))
                    .append('\n');
        }
        return text.toString();
    }

    private void agents(HttpExchange exchange) throws IOException {
        ObjectNode out = MAPPER.createObjectNode();
        out.put("alpha", kernel.rewards().alpha())
                .put("volatility", kernel.rewards().volatility());
        out.putObject("explorationBudget")
                .put("limit", kernel.rewards().budget().limit())
                .put("used", kernel.rewards().budget().used())
                .put("projections", kernel.rewards().budget().projectionCount());
        CircuitBreaker breaker = kernel.pipeline().breaker();
        out.putObject("breaker")
                .put("state", breaker.state().name().toLowerCase(Locale.ROOT))
                .put("bypassed", breaker.bypassedCount());
        ArrayNode kinds = out.putArray("kinds");
        for (AgentKind kind : AgentKind.values()) {
            write(kind, kinds.addObject());
        }
        ArrayNode incidents = out.putArray("incidents");
        for (Incident incident : kernel.incidents()) {
            incidents
                    .addObject()
                    .put("time", Instant.ofEpochMilli(incident.timeMs()).toString())
                    .put("signal", incident.signal())
                    .put("who", incident.who())
                    .put("cause", incident.cause())
                    .put("value", incident.value())
                    .put("threshold", incident.threshold())
                    .put("response", incident.response())
                    .put("raised", incident.isRaised());
        }
        ArrayNode agents = out.putArray("agents");
        try {
            for (AgentKind kind : AgentKind.values()) {
                for (int segment = 0; segment < Segment.COUNT; segment++) {
                    CompactedStore.Entry entry = kernel.state(kind, segment);
                    if (entry != null) {
                        write(kind, segment, entry, agents.addObject());
                    }
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            answer(exchange, 500, "application/json", MAPPER.createObjectNode().put("error", e.getMessage()) + "\n");
            return;
        }
        answer(exchange, 200, "application/json", out + "\n");
    }

    private void write(AgentKind kind, ObjectNode out) {
        DecisionSpace space = kernel.policies().space(kind);
        out.put("agent", kind.label())
                .put("promoted", kernel.policies().isPromoted(kind))
                .put("scope", kind.isOuterOnly() ? "outer" : "inner")
                .put("reward", kernel.rewards().rewardMean(kind))
                .put("explorationLoss", kernel.rewards().budget().mostLossShare(kind))
                .put("staticAction", space.actions().get(space.staticAction()));
        ArrayNode actions = out.putArray("actions");
        space.actions().forEach(actions::add);
        Contest.Standing contest = kernel.rewards().contest(kind);
        if (contest != null) {
            out.putObject("contest")
                    .put("champion", contest.champion())
                    .put("challenger", contest.challenger())
                    .put("share", contest.share())
                    .put("outcomes", contest.outcomes())
                    .put("gain", contest.gain())
                    .put("gainLower", contest.gainLower())
                    .put("gainUpper", contest.gainUpper())
                    .put("lossShare", contest.lossShare())
                    .put("trials", contest.trials())
                    .put("wins", contest.wins());
        }
        ArrayNode promotions = out.putArray("promotions");
        for (Promotion promotion : kernel.rewards().promotions()) {
            if (promotion.kind() == kind) {
                promotions
                        .addObject()
                        .put("time", Instant.ofEpochMilli(promotion.timeMs()).toString())
                        .put("promoted", promotion.isPromoted())
                        .put("criteriaVersion", promotion.criteriaVersion())
                        .put("evidenceHash", promotion.evidenceHash())
                        .put("who", promotion.who());
            }
        }
    }

    private void write(AgentKind kind, int segment, CompactedStore.Entry entry, ObjectNode out) {
        AgentState state = AgentState.decode(entry.state());
        out.put("agent", kind.label())
                .put("segment", segment)
                .put("segmentName", Segment.name(segment))
                .put("sequence", entry.sequence())
                .put("policyVersion", state.policyVersion())
                .put("outcomes", state.outcomeCount())
                .put("beliefsCrc32c", Integer.toHexString(state.beliefsCrc32c()));
        ObjectNode probabilities = out.putObject("probabilities");
        List<String> actions = kernel.policies().space(kind).actions();
        for (int action = 0; action < Math.min(state.actionCount(), actions.size()); action++) {
            probabilities.put(actions.get(action), state.probability(action));
        }
    }

    private void rewards(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        ObjectNode out = MAPPER.createObjectNode();
        int status;
        try {
            if (!path.endsWith(REWARDS)) {
                throw new NumberFormatException(path);
            }
            String id =
                    path.substring(REQUESTS.length(), Math.max(REQUESTS.length(), path.length() - REWARDS.length()));
            long requestId = Long.parseLong(id);
            TraceJson.fill(out, requestId, kernel.trace(requestId), kernel.policies()::space);
            status = out.path("status").asText().equals("unknown") ? 404 : 200;
        } catch (NumberFormatException e) {
            status = 400;
            out.put("error", "the path is " + REQUESTS + "ID" + REWARDS + " with a whole number: path=" + path);
        }
        answer(exchange, status, "application/json", out + "\n");
    }

    private interface JsonCall {
        ObjectNode run(JsonNode request) throws IOException;
    }

    private void json(HttpExchange exchange, JsonCall call) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            answer(exchange, 405, "application/json", "{\"error\":\"use POST\"}\n");
            return;
        }
        int status = 200;
        ObjectNode answer;
        try {
            byte[] body = exchange.getRequestBody().readNBytes(BODY_LENGTH_MAX + 1);
            if (body.length > BODY_LENGTH_MAX) {
                throw new IllegalArgumentException("the body is longer than " + BODY_LENGTH_MAX + " bytes");
            }
            JsonNode request = MAPPER.readTree(body);
            if (request == null || !request.isObject()) {
                throw new IllegalArgumentException("the body must be one JSON object");
            }
            answer = call.run(request);
            status = answer.path("refused").asBoolean() ? 409 : 200;
        } catch (IllegalArgumentException | com.fasterxml.jackson.core.JsonProcessingException e) {
            status = 400;
            answer = MAPPER.createObjectNode().put("error", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            status = 503;
            answer = MAPPER.createObjectNode().put("error", String.valueOf(e.getMessage()));
        }
        answer(exchange, status, "application/json", answer + "\n");
    }

    private ObjectNode recommend(JsonNode in) throws IOException {
        JsonFields fields = new JsonFields(in, "requestId", "userId", "k", "segment", "filter", "route");
        String route = fields.text("route", "");
        RecommendRequest request = new RecommendRequest()
                .requestId(fields.whole("requestId", nextRequestId.getAndIncrement()))
                .userId(fields.whole("userId"))
                .k(fields.whole("k", 10))
                .segmentHint(fields.whole("segment", 0))
                .filter(fields.text("filter", ""))
                .route(
                        route.isEmpty()
                                ? FrameLayout.ROUTE_UNPINNED
                                : Route.ofName(route).code());
        return withClient(client -> answer(client.recommend(request, TIMEOUT_MS)));
    }

    private ObjectNode answer(SlateView slate) {
        ObjectNode out = MAPPER.createObjectNode();
        byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
        slate.copyToken(token);
        out.put("code", slate.code().name()).put("level", slate.level().name()).put("requestId", slate.requestId());
        out.put("token", HexFormat.of().formatHex(token)).put("serverUs", slate.serverNs() / 1e3);
        if (slate.code() != ReplyCode.OK) {
            out.put("message", slate.message());
        }
        ArrayNode items = out.putArray("items");
        for (int i = 0; i < slate.size(); i++) {
            int row = kernel.catalog().row(slate.itemId(i));
            items.addObject()
                    .put("itemId", slate.itemId(i))
                    .put("title", row < 0 ? "" : kernel.catalog().title(row))
                    .put("score", slate.score(i))
                    .put("route", Route.ofCode(slate.route(i)).label());
        }
        return out;
    }

    private ObjectNode outcome(JsonNode in) throws IOException {
        JsonFields fields = new JsonFields(in, "token", "itemId", "position", "kind", "value", "timeMs", "closes");
        byte[] token = HexFormat.of().parseHex(fields.text("token", ""));
        if (token.length != FrameLayout.TOKEN_LENGTH) {
            throw new IllegalArgumentException(
                    "a token is " + FrameLayout.TOKEN_LENGTH + " bytes in hex: bytes=" + token.length);
        }
        OutcomeKind kind = kind(fields.text("kind", "click"));
        return withClient(client -> {
            long correlationId = nextRequestId.getAndIncrement();
            int[] status = {-1};
            client.sendOutcome(
                    correlationId,
                    token,
                    kind == OutcomeKind.NONE ? fields.whole("itemId", 0) : fields.whole("itemId"),
                    fields.whole("position", -1),
                    kind.code(),
                    (float) fields.real("value", 1),
                    fields.whole("timeMs", 0L),
                    fields.flag("closes", true));
            ReplyHandler handler = new ReplyHandler() {
                @Override
                public void onAck(long correlation, int index, int code, long sequence) {
                    status[0] = correlation == correlationId ? code : status[0];
                }
            };
            long deadlineNs = System.nanoTime() + TIMEOUT_MS * 1_000_000;
            while (status[0] < 0) {
                if (System.nanoTime() > deadlineNs) {
                    throw new IOException("no acknowledgement in time");
                }
                client.poll(handler, 50);
            }
            return MAPPER.createObjectNode()
                    .put("status", OutcomeStatus.ofCode(status[0]).name().toLowerCase(Locale.ROOT));
        });
    }

    private interface ClientCall {
        ObjectNode run(RondoClient client) throws IOException;
    }

    /** Calls the binary door; once more over a new connection when the old one was let go, as one is that says nothing for long. */
    private ObjectNode withClient(ClientCall call) throws IOException {
        clientLock.lock();
        try {
            boolean isOld = client != null;
            try {
                return call.run(client());
            } catch (IOException e) {
                dropClient();
                if (!isOld || e instanceof SocketTimeoutException) {
                    throw e;
                }
            }
            return call.run(client());
        } catch (IOException e) {
            dropClient();
            throw e;
        } finally {
            clientLock.unlock();
        }
    }

    /** How the vector route would search for {@code k} candidates under a filter: nothing is searched. */
    private ObjectNode plan(JsonNode in) {
        JsonFields fields = new JsonFields(in, "k", "filter");
        int k = fields.whole("k", Composition.STANDARD.candidateCount());
        String filter = fields.text("filter", "");
        Catalog catalog = kernel.catalog();
        VectorIndex vectors = catalog.vectors();
        if (vectors == null) {
            throw new IllegalArgumentException("the catalogue has no vectors: catalogVersion=" + catalog.version());
        }
        RowFilter rows = filter.isEmpty()
                ? null
                : FilterExpression.parse(filter).compile(catalog).rows();
        if (k < 1 || k > CANDIDATES_MAX) {
            throw new IllegalArgumentException("k outside [1, " + CANDIDATES_MAX + "]: k=" + k);
        }
        SearchPlan plan = vectors.newSearcher(k).plan(k, rows);
        ObjectNode out = MAPPER.createObjectNode();
        out.put("path", plan.path().name().toLowerCase(Locale.ROOT));
        if (Float.isFinite(plan.reach())) {
            out.put("reach", plan.reach());
        }
        return out.put("candidates", plan.candidates())
                .put("recall", plan.recall())
                .put("why", plan.why())
                .put("rows", catalog.itemCount())
                .put("passing", rows == null ? catalog.itemCount() : rows.cardinality())
                .put("catalogVersion", catalog.version());
    }

    /** On this exchange's own thread: an examination takes some tenths of a second. */
    private ObjectNode policy(JsonNode in) throws IOException {
        JsonFields fields = new JsonFields(in, "agent", "promoted", "who");
        AgentKind kind = AgentKind.ofLabel(fields.text("agent", ""));
        String who = fields.text("who", "");
        ObjectNode out = MAPPER.createObjectNode().put("agent", kind.label()).put("who", who);
        if (fields.flag("promoted", true)) {
            try {
                ClosureVerdict verdict = kernel.promote(kind, who);
                VerdictJson.fill(out, verdict).put("refused", !verdict.isPromotable());
            } catch (IllegalStateException e) {
                out.put("refused", true).put("held", e.getMessage());
            }
        } else {
            kernel.demote(kind, who);
        }
        return out.put("promoted", kernel.policies().isPromoted(kind));
    }

    private static OutcomeKind kind(String name) {
        for (OutcomeKind kind : OutcomeKind.values()) {
            if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("kind is one of none, view, click, like, purchase: kind=" + name);
    }

    private RondoClient client() throws IOException {
        RondoClient open = client;
        if (open == null) {
            open = kernel.connect(TIMEOUT_MS);
            client = open;
        }
        return open;
    }

    private void dropClient() throws IOException {
        if (client != null) {
            client.close();
            client = null;
        }
    }

    private void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        try (var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        clientLock.lock();
        try {
            dropClient();
        } catch (IOException e) {
            // Closing anyway.
        } finally {
            clientLock.unlock();
        }
    }
}
