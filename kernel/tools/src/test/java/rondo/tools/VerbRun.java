package rondo.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import rondo.kernel.cli.Verb;

/**
 * What a verb left behind when it was run as from the command line.
 *
 * @param json what stood on stdout, which must be one JSON document.
 * @param said what stood on stderr.
 */
public record VerbRun(int exitCode, JsonNode json, String said) {
    /** The refusal, empty without one. */
    public String error() {
        return json.path("error").asText();
    }

    /** Runs {@code verb} with {@code --json}; standard streams are the caller's again afterwards. */
    public static VerbRun of(Verb verb, Object... options) throws IOException {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "--json";
        for (int i = 0; i < options.length; i++) {
            arguments[i + 1] = options[i].toString();
        }
        PrintStream stdout = System.out;
        PrintStream stderr = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        int exitCode;
        try {
            exitCode = new CommandLine(verb).execute(arguments);
        } finally {
            System.setOut(stdout);
            System.setErr(stderr);
        }
        return new VerbRun(
                exitCode,
                new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8)),
                err.toString(StandardCharsets.UTF_8));
    }
}
