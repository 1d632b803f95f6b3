package rondo.agents.catalog;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.ann.RowFilter;

/** Some sets of rows, off-heap, each in the layout of {@link RowFilter#or(org.agrona.DirectBuffer)}. Filled by one thread, then only read. */
final class RowBitmaps {
    private final UnsafeBuffer[] bitmaps;

    /** {@code bitmapCount} empty sets. */
    RowBitmaps(int bitmapCount, int rowCount) {
        bitmaps = new UnsafeBuffer[bitmapCount];
        for (int i = 0; i < bitmapCount; i++) {
            bitmaps[i] = new UnsafeBuffer(BufferUtil.allocateDirectAligned(RowFilter.bitmapLength(rowCount), 64));
        }
    }

    void set(int bitmap, int row) {
        int at = (row >>> 6) * Long.BYTES;
        bitmaps[bitmap].putLong(at, bitmaps[bitmap].getLong(at) | 1L << row);
    }

    /** Lets the rows of a bitmap pass {@code rows} too. */
    void addTo(RowFilter rows, int bitmap) {
        rows.or(bitmaps[bitmap]);
    }
}
