package rondo.kernel.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import rondo.kernel.config.ConfigException;

/**
 * What every verb shares: {@code --json}, the fields that every JSON object carries, and the exit codes 0 done, 1 it ran and failed, 2 bad usage or
 * bad input. With {@code --json} stdout holds one JSON object and nothing else; everything for people goes to stderr.
 */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public abstract class Verb implements Callable<Integer> {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Print one JSON object on stdout and nothing else there.")
    private boolean isJson;

    /**
     * Does the work.
     *
     * @param json receives the verb's own fields.
     * @return true when it is done, false when it ran and failed.
     * @throws UsageException for bad usage or input.
     */
    protected abstract boolean run(ObjectNode json) throws Exception;

    /** Where people read: stdout, or stderr when stdout is for JSON. */
    protected final PrintStream out() {
        return isJson ? System.err : System.out;
    }

    /** True when {@code --json} was given. */
    protected final boolean isJson() {
        return isJson;
    }

    /** True when somebody watches stderr. */
    public static boolean isTerminal() {
        java.io.Console console = System.console();
        return console != null && console.isTerminal();
    }

    @Override
    public final Integer call() {
        long startNs = System.nanoTime();
        ObjectNode json = MAPPER.createObjectNode();
        json.put("schema", 1);
        json.put("command", spec.name());
        json.put("ok", false);
        // Now: the JVM counts the processors of a thread that is pinned meanwhile.
        ObjectNode machine = machine();
        int exitCode;
        try {
            boolean isDone = run(json);
            json.put("ok", isDone);
            exitCode = isDone ? 0 : 1;
        } catch (UsageException | ConfigException e) {
            exitCode = refuse(json, String.valueOf(e.getMessage()), 2);
        } catch (IOException | IllegalArgumentException e) {
            exitCode = refuse(json, e.getMessage() == null ? e.toString() : e.getMessage(), 2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exitCode = refuse(json, "interrupted", 1);
        } catch (Exception e) {
            exitCode = refuse(json, e.toString(), 1);
        }
        json.set("machine", machine);
        json.put("seconds", (System.nanoTime() - startNs) / 1e9);
        if (isJson) {
            try {
                System.out.println(MAPPER.writeValueAsString(json));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("a tree of plain values always serialises", e);
            }
        }
        return exitCode;
    }

    private int refuse(ObjectNode json, String message, int exitCode) {
        json.put("error", message);
        System.err.println("rondo " + spec.name() + ": " + message);
        return exitCode;
    }

    private static ObjectNode machine() {
        ObjectNode machine = MAPPER.createObjectNode();
        machine.put("cpus", Runtime.getRuntime().availableProcessors());
        machine.put("cpuModel", cpuModel());
        machine.put("jdk", Runtime.version().toString());
        machine.put("native", System.getProperty("org.graalvm.nativeimage.imagecode") != null);
        // What decides how fast it is; the others name folders.
        ArrayNode flags = machine.putArray("flags");
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("-X"))
                .forEach(flags::add);
        machine.put("commit", commit());
        return machine;
    }

    private static String cpuModel() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .orElse("unknown");
        } catch (IOException | RuntimeException e) {
            return System.getProperty("os.arch", "unknown");
        }
    }

    /** The commit of the checkout that this was started from; "unknown" outside one. */
    protected static String commit() {
        Path git = Path.of(System.getenv().getOrDefault("RONDO_HOME", ".")).resolve(".git");
        try {
            String head = Files.readString(git.resolve("HEAD")).trim();
            return head.startsWith("ref: ")
                    ? Files.readString(git.resolve(head.substring(5))).trim()
                    : head;
        } catch (IOException e) {
            return "unknown";
        }
    }
}
