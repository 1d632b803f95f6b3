package rondo.ann.simd;

import java.lang.foreign.MemorySegment;
import org.agrona.UnsafeApi;
import rondo.ann.HotPath;

/** The reference of {@link TableKernel256}, and what runs where there is no Vector API. */
final class ScalarTableKernel implements TableKernel {
    @Override
    @HotPath
    public long sums(MemorySegment codes, long offset, byte[] tables, int pairs, short[] thresholds, short[] sums) {
        long base = codes.address() + offset;
        long mask = 0;
        for (int at = 0; at < ROWS; at++) {
            int sum = 0;
            for (int pair = 0; pair < pairs; pair++) {
                int code = UnsafeApi.getByte(base + (long) pair * ROWS + at);
                int table = pair << 5;
                sum += (tables[table + (code & 15)] & 255) + (tables[table + 16 + (code >> 4 & 15)] & 255);
            }
            int row = TableKernel.row(at);
            sums[row] = (short) sum;
            if (sum > thresholds[row / GROUP]) {
                mask |= 1L << row;
            }
        }
        return mask;
    }
}
