package rondo.tools.drill;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rondo.kernel.cli.UsageException;
import rondo.kernel.cli.Verb;

/** {@code rondo drill}: a real server while something goes wrong; exit code 1 when a promise was broken, or nothing went wrong after all. */
@Command(name = "drill", description = "Let things go wrong around a real server, and see what its callers notice.")
public final class DrillVerb extends Verb {
    @Parameters(
            paramLabel = "WHAT",
            description = {
                "abuse: ten thousand idle connections, five thousand that begin frames and do not end them, noise, comers and"
                        + " goers, clients that never read, a server that is stopped for ten seconds; beside one that asks properly.",
                "agents: agents that throw, hang, loop, recurse, allocate, give no numbers or wrong places."
            })
    private String what = "";

    @Option(names = "--seconds", description = "Length of each window. Default: ${DEFAULT-VALUE}.")
    private double seconds = 5;

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        if (!(seconds > 0) || seconds > 600) {
            throw new UsageException("--seconds is above 0 and at most 600: seconds=" + seconds);
        }
        Consumer<String> progress = line -> System.err.println("drill: " + line);
        return switch (what) {
            case "abuse" -> {
                boolean holds = AbuseDrill.whole(seconds, progress).run(json);
                print(json);
                yield holds;
            }
            case "agents" -> {
                boolean holds = FaultDrill.whole(seconds, progress).run(json);
                printFaults(json);
                yield holds;
            }
            default -> throw new UsageException("there is no such drill: drill=" + what + ", known=[abuse, agents]");
        };
    }

    private void printFaults(ObjectNode json) {
        out().println("| fault | served | without agents | in 50 ms | before | p50 us | p99 us | before | max us |");
        out().println("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (JsonNode row : json.path("rows")) {
            out().println(String.format(
                    Locale.ROOT,
                    "| %s | %d of %d | %d | %.5f | %.5f | %.0f | %.0f | %.0f | %.0f |",
                    row.path("name").asText(),
                    row.path("served").asLong(),
                    row.path("asked").asLong(),
                    row.path("withoutAgents").asLong(),
                    row.path("inTime").asDouble(),
                    row.path("inTimeBefore").asDouble(),
                    row.path("p50Us").asDouble(),
                    row.path("p99Us").asDouble(),
                    row.path("p99UsBefore").asDouble(),
                    row.path("maxUs").asDouble()));
        }
        out().println(String.format(
                Locale.ROOT,
                "violations %d, vacuous %d",
                json.path("violations").asInt(),
                json.path("vacuous").asInt()));
    }

    private void print(ObjectNode json) {
        out().println("| beside | acts | served | in 10 ms | before | p50 us | p99 us | before | ratio |");
        out().println("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (JsonNode row : json.path("rows")) {
            out().println(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %d of %d | %.4f | %.4f | %.0f | %.0f | %.0f | %.2f |",
                    (row.has("members") ? row.path("members").asText() + " " : "")
                            + row.path("name").asText().replace('_', ' '),
                    row.path("acts").asLong(),
                    row.path("served").asLong(),
                    row.path("asked").asLong(),
                    row.path("inTime").asDouble(),
                    row.path("inTimeBefore").asDouble(),
                    row.path("p50Us").asDouble(),
                    row.path("p99Us").asDouble(),
                    row.path("p99UsBefore").asDouble(),
                    row.path("p99Ratio").asDouble()));
        }
        out().println(String.format(
                Locale.ROOT,
                "the server had %d MB at most (%d); violations %d, vacuous %d",
                json.path("peakMb").asLong(),
                json.path("peakMbMax").asLong(),
                json.path("violations").asInt(),
                json.path("vacuous").asInt()));
    }
}
