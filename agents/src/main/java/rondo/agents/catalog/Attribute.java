package rondo.agents.catalog;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.ann.RowFilter;

/** What items say under one name, off-heap; immutable. */
sealed interface Attribute {
    /** A number for each row, NaN where there is none: float64 × rows. */
    final class Numbers implements Attribute {
        private final UnsafeBuffer values;

        /** @param bytes float64 for each row, little endian; read. */
        Numbers(ByteBuffer bytes, int rowCount) {
            values = new UnsafeBuffer(BufferUtil.allocateDirectAligned(Math.max(1, rowCount) * Double.BYTES, 64));
            for (int row = 0; row < rowCount; row++) {
                values.putDouble(row * Double.BYTES, bytes.getDouble());
            }
        }

        double value(int row) {
            return values.getDouble(row * Double.BYTES);
        }
    }

    /**
     * A word for each row or none. Few distinct words are kept as a bitmap each; with many, which would take a row's bit in every one of them, each
     * row keeps its word's place in the dictionary: int32 × rows, −1 where there is none.
     */
    final class Words implements Attribute {
        /** Distinct words up to which there are bitmaps: at most 32 bytes a row. */
        static final int BITMAPS_MAX = 256;

        private final List<String> dictionary;
        private final int rowCount;
        private final @Nullable RowBitmaps bitmaps;
        private final @Nullable UnsafeBuffer codes;

        /**
         * @param dictionary sorted.
         * @param bytes      int32 for each row, little endian; read.
         */
        Words(List<String> dictionary, ByteBuffer bytes, int rowCount) {
            this.dictionary = dictionary;
            this.rowCount = rowCount;
            if (dictionary.size() <= BITMAPS_MAX) {
                codes = null;
                bitmaps = new RowBitmaps(dictionary.size(), rowCount);
                for (int row = 0; row < rowCount; row++) {
                    int code = bytes.getInt();
                    if (code >= 0) {
                        bitmaps.set(code, row);
                    }
                }
            } else {
                bitmaps = null;
                codes = new UnsafeBuffer(BufferUtil.allocateDirectAligned(Math.max(1, rowCount) * Integer.BYTES, 64));
                for (int row = 0; row < rowCount; row++) {
                    codes.putInt(row * Integer.BYTES, bytes.getInt());
                }
            }
        }

        /** Lets the rows that say {@code word} pass {@code rows} too. */
        void addTo(RowFilter rows, String word) {
            int code = Collections.binarySearch(dictionary, word);
            if (code < 0) {
                return;
            }
            if (bitmaps != null) {
                bitmaps.addTo(rows, code);
                return;
            }
            for (int row = 0; codes != null && row < rowCount; row++) {
                if (codes.getInt(row * Integer.BYTES) == code) {
                    rows.set(row);
                }
            }
        }
    }
}
