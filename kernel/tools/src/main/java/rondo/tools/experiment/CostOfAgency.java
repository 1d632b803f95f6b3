package rondo.tools.experiment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import rondo.agents.AgentKind;
import rondo.agents.catalog.CatalogBuilder;
import rondo.agents.retrieval.Route;
import rondo.client.RecommendRequest;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.tools.data.Progress;
import rondo.tools.evaluate.TemporaryServer;
import rondo.wire.ReplyCode;

/**
 * E11: what it costs that stages are agents. One real server for each number of agents, all over the same items, asked in turn over TCP, so that
 * whatever else the machine does meets all of them alike. Exploration is off, so that every server runs the very same chain on every request and the
 * difference is deciding, and logging what was decided.
 */
final class CostOfAgency implements Experiment {
    private static final int ITEM_COUNT = 20_000;
    private static final int DIMENSION = 64;
    private static final int SLATE = 20;
    private static final int ROUNDS = 60;
    private static final int REQUESTS_PER_ROUND = 1_000;
    private static final int WARM_REQUESTS = 3_000;
    private static final long TIMEOUT_MS = 5_000;

    /** The first of them is the chain that the others are compared with. */
    private static final int[] AGENT_COUNTS = {0, 1, 2, 4, 6, 8, 9};

    /** The order in which stages become agents. */
    private static final List<AgentKind> ORDER = List.of(
            AgentKind.RETRIEVAL,
            AgentKind.RANKING,
            AgentKind.FILTER,
            AgentKind.TRAFFIC,
            AgentKind.RESOURCE,
            AgentKind.STRATEGY,
            AgentKind.FUSION,
            AgentKind.FEATURE,
            AgentKind.MODEL);

    /** One server with its connection, and what was measured on it. */
    private static final class Arm implements AutoCloseable {
        final TemporaryServer server;
        final RondoClient client;
        final Histogram serverNs = new Histogram(3);
        final Histogram roundTripNs = new Histogram(3);
        final List<Double> roundP50 = new ArrayList<>();
        final List<Double> roundP99 = new ArrayList<>();
        final List<Double> roundP999 = new ArrayList<>();
        double seconds;
        long answered;

        Arm(int agentCount) throws IOException {
            String promoted = agentCount == 0
                    ? "none"
                    : ORDER.subList(0, agentCount).stream()
                            .map(AgentKind::label)
                            .collect(Collectors.joining(","));
            this.server = TemporaryServer.start(
                    catalog(),
                    Config.defaults()
                            .with(Setting.PROMOTED, promoted)
                            .with(Setting.STATIC_SHARE, 0)
                            .with(Setting.STATIC_ROUTE, Route.EVERYTHING.label())
                            .with(Setting.LEARNING, false)
                            // Nobody reports outcomes: decisions must not pile up in the memory of every server.
                            .with(Setting.OUTCOME_WINDOW_MS, 10_000)
                            .with(Setting.EPSILON, 0)
                            .with(Setting.USERS_MAX, 10_000)
                            .with(Setting.DEADLINE_US, 5_000_000));
            this.client = server.connect();
        }

        private static CatalogBuilder catalog() {
            SplittableRandom random = new SplittableRandom(11);
            CatalogBuilder builder = new CatalogBuilder();
            float[] vectors = new float[ITEM_COUNT * DIMENSION];
            for (int i = 0; i < ITEM_COUNT; i++) {
                builder.addItem(i, "", List.of("c" + i % 40), Map.of());
            }
            for (int i = 0; i < vectors.length; i++) {
                vectors[i] = random.nextFloat() - 0.5f;
            }
            builder.itemVectors(vectors, DIMENSION);
            return builder;
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }

    @Override
    public String id() {
        return "E11";
    }

    @Override
    public String question() {
        return "What does it cost that 0 to 9 stages of the same chain are agents?";
    }

    @Override
    public void run(Report report, long seed, double scale) throws Exception {
        List<Arm> arms = new ArrayList<>();
        try {
            for (int count : AGENT_COUNTS) {
                arms.add(new Arm(count));
            }
            measure(arms, seed, Experiment.repetitions(ROUNDS, scale), scale);
            write(report, arms);
        } finally {
            for (Arm arm : arms) {
                arm.close();
            }
        }
    }

    private static void measure(List<Arm> arms, long seed, int rounds, double scale) throws IOException {
        RecommendRequest request = new RecommendRequest().k(SLATE);
        SplittableRandom random = new SplittableRandom(seed);
        int warm = Math.max(10, (int) (WARM_REQUESTS * scale));
        for (Arm arm : arms) {
            round(arm, request, random, warm, false);
        }
        try (Progress progress = new Progress("E11", rounds)) {
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < arms.size(); i++) {
                    // Another server begins each round, so that none always follows the same one.
                    round(arms.get((i + round) % arms.size()), request, random, REQUESTS_PER_ROUND, true);
                }
                progress.at(round + 1);
            }
        }
    }

    private static void round(
            Arm arm, RecommendRequest request, SplittableRandom random, int requests, boolean isMeasured)
            throws IOException {
        Histogram histogram = new Histogram(3);
        long beganNs = System.nanoTime();
        for (int i = 0; i < requests; i++) {
            request.requestId(random.nextLong() >>> 1).userId(random.nextInt(5_000));
            long startNs = System.nanoTime();
            SlateView slate = arm.client.recommend(request, TIMEOUT_MS);
            if (isMeasured) {
                arm.roundTripNs.recordValue(System.nanoTime() - startNs);
                histogram.recordValue(slate.serverNs());
                arm.answered += slate.code() == ReplyCode.OK ? 1 : 0;
            }
        }
        if (isMeasured) {
            arm.seconds += (System.nanoTime() - beganNs) / 1e9;
            arm.serverNs.add(histogram);
            arm.roundP50.add(histogram.getValueAtPercentile(50) / 1e3);
            arm.roundP99.add(histogram.getValueAtPercentile(99) / 1e3);
            arm.roundP999.add(histogram.getValueAtPercentile(99.9) / 1e3);
        }
    }

    private static void write(Report report, List<Arm> arms) {
        Report.Table table = report.table(
                "latency",
                "agents",
                "server p50 us",
                "server p99 us",
                "server p99.9 us",
                "added p50 us",
                "added p99 us",
                "added p99.9 us",
                "round trip p50 us",
                "requests/s, one connection",
                "answered");
        Arm base = arms.getFirst();
        double[] counts = new double[arms.size()];
        double[] added = new double[arms.size()];
        for (int i = 0; i < arms.size(); i++) {
            Arm arm = arms.get(i);
            counts[i] = AGENT_COUNTS[i];
            added[i] = medianDifference(arm.roundP99, base.roundP99);
            table.row(
                    AGENT_COUNTS[i],
                    arm.serverNs.getValueAtPercentile(50) / 1e3,
                    arm.serverNs.getValueAtPercentile(99) / 1e3,
                    arm.serverNs.getValueAtPercentile(99.9) / 1e3,
                    medianDifference(arm.roundP50, base.roundP50),
                    added[i],
                    medianDifference(arm.roundP999, base.roundP999),
                    arm.roundTripNs.getValueAtPercentile(50) / 1e3,
                    arm.answered / arm.seconds,
                    arm.answered);
            if (AGENT_COUNTS[i] == 4) {
                report.atMost("p99 added by four agents, us", 10, added[i]);
            }
        }
        report.target(
                "requests refused or lost",
                "0",
                Long.toString(arms.size() * base.answered
                        - arms.stream().mapToLong(arm -> arm.answered).sum()),
                arms.stream().allMatch(arm -> arm.answered == base.answered));
        report.plot("added-p99", "agents", "added p99, us", false).line("added p99", counts, added);
        report.note(
                "Added figures are medians over rounds of the difference to the chain without agents in the same round; the round's "
                        + REQUESTS_PER_ROUND
                        + " requests go one after the other. The server's time is from the frame in its buffer to the encoded reply.");
    }

    private static double medianDifference(List<Double> values, List<Double> base) {
        double[] differences = Stream.iterate(0, i -> i < values.size(), i -> i + 1)
                .mapToDouble(i -> values.get(i) - base.get(i))
                .sorted()
                .toArray();
        return differences[differences.length / 2];
    }
}
