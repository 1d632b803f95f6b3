package rondo.tools.drill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import rondo.agents.catalog.CatalogBuilder;

/** A data directory for a drill's server. */
final class DrillCatalog {
    /** Users who have a history. */
    static final int USERS = 500;

    private static final int ITEMS = 5_000;
    private static final int DIMENSION = 32;

    private DrillCatalog() {}

    /** Makes one with a catalogue in it. */
    static Path write() throws IOException {
        Path directory = Files.createTempDirectory("rondo-drill-");
        try {
            SplittableRandom random = new SplittableRandom(3);
            CatalogBuilder catalog = new CatalogBuilder();
            float[] vectors = new float[ITEMS * DIMENSION];
            for (int i = 0; i < ITEMS; i++) {
                catalog.addItem(1 + i, "item " + i, List.of("c" + i % 20), Map.of());
            }
            for (int i = 0; i < vectors.length; i++) {
                vectors[i] = (float) random.nextGaussian();
            }
            catalog.itemVectors(vectors, DIMENSION);
            for (int user = 0; user < USERS; user++) {
                catalog.interaction(user, 1 + random.nextInt(ITEMS));
            }
            catalog.writeTo(directory.resolve("catalog"), 1);
            return directory;
        } catch (IOException | RuntimeException e) {
            delete(directory);
            throw e;
        }
    }

    /** Deletes it with all that is in it. */
    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
