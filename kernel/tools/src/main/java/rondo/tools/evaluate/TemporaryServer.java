package rondo.tools.evaluate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.RondoClient;
import rondo.kernel.ServingKernel;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;

/** A real server on a free port over a directory that is deleted with it. */
public final class TemporaryServer implements AutoCloseable {
    private final Path directory;
    private final ServingKernel kernel;

    private final boolean isKept;

    private TemporaryServer(Path directory, ServingKernel kernel, boolean isKept) {
        this.directory = directory;
        this.kernel = kernel;
        this.isKept = isKept;
    }

    /** Writes the catalogue, and starts a server on it with this configuration. */
    public static TemporaryServer start(CatalogBuilder catalog, Config config) throws IOException {
        return start(catalog, config, null);
    }

    /** As above; {@code kept} names an empty or missing data directory that stays, null stands for a temporary one. */
    public static TemporaryServer start(CatalogBuilder catalog, Config config, @Nullable Path kept) throws IOException {
        Path directory = kept == null ? Files.createTempDirectory("rondo-") : Files.createDirectories(kept);
        try {
            catalog.writeTo(directory.resolve("catalog"), 1);
            return new TemporaryServer(
                    directory,
                    ServingKernel.launch(
                            config.with(Setting.DIRECTORY, directory).with(Setting.TCP_PORT, 0)),
                    kept != null);
        } catch (IOException | RuntimeException e) {
            if (kept == null) {
                delete(directory);
            }
            throw e;
        }
    }

    public ServingKernel kernel() {
        return kernel;
    }

    public Path directory() {
        return directory;
    }

    /** A new connection. */
    public RondoClient connect() throws IOException {
        return RondoClient.connect(kernel.address(), 5_000);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        kernel.close();
        if (!isKept) {
            delete(directory);
        }
    }
}
