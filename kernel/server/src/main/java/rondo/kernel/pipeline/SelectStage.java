package rondo.kernel.pipeline;

import java.util.Objects;
import rondo.agents.AgentKind;
import rondo.agents.filter.FilterAgent;
import rondo.ann.HotPath;
import rondo.ann.RowFilter;

/** Enforces the hard rules once more, lets the filter agent choose how much to diversify, and picks the slate. */
final class SelectStage implements Stage {
    private final Deciding deciding;
    private final NanoClock clock;
    private final FilterAgent agent = new FilterAgent(RequestSlot.CANDIDATES_MAX);
    private final long[] slateCategories = new long[RequestSlot.CANDIDATES_MAX];

    SelectStage(Deciding deciding, NanoClock clock) {
        this.deciding = deciding;
        this.clock = clock;
    }

    @Override
    @HotPath
    public void process(RequestSlot slot) {
        if (slot.isRefused()) {
            return;
        }
        long startNs = clock.nanoTime();
        requireNumbers(slot.rankScores, slot.candidates.count());
        int action = deciding.draw(AgentKind.FILTER, slot);
        RowFilter allowed = Objects.requireNonNull(slot.allowed);
        slot.slateCount = agent.select(
                action,
                slot.candidates.rows(),
                slot.candidateCategories,
                slot.order,
                slot.rankScores,
                slot.candidates.count(),
                allowed,
                slot.wanted,
                slot.selected);
        slot.isUnderfilled = slot.slateCount < slot.wanted;
        int depth = Math.min(FilterAgent.DIVERSITY_DEPTH, slot.slateCount);
        for (int i = 0; i < depth; i++) {
            slateCategories[i] = slot.candidateCategories[slot.order[slot.selected[i]]];
        }
        slot.distance = agent.intraListDistance(slateCategories, depth);
        slot.decisions[AgentKind.FILTER.code()].localContext(FilterAgent.satisfaction(slot.distance));
        slot.filterNs = clock.nanoTime() - startNs;
    }

    /** A score that is no number compares with nothing, and would leave with the slate. */
    @HotPath
    private static void requireNumbers(float[] scores, int count) {
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(scores[i])) {
                throw new IllegalStateException("ranking gave a score that is not finite: place=" + i);
            }
        }
    }
}
