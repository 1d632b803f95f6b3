package rondo.ann;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Against the JDK's own sort, on random, sorted, reversed and constant ranges. */
class LongSortTest {
    @Test
    void shouldSortAsTheJdkDoes() {
        SplittableRandom random = new SplittableRandom(7);
        for (int count = 0; count < 600; count += 1 + count / 7) {
            for (int shape = 0; shape < 6; shape++) {
                long[] keys = new long[count + 3];
                for (int i = 0; i < keys.length; i++) {
                    keys[i] = switch (shape) {
                        case 0 -> random.nextLong();
                        case 1 -> i;
                        case 2 -> -i;
                        case 3 -> random.nextInt(3);
                        // Alike but for the first, and the ends of what there is.
                        case 4 -> i == 0 ? Long.MAX_VALUE : random.nextInt(1 << 20);
                        default -> random.nextBoolean() ? Long.MIN_VALUE + random.nextInt(9) : Long.MAX_VALUE - i;
                    };
                }
                long[] expected = keys.clone();
                Arrays.sort(expected, 0, count);

                long[] again = keys.clone();
                LongSort.sort(keys, count);
                assertArrayEquals(expected, keys, "count=" + count + ", shape=" + shape);

                RadixSort radix = new RadixSort();
                radix.reserve(count);
                radix.sort(again, count);
                assertArrayEquals(expected, again, "radix, count=" + count + ", shape=" + shape);
            }
        }
    }

    @Test
    void shouldMoveTheSmallestKeysToTheFrontWhateverTheirOrder() {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 400; round++) {
            int count = 1 + random.nextInt(1500);
            int bound = round % 4 == 0 ? 3 : round % 4 == 1 ? 100 : Integer.MAX_VALUE;
            long[] keys = new long[count];
            for (int i = 0; i < count; i++) {
                keys[i] = round % 5 == 0 ? i : round % 5 == 1 ? -i : random.nextInt(bound);
            }
            int place = 1 + random.nextInt(count);
            long[] expected = keys.clone();
            Arrays.sort(expected);
            LongSort.select(keys, count, place);
            String what = "round=" + round + ", count=" + count + ", place=" + place;
            assertEquals(expected[place - 1], keys[place - 1], what);
            Arrays.sort(keys, 0, place);
            Arrays.sort(keys, place, count);
            assertArrayEquals(expected, keys, what);
        }
    }
}
