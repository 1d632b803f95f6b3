package rondo.jmh.latency;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import rondo.agents.catalog.CatalogBuilder;

/** A data directory with a catalogue of random items, categories and histories, the same each time; deleted when closed. */
final class GeneratedCatalog implements AutoCloseable {
    static final int USERS = 2_000;
    static final int DIMENSION = 64;
    private static final int HISTORY = 30;
    private static final int CATEGORIES = 24;

    private final Path directory;

    GeneratedCatalog(int itemCount) throws IOException {
        directory = Files.createTempDirectory("rondo-bench-");
        write(itemCount);
    }

    private void write(int itemCount) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        CatalogBuilder catalog = new CatalogBuilder();
        float[] vectors = new float[itemCount * DIMENSION];
        for (int i = 0; i < itemCount; i++) {
            List<String> categories = List.of("c" + random.nextInt(CATEGORIES), "c" + random.nextInt(CATEGORIES));
            catalog.addItem(1 + i, "item " + i, categories, Map.of());
        }
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = (float) random.nextGaussian();
        }
        catalog.itemVectors(vectors, DIMENSION);
        for (int user = 0; user < USERS; user++) {
            for (int i = 0; i < HISTORY; i++) {
                catalog.interaction(user, 1 + random.nextInt(itemCount));
            }
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
    }

    Path directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
