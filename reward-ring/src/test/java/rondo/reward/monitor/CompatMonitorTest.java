package rondo.reward.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The article's formulas, computed by hand. */
class CompatMonitorTest {
    @Test
    void shouldNormaliseEntropyAsTheArticleDoes() {
        assertEquals(1, CompatMonitor.normalisedEntropy(new double[] {0.25, 0.25, 0.25, 0.25}), 1e-12);
        assertEquals(0.8112781244591328, CompatMonitor.normalisedEntropy(new double[] {0.25, 0.75}), 1e-12);
        assertEquals(0, CompatMonitor.normalisedEntropy(new double[] {1, 0, 0}), 1e-12);
        assertTrue(Double.isNaN(CompatMonitor.normalisedEntropy(new double[] {1})), "one action divides by ln 1");
        assertTrue(new CompatMonitor().isExplorationHalted(new double[] {0.97, 0.03}));
        assertFalse(new CompatMonitor().isExplorationHalted(new double[] {0.9, 0.1}));
        assertFalse(new CompatMonitor().isExplorationHalted(new double[] {1}));
    }

    @Test
    void shouldAverageTheLastTenDifferences() {
        CompatMonitor monitor = new CompatMonitor();
        for (int i = 0; i < 9; i++) {
            monitor.record(1, 0);
        }
        assertFalse(monitor.isDecoupled(), "nine pairs are too few");
        monitor.record(0, 0);
        assertEquals(0.9, monitor.divergence(), 1e-12);
        for (int i = 0; i < 10; i++) {
            monitor.record(0.5, 0.75);
        }
        assertEquals(0.25, monitor.divergence(), 1e-12);
        assertFalse(monitor.isDecoupled(), "0.25 itself is no alarm");
    }

    @Test
    void shouldKeepAHistoryOfFixedLength() {
        CompatMonitor monitor = new CompatMonitor();
        for (int i = 0; i < 2_000_003; i++) {
            monitor.record(i % 2 == 0 ? 0.9 : 0.1, 0.5);
        }
        assertEquals(0.4, monitor.divergence(), 1e-12);
    }

    @Test
    void shouldAlarmOnCorrelationsOfFiveAndMore() {
        double[] a = {1, 2, 3, 4, 5};
        assertEquals(1, CompatMonitor.correlation(a, new double[] {2, 4, 6, 8, 10}), 1e-12);
        assertEquals(0.8, CompatMonitor.correlation(a, new double[] {2, 1, 4, 3, 5}), 1e-12);
        assertTrue(CompatMonitor.isColluding(a, new double[] {-2, -1, -4, -3, -5}));
        assertFalse(CompatMonitor.isColluding(new double[] {1, 2, 3, 4}, new double[] {1, 2, 3, 4}));
        assertFalse(CompatMonitor.isColluding(a, new double[] {1, 2, 3, 4}));
        assertFalse(CompatMonitor.isColluding(a, new double[] {1, 1, 1, 1, 1}), "a frozen agent never shows");
    }

    @Test
    void shouldBeWrongAboutOnePairOfIndependentSeriesInSeven() {
        SplittableRandom random = new SplittableRandom(11);
        int alarms = 0;
        for (int run = 0; run < 20_000; run++) {
            double[] a = new double[5];
            double[] b = new double[5];
            for (int i = 0; i < 5; i++) {
                a[i] = random.nextGaussian();
                b[i] = random.nextGaussian();
            }
            alarms += CompatMonitor.isColluding(a, b) ? 1 : 0;
        }
        assertEquals(0.144, alarms / 20_000.0, 0.01);
    }

    @Test
    void shouldCallSlatesBelowThirtyPercentCollapsed() {
        assertTrue(CompatMonitor.isCollapsed(0.299));
        assertFalse(CompatMonitor.isCollapsed(0.30));
    }
}
