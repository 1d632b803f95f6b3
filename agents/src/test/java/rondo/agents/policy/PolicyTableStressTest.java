package rondo.agents.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link PolicyTableStress}, by jcstress in processes of its own. */
class PolicyTableStressTest {
    /** How often the twin may be tried; once is usually enough. */
    private static final int RUNS_MAX = 5;

    private static final Pattern CAUGHT =
            Pattern.compile("\\s1, 0\\s+[1-9][0-9,]*\\s.*Interesting\\s+a block that is half built");

    @TempDir
    Path folder;

    @Test
    void shouldShowWholeBlocksOnlyAndCatchTheTwinThatDoesNot() throws IOException, InterruptedException {
        String text = "";
        for (int run = 0; run < RUNS_MAX && !CAUGHT.matcher(text).find(); run++) {
            text = run();
        }
        assertTrue(CAUGHT.matcher(text).find(), "the twin was not caught: " + text);
    }

    private String run() throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.openjdk.jcstress.Main",
                        "-pth",
                        "false",
                        // One kind of JVM, which compiles everything well and moves it about; each further one costs
                        // some seconds.
                        "-jvmArgs",
                        "-XX:-TieredCompilation -XX:+UnlockDiagnosticVMOptions -XX:+StressLCM -XX:+StressGCM",
                        "-t",
                        "PolicyTableStress",
                        "-sc",
                        "false",
                        "-f",
                        "1",
                        "-fsm",
                        "1",
                        "-iters",
                        "2",
                        "-time",
                        "500",
                        "-v")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), "jcstress has not ended");
            String text = Files.readString(output);
            assertEquals(0, process.exitValue(), text);
            assertTrue(text.contains("Forbidden  a block that is half built"), "it was not run: " + text);
            return text;
        } finally {
            process.destroyForcibly();
        }
    }
}
