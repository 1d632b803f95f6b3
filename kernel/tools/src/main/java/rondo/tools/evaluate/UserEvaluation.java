package rondo.tools.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import rondo.agents.catalog.CatalogBuilder;
import rondo.agents.retrieval.Route;
import rondo.client.RecommendRequest;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.tools.data.DataSet;
import rondo.tools.data.Progress;
import rondo.wire.ReplyCode;

/** One request per test user over TCP, training items excluded, against the held-out items; then the golden lists, with nothing excluded. */
final class UserEvaluation {
    private static final int DEPTH = 50;
    private static final int GOLDEN_DEPTH = 100;
    private static final long TIMEOUT_MS = 10_000;

    private final DataSet data;
    private final Route route;
    private final Histogram latency = new Histogram(3);
    private long requestCount;
    private long lostCount;

    UserEvaluation(DataSet data, Route route) {
        this.data = data;
        this.route = route;
    }

    void run(ObjectNode json) throws IOException {
        int[][] train = data.interactions("train.txt.gz");
        int[][] test = data.interactions("test.txt.gz");
        CatalogBuilder catalog = catalog(train, test);
        Config config = Config.defaults().with(Setting.DEADLINE_US, 5_000_000).with(Setting.STATIC_SHARE, 0);
        RankingMetrics metrics = new RankingMetrics();
        try (TemporaryServer server = TemporaryServer.start(catalog, config);
                RondoClient client = server.connect()) {
            RecommendRequest request =
                    new RecommendRequest().route(route.code()).dryRun(true).k(DEPTH);
            long[] ranked = new long[DEPTH];
            try (Progress progress = new Progress("users", test.length)) {
                for (int user = 0; user < test.length; user++) {
                    progress.at(user);
                    if (test[user].length == 0) {
                        continue;
                    }
                    SlateView slate = ask(client, request.requestId(user + 1).userId(user));
                    int count = slate.code() == ReplyCode.OK ? slate.size() : 0;
                    for (int i = 0; i < count; i++) {
                        ranked[i] = slate.itemId(i);
                    }
                    metrics.add(ranked, count, test[user]);
                }
            }
            if (data.hasGolden() && route == Route.VECTOR) {
                golden(client, json);
            }
        }
        json.put("users", metrics.userCount());
        json.put("requests", requestCount);
        json.put("lost", lostCount);
        metrics.write(json.putObject("metrics"));
        Latency.write(latency, json.putObject("latencyUs"));
    }

    private CatalogBuilder catalog(int[][] train, int[][] test) throws IOException {
        int itemCount = 0;
        for (int[][] part : List.of(train, test)) {
            for (int[] items : part) {
                for (int item : items) {
                    itemCount = Math.max(itemCount, item + 1);
                }
            }
        }
        CatalogBuilder catalog = new CatalogBuilder();
        for (int item = 0; item < itemCount; item++) {
            catalog.addItem(item, "item " + item, List.of(), Map.of());
        }
        if (data.hasVectors()) {
            catalog.itemVectors(data.floats("ials64_items.f32.gz"), 64);
            float[] users = data.floats("ials64_users.f32.gz");
            long[] ids = new long[users.length / 64];
            java.util.Arrays.setAll(ids, i -> i);
            catalog.userVectors(ids, users, 64);
        }
        for (int user = 0; user < train.length; user++) {
            for (int item : train[user]) {
                catalog.interaction(user, item);
            }
        }
        if (route != Route.VECTOR && route != Route.POPULAR) {
            catalog.withItemToItem();
        }
        return catalog;
    }

    private void golden(RondoClient client, ObjectNode json) throws IOException {
        Map<Integer, int[]> golden = data.golden();
        RecommendRequest request = new RecommendRequest()
                .route(route.code())
                .dryRun(true)
                .keepSeen(true)
                .k(GOLDEN_DEPTH);
        int matches = 0;
        for (Map.Entry<Integer, int[]> query : golden.entrySet()) {
            SlateView slate = ask(client, request.requestId(requestCount + 1).userId(query.getKey()));
            boolean isSame = slate.size() == query.getValue().length;
            for (int i = 0; i < slate.size() && isSame; i++) {
                isSame = slate.itemId(i) == query.getValue()[i];
            }
            matches += isSame ? 1 : 0;
        }
        json.putObject("golden").put("queries", golden.size()).put("exactMatches", matches);
    }

    private SlateView ask(RondoClient client, RecommendRequest request) throws IOException {
        long startNs = System.nanoTime();
        SlateView slate = client.recommend(request, TIMEOUT_MS);
        latency.recordValue(System.nanoTime() - startNs);
        requestCount++;
        lostCount += slate.code() == ReplyCode.OK ? 0 : 1;
        return slate;
    }
}
