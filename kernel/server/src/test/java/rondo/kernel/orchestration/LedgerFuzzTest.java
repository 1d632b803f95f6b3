package rondo.kernel.orchestration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.Segment;
import rondo.agents.chain.DecisionSpaces;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.agents.retrieval.Route;
import rondo.kernel.journal.JournalCarrier;
import rondo.kernel.journal.RecordReader;
import rondo.kernel.state.CompactedStore;
import rondo.reward.RewardConfig;
import rondo.reward.RewardRing;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.join.GlobalReward;
import rondo.reward.join.Joiner;

/**
 * Goal: whatever records a journal holds, a ledger recovers from it with sound policies and no decision lost, or says which record makes no sense. Method: an
 * input is a journal, each record in a buffer that ends where it ends; afterwards time passes until every decision is closed. One ledger takes every input.
 *
 * <pre>
 * a record: type uint8, length uint16 little endian, payload
 * </pre>
 */
class LedgerFuzzTest {
    private static final long WINDOW_MS = 5_000;

    /** They are kept for ever. */
    private static final int PROMOTIONS_MAX = 1_000;

    private static int rowCount;
    private static int promotionCount;
    private static int refusedCount;

    private final Records records = new Records();
    private final PolicyTable policies = policies();
    private final RewardRing rewards = new RewardRing(
            new RewardConfig(
                    true,
                    WINDOW_MS,
                    1_000,
                    0.02,
                    0.1,
                    50,
                    10,
                    0.2,
                    0.8,
                    0.8,
                    true,
                    new GlobalReward(0.2, 1, 1, 1, 0.2, 0.2, 1_000),
                    true,
                    1,
                    Map.of()),
            policies,
            this::onRow);
    private final Ledger ledger = new Ledger(
            records, new NoStore(), rewards, new NoConsumption(), new TokenMint(new byte[] {1, 2, 3}), 0, () -> 0);

    private static PolicyTable policies() {
        DecisionSpace[] spaces = new DecisionSpace[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            spaces[kind.code()] = DecisionSpaces.of(kind, Route.POPULAR);
        }
        return new PolicyTable(spaces, 0.02);
    }

    private void onRow(ExperienceRow row) {
        rowCount++;
        assertTrue(Float.isFinite(row.globalReward()) && Float.isFinite(row.localReward()), "reward");
        assertTrue(Float.isFinite(row.credit()), "credit");
        ledger.experience(row);
    }

    /** A journal of what an input says. */
    private static final class Records implements JournalCarrier {
        private byte[] journal = {};
        private long sequence;

        @Override
        public void replay(RecordReader reader) throws IOException {
            ByteBuffer in = ByteBuffer.wrap(journal).order(ByteOrder.LITTLE_ENDIAN);
            while (in.remaining() >= 3) {
                int type = in.get() & 0xFF;
                int length = Math.min(in.getShort() & 0xFFFF, in.remaining());
                UnsafeBuffer payload = new UnsafeBuffer(journal, in.position(), length);
                in.position(in.position() + length);
                if (type == Ledger.TYPE_PROMOTION && ++promotionCount > PROMOTIONS_MAX) {
                    continue;
                }
                reader.onRecord(++sequence, type, payload, 0, length);
            }
        }

        @Override
        public long append(int type, DirectBuffer payload, int offset, int length) {
            return ++sequence;
        }

        @Override
        public long lastSequence() {
            return sequence;
        }

        @Override
        public void close() {}
    }

    private static final class NoStore implements CompactedStore {
        @Override
        public void put(long key, long sequence, ByteBuffer state) {}

        @Override
        public @Nullable Entry get(long key) {
            return null;
        }

        @Override
        public int size() {
            return 0;
        }

        @Override
        public void close() {}
    }

    private static final class NoConsumption implements Consumption {
        @Override
        public int category(long itemId) {
            return -1;
        }

        @Override
        public void consumed(long userId, long itemId, long timeMs) {}

        @Override
        public void start() {}
    }

    @FuzzTest
    void shouldRecoverOrSayWhichRecordMakesNoSense(byte[] journal) throws IOException {
        records.journal = journal;
        try {
            ledger.recover();
        } catch (IOException e) {
            refusedCount++;
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith("the journal holds a record that makes no sense: sequence="), message);
        }
        rewards.onTime(Long.MAX_VALUE);
        Joiner joiner = rewards.joiner();
        assertEquals(
                joiner.decisionCount(),
                joiner.joinedCount() + joiner.defaultedCount() + joiner.lateCount() + joiner.waitingCount());
        assertEquals(0, joiner.waitingCount());
        rewards.onSpaces(rewards.spacesChecksum());
        for (AgentKind kind : AgentKind.values()) {
            requireSound(policies.current(kind, 0));
            requireSound(policies.current(kind, Segment.COUNT - 1));
        }
    }

    private static void requireSound(PolicyBlock block) {
        double sum = 0;
        for (int action = 0; action < block.actionCount(); action++) {
            assertTrue(block.probability(action) >= 0, "probability=" + block.probability(action));
            sum += block.probability(action);
        }
        assertEquals(1, sum, 1e-3);
    }

    @AfterAll
    static void shouldHaveSeenEach() {
        assertTrue(
                rowCount > 0 && promotionCount > 0 && refusedCount > 0,
                "rows=" + rowCount + ", promotions=" + promotionCount + ", refused=" + refusedCount);
    }
}
