package rondo.kernel;

import rondo.agents.catalog.Audience;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CoVisits;
import rondo.agents.catalog.Popularity;
import rondo.agents.retrieval.RetrievalSources;
import rondo.kernel.orchestration.Consumption;

/**
 * The dynamic tables beside a catalogue, written by the ledger's thread alone. A new catalogue version with the same rows takes the tables over;
 * popularity is by row as well, so it goes on counting.
 */
final class Tables implements Consumption {
    private static final int CO_VISIT_HISTORY = 50;
    private static final long POPULARITY_HALF_LIFE_MS = 30L * 24 * 3600 * 1000;

    private final Audience audience;
    private final CoVisits coVisits;
    private final Popularity popularity;
    private final int[] recent = new int[CO_VISIT_HISTORY];
    private final Catalog rows;

    /** @param catalog whose rows the tables are by; must outlive them, or be replaced by one with the same rows. */
    Tables(Catalog catalog, int usersMax) {
        this.rows = catalog;
        this.audience = new Audience(usersMax);
        this.coVisits = new CoVisits(catalog.itemCount());
        this.popularity = new Popularity(catalog, POPULARITY_HALF_LIFE_MS);
    }

    RetrievalSources sources(Catalog catalog) {
        return new RetrievalSources(catalog, audience, coVisits, popularity);
    }

    @Override
    public int category(long itemId) {
        int row = rows.row(itemId);
        return row < 0 ? -1 : rows.firstCategory(row);
    }

    @Override
    public void consumed(long userId, long itemId, long timeMs) {
        int row = rows.row(itemId);
        if (row < 0) {
            return;
        }
        int count = audience.history(userId, recent);
        coVisits.record(row, recent, count);
        popularity.record(row, timeMs);
        audience.record(userId, row);
    }

    /** Imported histories fill audience and popularity; what they say about pairs is in the catalogue's own weights. */
    @Override
    public void start() {
        boolean hasWeights = rows.itemToItem() != null;
        rows.forEachInteraction((userId, row) -> {
            if (!hasWeights) {
                int count = audience.history(userId, recent);
                coVisits.record(row, recent, count);
            }
            audience.record(userId, row);
            popularity.count(row);
        });
        popularity.refresh();
    }
}
