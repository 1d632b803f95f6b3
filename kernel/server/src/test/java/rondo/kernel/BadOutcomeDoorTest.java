package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.AgentKind;
import rondo.agents.Segment;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.orchestration.TokenMint;
import rondo.reward.join.OutcomeKind;
import rondo.reward.join.OutcomeStatus;

/** Bad outcomes through a real door into a server that has learnt something: each is answered by its status, counted under it, and moves no belief. */
class BadOutcomeDoorTest {
    private static final long TIMEOUT_MS = 10_000;
    private static final int CLICK = OutcomeKind.CLICK.code();

    @TempDir
    Path directory;

    private final Map<OutcomeStatus, Long> answered = new EnumMap<>(OutcomeStatus.class);
    private final byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
    private long itemId;
    private long requestId;

    @SuppressWarnings("NullAway.Init")
    private ServingKernel kernel;

    @SuppressWarnings("NullAway.Init")
    private RondoClient client;

    @BeforeEach
    void learnSomething() throws IOException {
        CatalogBuilder catalog = new CatalogBuilder();
        for (int i = 0; i < 100; i++) {
            catalog.addItem(i, "", List.of("category " + i % 5), Map.of());
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
        kernel = ServingKernel.launch(Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.DEADLINE_US, 10_000_000)
                .with(Setting.STATIC_SHARE, 0));
        client = RondoClient.connect(kernel.address(), TIMEOUT_MS);
        for (int i = 0; i < 30; i++) {
            ask();
            assertEquals(OutcomeStatus.ACCEPTED, report(token, itemId, 0, CLICK, 1f));
        }
        assertNotNull(kernel.rewards().state(AgentKind.TRAFFIC, 0));
        ask();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        kernel.close();
    }

    /** A new slate; its token and first item are at hand then. */
    private void ask() throws IOException {
        SlateView slate =
                client.recommend(new RecommendRequest().requestId(++requestId).userId(requestId), TIMEOUT_MS);
        slate.copyToken(token);
        itemId = slate.itemId(0);
    }

    private OutcomeStatus report(byte[] bytes, long item, int place, int kind, float value) throws IOException {
        client.sendOutcome(1, bytes, item, place, kind, value, 1, true);
        int[] answer = {-1};
        ReplyHandler handler = new ReplyHandler() {
            @Override
            public void onAck(long correlationId, int index, int status, long sequence) {
                answer[0] = status;
            }
        };
        while (answer[0] < 0) {
            client.poll(handler, TIMEOUT_MS);
        }
        OutcomeStatus status = OutcomeStatus.ofCode(answer[0]);
        answered.merge(status, 1L, Long::sum);
        return status;
    }

    private List<@Nullable ByteBuffer> states() {
        List<@Nullable ByteBuffer> states = new ArrayList<>();
        for (AgentKind kind : AgentKind.values()) {
            for (int segment = 0; segment < Segment.COUNT; segment++) {
                states.add(kernel.rewards().state(kind, segment));
            }
        }
        return states;
    }

    private static byte[] minted(byte[] key, long decisionId, long issuedAtMs) {
        byte[] bytes = new byte[FrameLayout.TOKEN_LENGTH];
        new TokenMint(key).mint(decisionId, 1, issuedAtMs, new UnsafeBuffer(bytes), 0);
        return bytes;
    }

    @Test
    void shouldAnswerAndCountEachKindOfBadOutcomeAndMoveNoBelief() throws IOException {
        List<@Nullable ByteBuffer> before = states();
        long decisionId = TokenMint.decisionId(new UnsafeBuffer(token), 0);
        long nowMs = System.currentTimeMillis();

        for (int at = 0; at < token.length; at++) {
            byte[] forged = token.clone();
            forged[at] ^= 1;
            assertEquals(OutcomeStatus.FORGED, report(forged, itemId, 0, CLICK, 1f), "byte " + at);
        }
        assertEquals(OutcomeStatus.FORGED, report(new byte[token.length], itemId, 0, CLICK, 1f));
        assertEquals(
                OutcomeStatus.FORGED,
                report(minted(new byte[] {1}, decisionId, nowMs), itemId, 0, CLICK, 1f),
                "another server's key");

        byte[] key = TokenMint.loadKey(directory);
        assertEquals(OutcomeStatus.UNKNOWN, report(minted(key, 7, nowMs), itemId, 0, CLICK, 1f));
        assertEquals(OutcomeStatus.EXPIRED, report(minted(key, decisionId, 1_000), itemId, 0, CLICK, 1f));

        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0.1f, 1.1f}) {
            assertEquals(OutcomeStatus.INVALID, report(token, itemId, 0, CLICK, value), "value=" + value);
        }
        assertEquals(OutcomeStatus.INVALID, report(token, itemId, 0, 200, 1f), "no such kind");
        assertEquals(OutcomeStatus.INVALID, report(token, itemId, 500, CLICK, 1f), "no such place");
        assertEquals(OutcomeStatus.INVALID, report(token, itemId + 1, 0, CLICK, 1f), "not the item at that place");
        assertEquals(before, states());

        assertEquals(OutcomeStatus.ACCEPTED, report(token, itemId, 0, CLICK, 1f), "the sound one still counts");
        List<@Nullable ByteBuffer> after = states();
        assertEquals(OutcomeStatus.DUPLICATE, report(token, itemId, 0, CLICK, 1f));
        assertEquals(after, states());

        assertEquals(token.length + 2, answered.get(OutcomeStatus.FORGED));
        assertEquals(8, answered.get(OutcomeStatus.INVALID));
        for (OutcomeStatus status : OutcomeStatus.values()) {
            assertEquals(answered.getOrDefault(status, 0L), kernel.outcomeCount(status), status.name());
        }
    }
}
