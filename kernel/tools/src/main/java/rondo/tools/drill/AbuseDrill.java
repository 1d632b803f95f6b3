package rondo.tools.drill;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;

/**
 * Question: does somebody who asks properly notice those who do not? A server with 512 MB at most serves one such client over TCP, at a steady rate; beside it come crowds
 * that misbehave, one way after another, and at last the server is stopped in its tracks for a while. Each time the client's window before is compared with the one
 * beside. The caps on a client's connections are off, so that the crowds really get in.
 */
final class AbuseDrill {
    private static final long IN_TIME_US = 10_000;
    private static final long MEMORY_MB_MAX = 512;
    private static final int WARM_SECONDS = 5;
    private static final long COME_SECONDS_MAX = 60;

    /** How many of a crowd there are. */
    record Size(Crowd.Way way, int count) {}

    private final List<Size> crowds;
    private final double seconds;
    private final double stopSeconds;
    private final Consumer<String> progress;
    private int violations;
    private int vacuous;
    private long operations;

    /**
     * @param crowds      that come, one after the other.
     * @param seconds     of each window.
     * @param stopSeconds that the server is stopped for.
     * @param progress    told what goes on.
     */
    AbuseDrill(List<Size> crowds, double seconds, double stopSeconds, Consumer<String> progress) {
        this.crowds = List.copyOf(crowds);
        this.seconds = seconds;
        this.stopSeconds = stopSeconds;
        this.progress = progress;
    }

    /** In the numbers that the project promises. */
    static AbuseDrill whole(double seconds, Consumer<String> progress) {
        return new AbuseDrill(
                List.of(
                        new Size(Crowd.Way.IDLE, 10_000),
                        new Size(Crowd.Way.SLOW, 5_000),
                        new Size(Crowd.Way.BYTE_BY_BYTE, 20),
                        new Size(Crowd.Way.COME_AND_GO, 500),
                        new Size(Crowd.Way.NOISE, 100),
                        new Size(Crowd.Way.DEAF, 20)),
                seconds,
                10,
                progress);
    }

    /** Runs all of it; true when nothing went wrong that must not. */
    boolean run(ObjectNode json) throws IOException, InterruptedException {
        Path directory = DrillCatalog.write();
        ArrayNode rows = json.putArray("rows");
        long peakMb;
        boolean isAlive;
        try {
            Config config = Config.defaults()
                    .with(Setting.DIRECTORY, directory)
                    .with(Setting.TCP_PORT, 0)
                    .with(Setting.ADMIN_PORT, 0)
                    .with(Setting.TCP_CONNECTIONS_MAX, 20_000)
                    .with(Setting.CLIENT_CONNECTIONS_MAX, 20_000);
            try (ServerProcess server = ServerProcess.start(config);
                    HonestClient honest = new HonestClient(server.address(), IN_TIME_US)) {
                progress.accept("warming up");
                honest.run(WARM_SECONDS);
                for (Size size : crowds) {
                    rows.add(beside(server, honest, size));
                }
                rows.add(stopped(server, honest));
                isAlive = server.isAlive();
                peakMb = isAlive ? server.peakMb() : 0;
            }
        } finally {
            DrillCatalog.delete(directory);
        }
        require(isAlive, "the server is gone");
        require(peakMb <= MEMORY_MB_MAX, "the server had " + peakMb + " MB");
        json.put("name", "abuse")
                .put("rounds", rows.size())
                .put("operations", operations)
                .put("crashes", isAlive ? 0 : 1)
                .put("violations", violations)
                .put("vacuous", vacuous)
                .put("peakMb", peakMb)
                .put("peakMbMax", MEMORY_MB_MAX);
        return violations == 0 && vacuous == 0;
    }

    private ObjectNode beside(ServerProcess server, HonestClient honest, Size size) throws IOException {
        String name = size.way().name().toLowerCase(Locale.ROOT);
        HonestClient.Window before = honest.run(seconds);
        progress.accept(size.count() + " " + name);
        HonestClient.Window under;
        long acts;
        long dropped;
        int connected;
        try (Crowd crowd = new Crowd(server.address(), size.way(), size.count())) {
            long endNs = System.nanoTime() + COME_SECONDS_MAX * 1_000_000_000L;
            while (crowd.acts() < size.count() && crowd.failure() == null && System.nanoTime() < endNs) {
                LockSupport.parkNanos(1_000_000);
            }
            long actsBefore = crowd.acts();
            under = honest.run(seconds);
            acts = crowd.acts();
            connected = crowd.connected();
            dropped = crowd.dropped();
            Throwable failure = crowd.failure();
            if (failure != null) {
                throw new IOException("the crowd could not go on: way=" + name + ": " + failure, failure);
            }
            boolean isIdle = size.way() == Crowd.Way.IDLE;
            vacuous += isIdle ? (connected < size.count() * 9L / 10 ? 1 : 0) : acts == actsBefore ? 1 : 0;
        }
        operations += acts;
        ObjectNode row = row(name, before, under);
        return row.put("members", size.count())
                .put("connected", connected)
                .put("acts", acts)
                .put("dropped", dropped);
    }

    private ObjectNode stopped(ServerProcess server, HonestClient honest) throws IOException, InterruptedException {
        HonestClient.Window before = honest.run(seconds);
        progress.accept("the server stopped for " + stopSeconds + " s");
        server.signal("STOP");
        LockSupport.parkNanos((long) (stopSeconds * 1e9));
        server.signal("CONT");
        HonestClient.Window after = honest.run(seconds);
        operations++;
        return row("stopped", before, after);
    }

    private ObjectNode row(String name, HonestClient.Window before, HonestClient.Window under) {
        for (HonestClient.Window window : List.of(before, under)) {
            // A slate, or when to ask again: on few processors the crowd's own work can leave no time for some.
            require(
                    window.answered() == window.asked(),
                    name + ": " + window.answered() + " of " + window.asked() + " answered");
        }
        return JsonNodeFactory.instance
                .objectNode()
                .put("name", name)
                .put("asked", under.asked())
                .put("answered", under.answered())
                .put("served", under.served())
                .put("inTime", (double) under.inTime() / under.asked())
                .put("inTimeBefore", (double) before.inTime() / before.asked())
                .put("p50Us", under.p50Us())
                .put("p99Us", under.p99Us())
                .put("p99UsBefore", before.p99Us())
                .put("p99Ratio", under.p99Us() / before.p99Us());
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            violations++;
            progress.accept("VIOLATION: " + what);
        }
    }
}
