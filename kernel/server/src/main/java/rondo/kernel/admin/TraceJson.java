package rondo.kernel.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.Segment;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.experience.RewardTrace;

/** Who earned a request's reward, as JSON: the same fields whether a server or a journal tells it. Numbers are those of the rows, so that they add up. */
public final class TraceJson {
    private TraceJson() {}

    /**
     * Adds the fields to {@code out} and returns it; {@code status} is unknown, awaited, joined or defaulted.
     *
     * @param trace  null when the request is unknown.
     * @param spaces what the actions mean.
     */
    public static ObjectNode fill(
            ObjectNode out, long requestId, @Nullable RewardTrace trace, Function<AgentKind, DecisionSpace> spaces) {
        out.put("requestId", requestId);
        if (trace == null) {
            return out.put("status", "unknown");
        }
        out.put("decisionId", trace.decisionId());
        if (trace.isAwaited()) {
            return out.put("status", "awaited");
        }
        ExperienceRow first = trace.rows().getFirst();
        out.put("status", trace.isDefaulted() ? "defaulted" : "joined")
                .put("time", Instant.ofEpochMilli(first.decidedAtMs()).toString())
                .put("segment", first.segment())
                .put("segmentName", Segment.name(first.segment()))
                .put("global", trace.global())
                .put("expected", trace.expected())
                .put("credits", trace.credits())
                .put("residual", trace.residual());
        ArrayNode agents = out.putArray("agents");
        for (ExperienceRow row : trace.rows()) {
            AgentKind kind = AgentKind.ofCode(row.agent());
            List<String> actions = spaces.apply(kind).actions();
            agents.addObject()
                    .put("agent", kind.label())
                    .put("action", row.action() < actions.size() ? actions.get(row.action()) : "#" + row.action())
                    .put("propensity", (double) row.propensity())
                    .put("policyVersion", row.policyVersion())
                    .put("local", (double) row.localReward())
                    .put("alpha", (double) row.alpha())
                    .put("total", row.totalReward())
                    .put("credit", (double) row.credit())
                    .put("credited", row.isCredited());
        }
        return out;
    }
}
