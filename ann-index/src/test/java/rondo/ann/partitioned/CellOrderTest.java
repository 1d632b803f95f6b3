package rondo.ann.partitioned;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CellOrderTest {
    private final SplittableRandom random = new SplittableRandom(20261127);

    @Test
    void shouldPutEveryCellWhereItsBoundBelongsButForAStep() {
        for (int count : new int[] {1, 2, 17, 1_000}) {
            for (float scale : new float[] {0, 1e-38f, 1e-20f, 1, 1e30f, Float.POSITIVE_INFINITY}) {
                float[] bounds = new float[count];
                CellOrder order = new CellOrder(count);
                float lowest = Float.POSITIVE_INFINITY;
                float highest = Float.NEGATIVE_INFINITY;
                for (int cell = 0; cell < count; cell++) {
                    bounds[cell] = scale == Float.POSITIVE_INFINITY ? scale : scale * (float) random.nextDouble(-1, 1);
                    order.put(cell, cell, bounds[cell]);
                    lowest = Math.min(lowest, bounds[cell]);
                    highest = Math.max(highest, bounds[cell]);
                }
                float step = order.sort(count, lowest, highest);
                BitSet seen = new BitSet();
                float least = Float.POSITIVE_INFINITY;
                for (int at = 0; at < count; at++) {
                    int cell = order.cell(at);
                    assertFalse(seen.get(cell), "twice: " + cell);
                    seen.set(cell);
                    assertEquals(bounds[cell], order.bound(at));
                    assertTrue(order.bound(at) <= least + step, "scale=" + scale + ", at=" + at);
                    least = Math.min(least, order.bound(at));
                }
                assertTrue(scale != 1 || count == 1 || step < 0.01, "vacuous: " + step);
            }
        }
    }
}
