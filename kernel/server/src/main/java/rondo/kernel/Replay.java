package rondo.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.catalog.Catalog;
import rondo.agents.policy.PolicyTable;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.journal.ChronicleJournal;
import rondo.kernel.journal.DirectoryLock;
import rondo.kernel.journal.JournalCarrier;
import rondo.kernel.journal.RecordReader;
import rondo.kernel.orchestration.Ledger;
import rondo.kernel.orchestration.TokenMint;
import rondo.kernel.pipeline.DecisionReplay;
import rondo.kernel.state.CompactedStore;
import rondo.reward.RewardRing;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.join.DecisionRecord;

/**
 * Makes everything a data directory's journal tells of again and compares: each decision's actions, propensities and policy blocks, and each reward.
 * The journal is read through the code that recovers a server; nothing is written. Pure in the journal and the settings, so the same directory gives
 * the same answer on any machine.
 */
public final class Replay {
    private final Config config;
    private final Deque<byte[]> rows = new ArrayDeque<>();
    private final ExperienceRow logged = new ExperienceRow();
    private final ExperienceRow made = new ExperienceRow();
    private long requestCount;
    private long rewardCount;
    private long unloggedCount;
    private long differenceCount;
    private long blockCount;
    private String firstDifference = "";

    private Replay(Config config) {
        this.config = config;
    }

    /**
     * What came out.
     *
     * @param requests        logged requests made again.
     * @param decisions       decisions of agents in them.
     * @param rewards         experience rows compared byte by byte.
     * @param unlogged        rows made here that the log lacks, because the process was killed between an outcome and its rows.
     * @param blocks          policy blocks published.
     * @param differences     requests and rewards that differ from the log.
     * @param firstDifference what the first of them is, empty without any.
     */
    public record Result(
            long requests,
            long decisions,
            long rewards,
            long unlogged,
            long blocks,
            long differences,
            String firstDifference) {}

    /**
     * Replays the journal of {@code config}'s directory.
     *
     * @param onProgress is told the number of requests now and then.
     * @throws IOException when the directory is in use, or a file is missing or damaged.
     */
    public static Result run(Config config, LongConsumer onProgress) throws IOException {
        Path directory = Path.of(config.text(Setting.DIRECTORY));
        DirectoryLock lock = DirectoryLock.take(directory);
        try (lock;
                Catalog catalog = ServingKernel.openCatalog(config);
                JournalCarrier journal = ChronicleJournal.openReadOnly(directory.resolve("journal"))) {
            return new Replay(config).run(catalog, journal, onProgress);
        }
    }

    private Result run(Catalog catalog, JournalCarrier journal, LongConsumer onProgress) throws IOException {
        DecisionSpace[] spaces = ServingKernel.spaces(config, catalog);
        DecisionReplay decisions = new DecisionReplay(spaces, config.real(Setting.EPSILON), config.whole(Setting.SEED));
        PolicyTable policies = new PolicyTable(spaces, config.real(Setting.EPSILON), block -> {
            decisions.onPublish(block);
            blockCount++;
        });
        RewardRing rewards = new RewardRing(ServingKernel.rewardConfig(config, catalog), policies, this::remember);
        Ledger ledger = new Ledger(
                new Watched(journal, decisions, onProgress),
                new NoStore(),
                rewards,
                new Tables(catalog, (int) config.whole(Setting.USERS_MAX)),
                new TokenMint(new byte[] {0}),
                0,
                () -> 0);
        ledger.recover();
        return new Result(
                requestCount,
                decisions.checkedCount(),
                rewardCount,
                unloggedCount + rows.size(),
                blockCount,
                differenceCount,
                firstDifference);
    }

    private void remember(ExperienceRow row) {
        byte[] copy = new byte[ExperienceRow.LENGTH];
        row.buffer().getBytes(0, copy);
        rows.add(copy);
    }

    private void differs(String what) {
        differenceCount++;
        if (firstDifference.isEmpty()) {
            firstDifference = what;
        }
    }

    private void compareReward(long sequence, DirectBuffer payload, int offset, int length) {
        rewardCount++;
        if (length != ExperienceRow.LENGTH || !logged.read(payload, offset)) {
            differs("not an experience row: sequence=" + sequence);
            return;
        }
        for (byte[] row = rows.poll(); row != null; row = rows.poll()) {
            made.read(new UnsafeBuffer(row), 0);
            if (made.decisionId() == logged.decisionId() && made.agent() == logged.agent()) {
                if (!made.buffer().equals(logged.buffer())) {
                    differs("another reward: sequence=" + sequence + ", decisionId=" + logged.decisionId()
                            + ", agent=" + AgentKind.ofCode(logged.agent()).label() + ", logged="
                            + logged.totalReward() + ", replayed=" + made.totalReward());
                }
                return;
            }
            // A process that was killed may have written an outcome and not the rewards it made of it.
            unloggedCount++;
        }
        differs("the log has a reward that the replay has not: sequence=" + sequence + ", decisionId="
                + logged.decisionId());
    }

    /** The journal, with every record compared on its way to the ledger. */
    private final class Watched implements JournalCarrier {
        private static final int PROGRESS_REQUESTS = 1_000;

        private final JournalCarrier journal;
        private final DecisionReplay decisions;
        private final LongConsumer onProgress;
        private final DecisionRecord record = new DecisionRecord();

        Watched(JournalCarrier journal, DecisionReplay decisions, LongConsumer onProgress) {
            this.journal = journal;
            this.decisions = decisions;
            this.onProgress = onProgress;
        }

        @Override
        public void replay(RecordReader reader) throws IOException {
            journal.replay((sequence, type, payload, offset, length) -> {
                if (type == Ledger.TYPE_DECISION && record.wrap(payload, offset).isSound(length)) {
                    String difference = decisions.difference(record);
                    if (!difference.isEmpty()) {
                        differs(difference);
                    }
                    if (++requestCount % PROGRESS_REQUESTS == 0) {
                        onProgress.accept(requestCount);
                    }
                } else if (type == Ledger.TYPE_EXPERIENCE) {
                    compareReward(sequence, payload, offset, length);
                }
                reader.onRecord(sequence, type, payload, offset, length);
            });
        }

        @Override
        public long append(int type, DirectBuffer payload, int offset, int length) {
            throw new IllegalStateException("a replay writes nothing: type=" + type);
        }

        @Override
        public long lastSequence() {
            return journal.lastSequence();
        }

        @Override
        public void close() {
            journal.close();
        }
    }

    /** States are compared through the blocks that decisions name; they go nowhere. */
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
}
