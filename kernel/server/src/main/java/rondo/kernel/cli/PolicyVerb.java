package rondo.kernel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rondo policy}: {@code list} prints every policy in force of a running server, {@code log} what was promoted and demoted. */
@Command(name = "policy", description = "Print the policies in force of a running server, or the log of promotions.")
final class PolicyVerb extends Verb {
    enum What {
        list,
        log
    }

    @Parameters(index = "0", description = "list or log")
    private What what = What.list;

    @Mixin
    private final AdminEndpoint endpoint = new AdminEndpoint();

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        JsonNode state = endpoint.agents();
        switch (what) {
            case list -> list(state, json);
            case log -> log(state, json);
        }
        return true;
    }

    private void log(JsonNode state, ObjectNode json) {
        ArrayNode events = json.putArray("events");
        for (JsonNode kind : state.path("kinds")) {
            for (JsonNode promotion : kind.path("promotions")) {
                String hash = promotion.path("evidenceHash").asText();
                events.addObject().put("agent", kind.path("agent").asText()).setAll((ObjectNode) promotion);
                out().println(promotion.path("time").asText() + " "
                        + kind.path("agent").asText() + " "
                        + (promotion.path("promoted").asBoolean() ? "promoted" : "demoted") + " by "
                        + promotion.path("who").asText() + ", evidence " + (hash.isEmpty() ? "none" : hash));
            }
        }
    }

    private void list(JsonNode state, ObjectNode json) {
        ArrayNode policies = json.putArray("policies");
        out().printf(
                        Locale.ROOT,
                        "%-11s %-12s %8s %9s  %s%n",
                        "agent",
                        "segment",
                        "version",
                        "outcomes",
                        "likeliest action");
        for (JsonNode policy : state.path("agents")) {
            policies.add(policy);
            String best = "";
            for (var entry : policy.path("probabilities").properties()) {
                if (best.isEmpty()
                        || entry.getValue().asDouble()
                                > policy.path("probabilities").path(best).asDouble()) {
                    best = entry.getKey();
                }
            }
            out().printf(
                            Locale.ROOT,
                            "%-11s %-12s %8d %9d  %s (%.2f)%n",
                            policy.path("agent").asText(),
                            policy.path("segmentName").asText(),
                            policy.path("policyVersion").asLong(),
                            policy.path("outcomes").asLong(),
                            best,
                            policy.path("probabilities").path(best).asDouble());
        }
        if (policies.isEmpty()) {
            out().println("no agent has learnt anything yet: every policy is at its start");
        }
    }
}
