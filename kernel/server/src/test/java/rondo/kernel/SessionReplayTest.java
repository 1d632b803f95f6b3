package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.reward.RewardConfig;
import rondo.reward.join.GlobalReward;
import rondo.reward.join.OutcomeKind;

/** A real server that waits for session parts: whatever its clock did, its journal says the same again. */
class SessionReplayTest {
    private static final long TIMEOUT_MS = 10_000;
    private static final int REQUESTS = 400;
    private static final int USERS = 9;

    @TempDir
    Path directory;

    @Test
    void shouldReplayRewardsThatWaitedForReturns() throws IOException {
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < 100; i++) {
            catalog.addItem(i, "", List.of("category " + i % 5), Map.of());
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
        Config config = Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.DEADLINE_US, 10_000_000)
                .with(Setting.STATIC_SHARE, 0)
                .with(Setting.SESSION_GAP_MS, 5)
                .with(Setting.SESSION_WEIGHT, 0.4)
                .with(Setting.DIVERSITY_WEIGHT, 0.1);
        try (ServingKernel kernel = ServingKernel.launch(config);
                RondoClient client = RondoClient.connect(kernel.address(), TIMEOUT_MS)) {
            serve(client);
        }
        Replay.Result replay = Replay.run(config, requests -> {});
        assertEquals(0, replay.differences(), replay.firstDifference());
        assertEquals(REQUESTS, replay.requests());
        assertEquals(0, replay.unlogged());
        assertTrue(replay.rewards() > 3 * REQUESTS, "rewards=" + replay.rewards());
        Replay.Result other = Replay.run(config.with(Setting.SESSION_WEIGHT, 0.3), requests -> {});
        assertTrue(other.differences() > 0, "another weight is noticed");
    }

    @Test
    void shouldHandTheSettingsToTheRewardRing() throws IOException {
        CatalogBuilder builder = new CatalogBuilder();
        builder.addItem(1, "", List.of("one"), Map.of());
        builder.writeTo(directory.resolve("catalog"), 1);
        Config config = Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.VIEW_WORTH, 0.1)
                .with(Setting.CLICK_WORTH, 0.2)
                .with(Setting.LIKE_WORTH, 0.3)
                .with(Setting.PURCHASE_WORTH, 0.4)
                .with(Setting.SESSION_WEIGHT, 0.5)
                .with(Setting.DIVERSITY_WEIGHT, 0.25)
                .with(Setting.SESSION_GAP_MS, 7)
                .with(Setting.ARTICLE, true);
        try (Catalog catalog = ServingKernel.openCatalog(config)) {
            RewardConfig made = ServingKernel.rewardConfig(config, catalog);
            assertEquals(new GlobalReward(0.1, 0.2, 0.3, 0.4, 0.5, 0.25, 7), made.global());
            assertTrue(made.isArticleHeard());
            RewardConfig plain =
                    ServingKernel.rewardConfig(Config.defaults().with(Setting.DIRECTORY, directory), catalog);
            assertEquals(GlobalReward.STANDARD, plain.global(), "the settings' defaults are the ring's");
            assertFalse(plain.isArticleHeard());
        }
    }

    private static void serve(RondoClient client) throws IOException {
        byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
        int[] answered = new int[1];
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onAck(long correlationId, int index, int status, long sequence) {
                answered[0]++;
            }
        };
        for (int id = 0; id < REQUESTS; id++) {
            SlateView slate = client.recommend(
                    new RecommendRequest().requestId(id).userId(id % USERS).k(5), TIMEOUT_MS);
            slate.copyToken(token);
            int wanted = answered[0] + 1;
            client.sendOutcome(id, token, slate.itemId(id % 5), id % 5, OutcomeKind.CLICK.code(), id % 2, 0, true);
            if (id % 3 == 0) {
                wanted++;
                client.sendInteraction(id, (id + 4) % USERS, id % 100, 1f, 0);
            }
            while (answered[0] < wanted) {
                client.poll(handler, TIMEOUT_MS);
            }
        }
    }
}
