package rondo.kernel.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;

/** {@code rondo doctor}: looks at the machine and says what each finding costs. */
@Command(name = "doctor", description = "Check this machine and say what each finding costs.")
final class DoctorVerb extends Verb {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Check the directory and ports of this configuration.")
    private @Nullable Path file;

    private ArrayNode findings =
            new ObjectNode(com.fasterxml.jackson.databind.node.JsonNodeFactory.instance).arrayNode();
    private boolean isSound = true;

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        Config config = file == null ? Config.defaults() : Config.load(file);
        findings = json.putArray("findings");
        jdk();
        cores();
        hugePages();
        memory();
        directory(Path.of(config.text(Setting.DIRECTORY)));
        port("tcp.port", config.text(Setting.TCP_HOST), (int) config.whole(Setting.TCP_PORT));
        port("admin.port", config.text(Setting.ADMIN_HOST), (int) config.whole(Setting.ADMIN_PORT));
        return isSound;
    }

    private void report(String check, String level, String message, String fix) {
        isSound &= !level.equals("error");
        findings.addObject()
                .put("check", check)
                .put("level", level)
                .put("message", message)
                .put("fix", fix);
        out().printf(
                        java.util.Locale.ROOT,
                        "%-10s %-7s %s%s%n",
                        check,
                        level,
                        message,
                        fix.isEmpty() ? "" : "; " + fix);
    }

    private void jdk() {
        boolean hasVectors =
                ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        String version = Runtime.version().toString();
        if (hasVectors) {
            report("jdk", "ok", "JDK " + version + " with the Vector API", "");
        } else {
            report(
                    "jdk",
                    "warning",
                    "JDK " + version + " without the Vector API: exact search takes 4 to 8 times as long",
                    "start with bin/rondo");
        }
    }

    private void cores() {
        int cpus = Runtime.getRuntime().availableProcessors();
        if (cpus == 1) {
            report(
                    "cores",
                    "warning",
                    "1 CPU: clients and server share it, every hop costs a scheduler slice",
                    "give the host a second CPU");
        } else {
            report(
                    "cores",
                    "ok",
                    cpus + " CPUs: "
                            + (cpus <= 3 ? "all stages fused on one thread" : "stages on threads of their own"),
                    "");
        }
    }

    private void hugePages() {
        String mode = read("/sys/kernel/mm/transparent_hugepage/enabled");
        if (mode.contains("[always]") || mode.contains("[madvise]")) {
            report("hugepages", "ok", "transparent huge pages are available to the index", "");
        } else {
            report(
                    "hugepages",
                    "warning",
                    "no transparent huge pages: each random row access costs 10 to 40 % more",
                    "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
        }
    }

    private void memory() {
        long availableMb = read("/proc/meminfo")
                        .lines()
                        .filter(line -> line.startsWith("MemAvailable"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
                        .findFirst()
                        .orElse(-1024)
                / 1024;
        if (availableMb < 0) {
            report("memory", "info", "how much memory is free cannot be read here", "");
        } else if (availableMb < 1024) {
            report(
                    "memory",
                    "warning",
                    availableMb + " MB free: a catalogue of 1 M items × 64 needs about 600 MB beside the heap",
                    "free some, or set -J-Xmx lower");
        } else {
            report("memory", "ok", availableMb + " MB free", "");
        }
    }

    private void directory(Path directory) throws IOException {
        Path existing = directory.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null || !Files.isWritable(existing)) {
            report(
                    "directory",
                    "error",
                    directory + " cannot be written: nothing learnt would survive a restart",
                    "set directory to a folder of yours");
            return;
        }
        long freeMb = Files.getFileStore(existing).getUsableSpace() >> 20;
        if (freeMb < 512) {
            report(
                    "disk",
                    "warning",
                    freeMb + " MB free: the journal grows by about 600 bytes a request",
                    "free some space");
        } else {
            report("disk", "ok", freeMb + " MB free", "");
        }
        Path lock = directory.resolve("LOCK");
        if (Files.exists(lock)) {
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
                FileLock held = channel.tryLock();
                if (held == null) {
                    report("directory", "warning", directory + " is in use by a running server", "");
                    return;
                }
                held.release();
            } catch (OverlappingFileLockException e) {
                report("directory", "warning", directory + " is in use by this process", "");
                return;
            }
        }
        report("directory", "ok", directory + " can be written and is free", "");
    }

    private void port(String name, String host, int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(host))) {
            report(name, "ok", host + ":" + socket.getLocalPort() + " is free", "");
        } catch (IOException e) {
            report(
                    name,
                    "warning",
                    host + ":" + port + " is taken: serve would stop with exit code 2",
                    "set " + name + " to another, or 0");
        }
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            return "";
        }
    }
}
