package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What two threads of the server touch and holds more than one value together, by jcstress in processes of its own: all classes whose names end in Stress.
 * They share one run, because half of its time is what jcstress finds out about the JVM.
 *
 * <p>Not here, because one value is all that there is: the counters of {@code DoorCounters}, {@code ServiceAverage} and the ledger; and maps and lists that
 * are never changed once they can be seen, as in {@code FilterCache}.
 */
class StressTest {
    /** How often the twins that were not caught may be tried; once is usually enough. */
    private static final int RUNS_MAX = 5;

    private static final String ALL = "rondo\\.kernel\\..*Stress";

    /** What must never happen in so many tests, and must happen to their twin. */
    private enum Defect {
        SLEEPING_STAGE("SignalledWaitStress.LookedForTooEarly", "it sleeps beside an event", 2),
        SLEEPING_THREAD("SleepFlagStress.VolatileAlone", "it sleeps beside work", 1),
        TWO_EPOCHS("CircuitBreakerStress.TwoFields", "opened by what came of an older epoch", 1),
        TWO_MOMENTS("CircuitBreakerStress.TwoMoments", "closed although a probe failed", 1),
        SOME_ROWS("TraceWindowStress.ClosingTooEarly", "closed with some rows, or neither awaited nor closed", 1),
        LEFT_ROWS("TraceWindowStress.OverwritingBeforeItSaysSo", "what the overwriting has left of the rows", 1);

        private final String twin;
        private final String what;
        private final int testCount;
        private final Pattern caught;

        Defect(String twin, String what, int testCount) {
            this.twin = twin;
            this.what = what;
            this.testCount = testCount;
            this.caught = Pattern.compile("\\s[1-9][0-9,]*\\s.*Interesting\\s+" + what);
        }

        boolean isCaught(String text) {
            return caught.matcher(text).find();
        }

        /** Whether each of its tests was run. */
        boolean isLookedFor(String text) {
            return Pattern.compile("Forbidden\\s+" + what)
                            .matcher(text)
                            .results()
                            .count()
                    >= testCount;
        }
    }

    @TempDir
    Path folder;

    @Test
    void shouldShowNoDefectAndCatchTheTwinsThatHaveOne() throws IOException, InterruptedException {
        List<Defect> left = List.of(Defect.values());
        String tests = ALL;
        for (int run = 0; run < RUNS_MAX && !left.isEmpty(); run++) {
            String text = run(tests, run == 0 ? 300 : 1_000);
            for (Defect defect : Defect.values()) {
                assertTrue(run > 0 || defect.isLookedFor(text), defect + " was not looked for: " + text);
            }
            left = left.stream().filter(defect -> !defect.isCaught(text)).toList();
            tests = left.stream().map(defect -> defect.twin).collect(Collectors.joining("|"));
        }
        assertEquals(List.of(), left, "twins that were not caught");
    }

    /** @return what jcstress has printed. */
    private String run(String tests, int iterationMs) throws IOException, InterruptedException {
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
                        "-XX:-TieredCompilation -XX:+UnlockDiagnosticVMOptions -XX:+StressLCM -XX:+StressGCM"
                                + " --add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "-t",
                        tests,
                        "-sc",
                        "false",
                        "-f",
                        "1",
                        "-fsm",
                        "1",
                        "-iters",
                        "2",
                        "-time",
                        Integer.toString(iterationMs),
                        "-v")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), "jcstress has not ended");
            String text = Files.readString(output);
            assertEquals(0, process.exitValue(), text);
            return text;
        } finally {
            process.destroyForcibly();
        }
    }
}
