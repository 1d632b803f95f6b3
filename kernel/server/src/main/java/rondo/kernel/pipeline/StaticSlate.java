package rondo.kernel.pipeline;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CompiledFilter;
import rondo.agents.retrieval.RetrievalSources;
import rondo.agents.retrieval.Route;
import rondo.ann.HotPath;
import rondo.ann.RowFilter;

/**
 * The slate of a request that there is no time for: the most popular items that its filter, its exclusions and the user's history leave. No agent, no search
 * and no ranking, so it takes a microsecond or two; not encoded beforehand, because hard rules hold at any load. One instance belongs to one thread.
 */
final class StaticSlate {
    /** Popular rows looked at; bounds the time that a filter which lets little pass can take. */
    private static final int LOOKS_MAX = 2_048;

    private static final int HISTORY_MAX = 4_096;
    private static final int TABLE_LENGTH = 4 * Math.max(HISTORY_MAX, RequestSlot.EXCLUSIONS_MAX);

    private final int[] history = new int[HISTORY_MAX];

    // Rows that may not come, of the request whose number is in their stamp.
    private final int[] barred = new int[TABLE_LENGTH];
    private final int[] stamps = new int[TABLE_LENGTH];
    private int stamp;

    /** Fills the slot's candidates, order and slate; false when nothing passes. */
    @HotPath
    boolean fill(RequestSlot slot) {
        ServingState state = Objects.requireNonNull(slot.state);
        RetrievalSources sources = state.sources();
        bar(slot, state.catalog(), sources);
        CompiledFilter filter = slot.filter;
        @Nullable RowFilter rows = filter == null ? null : filter.rows();
        int[] popular = sources.popularity().overall();
        int looks = Math.min(popular.length, LOOKS_MAX);
        int count = 0;
        for (int i = 0; i < looks && count < slot.wanted; i++) {
            int row = popular[i];
            if ((rows == null || rows.passes(row)) && !isBarred(row)) {
                slot.candidates.append(row, 1f / (1f + i), Route.POPULAR.code());
                slot.order[count] = count;
                slot.selected[count] = count;
                slot.rankScores[count] = slot.candidates.score(count);
                count++;
            }
        }
        slot.slateCount = count;
        slot.isUnderfilled = count < slot.wanted;
        return count > 0;
    }

    @HotPath
    private void bar(RequestSlot slot, Catalog catalog, RetrievalSources sources) {
        stamp++;
        for (int i = 0; i < slot.exclusionCount; i++) {
            int row = catalog.row(slot.exclusions[i]);
            if (row >= 0) {
                bar(row);
            }
        }
        if (!slot.keepsSeen) {
            int count = sources.audience().history(slot.userId, history);
            for (int i = 0; i < count; i++) {
                bar(history[i]);
            }
        }
    }

    @HotPath
    private void bar(int row) {
        int place = place(row);
        barred[place] = row;
        stamps[place] = stamp;
    }

    @HotPath
    private boolean isBarred(int row) {
        return stamps[place(row)] == stamp;
    }

    /** Where the row is, or would be. */
    @HotPath
    private int place(int row) {
        int place = (row * 0x9E3779B9) >>> Integer.numberOfLeadingZeros(TABLE_LENGTH - 1);
        while (stamps[place] == stamp && barred[place] != row) {
            place = (place + 1) & (TABLE_LENGTH - 1);
        }
        return place;
    }
}
