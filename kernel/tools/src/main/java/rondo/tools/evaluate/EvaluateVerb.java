package rondo.tools.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rondo.agents.retrieval.Route;
import rondo.kernel.cli.UsageException;
import rondo.kernel.cli.Verb;
import rondo.tools.data.DataSet;

/** {@code rondo evaluate}: the figures of a data set folder, through a real server over TCP. */
@Command(name = "evaluate", description = "Send a data set through a real server and print its figures.")
public final class EvaluateVerb extends Verb {
    enum Mode {
        users,
        stream
    }

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "Data set folder (layout: docs/ARCHITECTURE.md).")
    private Path folder = Path.of("");

    @Option(
            names = "--mode",
            defaultValue = "users",
            description = "users: a held-out set; stream: events in their order.")
    private Mode mode = Mode.users;

    @Option(
            names = "--route",
            defaultValue = "vector",
            description = "Retrieval route of mode users (default: ${DEFAULT-VALUE}).")
    private String route = "vector";

    @Option(names = "--limit", defaultValue = "0", description = "Events of mode stream; 0 is all.")
    private int limit;

    @Option(
            names = "--loop-only",
            description = "Mode stream without the fixed routes: quicker, for comparing learners.")
    private boolean isLoopOnly;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description =
                    "The server's, of mode stream: what its agents draw follows from it (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        DataSet data = DataSet.open(folder);
        json.put("dataset", data.name());
        json.put("mode", mode.name());
        switch (mode) {
            case users -> {
                if (!data.isSplitByUser()) {
                    throw new UsageException("mode users needs train.txt.gz and test.txt.gz: folder=" + folder);
                }
                json.put("route", route);
                new UserEvaluation(data, Route.ofName(route)).run(json);
            }
            case stream -> {
                if (!data.isInOrder()) {
                    throw new UsageException(
                            "mode stream needs ratings.tsv.gz and movies.tsv.gz, or train.txt.gz and vroots.tsv.gz: folder="
                                    + folder);
                }
                json.put("route", "all");
                new StreamEvaluation(data, limit, isLoopOnly, seed).run(json);
            }
        }
        out().println(json.toPrettyString());
        return json.path("lost").asLong() == 0;
    }
}
