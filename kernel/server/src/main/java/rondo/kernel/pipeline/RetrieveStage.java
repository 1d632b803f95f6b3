package rondo.kernel.pipeline;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CompiledFilter;
import rondo.agents.fusion.FusionAgent;
import rondo.agents.resource.ResourceAgent;
import rondo.agents.retrieval.CandidateGenerator;
import rondo.agents.retrieval.Route;
import rondo.ann.HotPath;
import rondo.ann.RowFilter;
import rondo.wire.Level;
import rondo.wire.ReplyCode;

/**
 * Lets the hard rules mark the rows that may appear, lets the agents choose route, number of candidates and weights of a blend, and brings the
 * candidates.
 *
 * <p>A request whose deadline has passed gets no work. One that cannot be finished in the time left gets the popular route in place of the chosen
 * one, and its reply says so.
 */
final class RetrieveStage implements Stage {
    /** Weight of the newest request in the moving average of retrieval's time. */
    private static final double AVERAGE_WEIGHT = 0.05;

    private final Deciding deciding;
    private final NanoClock clock;
    private final ResourceAgent resources = new ResourceAgent();
    private @Nullable ServingState boundState;
    private @Nullable CandidateGenerator generator;
    private double averageNs;

    RetrieveStage(Deciding deciding, NanoClock clock) {
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
        Route route = Route.ofCode(slot.pinnedRoute >= 0 ? slot.pinnedRoute : deciding.draw(AgentKind.RETRIEVAL, slot));
        if (leftNs < averageNs) {
            slot.isLate = true;
            slot.level = Level.CHEAP;
            route = Route.POPULAR;
        }
        int granted = resources.candidates(
                deciding.draw(AgentKind.RESOURCE, slot),
                slot.composition.candidateCount(),
                slot.wanted,
                RequestSlot.CANDIDATES_MAX);
        slot.decisions[AgentKind.RESOURCE.code()].localContext((float) granted / RequestSlot.CANDIDATES_MAX);
        int fusion = route.isBlend() ? deciding.draw(AgentKind.FUSION, slot) : FusionAgent.EVEN;
        generate(slot, route, fusion, allowed, granted);
        categories(slot, state.catalog());
        slot.retrievalNs = clock.nanoTime() - startNs;
        averageNs += AVERAGE_WEIGHT * (slot.retrievalNs - averageNs);
    }

    private void bind(ServingState state) {
        boundState = state;
        generator = new CandidateGenerator(state.sources(), RequestSlot.CANDIDATES_MAX);
    }

    @HotPath
    private void generate(RequestSlot slot, Route route, int fusion, RowFilter allowed, int wanted) {
        float @Nullable [] query = slot.hasQueryVector ? slot.queryVector : null;
        Objects.requireNonNull(generator).generate(route, fusion, slot.userId, query, allowed, wanted, slot.candidates);
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

    /** The filter reads them whatever ranking does. */
    @HotPath
    private static void categories(RequestSlot slot, Catalog catalog) {
        int count = slot.candidates.count();
        for (int i = 0; i < count; i++) {
            slot.candidateCategories[i] = catalog.categories(slot.candidates.row(i));
        }
    }
}
