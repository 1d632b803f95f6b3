package rondo.kernel.pipeline;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.agents.Decision;
import rondo.agents.catalog.Audience;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CompiledFilter;
import rondo.agents.catalog.Popularity;
import rondo.agents.policy.CounterRandom;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.agents.retrieval.CandidateGenerator;
import rondo.agents.retrieval.Candidates;
import rondo.agents.retrieval.Route;
import rondo.ann.HotPath;
import rondo.ann.RowFilter;
import rondo.wire.Level;
import rondo.wire.ReplyCode;

/**
 * Lets the hard rules mark the rows that may appear, lets the retrieval agent choose a route, and brings the candidates with the features that
 * ranking reads.
 *
 * <p>A request whose deadline has passed gets no work. One that cannot be finished in the time left gets the popular route in place of the chosen
 * one, and its reply says so.
 */
final class RetrieveStage implements Stage {
    private static final int TASTE_HISTORY = 50;

    /** Weight of the newest request in the moving average of retrieval's time. */
    private static final double AVERAGE_WEIGHT = 0.05;

    private final PipelineConfig config;
    private final PolicyTable policies;
    private final NanoClock clock;
    private final int[] history = new int[TASTE_HISTORY];
    private final float[] categoryShare = new float[64];
    private @Nullable ServingState boundState;
    private @Nullable CandidateGenerator generator;
    private double averageNs;

    RetrieveStage(PipelineConfig config, PolicyTable policies, NanoClock clock) {
        this.config = config;
        this.policies = policies;
        this.clock = clock;
    }

    @Override
    @HotPath
    public void process(RequestSlot slot) {
        if (slot.isRefused()) {
            return;
        }
        long startNs = clock.nanoTime();
        long leftNs = slot.deadlineNs - startNs;
        if (leftNs <= 0) {
            slot.refuse(ReplyCode.DEADLINE_EXCEEDED, "the deadline had passed before retrieval");
            return;
        }
        ServingState state = Objects.requireNonNull(slot.state);
        if (boundState != state) {
            bind(state);
        }
        RowFilter allowed = allowedRows(slot, state);
        int routeCode = decide(slot, state);
        if (leftNs < averageNs) {
            slot.isLate = true;
            slot.level = Level.STATIC;
            routeCode = Route.POPULAR.code();
        }
        int wanted = Math.max(slot.wanted, Math.min(RequestSlot.CANDIDATES_MAX, slot.composition.candidateCount()));
        generate(slot, Route.ofCode(routeCode), allowed, wanted);
        features(slot, state);
        slot.retrievalNs = clock.nanoTime() - startNs;
        averageNs += AVERAGE_WEIGHT * (slot.retrievalNs - averageNs);
    }

    private void bind(ServingState state) {
        boundState = state;
        generator = new CandidateGenerator(state.sources(), RequestSlot.CANDIDATES_MAX);
    }

    @HotPath
    private int decide(RequestSlot slot, ServingState state) {
        Decision decision = slot.decisions[AgentKind.RETRIEVAL.code()];
        PolicyBlock block = policies.current(AgentKind.RETRIEVAL, slot.segment);
        if (slot.pinnedRoute >= 0) {
            decision.set(slot.pinnedRoute, 1f, block.version());
        } else if (slot.isStatic) {
            decision.set(state.staticRoute(), 1f, block.version());
        } else {
            float share = slot.composition.explorationShare();
            int action =
                    block.draw(CounterRandom.uniform(config.seed(), slot.requestId, AgentKind.RETRIEVAL.code()), share);
            decision.set(action, block.propensity(action, share), block.version());
        }
        return decision.action();
    }

    @HotPath
    private void generate(RequestSlot slot, Route route, RowFilter allowed, int wanted) {
        float @Nullable [] query = slot.hasQueryVector ? slot.queryVector : null;
        Objects.requireNonNull(generator).generate(route, slot.userId, query, allowed, wanted, slot.candidates);
    }

    /** The rows that the filter expression, the user's history and the request's exclusions leave. */
    @HotPath
    private RowFilter allowedRows(RequestSlot slot, ServingState state) {
        Catalog catalog = state.catalog();
        RowFilter rows = slot.allowed;
        if (rows == null || rows.count() != catalog.itemCount()) {
            rows = newRows(slot, catalog);
        }
        CompiledFilter filter = slot.filter;
        if (filter == null) {
            rows.setAll();
        } else {
            rows.copyFrom(filter.rows());
        }
        if (!slot.keepsSeen) {
            state.sources().audience().clearSeen(slot.userId, rows);
        }
        for (int i = 0; i < slot.exclusionCount; i++) {
            int row = catalog.row(slot.exclusions[i]);
            if (row >= 0) {
                rows.clear(row);
            }
        }
        return rows;
    }

    private static RowFilter newRows(RequestSlot slot, Catalog catalog) {
        RowFilter rows = new RowFilter(catalog.itemCount());
        slot.allowed = rows;
        return rows;
    }

    @HotPath
    private void features(RequestSlot slot, ServingState state) {
        Candidates candidates = slot.candidates;
        Catalog catalog = state.catalog();
        Audience audience = state.sources().audience();
        Popularity popularity = state.sources().popularity();
        int count = candidates.count();
        int historyCount = audience.history(slot.userId, history);
        for (int c = 0; c < categoryShare.length; c++) {
            categoryShare[c] = 0f;
        }
        for (int i = 0; i < historyCount; i++) {
            long bits = catalog.categories(history[i]);
            float share = 1f / (historyCount * Math.max(1, Long.bitCount(bits)));
            for (long left = bits; left != 0; left &= left - 1) {
                categoryShare[Long.numberOfTrailingZeros(left)] += share;
            }
        }
        for (int i = 0; i < count; i++) {
            int row = candidates.row(i);
            long bits = catalog.categories(row);
            slot.candidateCategories[i] = bits;
            slot.popularity[i] = popularity.score(row);
            float taste = 0f;
            for (long left = bits; left != 0; left &= left - 1) {
                taste += categoryShare[Long.numberOfTrailingZeros(left)];
            }
            slot.taste[i] = Math.min(1f, taste);
        }
    }
}
