package rondo.agents.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PopularityTest {
    private static final long HALF_LIFE_MS = 1_000;

    @TempDir
    Path directory;

    /** An event weighs twice as much as one a half-life before it; the sixtieth doubling scales all weights down. */
    @Test
    void shouldKeepItsScoresWhenTheWeightsAreScaledDown() throws IOException {
        CatalogBuilder builder = new CatalogBuilder();
        builder.addItem(0, "item", List.of(), Map.of());
        try (Catalog catalog = Catalog.open(builder.writeTo(directory, 1))) {
            Popularity popularity = new Popularity(catalog, HALF_LIFE_MS);
            popularity.record(0, 0);
            for (int i = 1; i < Popularity.REFRESH_EVENTS; i++) {
                popularity.record(0, 59 * HALF_LIFE_MS);
            }
            assertEquals(Popularity.REFRESH_EVENTS - 1, popularity.score(0), 1e-3);
            popularity.record(0, 61 * HALF_LIFE_MS);
            assertEquals((Popularity.REFRESH_EVENTS - 1) / 4.0 + 1, popularity.score(0), 1e-3);
        }
    }
}
