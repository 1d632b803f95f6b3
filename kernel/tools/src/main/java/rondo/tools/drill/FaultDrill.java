package rondo.tools.drill;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;

/**
 * Question: what does somebody who asks notice of agents that fail? A server for each way to fail; one client asks over TCP at a steady rate, first while all is well, then
 * while an agent throws, hangs, loops and so on.
 */
final class FaultDrill {
    private static final int WARM_SECONDS = 5;

    /** The server's, and what counts as in time. */
    private static final long DEADLINE_US = 50_000;

    /** So that those who come while a stage hangs still get their slates in time. */
    private static final int HANG_MS = 15;

    private final List<String> faults;
    private final double seconds;
    private final Consumer<String> progress;
    private int violations;
    private int vacuous;
    private int crashes;
    private long asked;

    /**
     * @param faults   as the setting names them.
     * @param seconds  of each window.
     * @param progress told what goes on.
     */
    FaultDrill(List<String> faults, double seconds, Consumer<String> progress) {
        this.faults = List.copyOf(faults);
        this.seconds = seconds;
        this.progress = progress;
    }

    /** Each way to fail, always and now and then. */
    static FaultDrill whole(double seconds, Consumer<String> progress) {
        return new FaultDrill(
                List.of(
                        "rank:throw:1",
                        "rank:throw:0.1",
                        "retrieve:hang:1",
                        "select:hang:0.005",
                        "rank:loop:1",
                        "rank:recurse:1",
                        "select:allocate:0.2",
                        "retrieve:nan:1",
                        "rank:length:0.3"),
                seconds,
                progress);
    }

    /** Runs all of it; true when nothing went wrong that must not. */
    boolean run(ObjectNode json) throws IOException {
        ArrayNode rows = json.putArray("rows");
        Path directory = DrillCatalog.write();
        try {
            for (String fault : faults) {
                progress.accept(fault);
                rows.add(under(directory, fault, json.objectNode()));
            }
        } finally {
            DrillCatalog.delete(directory);
        }
        json.put("name", "agents")
                .put("rounds", rows.size())
                .put("operations", asked)
                .put("crashes", crashes)
                .put("violations", violations)
                .put("vacuous", vacuous);
        return violations == 0 && vacuous == 0;
    }

    private ObjectNode under(Path directory, String fault, ObjectNode row) throws IOException {
        Config config = Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.ADMIN_PORT, 0)
                .with(Setting.DEADLINE_US, DEADLINE_US)
                .with(Setting.HANG_MS, HANG_MS)
                .with(Setting.FAULT, fault);
        try (ServerProcess server = ServerProcess.start(config);
                HonestClient honest = new HonestClient(server.address(), DEADLINE_US)) {
            honest.run(WARM_SECONDS);
            HonestClient.Window before = honest.run(seconds);
            honest.fromId(HonestClient.FAULTY_FROM_ID);
            HonestClient.Window under = honest.run(seconds);
            if (!server.isAlive()) {
                crashes++;
            }
            require(server.isAlive(), fault, "the server is gone");
            require(before.failed() == 0, fault, before.failed() + " failed before anything was wrong");
            // A slate, or when to ask again: a machine that is busy can leave no time for some.
            require(under.answered() == under.asked(), fault, under.answered() + " of " + under.asked() + " answered");
            require(under.unlabelled() == 0, fault, under.unlabelled() + " slates do not say who made them");
            vacuous += under.failed() == 0 && !fault.contains(":allocate:") ? 1 : 0;
            asked += under.asked();
            return row.put("name", fault)
                    .put("asked", under.asked())
                    .put("served", under.served())
                    .put("inTime", (double) under.inTime() / under.asked())
                    .put("inTimeBefore", (double) before.inTime() / before.asked())
                    .put("withoutAgents", under.failed())
                    .put("unlabelled", under.unlabelled())
                    .put("p50Us", under.p50Us())
                    .put("p99Us", under.p99Us())
                    .put("p99UsBefore", before.p99Us())
                    .put("maxUs", under.maxUs());
        }
    }

    private void require(boolean holds, String fault, String what) {
        if (!holds) {
            violations++;
            progress.accept("VIOLATION: " + fault + ": " + what);
        }
    }
}
