package rondo.kernel.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import rondo.agents.closure.ClosureVerdict;

/** A verdict of the closure gate as JSON: the same fields wherever one is shown. */
public final class VerdictJson {
    private VerdictJson() {}

    /** Adds the fields to {@code out} and returns it. */
    public static ObjectNode fill(ObjectNode out, ClosureVerdict verdict) {
        return out.put("id", verdict.id())
                .put("metric", verdict.metric())
                .put("successRate", verdict.successRate())
                .put("successLower", verdict.successLower())
                .put("iterations", verdict.iterations())
                .put("distinctActions", verdict.distinctActions())
                .put("contraction", verdict.contraction())
                .put("evaluable", verdict.evaluable().toString())
                .put("decisionSpace", verdict.decisionSpace().toString())
                .put("closedLoop", verdict.closedLoop().toString())
                .put("verdict", verdict.verdict().name())
                .put("criteriaVersion", verdict.criteriaVersion())
                .put("evidenceHash", verdict.evidenceHash());
    }
}
