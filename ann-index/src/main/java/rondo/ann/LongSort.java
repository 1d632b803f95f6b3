package rondo.ann;

/**
 * Sorts the front of a long array in place, rising, or only finds its smallest keys, without allocating; the JDK's sort allocates when it finds runs.
 * Quicksort with the middle of three as pivot, insertion sort for short ranges, heap sort where the partitions get too many (Musser, Introspective
 * sorting and selection algorithms, 1997).
 */
public final class LongSort {
    private static final int SHORT = 24;

    private LongSort() {}

    /** Sorts {@code keys[0 … count−1]}. */
    @HotPath
    public static void sort(long[] keys, int count) {
        quick(keys, 0, count - 1, depth(count));
    }

    /**
     * Moves the {@code place} smallest of {@code keys[0 … count−1]} to the front and the greatest of these to {@code keys[place−1]}; all else is in no
     * order. Linear on average.
     *
     * @param place in [1, count].
     */
    @HotPath
    public static void select(long[] keys, int count, int place) {
        int target = place - 1;
        int low = 0;
        int high = count - 1;
        int partitionsLeft = depth(count);
        while (high - low >= SHORT) {
            if (partitionsLeft-- == 0) {
                heap(keys, low, high);
                return;
            }
            long ends = partition(keys, low, high);
            int i = (int) (ends >> 32);
            int j = (int) ends;
            if (target <= j) {
                high = j;
            } else if (target >= i) {
                low = i;
            } else {
                return;
            }
        }
        insertion(keys, low, high);
    }

    private static int depth(int count) {
        return 2 * (32 - Integer.numberOfLeadingZeros(count));
    }

    @HotPath
    private static void quick(long[] keys, int from, int to, int depthLeft) {
        int low = from;
        int high = to;
        while (high - low >= SHORT) {
            if (depthLeft-- == 0) {
                heap(keys, low, high);
                return;
            }
            long ends = partition(keys, low, high);
            int i = (int) (ends >> 32);
            int j = (int) ends;
            // The shorter side by recursion, the longer by the loop: the stack stays logarithmic.
            if (j - low < high - i) {
                quick(keys, low, j, depthLeft);
                low = i;
            } else {
                quick(keys, i, high, depthLeft);
                high = j;
            }
        }
        insertion(keys, low, high);
    }

    /** Smaller keys to the left, greater ones to the right; returns where the right side begins and, in the lower half, where the left one ends. */
    @HotPath
    private static long partition(long[] keys, int low, int high) {
        long pivot = median(keys[low], keys[(low + high) >>> 1], keys[high]);
        int i = low;
        int j = high;
        while (i <= j) {
            while (keys[i] < pivot) {
                i++;
            }
            while (keys[j] > pivot) {
                j--;
            }
            if (i <= j) {
                long swap = keys[i];
                keys[i++] = keys[j];
                keys[j--] = swap;
            }
        }
        return (long) i << 32 | (j & 0xFFFF_FFFFL);
    }

    private static long median(long a, long b, long c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }

    @HotPath
    private static void insertion(long[] keys, int low, int high) {
        for (int i = low + 1; i <= high; i++) {
            long key = keys[i];
            int at = i - 1;
            while (at >= low && keys[at] > key) {
                keys[at + 1] = keys[at];
                at--;
            }
            keys[at + 1] = key;
        }
    }

    @HotPath
    private static void heap(long[] keys, int low, int high) {
        int count = high - low + 1;
        for (int i = count / 2 - 1; i >= 0; i--) {
            sink(keys, low, i, count);
        }
        for (int last = count - 1; last > 0; last--) {
            long swap = keys[low];
            keys[low] = keys[low + last];
            keys[low + last] = swap;
            sink(keys, low, 0, last);
        }
    }

    @HotPath
    private static void sink(long[] keys, int low, int from, int count) {
        long key = keys[low + from];
        int at = from;
        while (2 * at + 1 < count) {
            int child = 2 * at + 1;
            if (child + 1 < count && keys[low + child + 1] > keys[low + child]) {
                child++;
            }
            if (keys[low + child] <= key) {
                break;
            }
            keys[low + at] = keys[low + child];
            at = child;
        }
        keys[low + at] = key;
    }
}
