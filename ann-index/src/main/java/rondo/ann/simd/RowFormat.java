package rondo.ann.simd;

import org.agrona.UnsafeApi;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;

/**
 * How an index keeps the values of its rows; each row is whole cache lines, filled up with zeros.
 *
 * <pre>
 * FLOAT32   line l: values 16l … 16l + 15
 * BFLOAT16  line l, word w of its sixteen: value 32l + w in the lower half, 32l + 16 + w in the upper
 * </pre>
 */
public enum RowFormat {
    /** As they were given. */
    FLOAT32(1, Float.BYTES),

    /**
     * The upper halves of floats, rounded to the nearest, to even ones in the middle: eight significant bits. One too large becomes the largest that
     * there is. In this order of halves a load of words is the values of two loads of a query.
     */
    BFLOAT16(2, Short.BYTES);

    private static final int LINE_LENGTH = 64;

    /** Words in a cache line. */
    static final int WORDS = 16;

    private static final int LARGEST = 0x7F7F;

    private final int code;
    private final int valueLength;

    RowFormat(int code, int valueLength) {
        this.code = code;
        this.valueLength = valueLength;
    }

    /** Its number in files. */
    public int code() {
        return code;
    }

    /** The format of a number in a file; null when there is none. */
    public static @Nullable RowFormat of(long code) {
        for (RowFormat format : values()) {
            if (format.code == code) {
                return format;
            }
        }
        return null;
    }

    /** Values that a row takes, zeros included, and a query. */
    public int padded(int dimension) {
        int line = LINE_LENGTH / valueLength;
        return (dimension + line - 1) / line * line;
    }

    /** Bytes of a row. */
    public long rowLength(int dimension) {
        return (long) padded(dimension) * valueLength;
    }

    /** Writes a value of the row at an address. */
    public void put(long row, int d, float value) {
        if (this == FLOAT32) {
            UnsafeApi.putFloat(row + (long) d * Float.BYTES, value);
        } else {
            UnsafeApi.putShort(row + halfOffset(d), (short) half(value));
        }
    }

    /** Reads a value of the row at an address. */
    @HotPath
    public float get(long row, int d) {
        return this == FLOAT32
                ? UnsafeApi.getFloat(row + (long) d * Float.BYTES)
                : Float.intBitsToFloat(UnsafeApi.getShort(row + halfOffset(d)) << Short.SIZE);
    }

    private static long halfOffset(int d) {
        int inLine = d % (2 * WORDS);
        return (long) (d - inLine) * Short.BYTES + (inLine % WORDS) * Integer.BYTES + inLine / WORDS * Short.BYTES;
    }

    private static int half(float value) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = (bits + 0x7FFF + (bits >>> Short.SIZE & 1)) >>> Short.SIZE;
        return (rounded & 0x7FFF) > LARGEST ? (rounded & 0x8000) | LARGEST : rounded;
    }
}
