package rondo.kernel.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who hangs and who does not. */
class SuspicionTest {
    private static final long LIMIT_NS = 100;
    private static final long PATIENT_NS = 1_000;
    private static final long TICK_NS = 25;

    private final HangWatch.Suspicion suspicion = new HangWatch.Suspicion(LIMIT_NS, PATIENT_NS);
    private long cpuNs = 7_000;

    @BeforeEach
    void begin() {
        suspicion.begin(42, cpuNs);
    }

    /** Looks until it hangs; after how long, negative for never. */
    private long hangsAfter(long cpuPerTickNs, boolean isBlocked, boolean isWarm) {
        for (long seenNs = TICK_NS; seenNs < 1_000_000; seenNs += TICK_NS) {
            cpuNs += cpuPerTickNs;
            if (suspicion.look(TICK_NS, cpuNs, isBlocked, isWarm)) {
                return seenNs;
            }
        }
        return -1;
    }

    @Test
    void shouldSeeALoop() {
        assertEquals(LIMIT_NS, hangsAfter(TICK_NS, false, true));
    }

    @Test
    void shouldGiveALoopThatGetsAQuarterOfAProcessorFourTimesAsLong() {
        assertEquals(4 * LIMIT_NS, hangsAfter(TICK_NS / 4 + 1, false, true) / LIMIT_NS * LIMIT_NS + LIMIT_NS);
    }

    @Test
    void shouldSeeWhoWaits() {
        assertEquals(LIMIT_NS, hangsAfter(0, true, true));
    }

    @Test
    void shouldLeaveWhoGetsNoProcessorAlone() {
        assertEquals(
                20 * PATIENT_NS, hangsAfter(0, false, true), "but not for ever: it may be in a call of the system");
    }

    @Test
    void shouldBePatientWithCodeThatIsNotCompiled() {
        assertEquals(PATIENT_NS, hangsAfter(TICK_NS, false, false));
    }

    @Test
    void shouldBePatientWhereTheSystemDoesNotSayWhatAThreadUses() {
        suspicion.begin(43, -1);
        cpuNs = -1;
        assertEquals(PATIENT_NS, hangsAfter(0, false, true));
    }
}
