package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.pipeline.CircuitBreaker;
import rondo.reward.join.OutcomeStatus;
import rondo.wire.Level;
import rondo.wire.ReplyCode;

/** A real server whose clock jumps: deadlines do not care, every outcome gets an answer, and what is decided after a jump is learnt from. */
class ClockJumpTest {
    private static final long TIMEOUT_MS = 10_000;
    private static final long DAY_MS = TimeUnit.DAYS.toMillis(1);
    private static final int REQUESTS = 40;

    @TempDir
    Path directory;

    private final AtomicLong nowMs = new AtomicLong(1_800_000_000_000L);
    private long nextId = 1;

    /** What is needed to report an outcome. */
    private static final class Served {
        final byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
        final long itemId;

        Served(SlateView slate) {
            slate.copyToken(token);
            itemId = slate.itemId(0);
        }
    }

    @BeforeEach
    void writeCatalog() throws IOException {
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < 100; i++) {
            catalog.addItem(1000 + i, "item " + i, List.of("c" + i % 3), Map.of());
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
    }

    private ServingKernel launch() throws IOException {
        return ServingKernel.launch(
                Config.defaults()
                        .with(Setting.DIRECTORY, directory)
                        .with(Setting.TCP_PORT, 0)
                        .with(Setting.DEADLINE_US, 10_000_000)
                        .with(Setting.STATIC_SHARE, 0),
                nowMs::get);
    }

    private List<Served> serve(RondoClient client) throws IOException {
        List<Served> all = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            SlateView slate = client.recommend(
                    new RecommendRequest().requestId(nextId++).userId(i).k(5), TIMEOUT_MS);
            assertEquals(ReplyCode.OK, slate.code());
            assertEquals(Level.FULL, slate.level());
            assertFalse(slate.isUnlogged());
            all.add(new Served(slate));
        }
        return all;
    }

    private Set<OutcomeStatus> report(RondoClient client, List<Served> all) throws IOException {
        List<OutcomeStatus> answers = new ArrayList<>();
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onAck(long correlationId, int index, int status, long sequence) {
                answers.add(OutcomeStatus.ofCode(status));
            }
        };
        for (Served one : all) {
            client.sendOutcome(1, one.token, one.itemId, 0, 2, 1, nowMs.get(), true);
        }
        while (answers.size() < all.size()) {
            assertTrue(client.poll(handler, TIMEOUT_MS) > 0, "an outcome has no answer: answers=" + answers);
        }
        return new HashSet<>(answers);
    }

    @Test
    void shouldGoOnWhenTheClockJumps() throws Exception {
        for (long jumpMs : new long[] {DAY_MS, -2 * DAY_MS, DAY_MS}) {
            List<Served> after;
            try (ServingKernel kernel = launch();
                    RondoClient client = kernel.connect(TIMEOUT_MS)) {
                assertEquals(Set.of(OutcomeStatus.ACCEPTED), report(client, serve(client)));
                List<Served> before = serve(client);
                nowMs.addAndGet(jumpMs);
                // A token of yesterday is of no use any more; one of tomorrow was made here all the same.
                assertEquals(
                        Set.of(jumpMs > 0 ? OutcomeStatus.EXPIRED : OutcomeStatus.ACCEPTED), report(client, before));
                after = serve(client);
                assertEquals(Set.of(OutcomeStatus.ACCEPTED), report(client, after));
                assertEquals(
                        CircuitBreaker.State.CLOSED, kernel.pipeline().breaker().state());
                assertEquals("", kernel.problem());
            }
            // And it jumps while nobody serves.
            nowMs.addAndGet(-jumpMs / 2);
            try (ServingKernel kernel = launch();
                    RondoClient client = kernel.connect(TIMEOUT_MS)) {
                Set<OutcomeStatus> again = report(client, after);
                assertFalse(again.contains(OutcomeStatus.ACCEPTED), "nothing counts twice: " + again);
                assertEquals(Set.of(OutcomeStatus.ACCEPTED), report(client, serve(client)));
            }
        }
    }
}
