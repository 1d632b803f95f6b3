package rondo.client.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link MessageRingStress}, by jcstress in processes of its own. */
class MessageRingStressTest {
    /** How often the twin may be tried; once is usually enough. */
    private static final int RUNS_MAX = 5;

    private static final Pattern ASLEEP = caught("it sleeps beside a message");

    private static final Pattern EARLY = caught("a message that is not there yet");

    private static Pattern caught(String what) {
        return Pattern.compile("\\s0, [01]\\s+[1-9][0-9,]*\\s.*Interesting\\s+" + what);
    }

    @TempDir
    Path folder;

    @Test
    void shouldLoseNothingAndCatchTheTwinsThatDo() throws IOException, InterruptedException {
        boolean isAsleepCaught = false;
        boolean isEarlyCaught = false;
        for (int run = 0; run < RUNS_MAX && !(isAsleepCaught && isEarlyCaught); run++) {
            String text = run();
            isAsleepCaught |= ASLEEP.matcher(text).find();
            isEarlyCaught |= EARLY.matcher(text).find();
        }
        assertTrue(isAsleepCaught, "the twin without a fence was not caught");
        assertTrue(isEarlyCaught, "the twin that writes its header first was not caught");
    }

    private String run() throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.openjdk.jcstress.Main",
                        "-jvmArgsPrepend",
                        "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "-t",
                        "MessageRingStress",
                        "-sc",
                        "false",
                        "-f",
                        "1",
                        "-fsm",
                        "1",
                        "-iters",
                        "2",
                        "-time",
                        "300",
                        "-v")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), "jcstress has not ended");
            String text = Files.readString(output);
            assertEquals(0, process.exitValue(), text);
            assertTrue(text.contains("Forbidden  it sleeps beside a message"), "it was not run: " + text);
            return text;
        } finally {
            process.destroyForcibly();
        }
    }
}
