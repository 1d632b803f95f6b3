package rondo.tools.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import rondo.agents.AgentKind;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CatalogBuilder;
import rondo.agents.retrieval.Route;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.tools.data.DataSet;
import rondo.tools.data.Progress;
import rondo.wire.ReplyCode;

/**
 * A stream in time order: before each event every fixed route, and the loop, are asked for a slate; the outcome is whether the next item is in it,
 * and the loop learns from that alone. What has passed then feeds histories, co-visits and popularity, which all share. Nothing knows the future: the
 * vector route's factors are fitted on the prefix, again after each tenth of the stream.
 *
 * <p>The loop runs twice over the same stream on servers of their own, once learning and once with its policies frozen.
 */
final class StreamEvaluation {
    private static final int SLATE = 20;
    private static final int SLICES = 10;
    private static final int DIMENSION = 32;
    private static final long TIMEOUT_MS = 10_000;
    private static final int KIND_NONE = 0;
    private static final int KIND_CLICK = 2;

    private final DataSet data;
    private final int limit;
    private final boolean isLoopOnly;
    private final long seed;
    private final Histogram latency = new Histogram(3);
    /** By agent, of the reward. */
    private final Map<AgentKind, Double> explorationLoss = new EnumMap<>(AgentKind.class);

    private long requestCount;
    private long lostCount;

    StreamEvaluation(DataSet data, int limit, boolean isLoopOnly, long seed) {
        this.seed = seed;
        this.isLoopOnly = isLoopOnly;
        this.data = data;
        this.limit = limit;
    }

    /** Hits and asks, overall and by slice. */
    private static final class Tally {
        private final int[] hits = new int[SLICES];
        private final int[] asks = new int[SLICES];

        void add(int slice, boolean isHit) {
            asks[slice]++;
            hits[slice] += isHit ? 1 : 0;
        }

        /** Hits an ask from a slice on. */
        double rate(int from) {
            return Arrays.stream(hits, from, SLICES).sum()
                    / (double) Math.max(1, Arrays.stream(asks, from, SLICES).sum());
        }

        void write(ObjectNode out) {
            out.put("hitRate", rate(0));
            out.put("hitRateAfterFirstFifth", rate(SLICES / 5));
            ArrayNode slices = out.putArray("slices");
            for (int s = 0; s < SLICES; s++) {
                slices.add(hits[s] / (double) Math.max(1, asks[s]));
            }
        }
    }

    void run(ObjectNode json) throws IOException, InterruptedException {
        List<DataSet.Item> items = data.items();
        List<DataSet.Rating> ratings = data.ratings();
        if (limit > 0) {
            ratings = ratings.subList(0, Math.min(limit, ratings.size()));
        }
        Map<Route, Tally> routes = new LinkedHashMap<>();
        for (Route route : Route.values()) {
            if (!isLoopOnly) {
                routes.put(route, new Tally());
            }
        }
        List<float[][]> fits = new ArrayList<>();
        Tally loop = pass(items, ratings, routes, true, fits);
        Tally learnerOff = pass(items, ratings, Map.of(), false, fits);
        json.put(
                "users",
                ratings.stream().mapToLong(DataSet.Rating::userId).distinct().count());
        json.put("requests", requestCount);
        json.put("lost", lostCount);
        ObjectNode routesJson = json.putObject("routes");
        routes.forEach((route, tally) -> tally.write(routesJson.putObject(route.label())));
        loop.write(json.putObject("loop"));
        ObjectNode lossJson = json.putObject("explorationLoss");
        explorationLoss.forEach((kind, share) -> lossJson.put(kind.label(), share));
        learnerOff.write(json.putObject("learnerOff"));
        json.putObject("metrics").put("hr@20", loop.rate(0));
        Latency.write(latency, json.putObject("latencyUs"));
    }

    private Tally pass(
            List<DataSet.Item> items,
            List<DataSet.Rating> ratings,
            Map<Route, Tally> fixed,
            boolean isLearning,
            List<float[][]> fits)
            throws IOException, InterruptedException {
        Config config = Config.defaults()
                .with(Setting.DEADLINE_US, 5_000_000)
                .with(Setting.STATIC_SHARE, 0)
                .with(Setting.SEED, seed)
                .with(Setting.LEARNING, isLearning);
        Map<Long, Integer> rowOf = new HashMap<>();
        items.forEach(item -> rowOf.put(item.id(), rowOf.size()));
        Map<Long, Integer> userOf = new LinkedHashMap<>();
        ratings.forEach(rating -> userOf.putIfAbsent(rating.userId(), userOf.size()));
        Tally loop = new Tally();
        try (TemporaryServer server = TemporaryServer.start(catalog(items, null, userOf), config);
                RondoClient client = server.connect();
                Progress progress = new Progress(isLearning ? "loop and routes" : "learner off", ratings.size())) {
            RecommendRequest request = new RecommendRequest().k(SLATE);
            byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
            Acks acks = new Acks();
            int fit = 0;
            for (int event = 0; event < ratings.size(); event++) {
                progress.at(event);
                int slice = (int) ((long) event * SLICES / ratings.size());
                if (slice > fit) {
                    fit = slice;
                    if (fits.size() < fit) {
                        fits.add(fit(ratings.subList(0, event), rowOf, userOf));
                    }
                    publish(server, items, fits.get(fit - 1), userOf, fit + 1);
                }
                DataSet.Rating rating = ratings.get(event);
                long time = rating.timeSeconds() * 1000;
                for (Map.Entry<Route, Tally> entry : fixed.entrySet()) {
                    SlateView slate = ask(
                            client,
                            request.reset()
                                    .k(SLATE)
                                    .dryRun(true)
                                    .route(entry.getKey().code())
                                    .requestId(event + 1)
                                    .userId(rating.userId()));
                    entry.getValue().add(slice, slate.indexOf(rating.itemId()) >= 0);
                }
                SlateView slate = ask(
                        client, request.reset().k(SLATE).requestId(event + 1).userId(rating.userId()));
                int place = slate.indexOf(rating.itemId());
                loop.add(slice, place >= 0);
                slate.copyToken(token);
                client.sendOutcome(
                        event,
                        token,
                        rating.itemId(),
                        place,
                        place >= 0 ? KIND_CLICK : KIND_NONE,
                        place >= 0 ? 1f : 0f,
                        time,
                        true);
                int wanted = 1;
                if (place < 0) {
                    // A hit has already told the server what was consumed.
                    client.sendInteraction(event, rating.userId(), rating.itemId(), 1f, time);
                    wanted = 2;
                }
                acks.await(client, wanted);
            }
            if (isLearning) {
                for (AgentKind kind : AgentKind.values()) {
                    explorationLoss.put(kind, server.kernel().rewards().budget().mostLossShare(kind));
                }
            }
        }
        return loop;
    }

    private static final class Acks implements ReplyHandler {
        private int accepted;

        @Override
        public void onAck(long correlationId, int index, int status, long sequence) {
            if (status != 0) {
                throw new IllegalStateException(
                        "an outcome was refused: event=" + correlationId + ", status=" + status);
            }
            accepted++;
        }

        void await(RondoClient client, int wanted) throws IOException {
            accepted = 0;
            long deadlineNs = System.nanoTime() + TIMEOUT_MS * 1_000_000;
            while (accepted < wanted) {
                if (System.nanoTime() > deadlineNs) {
                    throw new IOException("outcomes were not acknowledged in time");
                }
                client.poll(this, 10);
            }
        }
    }

    private SlateView ask(RondoClient client, RecommendRequest request) throws IOException {
        long startNs = System.nanoTime();
        SlateView slate = client.recommend(request, TIMEOUT_MS);
        latency.recordValue(System.nanoTime() - startNs);
        requestCount++;
        lostCount += slate.code() == ReplyCode.OK ? 0 : 1;
        return slate;
    }

    private static float[][] fit(List<DataSet.Rating> prefix, Map<Long, Integer> rowOf, Map<Long, Integer> userOf) {
        int[] users = new int[prefix.size()];
        int[] rows = new int[prefix.size()];
        for (int i = 0; i < users.length; i++) {
            users[i] = userOf.getOrDefault(prefix.get(i).userId(), -1);
            rows[i] = rowOf.getOrDefault(prefix.get(i).itemId(), -1);
        }
        return ImplicitAls.fit(users, rows, userOf.size(), rowOf.size(), DIMENSION);
    }

    private static void publish(
            TemporaryServer server,
            List<DataSet.Item> items,
            float[][] factors,
            Map<Long, Integer> userOf,
            long version)
            throws IOException, InterruptedException {
        server.kernel()
                .publish(Catalog.open(catalog(items, factors, userOf)
                        .writeTo(server.directory().resolve("catalog"), version)));
    }

    /** Items with titles, genres and year; vectors once there are any. */
    private static CatalogBuilder catalog(
            List<DataSet.Item> items,
            float @org.jspecify.annotations.Nullable [][] factors,
            Map<Long, Integer> userOf) {
        CatalogBuilder catalog = new CatalogBuilder();
        for (DataSet.Item item : items) {
            Integer year = item.year();
            catalog.addItem(item.id(), item.title(), item.categories(), year == null ? Map.of() : Map.of("year", year));
        }
        if (factors != null) {
            catalog.itemVectors(factors[1], DIMENSION);
            catalog.userVectors(
                    userOf.keySet().stream().mapToLong(Long::longValue).toArray(), factors[0], DIMENSION);
        }
        return catalog;
    }
}
