package rondo.kernel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import rondo.agents.AgentKind;

/** {@code rondo agent show NAME}: one stage of a running server, what it may do, what it earns, and since when it is an agent. */
@Command(name = "agent", description = "Print one stage of a running server.")
final class AgentVerb extends Verb {
    enum What {
        show
    }

    @Parameters(index = "0", description = "show")
    private What what = What.show;

    @Parameters(index = "1", paramLabel = "NAME", description = "traffic, retrieval, ranking, filter, feature, …")
    private String name = "";

    @Mixin
    private final AdminEndpoint endpoint = new AdminEndpoint();

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        switch (what) {
            case show -> show(json);
        }
        return true;
    }

    private void show(ObjectNode json) throws Exception {
        String label = AgentKind.ofLabel(name).label();
        JsonNode state = endpoint.agents();
        for (JsonNode kind : state.path("kinds")) {
            if (kind.path("agent").asText().equals(label)) {
                json.setAll((ObjectNode) kind);
                out().printf(
                                Locale.ROOT,
                                "%s: %s, %s reward, mean %.4f, static action %s%n",
                                label,
                                kind.path("promoted").asBoolean() ? "an agent" : "a function",
                                kind.path("scope").asText(),
                                kind.path("reward").asDouble(),
                                kind.path("staticAction").asText());
                for (JsonNode promotion : kind.path("promotions")) {
                    out().println("  " + promotion.path("time").asText() + " "
                            + (promotion.path("promoted").asBoolean() ? "promoted" : "demoted") + " by "
                            + promotion.path("who").asText() + ", evidence "
                            + (promotion.path("evidenceHash").asText().isEmpty()
                                    ? "none"
                                    : promotion.path("evidenceHash").asText()));
                }
            }
        }
        json.put("alpha", state.path("alpha").asDouble());
        ArrayNode segments = json.putArray("segments");
        for (JsonNode policy : state.path("agents")) {
            if (policy.path("agent").asText().equals(label)) {
                segments.add(policy);
                out().printf(
                                Locale.ROOT,
                                "  segment %-12s version %d, %d outcomes, %s%n",
                                policy.path("segmentName").asText(),
                                policy.path("policyVersion").asLong(),
                                policy.path("outcomes").asLong(),
                                policy.path("probabilities"));
            }
        }
    }
}
