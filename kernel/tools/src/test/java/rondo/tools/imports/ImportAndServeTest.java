package rondo.tools.imports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as a user has it: a process that imports, one that serves, one that asks. */
class ImportAndServeTest {
    private static final Pattern PORT = Pattern.compile("on 127\\.0\\.0\\.1:(\\d+);");

    @TempDir
    Path files;

    private ProcessBuilder process(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "rondo.kernel.cli.Main"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    /** Reads what the server says until it names its port. */
    private static String portOf(Process server) throws IOException {
        StringBuilder said = new StringBuilder();
        BufferedReader reader = server.inputReader(StandardCharsets.UTF_8);
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            Matcher port = PORT.matcher(said.append(line).append('\n'));
            if (port.find()) {
                return port.group(1);
            }
        }
        throw new IOException("the server ended: said=" + said);
    }

    private JsonNode run(int exitCode, String... arguments) throws Exception {
        Path errorFile = files.resolve("stderr");
        Process process = process(arguments).redirectError(errorFile.toFile()).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(exitCode, process.waitFor(), said + Files.readString(errorFile));
        return new ObjectMapper().readTree(said);
    }

    @Test
    void shouldServeWhatWasImported() throws Exception {
        StringBuilder items = new StringBuilder();
        StringBuilder interactions = new StringBuilder("user,item\n");
        for (int i = 0; i < 50; i++) {
            String genre = i % 2 == 0 ? "Comedy" : "Drama";
            items.append("{\"id\":" + (100 + i) + ",\"title\":\"t" + i + "\",\"genres\":[\"" + genre + "\"],\"year\":"
                    + (1970 + i) + "}\n");
            interactions.append("7," + (100 + i / 2) + "\n");
        }
        String directory = files.resolve("data").toString();
        String itemFile = Files.writeString(files.resolve("items.jsonl"), items).toString();
        String interactionFile =
                Files.writeString(files.resolve("x.csv"), interactions).toString();

        JsonNode imported = run(
                0,
                "import",
                "--directory",
                directory,
                "--items",
                itemFile,
                "--interactions",
                interactionFile,
                "--json");
        assertEquals(1, imported.path("version").asLong());
        assertEquals("import", imported.path("command").asText());
        JsonNode refused = run(2, "import", "--directory", directory, "--items", interactionFile, "--json");
        assertTrue(refused.path("error").asText().contains("x.csv:2: "), refused.toString());

        Path config = Files.writeString(files.resolve("rondo.yaml"), """
                tcp:
                  port: 0
                admin:
                  port: 0
                request:
                  deadlineUs: 10000000
                """);
        Process server = process("serve", "--config", config.toString(), "--directory", directory)
                .redirectErrorStream(true)
                .start();
        try {
            JsonNode slate = run(
                    0,
                    "call",
                    "--port",
                    portOf(server),
                    "--user",
                    "7",
                    "-k",
                    "5",
                    "--filter",
                    "genre = \"Comedy\" and year >= 2000",
                    "--json");
            assertEquals("OK", slate.path("code").asText());
            assertEquals(5, slate.path("items").size());
            for (JsonNode item : slate.path("items")) {
                long id = item.path("itemId").asLong();
                assertTrue(id % 2 == 0 && id >= 130, slate.toString());
            }
        } finally {
            server.destroy();
            server.waitFor();
        }
    }
}
