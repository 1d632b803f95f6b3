package rondo.kernel.thread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PinnedThreadsTest {
    @Test
    void shouldKeepEachThreadOfTheListOnItsProcessorAndLeaveTheOthersAlone() throws Exception {
        BitSet usable = Processors.usable();
        assumeFalse(usable.isEmpty(), "this system does not say where threads may run");
        int last = usable.length() - 1;
        PinnedThreads threads = PinnedThreads.of(" " + last + " ");
        BitSet[] seen = new BitSet[2];
        for (int place = 0; place < seen.length; place++) {
            int index = place;
            Thread thread = threads.make(place, "test-" + place, () -> seen[index] = Processors.usableByThisThread());
            assertTrue(thread.isDaemon());
            thread.start();
            thread.join();
        }
        assertEquals(List.of(), threads.problems());
        assertEquals(BitSet.valueOf(new long[] {1L << last}), seen[0]);
        assertEquals(usable, seen[1]);
        assertEquals(usable, Processors.usableByThisThread(), "the thread that makes them stays where it was");
    }

    /** Goal: what hangs takes nothing from the others, wherever it was pinned. */
    @Test
    void shouldLetAThreadHaveWhatNobodyElseWants() throws Exception {
        BitSet usable = Processors.usable();
        assumeFalse(usable.isEmpty(), "this system does not say where threads may run");
        PinnedThreads threads = PinnedThreads.of(Integer.toString(usable.length() - 1));
        CountDownLatch isDemoted = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        BitSet[] seen = new BitSet[1];
        String[] nice = new String[1];
        Thread thread = threads.make(0, "test", () -> {
            started.countDown();
            try {
                isDemoted.await();
                // The nineteenth field; the second, the name, has brackets around it.
                nice[0] = Files.readString(Path.of("/proc/thread-self/stat"))
                        .replaceAll("^.*\\) ", "")
                        .split(" ")[16];
            } catch (IOException | InterruptedException e) {
                nice[0] = e.toString();
            }
            seen[0] = Processors.usableByThisThread();
        });
        thread.start();
        started.await();
        threads.demote(thread);
        isDemoted.countDown();
        thread.join();
        assertEquals("19", nice[0]);
        assertEquals(usable, seen[0]);
        threads.demote(thread);
    }

    @Test
    void shouldSayWhatIsWrongWhenTheSystemRefuses() throws Exception {
        assumeFalse(Processors.usable().isEmpty(), "this system does not say where threads may run");
        String[] problem = new String[1];
        Thread thread = new Thread(() -> problem[0] = Processors.pin(1_000));
        thread.start();
        thread.join();
        assertFalse(problem[0].isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "0,", "0,0", "-1", "1023", "0;1", "99999999999"})
    void shouldRefuseAListThatCannotBe(String text) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> PinnedThreads.of(text));
        assertTrue(e.toString().contains("processor"), e.toString());
    }
}
