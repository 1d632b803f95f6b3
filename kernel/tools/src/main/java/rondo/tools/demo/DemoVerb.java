package rondo.tools.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rondo.agents.AgentKind;
import rondo.agents.Segment;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CatalogBuilder;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.retrieval.Route;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.ServingKernel;
import rondo.kernel.cli.UsageException;
import rondo.kernel.cli.Verb;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.tools.data.DataSet;
import rondo.tools.evaluate.Latency;
import rondo.tools.evaluate.TemporaryServer;
import rondo.wire.ReplyCode;

/**
 * {@code rondo demo}: requests go through a real server over TCP, outcomes come back, half-way the audience's intent shifts. Half of the users get the
 * static chain, half the agents.
 */
@Command(name = "demo", description = "Watch a loop learn while a static pipeline beside it does not.")
public final class DemoVerb extends Verb {
    private static final int SLATE = 10;
    private static final int DIMENSION = 64;
    private static final long TIMEOUT_MS = 10_000;
    private static final int KIND_NONE = 0;
    private static final int KIND_CLICK = 2;

    /** Parts of a phase: the second half of the first counts as before, the first tenth of the second as after, its last three tenths as final. */
    private static final double BEFORE_FROM = 0.5;

    private static final double AFTER_UNTIL = 0.1;

    /** What counts as after the shift in a long run, whose first tenth the loop has long recovered in. */
    private static final int AFTER_REQUESTS = 1_500;

    private static final double FINAL_FROM = 0.7;

    private static final int WARM_UP_REQUESTS = 5_000;
    private static final long WARM_UP_MS = 4_000;

    /** Share of the run after which the serving thread's allocations are counted: by then what the shift has made hot is compiled too. */
    private static final double WARM_AFTER = 0.75;

    @Option(names = "--seconds", defaultValue = "30", description = "Length (default: ${DEFAULT-VALUE}).")
    private int seconds = 30;

    @Option(names = "--requests", defaultValue = "0", description = "Length in requests instead of seconds.")
    private int requests;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Everything generated follows from it (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--items", defaultValue = "100000", description = "Generated items (default: ${DEFAULT-VALUE}).")
    private int itemCount = 100_000;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Real items instead of generated ones: a folder in time-order layout with vectors.")
    private @Nullable Path folder;

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "Leave the data directory here, for replay; otherwise it is temporary.")
    private @Nullable Path kept;

    private final double[][] rewardSum = new double[2][3];
    private final int[][] rewardCount = new int[2][3];
    private final double[] recentSum = new double[2];
    private final int[] recentCount = new int[2];
    private boolean isTableBegun;
    private final Histogram latency = new Histogram(3);
    private long lostCount;
    private long requestCount;
    private int shiftedCount;

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        if (seconds < 1 || itemCount < 1_000 || requests < 0) {
            throw new UsageException("--seconds is at least 1, --items at least 1000, --requests not negative: seconds="
                    + seconds + ", items=" + itemCount + ", requests=" + requests);
        }
        CatalogBuilder builder = new CatalogBuilder();
        Audience audience = folder == null
                ? Audience.generate(seed, itemCount, DIMENSION, builder)
                : FilmAudience.load(DataSet.open(folder), seed, builder);
        Config config = Config.defaults()
                .with(Setting.PROMOTED, "all")
                .with(Setting.STATIC_SHARE, 0.5)
                .with(Setting.STATIC_ROUTE, Route.VECTOR.label())
                .with(Setting.DEADLINE_US, 2_000_000)
                .with(Setting.EPOCH_OUTCOMES, 20)
                .with(Setting.REFRESH_OUTCOMES, 5)
                .with(Setting.SEED, seed);
        try (TemporaryServer server = TemporaryServer.start(builder, config, kept);
                RondoClient client = server.connect()) {
            server.kernel().warmUp(WARM_UP_REQUESTS, WARM_UP_MS);
            serve(server.kernel(), client, audience, json);
        }
        return lostCount == 0;
    }

    private void serve(ServingKernel kernel, RondoClient client, Audience audience, ObjectNode json)
            throws IOException {
        RecommendRequest request = new RecommendRequest().k(SLATE);
        byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
        Acks acks = new Acks();
        long startNs = System.nanoTime();
        long lengthNs = seconds * 1_000_000_000L;
        long drawnNs = 0;
        boolean isShifted = false;
        Allocations allocations = new Allocations(kernel::servingThreadAllocatedBytes);
        while (true) {
            long elapsedNs = System.nanoTime() - startNs;
            double done = requests > 0 ? (double) requestCount / requests : (double) elapsedNs / lengthNs;
            if (done >= 1) {
                break;
            }
            if (!isShifted && done >= 0.5) {
                isShifted = true;
                audience.shift();
            }
            if (done >= WARM_AFTER) {
                allocations.beforeRequest();
            }
            int user = audience.nextUser();
            long sentNs = System.nanoTime();
            SlateView slate = client.recommend(
                    request.requestId(++requestCount).userId(user).segmentHint(audience.segment(user)), TIMEOUT_MS);
            latency.recordValue(System.nanoTime() - sentNs);
            if (slate.code() != ReplyCode.OK || slate.isUnlogged()) {
                lostCount++;
                continue;
            }
            int arm = slate.isStaticArm() ? 0 : 1;
            int place = audience.click(user, slate);
            long itemId = place < 0 ? 0 : slate.itemId(place);
            slate.copyToken(token);
            record(arm, done, place >= 0 ? 1 : 0);
            client.sendOutcome(
                    requestCount,
                    token,
                    itemId,
                    place,
                    place < 0 ? KIND_NONE : KIND_CLICK,
                    place < 0 ? 0f : 1f,
                    0,
                    true);
            int wanted = 1;
            Long found = audience.find(user);
            if (found != null) {
                client.sendInteraction(requestCount, user, found, 1f, 0);
                wanted = 2;
            }
            acks.await(client, wanted);
            lostCount += acks.refused;
            if (isTerminal() && !isJson() && System.nanoTime() - drawnNs > 1_000_000_000L) {
                drawnNs = System.nanoTime();
                draw(kernel, done, isShifted);
            }
        }
        report(kernel, json, allocations);
        if (folder != null) {
            printSlate(kernel, client, audience);
        }
    }

    private void record(int arm, double done, double reward) {
        recentSum[arm] += reward;
        recentCount[arm]++;
        double inPhase = done < 0.5 ? done * 2 : done * 2 - 1;
        int part = done < 0.5
                ? inPhase >= BEFORE_FROM ? 0 : -1
                : inPhase < AFTER_UNTIL && ++shiftedCount <= AFTER_REQUESTS ? 1 : inPhase >= FINAL_FROM ? 2 : -1;
        if (part >= 0) {
            rewardSum[arm][part] += reward;
            rewardCount[arm][part]++;
        }
    }

    private double mean(int arm, int part) {
        return rewardCount[arm][part] == 0 ? 0 : rewardSum[arm][part] / rewardCount[arm][part];
    }

    /** Share of the drop that came back; 1 when there was no drop. */
    private double recovered(int arm) {
        double drop = mean(arm, 0) - mean(arm, 1);
        return drop <= 0 ? 1 : (mean(arm, 2) - mean(arm, 1)) / drop;
    }

    /** One row of the live table: what happened since the row before. */
    private void draw(ServingKernel kernel, double done, boolean isShifted) {
        if (!isTableBegun) {
            isTableBegun = true;
            System.err.println("done  intent   requests    p50 us  alpha  budget used  clicked: static  agentic");
        }
        System.err.printf(
                java.util.Locale.ROOT,
                "%3.0f %%  %s  %8d  %8.1f   %.2f        %.3f           %6s   %6s%n",
                done * 100,
                isShifted ? "shifted" : "before ",
                requestCount,
                latency.getValueAtPercentile(50) / 1e3,
                kernel.rewards().alpha(),
                kernel.rewards().budget().used(),
                recent(0),
                recent(1));
        Arrays.fill(recentSum, 0);
        Arrays.fill(recentCount, 0);
    }

    private String recent(int arm) {
        return recentCount[arm] == 0
                ? "-"
                : String.format(java.util.Locale.ROOT, "%.3f", recentSum[arm] / recentCount[arm]);
    }

    private void report(ServingKernel kernel, ObjectNode json, Allocations allocations) {
        json.put("seed", seed);
        json.put("requests", requestCount);
        json.put("lost", lostCount);
        Latency.write(latency, json.putObject("latencyUs"));
        ObjectNode reward = json.putObject("reward");
        reward.putObject("static")
                .put("before", mean(0, 0))
                .put("after", mean(0, 2))
                .put("atShift", mean(0, 1));
        reward.putObject("agentic")
                .put("before", mean(1, 0))
                .put("after", mean(1, 1))
                .put("final", mean(1, 2));
        json.put("recovered", recovered(1));
        json.put("recoveredStatic", recovered(0));
        json.putObject("explorationBudget")
                .put("limit", kernel.rewards().budget().limit())
                .put("used", kernel.rewards().budget().used())
                .put("projections", kernel.rewards().budget().projectionCount());
        json.putObject("alpha")
                .put("min", kernel.rewards().alphaLowest())
                .put("max", kernel.rewards().alphaHighest())
                .put("last", kernel.rewards().alpha());
        allocations.write(json);
        ArrayNode agents = json.putArray("agents");
        for (AgentKind kind : AgentKind.values()) {
            agents.addObject()
                    .put("name", kind.label())
                    .put("kind", kind.name())
                    .put("promoted", kernel.policies().isPromoted(kind))
                    .put("policyVersion", version(kernel, kind))
                    .put("reward", kernel.rewards().rewardMean(kind))
                    .put("explorationLoss", kernel.rewards().budget().mostLossShare(kind));
        }
        summary(kernel, allocations);
    }

    /** The highest version of any segment. */
    private static long version(ServingKernel kernel, AgentKind kind) {
        long version = 0;
        for (int segment = 0; segment < Segment.COUNT; segment++) {
            version = Math.max(version, kernel.policies().current(kind, segment).version());
        }
        return version;
    }

    private void summary(ServingKernel kernel, Allocations allocations) {
        out().printf(
                        java.util.Locale.ROOT,
                        "%nrequests %d, lost %d, p50 %.1f us, p99 %.1f us (one client, one request at a time)%n",
                        requestCount,
                        lostCount,
                        latency.getValueAtPercentile(50) / 1e3,
                        latency.getValueAtPercentile(99) / 1e3);
        out().println(allocations);
        out().printf(
                        java.util.Locale.ROOT,
                        "alpha %.2f .. %.2f, now %.2f; policies moved at most %.3f of %.2f an epoch%n",
                        kernel.rewards().alphaLowest(),
                        kernel.rewards().alphaHighest(),
                        kernel.rewards().alpha(),
                        kernel.rewards().budget().used(),
                        kernel.rewards().budget().limit());
        out().printf(
                        java.util.Locale.ROOT,
                        "%n%-22s %10s %10s %10s %12s%n",
                        "clicked slates",
                        "before",
                        "at shift",
                        "at end",
                        "regained");
        out().printf(
                        java.util.Locale.ROOT,
                        "%-22s %10.3f %10.3f %10.3f %11.0f%%%n",
                        "static pipeline",
                        mean(0, 0),
                        mean(0, 1),
                        mean(0, 2),
                        recovered(0) * 100);
        out().printf(
                        java.util.Locale.ROOT,
                        "%-22s %10.3f %10.3f %10.3f %11.0f%%%n",
                        "agentic loop",
                        mean(1, 0),
                        mean(1, 1),
                        mean(1, 2),
                        recovered(1) * 100);
        out().printf(java.util.Locale.ROOT, "%n%-12s %-12s %10s %16s%n", "stage", "is", "reward", "policy versions");
        for (AgentKind kind : AgentKind.values()) {
            out().printf(
                            java.util.Locale.ROOT,
                            "%-12s %-12s %10.3f %16d%n",
                            kind.label(),
                            kernel.policies().isPromoted(kind) ? "an agent" : "a function",
                            kernel.rewards().rewardMean(kind),
                            version(kernel, kind));
        }
        out().printf(java.util.Locale.ROOT, "%nwhat the retrieval agent came to prefer:%n");
        for (int segment = 0; segment < Segment.COUNT; segment++) {
            PolicyBlock block = kernel.policies().current(AgentKind.RETRIEVAL, segment);
            if (block.version() > 0) {
                out().printf(
                                java.util.Locale.ROOT,
                                "  segment %-10s %-18s with probability %.2f, after %d policy versions%n",
                                Segment.name(segment),
                                Route.ofCode(block.best()).label(),
                                block.probability(block.best()),
                                block.version());
            }
        }
    }

    private void printSlate(ServingKernel kernel, RondoClient client, Audience audience) throws IOException {
        int user = audience.nextUser();
        SlateView slate = client.recommend(
                new RecommendRequest()
                        .requestId(requestCount + 1)
                        .userId(user)
                        .k(SLATE)
                        .dryRun(true)
                        .segmentHint(audience.segment(user)),
                TIMEOUT_MS);
        Catalog catalog = kernel.catalog();
        out().printf(java.util.Locale.ROOT, "%na slate for user %d:%n", user);
        for (int i = 0; i < slate.size(); i++) {
            out().printf(
                            java.util.Locale.ROOT,
                            "  %2d  %-60s %s%n",
                            i + 1,
                            catalog.title(catalog.row(slate.itemId(i))),
                            Route.ofCode(slate.route(i)).label());
        }
    }

    private static final class Acks implements ReplyHandler {
        private int seen;
        private int refused;

        @Override
        public void onAck(long correlationId, int index, int status, long sequence) {
            seen++;
            refused += status == 0 ? 0 : 1;
        }

        void await(RondoClient client, int wanted) throws IOException {
            seen = 0;
            refused = 0;
            long deadlineNs = System.nanoTime() + TIMEOUT_MS * 1_000_000;
            while (seen < wanted) {
                if (System.nanoTime() > deadlineNs) {
                    throw new IOException("outcomes were not acknowledged in time");
                }
                client.poll(this, 10);
            }
        }
    }

    /** The same audience over real films: a film's category is its first genre, a user's vector the mean of that genre's film vectors. */
    private static final class FilmAudience {
        private FilmAudience() {}

        static Audience load(DataSet data, long seed, CatalogBuilder catalog) throws IOException {
            if (!data.isInOrder() || !data.hasVectors()) {
                throw new UsageException(
                        "the demo needs movies.tsv.gz, ratings.tsv.gz and vectors: folder=" + data.name());
            }
            Map<Long, float[]> byId = data.itemVectors();
            List<DataSet.Item> films = data.items();
            Map<String, Integer> genres = new HashMap<>();
            long[] ids = new long[films.size()];
            int[] categories = new int[films.size()];
            float[] vectors = new float[films.size() * DIMENSION];
            for (int i = 0; i < ids.length; i++) {
                DataSet.Item film = films.get(i);
                Integer year = film.year();
                catalog.addItem(
                        film.id(), film.title(), film.categories(), year == null ? Map.of() : Map.of("year", year));
                ids[i] = film.id();
                categories[i] = film.categories().isEmpty()
                        ? -1
                        : genres.computeIfAbsent(film.categories().getFirst(), g -> genres.size());
                float[] vector = byId.get(film.id());
                if (vector != null) {
                    System.arraycopy(vector, 0, vectors, i * DIMENSION, DIMENSION);
                }
            }
            int genreCount = genres.size();
            float[][] centres = new float[genreCount][DIMENSION];
            for (int i = 0; i < ids.length; i++) {
                for (int d = 0; d < DIMENSION && categories[i] >= 0; d++) {
                    centres[categories[i]][d] += vectors[i * DIMENSION + d];
                }
            }
            float[] mean = new float[DIMENSION];
            for (float[] centre : centres) {
                normalise(centre);
                for (int d = 0; d < DIMENSION; d++) {
                    mean[d] += centre[d] / genreCount;
                }
            }
            int[] wanted = new int[Audience.USERS];
            long[] users = new long[Audience.USERS];
            float[] userVectors = new float[Audience.USERS * DIMENSION];
            for (int user = 0; user < Audience.USERS; user++) {
                users[user] = user;
                wanted[user] = (int) ((user * 7L + seed) % genreCount);
                for (int d = 0; d < DIMENSION; d++) {
                    // What sets the genre apart, so that the vector route can tell one from another.
                    userVectors[user * DIMENSION + d] = centres[wanted[user]][d] - mean[d];
                }
            }
            catalog.itemVectors(vectors, DIMENSION);
            catalog.userVectors(users, userVectors, DIMENSION);
            return new Audience(seed, ids, categories, genreCount, wanted);
        }

        private static void normalise(float[] vector) {
            double square = 0;
            for (float value : vector) {
                square += (double) value * value;
            }
            for (int d = 0; d < vector.length && square > 0; d++) {
                vector[d] /= (float) Math.sqrt(square);
            }
        }
    }
}
