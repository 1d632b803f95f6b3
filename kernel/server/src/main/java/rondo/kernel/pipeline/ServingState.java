package rondo.kernel.pipeline;

import rondo.agents.catalog.Catalog;
import rondo.agents.retrieval.RetrievalSources;

/**
 * One catalogue version with everything retrieval reads beside it; pinned into a slot when its request is admitted, so that one request never sees
 * two versions. What it holds is immutable or has its own single writer.
 */
public final class ServingState {
    private final RetrievalSources sources;
    private final FilterCache filters;

    public ServingState(RetrievalSources sources) {
        this.sources = sources;
        this.filters = new FilterCache(sources.catalog());
    }

    public Catalog catalog() {
        return sources.catalog();
    }

    public RetrievalSources sources() {
        return sources;
    }

    FilterCache filters() {
        return filters;
    }
}
