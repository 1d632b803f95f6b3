package rondo.tools.closure;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rondo.agents.closure.ClosureGate;
import rondo.agents.closure.ClosureModule;
import rondo.agents.closure.ClosureSpec;
import rondo.agents.closure.ClosureVerdict;
import rondo.kernel.cli.Verb;

/** {@code rondo audit}: which modules could be agents, and which stay functions, by measurement. */
@Command(
        name = "audit",
        description =
                "Put the modules of a recommender before the closure gate and print the evidence for each verdict.")
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
        try (ReferenceModules modules = new ReferenceModules(seed)) {
            for (ClosureModule module : modules.modules()) {
                ClosureVerdict verdict = ClosureGate.examine(module, spec, seed);
                fill(rows.addObject(), verdict);
                print(verdict);
            }
        }
        return true;
    }

    private static void fill(ObjectNode row, ClosureVerdict verdict) {
        row.put("id", verdict.id())
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
                .put("evidenceHash", verdict.evidenceHash());
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
