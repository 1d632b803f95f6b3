package rondo.tools.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rondo.kernel.cli.UsageException;
import rondo.kernel.cli.Verb;

/** {@code rondo experiment}: a table of docs/experiments, computed again. */
@Command(
        name = "experiment",
        description = "Compute one of the tables of docs/experiments. Exit code 1 when a target is missed.")
public final class ExperimentVerb extends Verb {
    private static final List<Experiment> ALL = List.of(
            new ShiftingIntent(),
            new PublishedRegret(),
            new BoundedHarm(),
            new ClosureExperiment(),
            new RewardCoupling(),
            new MonitorExperiment(),
            new TwoStageDeadlock(),
            new CostOfAgency(),
            new AgentBenches());

    @Parameters(paramLabel = "ID", description = "E1, E2, …; anything else prints the list.")
    private String id = "";

    @Option(names = "--out", paramLabel = "DIR", description = "Write Markdown, CSV and PNG files into this folder.")
    private @Nullable Path out;

    @Option(names = "--seed", defaultValue = "1", description = "Seed of every draw (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--scale",
            defaultValue = "1",
            description = "Share of the repetitions, in (0, 1]; below 1 for trying things out.")
    private double scale = 1;

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        if (!(scale > 0 && scale <= 1)) {
            throw new UsageException("--scale outside (0, 1]: scale=" + scale);
        }
        Experiment experiment = find();
        Report report = new Report();
        experiment.run(report, seed, scale);
        json.put("id", experiment.id());
        json.put("seed", seed);
        ArrayNode tables = json.putArray("tables");
        for (Report.Table table : report.tables()) {
            ObjectNode node = tables.addObject().put("name", table.name());
            ArrayNode columns = node.putArray("columns");
            table.columns().forEach(columns::add);
            ArrayNode rows = node.putArray("rows");
            for (List<Object> row : table.rows()) {
                ArrayNode cells = rows.addArray();
                row.forEach(cells::addPOJO);
            }
        }
        ArrayNode targets = json.putArray("targets");
        for (Report.Target target : report.targets()) {
            targets.addObject()
                    .put("name", target.name())
                    .put("target", target.target())
                    .put("reached", target.reached())
                    .put("met", target.isMet());
        }
        ArrayNode files = json.putArray("files");
        if (out != null) {
            ReportFiles.write(experiment, report, out, seed, scale, commit()).forEach(files::add);
        }
        out().println("# " + experiment.id() + ": " + experiment.question());
        out().print(ReportFiles.markdown(experiment, report));
        return report.targets().stream().allMatch(Report.Target::isMet);
    }

    private Experiment find() {
        for (Experiment experiment : ALL) {
            if (experiment.id().equalsIgnoreCase(id)) {
                return experiment;
            }
        }
        StringBuilder known = new StringBuilder();
        for (Experiment experiment : ALL) {
            known.append("\n  ").append(experiment.id()).append("  ").append(experiment.question());
        }
        throw new UsageException("no such experiment: id=" + id + ", known:" + known);
    }
}
