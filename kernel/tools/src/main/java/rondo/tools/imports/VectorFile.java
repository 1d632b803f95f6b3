package rondo.tools.imports;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import rondo.agents.catalog.CatalogBuilder;
import rondo.ann.flat.FlatVectorIndex;
import rondo.tools.data.Progress;

/**
 * A file of vectors, read whole. All numbers little endian; rows and dimensions are counted from 0.
 *
 * <pre>
 * npy            magic 6 bytes  "\x93NUMPY"
 *                version uint8 major (1, 2 or 3), uint8 minor
 *                headerLength   uint16 in version 1, uint32 later
 *                header         text: {'descr': '&lt;f4', 'fortran_order': False, 'shape': (rows, dimension), }
 *                then rows × dimension of descr: '&lt;f2', '&lt;f4' or '&lt;f8'
 * fvecs, ivecs   for each row: dimension int32, then dimension × float32 or int32
 * fbin           rows int32, dimension int32, then rows × dimension × float32
 * </pre>
 *
 * What a header says is compared with the length of the file before anything is allocated for it.
 */
final class VectorFile {
    private static final String KNOWN = "npy, fvecs, ivecs, fbin";
    private static final String NPY_MAGIC = "\u0093NUMPY";
    private static final int NPY_HEADER_LENGTH_MAX = 1 << 16;
    private static final Pattern NPY_DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
    private static final Pattern NPY_ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern NPY_SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([^)]*)\\)");
    private static final Pattern NPY_TWO_DIMENSIONS = Pattern.compile("\\s*(\\d{1,18})\\s*,\\s*(\\d{1,18})\\s*,?\\s*");

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** One component of a vector, and how many bytes it has. */
    private enum Component {
        FLOAT16(2),
        FLOAT32(4),
        FLOAT64(8),
        INT32(4);

        final int length;

        Component(int length) {
            this.length = length;
        }

        double get(MemorySegment bytes, long offset) {
            return switch (this) {
                case FLOAT16 -> Float.float16ToFloat(bytes.get(SHORT, offset));
                case FLOAT32 -> bytes.get(FLOAT, offset);
                case FLOAT64 -> bytes.get(DOUBLE, offset);
                case INT32 -> bytes.get(INT, offset);
            };
        }
    }

    private final Path file;
    private final float[] values;
    private final int count;
    private final int dimension;

    private VectorFile(Path file, float[] values, int count, int dimension) {
        this.file = file;
        this.values = values;
        this.count = count;
        this.dimension = dimension;
    }

    /** @throws IOException when it is cut short, of another type, or holds a vector of another dimension or a value that is not finite. */
    static VectorFile read(Path file) throws IOException {
        String type = InputFile.type(file);
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return switch (type) {
                case "npy" -> npy(file, bytes);
                case "fvecs" -> vecs(file, bytes, Component.FLOAT32);
                case "ivecs" -> vecs(file, bytes, Component.INT32);
                case "fbin" -> fbin(file, bytes);
                default -> throw InputFile.unknownType(file, type, KNOWN);
            };
        }
    }

    private static VectorFile npy(Path file, MemorySegment bytes) throws IOException {
        long length = bytes.byteSize();
        requireLength(file, 12, length);
        String magic = new String(
                bytes.asSlice(0, NPY_MAGIC.length()).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        int major = bytes.get(ValueLayout.JAVA_BYTE, 6);
        if (!magic.equals(NPY_MAGIC) || major < 1 || major > 3) {
            throw new IOException(file + ": a npy file starts with its magic and version 1, 2 or 3: version=" + major);
        }
        int headerAt = major == 1 ? 10 : 12;
        long headerLength =
                major == 1 ? Short.toUnsignedInt(bytes.get(SHORT, 8)) : Integer.toUnsignedLong(bytes.get(INT, 8));
        if (headerLength > NPY_HEADER_LENGTH_MAX) {
            throw new IOException(file + ": a npy header has at most " + NPY_HEADER_LENGTH_MAX + " bytes: headerLength="
                    + headerLength);
        }
        requireLength(file, headerAt + headerLength, length);
        String header = new String(
                bytes.asSlice(headerAt, headerLength).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        String descr = find(file, NPY_DESCR, header);
        Component component = switch (descr) {
            case "<f2" -> Component.FLOAT16;
            case "<f4" -> Component.FLOAT32;
            case "<f8" -> Component.FLOAT64;
            default ->
                throw new IOException(file + ": a npy file of vectors has descr '<f2', '<f4' or '<f8': descr=" + descr);
        };
        if (find(file, NPY_ORDER, header).equals("True")) {
            throw new IOException(file + ": a npy file of vectors is in C order: fortran_order=True");
        }
        String shape = find(file, NPY_SHAPE, header);
        Matcher two = NPY_TWO_DIMENSIONS.matcher(shape);
        if (!two.matches()) {
            throw new IOException(file + ": a npy file of vectors has two dimensions: shape=(" + shape + ")");
        }
        return rows(
                file,
                bytes,
                headerAt + headerLength,
                Long.parseLong(two.group(1)),
                Long.parseLong(two.group(2)),
                component);
    }

    private static String find(Path file, Pattern pattern, String header) throws IOException {
        Matcher matcher = pattern.matcher(header);
        if (!matcher.find()) {
            throw new IOException(file + ": a npy header has descr, fortran_order and shape: header=" + header.strip());
        }
        return matcher.group(1);
    }

    private static VectorFile fbin(Path file, MemorySegment bytes) throws IOException {
        requireLength(file, 8, bytes.byteSize());
        return rows(
                file,
                bytes,
                8,
                Integer.toUnsignedLong(bytes.get(INT, 0)),
                Integer.toUnsignedLong(bytes.get(INT, 4)),
                Component.FLOAT32);
    }

    /** Rows that lie one behind the other to the end of the file. */
    private static VectorFile rows(
            Path file, MemorySegment bytes, long offset, long count, long dimension, Component component)
            throws IOException {
        requireDimension(file, dimension);
        long rowLength = dimension * component.length;
        if (count > (bytes.byteSize() - offset) / rowLength) {
            throw new IOException(file + ": the file is cut short: rows=" + count + ", dimension=" + dimension
                    + ", whole rows found=" + (bytes.byteSize() - offset) / rowLength);
        }
        if (bytes.byteSize() != offset + count * rowLength) {
            throw new IOException(file + ": the file ends with its last row: bytes=" + bytes.byteSize() + ", expected="
                    + (offset + count * rowLength));
        }
        return read(file, bytes, offset, count, (int) dimension, rowLength, component);
    }

    private static VectorFile vecs(Path file, MemorySegment bytes, Component component) throws IOException {
        long length = bytes.byteSize();
        requireLength(file, 4, length);
        int dimension = bytes.get(INT, 0);
        requireDimension(file, dimension);
        long rowLength = 4 + (long) dimension * component.length;
        long count = 0;
        for (long at = 0; at < length; at += rowLength, count++) {
            if (length - at < rowLength) {
                throw new IOException(file + ": the file is cut short: row=" + count + ", bytes=" + (length - at)
                        + ", expected=" + rowLength);
            }
            if (bytes.get(INT, at) != dimension) {
                throw new IOException(file + ": every vector has the dimension of the first: row=" + count
                        + ", dimension=" + bytes.get(INT, at) + ", expected=" + dimension);
            }
        }
        return read(file, bytes, 4, count, dimension, rowLength, component);
    }

    /** Reads rows that start {@code rowLength} bytes apart and are known to lie in the file. */
    private static VectorFile read(
            Path file, MemorySegment bytes, long offset, long count, int dimension, long rowLength, Component component)
            throws IOException {
        if (count * dimension * Float.BYTES > CatalogBuilder.SECTION_LENGTH_MAX) {
            throw new IOException(file + ": vectors take at most " + CatalogBuilder.SECTION_LENGTH_MAX
                    + " bytes as float32: rows=" + count + ", dimension=" + dimension);
        }
        float[] values = new float[(int) count * dimension];
        try (Progress progress = new Progress("vectors", count)) {
            for (int row = 0; row < count; row++) {
                for (int d = 0; d < dimension; d++) {
                    double value = component.get(bytes, offset + row * rowLength + (long) d * component.length);
                    if (!Float.isFinite((float) value)) {
                        throw new IOException(file + ": a vector holds finite float32 values only: row=" + row
                                + ", dimension=" + d + ", value=" + value);
                    }
                    values[row * dimension + d] = (float) value;
                }
                progress.at(row);
            }
        }
        return new VectorFile(file, values, (int) count, dimension);
    }

    private static void requireDimension(Path file, long dimension) throws IOException {
        if (dimension < 1 || dimension > FlatVectorIndex.DIMENSION_MAX) {
            throw new IOException(
                    file + ": dimension outside [1, " + FlatVectorIndex.DIMENSION_MAX + "]: dimension=" + dimension);
        }
    }

    private static void requireLength(Path file, long expected, long found) throws IOException {
        if (found < expected) {
            throw new IOException(file + ": the file is cut short: bytes=" + found + ", expected=" + expected);
        }
    }

    /** Refuses another number of vectors than there is something to describe, or another dimension than the catalogue's. */
    VectorFile require(int expectedCount, String what, int expectedDimension) throws IOException {
        if (count != expectedCount) {
            throw new IOException(file + ": there is one vector for each of the " + what + ": vectors=" + count + ", "
                    + what + "=" + expectedCount);
        }
        if (expectedDimension != 0 && dimension != expectedDimension) {
            throw new IOException(file + ": item and user vectors have one dimension: dimension=" + dimension
                    + ", items=" + expectedDimension);
        }
        return this;
    }

    /** Row-major; not copied. */
    float[] values() {
        return values;
    }

    int dimension() {
        return dimension;
    }
}
