package rondo.kernel.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code rondo} command: collects the verbs and gives each its exit code. */
@Command(
        name = "rondo",
        description = "A serving kernel for agentic recommender systems.",
        mixinStandardHelpOptions = true,
        version = "rondo 0.1.0-SNAPSHOT",
        synopsisSubcommandLabel = "VERB")
public final class Main implements Runnable {
    private Main() {}

    /** Runs one verb and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    static int execute(String... arguments) {
        CommandLine line = new CommandLine(new Main());
        List<Verb> verbs = new ArrayList<>(List.of(
                new AgentVerb(),
                new CallVerb(),
                new ConfigVerb(),
                new DoctorVerb(),
                new OutcomeVerb(),
                new PolicyVerb(),
                new ServeVerb()));
        ServiceLoader.load(VerbProvider.class).forEach(provider -> verbs.addAll(provider.verbs()));
        verbs.sort(Comparator.comparing(
                verb -> verb.getClass().getAnnotation(Command.class).name()));
        verbs.forEach(line::addSubcommand);
        line.setParameterExceptionHandler((e, args) -> {
            if (Arrays.asList(args).contains("--json")) {
                System.out.println(new ObjectMapper()
                        .createObjectNode()
                        .put("schema", 1)
                        .put("ok", false)
                        .put("error", String.valueOf(e.getMessage())));
            }
            System.err.println("rondo: " + e.getMessage() + "; try: "
                    + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return 2;
        });
        return line.execute(arguments);
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
