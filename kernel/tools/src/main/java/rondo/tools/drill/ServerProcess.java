package rondo.tools.drill;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;

/** A server in a process of its own, with little memory. */
final class ServerProcess implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("on 127\\.0\\.0\\.1:(\\d+); ");
    private static final long STOP_S = 10;
    private static final List<String> MEMORY = List.of(
            "-Xms160m",
            "-Xmx160m",
            "-XX:+UseSerialGC",
            "-XX:MaxDirectMemorySize=96m",
            "-XX:CompileThresholdScaling=0.2");

    private final Process process;
    private final InetSocketAddress address;

    private ServerProcess(Process process, InetSocketAddress address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts one and waits until it serves.
     *
     * @param config of its directory, which gets the settings as a file.
     * @throws IOException with what it said, when it does not start.
     */
    static ServerProcess start(Config config) throws IOException {
        Path file = Path.of(config.text(Setting.DIRECTORY)).resolve("drill.yaml");
        Files.writeString(file, config.toYaml());
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--") || argument.startsWith("-D"))
                .forEach(command::add);
        command.addAll(MEMORY);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "rondo.kernel.cli.Main", "serve"));
        command.addAll(List.of("--config", file.toString()));
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
        StringBuilder said = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.append(line).append('\n');
            Matcher ready = READY.matcher(line);
            if (ready.find()) {
                Thread.ofPlatform().daemon(true).start(() -> lines.lines().forEach(ignored -> {}));
                return new ServerProcess(process, new InetSocketAddress("127.0.0.1", Integer.parseInt(ready.group(1))));
            }
        }
        throw new IOException("the server did not start: " + said);
    }

    InetSocketAddress address() {
        return address;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Most memory that it ever had, in megabytes. */
    long peakMb() throws IOException {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            String peak = lines.filter(line -> line.startsWith("VmHWM:"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("the server is gone: pid=" + process.pid()));
            return Long.parseLong(peak.replaceAll("\\D", "")) / 1024;
        }
    }

    /** Sends a signal, by its name. */
    void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("the signal could not be sent: signal=" + name + ", pid=" + process.pid());
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
