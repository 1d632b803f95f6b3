package rondo.kernel.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HexFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rondo.agents.AgentKind;
import rondo.agents.Segment;
import rondo.agents.chain.DecisionSpaces;
import rondo.agents.retrieval.Route;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.wire.ReplyCode;

/** {@code rondo call}: one request to a running server, and its slate. */
@Command(name = "call", description = "Ask a running server for one slate.")
final class CallVerb extends Verb {
    @Mixin
    private final Endpoint endpoint = new Endpoint();

    @Option(names = "--user", required = true, description = "User id.")
    private long userId;

    @Option(names = "-k", defaultValue = "10", description = "Items wanted (default: ${DEFAULT-VALUE}).")
    private int k = 10;

    @Option(names = "--request", defaultValue = "0", description = "Request id; 0 takes the clock.")
    private long requestId;

    @Option(names = "--segment", defaultValue = "0", description = "The caller's audience label, 0 to 15.")
    private int segment;

    @Option(names = "--route", defaultValue = "", description = "Pin the retrieval route by name.")
    private String route = "";

    @Option(
            names = "--filter",
            defaultValue = "",
            description = "Filter expression, for example: genre = \"Comedy\" and year >= 1990.")
    private String filter = "";

    @Option(
            names = "--budget-us",
            defaultValue = "0",
            description = "Microseconds the server may take; 0 is its default.")
    private long budgetUs;

    @Option(names = "--explain", description = "Show what each agent decided.")
    private boolean isExplain;

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        try (RondoClient client = endpoint.connect()) {
            RecommendRequest request = new RecommendRequest()
                    .requestId(requestId == 0 ? System.nanoTime() : requestId)
                    .userId(userId)
                    .k(k)
                    .segmentHint(segment)
                    .filter(filter)
                    .budgetUs(budgetUs)
                    .route(
                            route.isEmpty()
                                    ? FrameLayout.ROUTE_UNPINNED
                                    : Route.ofName(route).code());
            SlateView slate = client.recommend(request, 5_000);
            write(slate, json);
            return slate.code() == ReplyCode.OK;
        }
    }

    private void write(SlateView slate, ObjectNode json) {
        byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
        slate.copyToken(token);
        json.put("code", slate.code().name());
        json.put("level", slate.level().name());
        json.put("requestId", slate.requestId());
        json.put("serverUs", slate.serverNs() / 1e3);
        json.put("segment", Segment.name(slate.segment()));
        json.put("underfilled", slate.isUnderfilled());
        json.put("coldUser", slate.isColdUser());
        json.put("token", HexFormat.of().formatHex(token));
        if (!slate.message().isEmpty()) {
            json.put("message", slate.message());
        }
        out().printf(
                        java.util.Locale.ROOT,
                        "%s %s, %d items, %.1f us on the server, segment %s%s%n",
                        slate.code(),
                        slate.level(),
                        slate.size(),
                        slate.serverNs() / 1e3,
                        Segment.name(slate.segment()),
                        slate.message().isEmpty() ? "" : ": " + slate.message());
        ArrayNode items = json.putArray("items");
        for (int i = 0; i < slate.size(); i++) {
            String name = Route.ofCode(slate.route(i)).label();
            items.addObject()
                    .put("itemId", slate.itemId(i))
                    .put("score", slate.score(i))
                    .put("route", name);
            out().printf(
                            java.util.Locale.ROOT,
                            "%3d  item %-10d score %8.4f  from %s%n",
                            i + 1,
                            slate.itemId(i),
                            slate.score(i),
                            name);
        }
        ArrayNode agents = json.putArray("agents");
        for (int i = 0; i < slate.agentCount(); i++) {
            AgentKind kind = AgentKind.ofCode(slate.agentKind(i));
            String name = kind.name().toLowerCase(java.util.Locale.ROOT);
            String action = DecisionSpaces.of(kind, Route.POPULAR).actions().get(slate.action(i));
            agents.addObject()
                    .put("name", name)
                    .put("action", slate.action(i))
                    .put("actionName", action)
                    .put("propensity", slate.propensity(i))
                    .put("policyVersion", slate.policyVersion(i));
            if (isExplain) {
                out().printf(
                                java.util.Locale.ROOT,
                                "     %-9s chose %s with propensity %.4f, policy version %d%n",
                                name,
                                action,
                                slate.propensity(i),
                                slate.policyVersion(i));
            }
        }
        if (isExplain) {
            out().printf(
                            java.util.Locale.ROOT,
                            "     retrieval %.1f us, ranking %.1f us, filter %.1f us%n",
                            slate.retrievalNs() / 1e3,
                            slate.rankingNs() / 1e3,
                            slate.filterNs() / 1e3);
        }
        if (slate.code() == ReplyCode.OK) {
            out().println("token " + HexFormat.of().formatHex(token));
        }
    }
}
