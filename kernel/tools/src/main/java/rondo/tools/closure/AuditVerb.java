package rondo.tools.closure;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rondo.agents.AgentKind;
import rondo.agents.closure.ClosureGate;
import rondo.agents.closure.ClosureModule;
import rondo.agents.closure.ClosureSpec;
import rondo.agents.closure.ClosureVerdict;
import rondo.agents.closure.live.LiveModules;
import rondo.kernel.admin.VerdictJson;
import rondo.kernel.cli.Verb;

/** {@code rondo audit}: which of the live kinds and of the reference modules may be agents, and which stay functions, by measurement. */
@Command(
        name = "audit",
        description =
                "Put the nine live kinds of agent, and nine reference modules, before the closure gate and print the evidence for each verdict.")
public final class AuditVerb extends Verb {
    @Option(names = "--seed", defaultValue = "1", description = "Seed of every draw (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Override
    protected boolean run(ObjectNode json) {
        ClosureSpec spec = ClosureSpec.standard();
        json.put("seed", seed).put("criteriaVersion", spec.criteriaVersion()).put("criteria", spec.toString());
        ArrayNode rows = json.putArray("modules");
        out().printf(
                        Locale.ROOT,
                        "%-18s %-8s %7s %7s %8s %11s  %s%n",
                        "module",
                        "verdict",
                        "success",
                        "lower",
                        "actions",
                        "contraction",
                        "evidence");
        try (LiveModules live = new LiveModules(seed);
                ReferenceModules reference = new ReferenceModules(seed)) {
            for (AgentKind kind : AgentKind.values()) {
                examine(live.module(kind), spec, rows);
            }
            for (ClosureModule module : reference.modules()) {
                examine(module, spec, rows);
            }
        }
        return true;
    }

    private void examine(ClosureModule module, ClosureSpec spec, ArrayNode rows) {
        ClosureVerdict verdict = ClosureGate.examine(module, spec, seed);
        VerdictJson.fill(rows.addObject(), verdict);
        print(verdict);
    }

    private void print(ClosureVerdict verdict) {
        out().printf(
                        Locale.ROOT,
                        "%-18s %-8s %7.4f %7.4f %8d %11.3f  %.16s%n",
                        verdict.id(),
                        verdict.verdict(),
                        verdict.successRate(),
                        verdict.successLower(),
                        verdict.distinctActions(),
                        verdict.contraction(),
                        verdict.evidenceHash());
        out().println("    evaluable       " + verdict.evaluable());
        out().println("    decision space  " + verdict.decisionSpace());
        out().println("    closed loop     " + verdict.closedLoop());
    }
}
