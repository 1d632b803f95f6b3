package rondo.kernel.thread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.BitSet;
import java.util.List;
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
