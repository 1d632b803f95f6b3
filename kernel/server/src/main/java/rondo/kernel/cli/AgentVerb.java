package rondo.kernel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rondo.agents.AgentKind;
import rondo.kernel.JournalTrace;
import rondo.kernel.ServingKernel;
import rondo.kernel.admin.TraceJson;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;

/**
 * {@code rondo agent show NAME}: one stage of a running server, what it may do, what it earns, and since when it is an agent. {@code rondo agent trace
 * REQUEST_ID}: who earned a request's reward.
 */
@Command(
        name = "agent",
        description = {
            "Print one stage of a running server, or who earned a request's reward.",
            "A running server knows the newest 262,144 rewards of agents, which are those of 65,536 requests with four agents, and the newest 65,536 "
                    + "requests that wait for their outcome; the journal of a stopped one (--directory) knows all. Of requests with the same id the "
                    + "newest is shown."
        })
final class AgentVerb extends Verb {
    enum What {
        show,
        trace
    }

    @Parameters(index = "0", description = "show or trace")
    private What what = What.show;

    @Parameters(
            index = "1",
            paramLabel = "NAME|REQUEST_ID",
            description =
                    "of show: traffic, retrieval, ranking, filter, feature, …; of trace: the id that the request had")
    private String name = "";

    @Option(names = "--directory", paramLabel = "DIR", description = "of trace: data directory of a stopped server.")
    private @Nullable Path directory;

    @Mixin
    private final AdminEndpoint endpoint = new AdminEndpoint();

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        switch (what) {
            case show -> show(json);
            case trace -> trace(json);
        }
        return true;
    }

    private void trace(ObjectNode json) throws Exception {
        long requestId;
        try {
            requestId = Long.parseLong(name);
        } catch (NumberFormatException e) {
            throw new UsageException("a request id is a whole number: requestId=" + name);
        }
        if (directory == null) {
            json.setAll((ObjectNode) endpoint.rewards(requestId));
        } else {
            JournalTrace.Result found = JournalTrace.find(settings(directory), requestId);
            TraceJson.fill(
                    json, requestId, found.trace(), kind -> found.spaces().get(kind.code()));
        }
        switch (json.path("status").asText()) {
            case "unknown" ->
                throw new UsageException("no agent decided in a request with this id"
                        + (directory == null
                                ? ", or it is older than what a running server keeps; ask the stopped one's journal with --directory"
                                : "")
                        + ": requestId=" + requestId);
            case "awaited" ->
                out().println("request " + requestId + ": no reward yet, its outcome is still awaited"
                        + (directory == null ? "" : " (or the server was killed before it wrote the rewards)"));
            default -> print(json);
        }
    }

    private static Config settings(Path directory) {
        Path file = directory.resolve(ServingKernel.SETTINGS_FILE);
        if (!Files.isRegularFile(file)) {
            throw new UsageException("no data directory that was served: missing=" + file);
        }
        return Config.load(file).with(Setting.DIRECTORY, directory);
    }

    private void print(ObjectNode trace) {
        out().println("request " + trace.path("requestId").asText() + ": "
                + trace.path("status").asText() + ", decided "
                + trace.path("time").asText() + " in segment "
                + trace.path("segmentName").asText());
        out().printf(
                        Locale.ROOT,
                        "%-11s %-20s %10s %8s %7s %7s %7s %9s%n",
                        "agent",
                        "action",
                        "propensity",
                        "version",
                        "local",
                        "alpha",
                        "total",
                        "credit");
        for (JsonNode agent : trace.path("agents")) {
            out().printf(
                            Locale.ROOT,
                            "%-11s %-20s %10.4f %8d %7.4f %7.4f %7.4f %9s%n",
                            agent.path("agent").asText(),
                            agent.path("action").asText(),
                            agent.path("propensity").asDouble(),
                            agent.path("policyVersion").asLong(),
                            agent.path("local").asDouble(),
                            agent.path("alpha").asDouble(),
                            agent.path("total").asDouble(),
                            agent.path("credited").asBoolean()
                                    ? String.format(
                                            Locale.ROOT,
                                            "%+.5f",
                                            agent.path("credit").asDouble())
                                    : "unknown");
        }
        out().printf(
                        Locale.ROOT,
                        "global %.5f = expected %.5f %+.5f by the agents %+.5f residual (what they do to each other, what is not learnt, luck)%n",
                        trace.path("global").asDouble(),
                        trace.path("expected").asDouble(),
                        trace.path("credits").asDouble(),
                        trace.path("residual").asDouble());
    }

    private void show(ObjectNode json) throws Exception {
        String label = AgentKind.ofLabel(name).label();
        JsonNode state = endpoint.agents();
        for (JsonNode kind : state.path("kinds")) {
            if (kind.path("agent").asText().equals(label)) {
                json.setAll((ObjectNode) kind);
                out().printf(
                                Locale.ROOT,
                                "%s: %s, %s reward, mean %.4f, static action %s, never more than %.2f %% behind it%n",
                                label,
                                kind.path("promoted").asBoolean() ? "an agent" : "a function",
                                kind.path("scope").asText(),
                                kind.path("reward").asDouble(),
                                kind.path("staticAction").asText(),
                                100 * kind.path("explorationLoss").asDouble());
                JsonNode contest = kind.path("contest");
                if (!contest.isMissingNode()) {
                    out().printf(
                                    Locale.ROOT,
                                    "  %s decides; %s challenges it with %.0f %% of the traffic: %+.5f per request (%.5f to %.5f) after %d outcomes, cost at most %.2f %%; trial %d, %d won%n",
                                    contest.path("champion").asText(),
                                    contest.path("challenger").asText(),
                                    100 * contest.path("share").asDouble(),
                                    contest.path("gain").asDouble(),
                                    contest.path("gainLower").asDouble(),
                                    contest.path("gainUpper").asDouble(),
                                    contest.path("outcomes").asLong(),
                                    100 * contest.path("lossShare").asDouble(),
                                    contest.path("trials").asLong(),
                                    contest.path("wins").asLong());
                }
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
