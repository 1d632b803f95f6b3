package rondo.tools;

import java.util.List;
import rondo.kernel.cli.Verb;
import rondo.kernel.cli.VerbProvider;
import rondo.tools.closure.AuditVerb;
import rondo.tools.demo.DemoVerb;
import rondo.tools.drill.DrillVerb;
import rondo.tools.evaluate.EvaluateVerb;
import rondo.tools.experiment.ExperimentVerb;
import rondo.tools.imports.ImportVerb;
import rondo.tools.index.IndexVerb;
import rondo.tools.index.SizeVerb;
import rondo.tools.replay.ReplayVerb;

/** The verbs that this module adds to the command line. */
public final class ToolVerbs implements VerbProvider {
    /** For the service loader. */
    public ToolVerbs() {}

    @Override
    public List<Verb> verbs() {
        return List.of(
                new DemoVerb(),
                new EvaluateVerb(),
                new ImportVerb(),
                new IndexVerb(),
                new SizeVerb(),
                new ExperimentVerb(),
                new ReplayVerb(),
                new AuditVerb(),
                new DrillVerb());
    }
}
