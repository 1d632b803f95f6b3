package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.RecommendRequest;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.pipeline.CircuitBreaker;
import rondo.wire.Level;
import rondo.wire.ReplyCode;

/** A real server whose agents fail on purpose: every request gets a slate, and those that the agents did not make say so. */
class FaultyAgentsTest {
    private static final int ITEMS = 300;
    private static final long TIMEOUT_MS = 20_000;
    private static final long FIRST_ID = 1_000_000;
    private static final int REQUESTS = 60;

    @TempDir
    Path directory;

    @BeforeEach
    void writeCatalog() throws IOException {
        SplittableRandom random = new SplittableRandom(4);
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < ITEMS; i++) {
            catalog.addItem(1000 + i, "item " + i, List.of("c" + i % 5), Map.of());
        }
        for (int user = 0; user < 40; user++) {
            catalog.interaction(user, 1000 + random.nextInt(ITEMS));
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
    }

    private Config config(String fault) {
        return Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.DEADLINE_US, 10_000_000)
                .with(Setting.HANG_MS, 20)
                .with(Setting.STATIC_SHARE, 0)
                .with(Setting.FAULT, fault);
    }

    private record Answer(Level level, boolean hasAgentFailed) {}

    /** Asks one by one; each answer is a whole slate. */
    private static List<Answer> serve(ServingKernel kernel) throws IOException {
        List<Answer> answers = new ArrayList<>();
        try (RondoClient client = kernel.connect(TIMEOUT_MS)) {
            for (int i = 0; i < REQUESTS; i++) {
                SlateView slate = client.recommend(
                        new RecommendRequest()
                                .requestId(FIRST_ID + i)
                                .userId(i % 40)
                                .k(10),
                        TIMEOUT_MS);
                assertEquals(ReplyCode.OK, slate.code());
                assertEquals(10, slate.size());
                for (int j = 0; j < slate.size(); j++) {
                    assertTrue(Float.isFinite(slate.score(j)));
                    assertTrue(slate.itemId(j) >= 1000 && slate.itemId(j) < 1000 + ITEMS);
                }
                answers.add(new Answer(slate.level(), slate.hasAgentFailed()));
            }
        }
        return answers;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "admit:throw:1",
                "retrieve:throw:1",
                "rank:throw:1",
                "select:throw:1",
                "rank:recurse:1",
                "retrieve:nan:1",
                "rank:nan:1",
                "select:nan:1",
                "rank:length:1",
                "select:length:1",
                "admit:hang:1",
                "rank:hang:1"
            })
    void shouldAnswerWithoutItsAgents(String fault) throws IOException {
        try (ServingKernel kernel = ServingKernel.launch(config(fault))) {
            for (Answer answer : serve(kernel)) {
                assertEquals(Level.STATIC, answer.level());
                assertTrue(answer.hasAgentFailed());
            }
            assertTrue(kernel.pipeline().breaker().state() != CircuitBreaker.State.CLOSED);
            assertTrue(kernel.pipeline().breaker().bypassedCount() >= REQUESTS - 20, "within twenty requests");
            assertEquals("", kernel.problem());
        }
    }

    @Test
    void shouldServeByAgentsThatMakeMuchGarbage() throws IOException {
        try (ServingKernel kernel = ServingKernel.launch(config("rank:allocate:1"))) {
            assertTrue(serve(kernel).stream().allMatch(answer -> answer.level() == Level.FULL));
        }
    }

    @Test
    void shouldServeByAgentsThatFailSometimes() throws IOException {
        try (ServingKernel kernel = ServingKernel.launch(config("rank:throw:0.02"))) {
            List<Answer> answers = serve(kernel);
            long failed = answers.stream().filter(Answer::hasAgentFailed).count();
            assertEquals(kernel.pipeline().failureCount(), failed);
            assertTrue(failed <= 4, "failed=" + failed);
            assertEquals(
                    CircuitBreaker.State.CLOSED, kernel.pipeline().breaker().state());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rank",
                "rank:throw",
                "rank:jump:1",
                "reply:throw:1",
                "rank:throw:x",
                "rank:throw:1.5",
                "rank:throw:NaN"
            })
    void shouldRefuseAFaultThatIsNone(String fault) {
        String message = String.valueOf(assertThrows(IOException.class, () -> ServingKernel.launch(config(fault)))
                .getMessage());
        assertTrue(message.startsWith("drill.fault: ") && message.endsWith("fault=" + fault), message);
    }
}
