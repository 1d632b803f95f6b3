package rondo.tools.data;

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
import rondo.ann.flat.FlatVectorIndex;

/**
 * A file of vectors, mapped while it is open. All numbers little endian; rows and dimensions are counted from 0.
 *
 * <pre>
 * npy            magic 6 bytes  "\x93NUMPY"
 *                version uint8 major (1, 2 or 3), uint8 minor
 *                headerLength   uint16 in version 1, uint32 later
 *                header         text: {'descr': '&lt;f4', 'fortran_order': False, 'shape': (rows, dimension), }
 *                then rows × dimension of descr: '&lt;f2', '&lt;f4' or '&lt;f8'
 * fvecs, ivecs,  for each row: dimension int32, then dimension × float32, int32
 * bvecs          or uint8
 * fbin           rows int32, dimension int32, then rows × dimension × float32
 * </pre>
 *
 * What headers say is compared with the length of the file when it is opened, and nothing is allocated for it before its values are asked for.
 */
public final class VectorFile implements AutoCloseable {
    /** The types there are. */
    public static final String KNOWN = "npy, fvecs, ivecs, bvecs, fbin";

    /** The longest array of floats. */
    private static final int VALUES_MAX = Integer.MAX_VALUE - 8;

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
        INT32(4),
        UINT8(1);

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
                case UINT8 -> Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, offset));
            };
        }
    }

    /**
     * Where the values lie.
     *
     * @param offset    bytes before those of row 0.
     * @param rowLength bytes from one row's values to the next one's.
     */
    private record Layout(long offset, long count, int dimension, long rowLength, Component component) {}

    private final Path file;
    private final Arena arena;
    private final MemorySegment bytes;
    private final Layout layout;

    private VectorFile(Path file, Arena arena, MemorySegment bytes, Layout layout) {
        this.file = file;
        this.arena = arena;
        this.bytes = bytes;
        this.layout = layout;
    }

    /**
     * Opens a file for the calling thread, reading its headers.
     *
     * @throws IOException when it is cut short, of another type, has a vector of another dimension, or more values than an array holds.
     */
    public static VectorFile open(Path file) throws IOException {
        String type = InputFile.type(file);
        Arena arena = Arena.ofConfined();
        try (FileChannel channel = FileChannel.open(file)) {
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            Layout layout = switch (type) {
                case "npy" -> npy(file, bytes);
                case "fvecs" -> vecs(file, bytes, Component.FLOAT32);
                case "ivecs" -> vecs(file, bytes, Component.INT32);
                case "bvecs" -> vecs(file, bytes, Component.UINT8);
                case "fbin" -> fbin(file, bytes);
                default -> throw InputFile.unknownType(file, type, KNOWN);
            };
            if (layout.count() * layout.dimension() > VALUES_MAX) {
                throw new IOException(file + ": vectors have at most " + VALUES_MAX + " values together: rows="
                        + layout.count() + ", dimension=" + layout.dimension());
            }
            return new VectorFile(file, arena, bytes, layout);
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private static Layout npy(Path file, MemorySegment bytes) throws IOException {
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

    private static Layout fbin(Path file, MemorySegment bytes) throws IOException {
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
    private static Layout rows(
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
        return new Layout(offset, count, (int) dimension, rowLength, component);
    }

    private static Layout vecs(Path file, MemorySegment bytes, Component component) throws IOException {
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
        return new Layout(4, count, dimension, rowLength, component);
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

    /** The file. */
    public Path file() {
        return file;
    }

    /** How many vectors it holds. */
    public int count() {
        return (int) layout.count();
    }

    public int dimension() {
        return layout.dimension();
    }

    /**
     * Reads all vectors, row-major.
     *
     * @throws IOException naming row and dimension of a value that is not finite as float32.
     */
    public float[] values() throws IOException {
        return sample(count());
    }

    /** As {@link #values}, of at most so many vectors, which lie equally far apart in the file. */
    public float[] sample(int most) throws IOException {
        int dimension = layout.dimension();
        int count = Math.min(most, count());
        float[] values = new float[count * dimension];
        try (Progress progress = new Progress("vectors", count)) {
            for (int i = 0; i < count; i++) {
                int row = (int) ((long) i * count() / count);
                long at = layout.offset() + row * layout.rowLength();
                for (int d = 0; d < dimension; d++) {
                    double value = layout.component().get(bytes, at + (long) d * layout.component().length);
                    if (!Float.isFinite((float) value)) {
                        throw new IOException(file + ": a vector holds finite float32 values only: row=" + row
                                + ", dimension=" + d + ", value=" + value);
                    }
                    values[i * dimension + d] = (float) value;
                }
                progress.at(i);
            }
        }
        return values;
    }

    @Override
    public void close() {
        arena.close();
    }
}
