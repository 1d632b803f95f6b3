package rondo.ann;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Against the JDK's own sort, on random, sorted, reversed and constant ranges. */
class LongSortTest {
    @Test
    void shouldSortAsTheJdkDoes() {
        SplittableRandom random = new SplittableRandom(7);
        for (int count = 0; count < 600; count += 1 + count / 7) {
            for (int shape = 0; shape < 4; shape++) {
                long[] keys = new long[count + 3];
                for (int i = 0; i < keys.length; i++) {
                    keys[i] = switch (shape) {
                        case 0 -> random.nextLong();
                        case 1 -> i;
                        case 2 -> -i;
                        default -> random.nextInt(3);
                    };
                }
                long[] expected = keys.clone();
                Arrays.sort(expected, 0, count);

                LongSort.sort(keys, count);

                assertArrayEquals(expected, keys, "count=" + count + ", shape=" + shape);
            }
        }
    }
}
