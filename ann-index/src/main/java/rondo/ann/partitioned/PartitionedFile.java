package rondo.ann.partitioned;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import rondo.ann.Similarity;
import rondo.ann.flat.FlatVectorIndex;
import rondo.ann.simd.RowFormat;
import rondo.ann.simd.TableKernel;
import rondo.ann.store.IndexFile;
import rondo.ann.store.NativeMemory;

/**
 * An index in an {@link IndexFile}. Sections, little endian; cells, coordinates, groups and rows are counted from 0:
 *
 * <pre>
 *  1 META        int64 × 6    kind = 2, similarity, dimension, rows, k of the probe, row format
 *  2 ORIGIN      float32 per dimension
 *  3 MEANS       float32 per cell and dimension
 *  4 RADII       float32 per cell
 *  5 FIRST_ROWS  int32 per cell, then the count of rows
 *  6 ENCODING    float32 per coordinate and dimension
 *  7 QUERYING    float32 per coordinate and dimension
 *  8 STARTS      int32 per group of coordinates, then the count of coordinates
 *  9 LEVELS      16 × float32 per coordinate
 * 10 VARIANCES   float32 per coordinate
 * 11 IDS         int64 per row
 * 12 TERMS       float32 per row; none under cosine
 * 13 WORTHS      float32 per block of 64 rows; each cell begins one
 * 14 CODES       {@link TableKernel} blocks
 * 15 ROWS        as {@link RowFormat} says
 * 16 PLANS       float64 × 4 per plan: k, reach, candidates, recall
 * 17 QUERIES     float32 per query of the probe and dimension
 * 18 NEAREST     int32 per query and k: a row, or −1
 * </pre>
 */
final class PartitionedFile {
    private static final long KIND = 2;
    private static final long ROWS = 15;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE;

    private PartitionedFile() {}

    static void write(Path file, PartitionedVectorIndex index, IndexProbe probe) throws IOException {
        List<MemorySegment> parts = new ArrayList<>();
        parts.add(MemorySegment.ofArray(
                new long[] {KIND, index.similarity.code(), index.dimension, index.count, probe.k, index.rowFormat.code()
                }));
        parts.add(MemorySegment.ofArray(index.origin));
        parts.add(MemorySegment.ofArray(index.means.values()));
        parts.add(MemorySegment.ofArray(index.radii));
        parts.add(MemorySegment.ofArray(index.firstRows));
        parts.addAll(index.coder.parts());
        parts.add(MemorySegment.ofArray(index.ids));
        parts.add(MemorySegment.ofArray(index.terms));
        parts.add(MemorySegment.ofArray(index.worths));
        parts.add(index.codes.segment().asSlice(0, index.codes.length()));
        parts.add(index.rows.memory().segment().asSlice(0, index.rows.length()));
        parts.add(MemorySegment.ofArray(index.plans().plans().stream()
                .flatMapToDouble(
                        plan -> Arrays.stream(new double[] {plan.k(), plan.reach(), plan.candidates(), plan.recall()}))
                .toArray()));
        parts.add(MemorySegment.ofArray(probe.queries));
        parts.add(MemorySegment.ofArray(probe.nearest));
        List<IndexFile.Section> sections = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            sections.add(new IndexFile.Section(i + 1, parts.get(i)));
        }
        IndexFile.write(file, sections);
    }

    /** @param isInMemory false to leave the rows in the file. */
    static PartitionedVectorIndex read(Path file, boolean isInMemory) throws IOException {
        Map<Long, NativeMemory> sections = new TreeMap<>();
        IndexFile.LeftSection left = null;
        try {
            if (isInMemory) {
                IndexFile.read(file, sections);
            } else {
                left = IndexFile.readAllBut(ROWS, file, sections);
            }
            PartitionedVectorIndex index = new Parts(file, sections, left).index();
            left = null;
            return index;
        } finally {
            // What the index took over is no longer among them.
            sections.values().forEach(NativeMemory::close);
            if (left != null) {
                left.file().close();
            }
        }
    }

    /** Takes a file's sections apart. Every byte is what was written; what is checked is that a writer other than this one wrote sense. */
    private static final class Parts {
        private final Path file;
        private final Map<Long, NativeMemory> sections;

        /** Where the rows are; null when they are a section. */
        private final IndexFile.@Nullable LeftSection left;

        Parts(Path file, Map<Long, NativeMemory> sections, IndexFile.@Nullable LeftSection left) {
            this.file = file;
            this.sections = sections;
            this.left = left;
        }

        PartitionedVectorIndex index() throws IOException {
            long[] meta = bytes(1, LONG).toArray(LONG);
            require(meta.length > 0 && meta[0] >= 1, "it holds no partitioned index");
            if (meta[0] != KIND) {
                throw new IOException(
                        file + ": the index has another layout than this version reads, build it anew: layout="
                                + meta[0] + ", expected=" + KIND);
            }
            require(meta.length == 6, "section=1, values=" + meta.length);
            Similarity similarity = Similarity.of(meta[1]);
            if (similarity == null) {
                throw new IOException(file + ": unknown similarity: " + meta[1]);
            }
            RowFormat rowFormat = RowFormat.of(meta[5]);
            if (rowFormat == null) {
                throw new IOException(file + ": unknown format of rows: " + meta[5]);
            }
            require(meta[2] >= 1 && meta[2] <= FlatVectorIndex.DIMENSION_MAX, "dimension=" + meta[2]);
            require(meta[3] >= 1 && meta[3] <= Integer.MAX_VALUE, "rows=" + meta[3]);
            int dimension = (int) meta[2];
            int count = (int) meta[3];
            int[] firstRows = bytes(5, INT).toArray(INT);
            int cells = firstRows.length - 1;
            require(cells >= 1 && firstRows[0] == 0 && firstRows[cells] == count, "cells do not hold the rows");
            for (int cell = 0; cell < cells; cell++) {
                require(firstRows[cell] <= firstRows[cell + 1], "cells are not in order: cell=" + cell);
            }
            ResidualCoder coder = coder(dimension);
            try {
                int blocks = PartitionedVectorIndex.blockCount(firstRows);
                requireLength(14, (long) blocks * TableKernel.blockLength(coder.pairs()));
                long rowLength = rowFormat.rowLength(dimension);
                RowStore rows;
                if (left == null) {
                    requireLength(ROWS, count * rowLength);
                    rows = RowStore.of(memory(ROWS), rowLength);
                } else {
                    require(left.length() == count * rowLength, "bytes of rows: " + left.length());
                    rows = RowStore.of(left.file(), left.offset(), rowLength);
                }
                PartitionedVectorIndex index = new PartitionedVectorIndex(
                        similarity,
                        rowFormat,
                        finite(2, dimension),
                        finite(3, (long) cells * dimension),
                        floats(4, cells),
                        coder,
                        firstRows,
                        longs(11, count),
                        floats(12, similarity == Similarity.COSINE ? 0 : count),
                        floats(13, blocks),
                        memory(14),
                        rows);
                sections.remove(14L);
                sections.remove(ROWS);
                try {
                    index.plan(plans());
                    index.probe(probe(index, Math.clamp(meta[4], 0, count)));
                } catch (IOException | RuntimeException | Error e) {
                    index.close();
                    throw e;
                }
                return index;
            } catch (IOException | RuntimeException | Error e) {
                coder.close();
                throw e;
            }
        }

        private ResidualCoder coder(int dimension) throws IOException {
            int[] starts = bytes(8, INT).toArray(INT);
            int groups = starts.length - 1;
            require(groups >= 2 && groups % 2 == 0 && starts[0] == 0, "groups of coordinates: " + groups);
            for (int group = 0; group < groups; group++) {
                require(starts[group] <= starts[group + 1], "groups are not in order: group=" + group);
            }
            int coordinates = starts[groups];
            require(coordinates >= 1 && coordinates <= dimension, "coordinates=" + coordinates);
            return ResidualCoder.of(
                    dimension,
                    finite(6, (long) coordinates * dimension),
                    finite(7, (long) coordinates * dimension),
                    starts,
                    floats(9, (long) coordinates * ResidualCoder.LEVELS),
                    floats(10, coordinates));
        }

        private SearchPlans plans() throws IOException {
            double[] values = bytes(16, DOUBLE).toArray(DOUBLE);
            require(values.length >= 4 && values.length % 4 == 0, "plans: values=" + values.length);
            List<SearchPlans.Plan> plans = new ArrayList<>();
            for (int i = 0; i < values.length; i += 4) {
                require(values[i] >= 1 && values[i + 1] > 0 && values[i + 2] > 0, "a plan: k=" + values[i]);
                plans.add(new SearchPlans.Plan(
                        (int) values[i], (float) values[i + 1], (float) values[i + 2], values[i + 3]));
            }
            return new SearchPlans(plans);
        }

        private IndexProbe probe(PartitionedVectorIndex index, int k) throws IOException {
            float[] queries = finite(17, bytes(17, FLOAT).byteSize() / Float.BYTES);
            int[] nearest = bytes(18, INT).toArray(INT);
            require(
                    k >= 1
                            && queries.length % index.dimension == 0
                            && (long) queries.length / index.dimension * k == nearest.length,
                    "probe: queries=" + queries.length / index.dimension + ", k=" + k + ", nearest=" + nearest.length);
            for (int row : nearest) {
                require(row >= -1 && row < index.count, "probe: row=" + row);
            }
            return new IndexProbe(queries, k, nearest);
        }

        private float[] floats(long code, long count) throws IOException {
            requireLength(code, count * Float.BYTES);
            return bytes(code, FLOAT).toArray(FLOAT);
        }

        /** As {@link #floats}, of queries, and of what they are subtracted from and multiplied by. */
        private float[] finite(long code, long count) throws IOException {
            float[] values = floats(code, count);
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    require(false, "section=" + code + ", value " + i + "=" + values[i]);
                }
            }
            return values;
        }

        private long[] longs(long code, long count) throws IOException {
            requireLength(code, count * Long.BYTES);
            return bytes(code, LONG).toArray(LONG);
        }

        private MemorySegment bytes(long code) throws IOException {
            NativeMemory memory = memory(code);
            return memory.segment().asSlice(0, memory.length());
        }

        /** Whole values. */
        private MemorySegment bytes(long code, ValueLayout value) throws IOException {
            MemorySegment bytes = bytes(code);
            require(bytes.byteSize() % value.byteSize() == 0, "section=" + code + ", bytes=" + bytes.byteSize());
            return bytes;
        }

        private NativeMemory memory(long code) throws IOException {
            NativeMemory memory = sections.get(code);
            if (memory == null) {
                throw new IOException(file + ": a section is missing: section=" + code);
            }
            return memory;
        }

        private void requireLength(long code, long length) throws IOException {
            require(
                    bytes(code).byteSize() == length,
                    "section=" + code + ", bytes=" + bytes(code).byteSize() + ", expected=" + length);
        }

        private void require(boolean isRight, String what) throws IOException {
            if (!isRight) {
                throw new IOException(file + ": the file holds no index that makes sense: " + what);
            }
        }
    }
}
