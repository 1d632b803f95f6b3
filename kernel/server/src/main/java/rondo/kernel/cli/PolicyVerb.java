package rondo.kernel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rondo.agents.AgentKind;

/**
 * {@code rondo policy}: {@code list} prints every policy in force of a running server, {@code log} what was promoted and demoted; {@code promote KIND} and
 * {@code demote KIND} add to that log.
 */
@Command(
        name = "policy",
        description =
                "Print the policies in force of a running server or the log of promotions; promote or demote a stage.")
final class PolicyVerb extends Verb {
    enum What {
        list,
        log,
        promote,
        demote
    }

    @Parameters(index = "0", description = "list, log, promote or demote")
    private What what = What.list;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "KIND",
            description = "of promote and demote: traffic, retrieval, ranking, filter, feature, …")
    private String kind = "";

    @Option(names = "--who", description = "Who asks for it, for the log (default: ${DEFAULT-VALUE}).")
    private String who = System.getProperty("user.name", "somebody");

    @Mixin
    private final AdminEndpoint endpoint = new AdminEndpoint();

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        switch (what) {
            case list -> list(endpoint.agents(), json);
            case log -> log(endpoint.agents(), json);
            case promote -> {
                return promote(json);
            }
            case demote -> {
                json.setAll((ObjectNode) endpoint.policy(label(), false, who));
                out().println(kind + " is a function from now on and plays its static action");
            }
        }
        return true;
    }

    private String label() {
        if (kind.isEmpty()) {
            throw new UsageException("name the stage: rondo policy " + what + " KIND");
        }
        return AgentKind.ofLabel(kind).label();
    }

    private boolean promote(ObjectNode json) throws Exception {
        JsonNode answer = endpoint.policy(label(), true, who);
        boolean isRefused = answer.path("refused").asBoolean();
        json.setAll((ObjectNode) answer);
        if (answer.has("held")) {
            out().println(kind + " is not promoted: " + answer.path("held").asText());
            return false;
        }
        out().println(kind + (isRefused ? " is not promoted" : " is an agent") + ": verdict "
                + answer.path("verdict").asText() + ", evidence "
                + answer.path("evidenceHash").asText());
        for (String criterion : List.of("evaluable", "decisionSpace", "closedLoop")) {
            out().println("  " + criterion + " " + answer.path(criterion).asText());
        }
        return !isRefused;
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
