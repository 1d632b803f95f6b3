package rondo.tools.evaluate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.RondoClient;
import rondo.kernel.ServingKernel;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;

/** A real server on a free port over a directory that is deleted with it. */
public final class TemporaryServer implements AutoCloseable {
    private final Path directory;
    private final ServingKernel kernel;

    private TemporaryServer(Path directory, ServingKernel kernel) {
        this.directory = directory;
        this.kernel = kernel;
    }

    /** Writes the catalogue, and starts a server on it with this configuration. */
    public static TemporaryServer start(CatalogBuilder catalog, Config config) throws IOException {
        Path directory = Files.createTempDirectory("rondo-");
        try {
            catalog.writeTo(directory.resolve("catalog"), 1);
            return new TemporaryServer(
                    directory,
                    ServingKernel.launch(
                            config.with(Setting.DIRECTORY, directory).with(Setting.TCP_PORT, 0)));
        } catch (IOException | RuntimeException e) {
            delete(directory);
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
        delete(directory);
    }
}
