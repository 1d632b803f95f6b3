package rondo.kernel.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rondo.kernel.ServingKernel;
import rondo.kernel.admin.AdminDoor;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;

/** {@code rondo serve}: a server over a data directory, until it is told to stop. */
@Command(name = "serve", description = "Serve a data directory until stopped.")
final class ServeVerb extends Verb {
    private static final int WARM_UP_REQUESTS = 500;
    private static final long WARM_UP_MS = 500;

    @Option(names = "--config", paramLabel = "FILE", description = "The YAML file; without it the defaults.")
    private @Nullable Path file;

    @Option(names = "--directory", paramLabel = "DIR", description = "Data directory; overrides the file.")
    private @Nullable Path directory;

    @Option(names = "--port", description = "Port of the binary door; overrides the file.")
    private @Nullable Integer port;

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        Config config = file == null ? Config.defaults() : Config.load(file);
        if (directory != null) {
            config = config.with(Setting.DIRECTORY, directory);
        }
        if (port != null) {
            config = config.with(Setting.TCP_PORT, port);
        }
        for (Setting setting : Setting.values()) {
            if (!config.origin(setting).equals("default")) {
                System.err.println(setting.path() + "=" + config.value(setting) + " [" + config.origin(setting) + "]");
            }
        }
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().unstarted(() -> {
            stop.countDown();
            try {
                stopped.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try (ServingKernel kernel = ServingKernel.launch(config);
                AdminDoor admin = AdminDoor.open(
                        config.text(Setting.ADMIN_HOST), (int) config.whole(Setting.ADMIN_PORT), kernel)) {
            kernel.warmUp(WARM_UP_REQUESTS, WARM_UP_MS);
            System.err.println("rondo serves " + kernel.catalog().itemCount() + " items, catalogue version "
                    + kernel.catalog().version() + ", plan " + kernel.pipeline().plan() + ", on "
                    + config.text(Setting.TCP_HOST) + ":" + kernel.port() + "; health, metrics and JSON on http://"
                    + config.text(Setting.ADMIN_HOST) + ":" + admin.port());
            kernel.warnings().forEach(warning -> System.err.println("rondo: " + warning));
            stop.await();
        } finally {
            stopped.countDown();
        }
        return true;
    }
}
