package rondo.kernel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;
import rondo.agents.DecisionSpace;
import rondo.agents.catalog.Catalog;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.journal.ChronicleJournal;
import rondo.kernel.journal.DirectoryLock;
import rondo.kernel.journal.JournalCarrier;
import rondo.kernel.orchestration.Ledger;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.experience.RewardTrace;
import rondo.reward.join.DecisionRecord;

/** Finds in a stopped server's journal who earned the reward of the newest request with an id; however long ago that was, and nothing is written. */
public final class JournalTrace {
    private final long requestId;
    private final DecisionRecord decision = new DecisionRecord();
    private final List<ExperienceRow> rows = new ArrayList<>();
    private ExperienceRow row = new ExperienceRow();
    private long decisionId;
    private int agentCount;

    private JournalTrace(long requestId) {
        this.requestId = requestId;
    }

    /**
     * What was found.
     *
     * @param trace  null when no agent decided in any request with the id; awaited also when the process was killed before all rewards were written.
     * @param spaces what the actions mean, by kind.
     */
    public record Result(@Nullable RewardTrace trace, List<DecisionSpace> spaces) {}

    /**
     * Reads the journal of {@code config}'s directory.
     *
     * @throws IOException when the directory is in use, or a file is missing or damaged.
     */
    public static Result find(Config config, long requestId) throws IOException {
        Path directory = Path.of(config.text(Setting.DIRECTORY));
        DirectoryLock lock = DirectoryLock.take(directory);
        try (lock;
                Catalog catalog = ServingKernel.openCatalog(config);
                JournalCarrier journal = ChronicleJournal.openReadOnly(directory.resolve("journal"))) {
            JournalTrace trace = new JournalTrace(requestId);
            journal.replay((sequence, type, payload, offset, length) -> trace.onRecord(type, payload, offset, length));
            return new Result(trace.result(), List.of(ServingKernel.spaces(config, catalog)));
        }
    }

    private void onRecord(int type, DirectBuffer payload, int offset, int length) {
        if (type == Ledger.TYPE_DECISION) {
            if (decision.wrap(payload, offset).isSound(length)
                    && decision.requestId() == requestId
                    && decision.agentCount() > 0) {
                decisionId = decision.decisionId();
                agentCount = decision.agentCount();
                rows.clear();
            }
        } else if (type == Ledger.TYPE_EXPERIENCE
                && length == ExperienceRow.LENGTH
                && row.read(payload, offset)
                && row.requestId() == requestId
                && row.decisionId() == decisionId) {
            rows.add(row);
            row = new ExperienceRow();
        }
    }

    private @Nullable RewardTrace result() {
        boolean isWhole = rows.size() == agentCount;
        return agentCount == 0 ? null : new RewardTrace(requestId, decisionId, isWhole ? rows : List.of());
    }
}
