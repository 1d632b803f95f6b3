package rondo.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/** What a thread allocates and where, for a test that found that it allocates at all. */
final class AllocationSites {
    private static final int FRAMES = 12;

    private AllocationSites() {}

    /**
     * Runs some work over and over, with a collection before each round: it takes the thread's buffer away, and the first allocation after it
     * is recorded.
     *
     * @return a line for each class and stack, with how often it was seen.
     */
    static String of(String threadName, int rounds, Callable<?> work) throws Exception {
        Path file = Files.createTempFile("allocations", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.ObjectAllocationInNewTLAB").withStackTrace();
            recording.enable("jdk.ObjectAllocationOutsideTLAB").withStackTrace();
            recording.start();
            for (int i = 0; i < rounds; i++) {
                System.gc();
                work.call();
            }
            recording.stop();
            recording.dump(file);
            return sites(file, threadName);
        } finally {
            Files.delete(file);
        }
    }

    private static String sites(Path file, String threadName) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            RecordedThread thread = event.getThread();
            if (thread != null && threadName.equals(thread.getJavaName())) {
                String frames = event.getStackTrace() == null
                        ? ""
                        : event.getStackTrace().getFrames().stream()
                                .limit(FRAMES)
                                .map(frame -> frame.getMethod().getType().getName() + "."
                                        + frame.getMethod().getName() + ":" + frame.getLineNumber() + " "
                                        + frame.getType())
                                .collect(Collectors.joining(" < "));
                counts.merge(
                        event.getClass("objectClass").getName() + ", bytes=" + event.getLong("allocationSize") + ": "
                                + frames,
                        1,
                        Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .map(entry -> entry.getValue() + " x " + entry.getKey())
                .collect(Collectors.joining("\n"));
    }
}
