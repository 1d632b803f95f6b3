package rondo.jmh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rondo.jmh.ann.AnnBench;
import rondo.jmh.ann.AnnReport;
import rondo.jmh.ann.ChurnBench;
import rondo.jmh.ann.Progress;
import rondo.jmh.latency.EmptyPathBench;
import rondo.jmh.latency.LatencyBench;
import rondo.jmh.latency.LatencyReport;
import rondo.jmh.latency.LearnBench;
import rondo.jmh.latency.OverloadBench;
import rondo.jmh.latency.PathBench;
import rondo.jmh.latency.ShmBench;
import rondo.jmh.latency.TcpBench;
import rondo.jmh.micro.MicroBench;
import rondo.jmh.micro.ScanBench;
import rondo.kernel.cli.UsageException;
import rondo.kernel.cli.Verb;

/** {@code rondo bench scan|path|shm|tcp|overload|latency|learn|ann|churn|micro}: what parts of Rondo cost on this machine, each with its baseline measured in the same run. */
@Command(
        name = "bench",
        description =
                "Measure what scan, path, shared memory, TCP, overload, latency, learn, vector search, churn or micro operations cost on this machine.")
final class BenchVerb extends Verb {
    enum What {
        scan,
        path,
        shm,
        tcp,
        overload,
        latency,
        learn,
        ann,
        churn,
        micro,
        compare
    }

    /** Outcomes a second that learn lets come in. */
    private static final int LEARN_RATE = 50_000;

    /** Rows that come, and as many that go, in a second of churn. */
    private static final int CHURN_RATE = 10_000;

    @Parameters(
            index = "0",
            paramLabel = "WHAT",
            description = {
                "scan: exact retrieval beside a plain read of the same bytes.",
                "path: a request on the server without retrieval and ranking, from frame in to frame out.",
                "shm: a message there and back through shared memory, beside Aeron and TCP.",
                "tcp: the door with empty stages beside raw sockets and Netty.",
                "overload: what callers get who ask for more than the server can do, beside a plain queue.",
                "latency: from the intended send to the slate at several rates up to all that the server can do; --out writes .hgrm files.",
                "learn: learning from an outcome, and how far the policy in force is behind.",
                "ann: recall against speed of the vector indexes here and of others, over --data or --generate.",
                "churn: vector search while rows come and go and while a merge runs.",
                "micro: policy draw, token, filter, diversification, coding (JMH).",
                "compare: whether NOW is worse than BASE, each what --json printed, or a folder of several runs."
            })
    private What what = What.path;

    @Parameters(index = "1..2", arity = "0..2", paramLabel = "BASE NOW", description = "What compare compares.")
    private List<Path> compared = List.of();

    @Option(
            names = "--seconds",
            defaultValue = "10",
            description = "Length of each measurement (default: ${DEFAULT-VALUE}).")
    private int seconds = 10;

    @Option(names = "--items", description = "Generated items (default: 100000, for overload and latency 10000).")
    private @Nullable Integer items;

    @Option(
            names = "--rate",
            defaultValue = "100",
            description = "Requests a second that path sends, answered or not (default: ${DEFAULT-VALUE}).")
    private int ratePerSecond = 100;

    @Option(
            names = "--forks",
            defaultValue = "2",
            description = "JVMs that micro starts for each benchmark, 0 for none (default: ${DEFAULT-VALUE}).")
    private int forks = 2;

    @Option(names = "--data", paramLabel = "DIR", description = "Vectors for ann: a folder with a data set it knows.")
    private @Nullable Path folder;

    @Option(
            names = "--generate",
            paramLabel = "NAME",
            description =
                    "Vectors for ann instead: two-tower-200k, two-tower-1m, two-tower-1m-unit, or glove-340k (fetched by npm).")
    private @Nullable String generate;

    @Option(
            names = "--peers",
            paramLabel = "NAMES",
            split = ",",
            defaultValue = "all",
            description =
                    "Rivals of ann: hnswlib, faiss, usearch, lucene, jvector, hnswlib-core, all or none (default: all; those not installed are left out).")
    private List<String> peers = List.of("all");

    @Option(
            names = "--threads",
            defaultValue = "1",
            description =
                    "Threads that build for ann; with 2 also rows of that many searching one index of ours (default: ${DEFAULT-VALUE}).")
    private int threads = 1;

    @Option(names = "--bfloat16", description = "Measure our index with rows in bfloat16 too, as partitioned-bfloat16.")
    private boolean hasHalves;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where ann and latency write their curves: CSV and Markdown or .hgrm, and a PNG plot.")
    private @Nullable Path folderOut;

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        int itemCount = items != null ? items : what == What.overload || what == What.latency ? 10_000 : 100_000;
        if (seconds < 1 || itemCount < 1_000 || ratePerSecond < 1 || forks < 0) {
            throw new UsageException(
                    "--seconds and --rate are at least 1, --items at least 1000, --forks not negative: seconds="
                            + seconds + ", rate=" + ratePerSecond + ", items=" + itemCount + ", forks=" + forks);
        }
        if (compared.size() != (what == What.compare ? 2 : 0)) {
            throw new UsageException("compare, and nothing else, takes two files or folders: given=" + compared);
        }
        if (what == What.compare) {
            return compare(json);
        }
        json.put("what", what.name());
        ArrayNode rows = json.putArray("rows");
        switch (what) {
            case scan -> new ScanBench(itemCount, seconds).run(json, rows);
            case path -> {
                new EmptyPathBench(seconds).run(json, rows);
                new PathBench(itemCount, ratePerSecond, seconds).run(json, rows);
            }
            case shm -> new ShmBench(seconds).run(json, rows);
            case tcp -> new TcpBench(seconds).run(json, rows);
            case overload -> new OverloadBench(itemCount, seconds).run(json, rows);
            case latency -> {
                List<LatencyBench.Curve> curves = new LatencyBench(
                                itemCount, seconds, line -> System.err.println("bench latency: " + line))
                        .run(json, rows);
                if (folderOut != null) {
                    out().println("written to " + folderOut + ": "
                            + String.join(", ", LatencyReport.write(curves, folderOut)));
                }
            }
            case learn -> new LearnBench(seconds, LEARN_RATE).run(json, rows);
            case ann ->
                new AnnBench(
                                folder,
                                generate,
                                peers,
                                hasHalves,
                                threads,
                                new Progress(new PrintWriter(System.err, true, StandardCharsets.UTF_8), isTerminal()))
                        .run(json, rows);
            case churn -> new ChurnBench(itemCount, seconds, CHURN_RATE).run(json, rows);
            case micro -> new MicroBench(forks, out()).run(rows);
            case compare -> throw new IllegalStateException("nothing to measure");
        }
        if (what == What.ann) {
            AnnReport report = new AnnReport(json);
            out().print(report.tables());
            if (folderOut != null) {
                out().println("written to " + folderOut + ": " + String.join(", ", report.write(folderOut, commit())));
            }
        } else {
            print(rows);
            if (what == What.overload) {
                printShares(json);
            }
        }
        return true;
    }

    private void print(ArrayNode rows) {
        out().printf(Locale.ROOT, "%-58s %10s %10s %10s %8s%n", "", "p50 us", "p99 us", "p99.9 us", "B/op");
        for (JsonNode row : rows) {
            out().printf(
                            Locale.ROOT,
                            "%-58s %10s %10s %10s %8s  %s%n",
                            (row.path("rival").asBoolean() ? "  beside: " : "")
                                    + row.path("name").asText(),
                            figure(row, "p50Us"),
                            figure(row, "p99Us"),
                            figure(row, "p999Us"),
                            figure(row, "bytesPerOp"),
                            row.path("note").asText());
        }
    }

    private boolean compare(ObjectNode json) throws IOException {
        boolean isSound = Comparison.run(compared.get(0), compared.get(1), json);
        for (JsonNode row : json.path("rows")) {
            out().printf(
                            Locale.ROOT,
                            "%-100s %.2f x, spread %.2f%s%n",
                            row.path("name").asText(),
                            row.path("ratio").asDouble(),
                            row.path("spread").asDouble(),
                            row.path("worse").asBoolean() ? "  WORSE" : "");
        }
        out().println(json.path("verdict").asText()
                + (json.path("sameMachine").asBoolean() ? "" : "; measured on different machines"));
        return isSound;
    }

    private void printShares(JsonNode json) {
        out().printf(
                        Locale.ROOT,
                        "%ncapacity %.0f a second; answered in %d us:%n",
                        json.path("capacityPerSecond").asDouble(),
                        json.path("deadlineUs").asLong());
        for (JsonNode row : json.path("rows")) {
            out().printf(
                            Locale.ROOT,
                            "%-12s %8.3f %% in time (%.3f %% with those that the caller itself was late for), %7.3f %% whole, %7.3f %% popular items, %7.3f %% refused; %.2f of the capacity, well after %.2f s%n",
                            row.path("name").asText(),
                            100 * row.path("inDeadline").asDouble(),
                            100 * row.path("inDeadlineWithStalls").asDouble(),
                            100 * row.path("fullQuality").asDouble(),
                            100 * row.path("degraded").asDouble(),
                            100 * row.path("refused").asDouble(),
                            row.path("goodputShare").asDouble(),
                            row.path("recoverySeconds").asDouble());
        }
    }

    private static String figure(JsonNode row, String field) {
        JsonNode value = row.path(field);
        return value.isNumber()
                ? String.format(Locale.ROOT, value.asDouble() < 1 ? "%.4f" : "%.1f", value.asDouble())
                : "";
    }
}
