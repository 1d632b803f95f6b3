package rondo.ann.partitioned;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link EpochsStress}, by jcstress in processes of its own. */
class EpochsStressTest {
    /** How often the twin may be tried; once is usually enough. */
    private static final int RUNS_MAX = 5;

    private static final Pattern CAUGHT =
            Pattern.compile("\\s0\\s+[1-9][0-9,]*\\s.*Interesting\\s+read when it was freed");

    @TempDir
    Path folder;

    @Test
    void shouldFreeNothingThatIsReadAndCatchTheTwinThatDoes() throws IOException, InterruptedException {
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
                        "-t",
                        "EpochsStress",
                        "-sc",
                        "false",
                        "-f",
                        "1",
                        "-fsm",
                        "1",
                        "-iters",
                        "2",
                        "-time",
                        "700",
                        "-v")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), "jcstress has not ended");
            String text = Files.readString(output);
            assertEquals(0, process.exitValue(), text);
            assertTrue(text.contains("Forbidden  read when it was freed"), "it was not run: " + text);
            return text;
        } finally {
            process.destroyForcibly();
        }
    }
}
