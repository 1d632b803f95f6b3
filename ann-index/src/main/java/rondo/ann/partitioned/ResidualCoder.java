package rondo.ann.partitioned;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.agrona.UnsafeApi;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import rondo.ann.HotPath;
import rondo.ann.Similarity;
import rondo.ann.simd.EntryKernel;
import rondo.ann.simd.TableKernel;

/**
 * Short codes for what a row differs from the mean of its cell: 4 bits for each of {@link #codeCount} groups of coordinates (product quantisation: Jégou,
 * Douze and Schmid, TPAMI 2011). Coordinates are principal ones (Ge et al., Optimized product quantization, TPAMI 2014) after each direction was weighted by
 * how strongly queries look along it, so that what is lost is what queries do not see. Bits go where the variance is (reverse water-filling: Cover and
 * Thomas, Elements of information theory, §10.3.3).
 *
 * <p>Immutable; a {@link Encoder} or a {@link Tables} belongs to one thread.
 */
final class ResidualCoder implements AutoCloseable {
    /** Share of the residuals' variance that the codes should leave, were they ideal; decides how many there are. */
    private static final double DISTORTION = 0.03;

    /** A coordinate that would be given less is left out: it costs each query as much as another, and says next to nothing. */
    private static final double BITS_MIN = 1;

    /** So many entries fit into {@link TableKernel#SUM_MAX}, and more. */
    private static final int CODES_MAX = 128;

    static final int LEVELS = EntryKernel.LEVELS;
    private static final int ROUNDS = 10;
    private static final int SAMPLE_MAX = 50_000;
    private static final long SAMPLE_VALUES = 8_000_000;

    /** Directions that queries hardly look along count at least this share of the mean. */
    private static final double WEIGHT_MIN = 1e-3;

    private final Products encoding;
    private final Products querying;

    /** First coordinate of each group, and where the last one ends. */
    private final int[] starts;

    /** Level by level for each coordinate: {@code coordinate × 16}. */
    private final float[] levels;

    private final float[] variances;

    /** The middle of each coordinate's levels, and how far they reach from it. */
    private final float[] middles;

    private final float[] halves;

    private ResidualCoder(Products encoding, Products querying, int[] starts, float[] levels, float[] variances) {
        this.encoding = encoding;
        this.querying = querying;
        this.starts = starts;
        this.levels = levels;
        this.variances = variances;
        this.middles = new float[variances.length];
        this.halves = new float[variances.length];
        for (int c = 0; c < variances.length; c++) {
            float least = Float.POSITIVE_INFINITY;
            float most = Float.NEGATIVE_INFINITY;
            for (int i = c * LEVELS; i < (c + 1) * LEVELS; i++) {
                least = Math.min(least, levels[i]);
                most = Math.max(most, levels[i]);
            }
            middles[c] = (least + most) / 2;
            halves[c] = (most - least) / 2;
        }
    }

    /** A coder of the parts that another has, matrices row-major. */
    static ResidualCoder of(
            int dimension, float[] encoding, float[] querying, int[] starts, float[] levels, float[] variances) {
        Products encode = new Products(encoding, dimension);
        Products query = null;
        try {
            query = new Products(querying, dimension);
            return new ResidualCoder(encode, query, starts, levels, variances);
        } catch (RuntimeException | Error e) {
            encode.close();
            if (query != null) {
                query.close();
            }
            throw e;
        }
    }

    /** Both matrices, starts, levels and variances. */
    List<MemorySegment> parts() {
        return List.of(
                MemorySegment.ofArray(encoding.values()),
                MemorySegment.ofArray(querying.values()),
                MemorySegment.ofArray(starts),
                MemorySegment.ofArray(levels),
                MemorySegment.ofArray(variances));
    }

    /** Codes of a row; even. */
    int codeCount() {
        return starts.length - 1;
    }

    int pairs() {
        return codeCount() / 2;
    }

    int coordinateCount() {
        return variances.length;
    }

    /** Variance of residuals by coordinate, over all cells. */
    float variance(int coordinate) {
        return variances[coordinate];
    }

    Products querying() {
        return querying;
    }

    long length() {
        return encoding.length() + querying.length() + 4L * levels.length;
    }

    @Override
    public void close() {
        encoding.close();
        querying.close();
    }

    /** A row's residual. */
    private static void residual(BuildRows rows, Cells cells, int row, float[] out) {
        rows.direction(row, out);
        int at = cells.cellOf[row] * out.length;
        for (int d = 0; d < out.length; d++) {
            out[d] -= cells.means[at + d];
        }
    }

    static ResidualCoder train(
            BuildRows rows, Cells cells, Similarity similarity, BuildRandom random, Workers workers) {
        int dimension = rows.dimension();
        int sampleCount =
                (int) Math.min(rows.count(), Math.max(1_000, Math.min(SAMPLE_MAX, SAMPLE_VALUES / dimension)));
        int[] sample = new int[sampleCount];
        for (int i = 0; i < sampleCount; i++) {
            sample[i] = sampleCount == rows.count() ? i : random.nextInt(rows.count());
        }
        DMatrixRMaj residuals = new DMatrixRMaj(sampleCount, dimension);
        DMatrixRMaj directions = new DMatrixRMaj(sampleCount, dimension);
        float[] vector = new float[dimension];
        for (int i = 0; i < sampleCount; i++) {
            rows.direction(sample[i], vector);
            for (int d = 0; d < dimension; d++) {
                directions.data[i * dimension + d] = vector[d];
            }
            residual(rows, cells, sample[i], vector);
            for (int d = 0; d < dimension; d++) {
                residuals.data[i * dimension + d] = vector[d];
            }
        }
        DMatrixRMaj spread = covariance(residuals);
        DMatrixRMaj weight = CommonOps_DDRM.identity(dimension);
        DMatrixRMaj inverse = CommonOps_DDRM.identity(dimension);
        if (similarity != Similarity.L2) {
            roots(covariance(directions), weight, inverse);
        }
        DMatrixRMaj half = new DMatrixRMaj(dimension, dimension);
        DMatrixRMaj weighted = new DMatrixRMaj(dimension, dimension);
        CommonOps_DDRM.mult(weight, spread, half);
        CommonOps_DDRM.mult(half, weight, weighted);
        double[] values = new double[dimension];
        DMatrixRMaj axes = principal(weighted, values);
        int codeCount = codeCount(values);
        double[] bits = bits(values, 4.0 * codeCount);
        int used = 0;
        while (used < dimension && bits[used] > BITS_MIN) {
            used++;
        }
        used = Math.max(1, used);
        int[] order = new int[used];
        int[] starts = group(bits, used, codeCount, order);
        DMatrixRMaj encode = new DMatrixRMaj(dimension, dimension);
        DMatrixRMaj query = new DMatrixRMaj(dimension, dimension);
        CommonOps_DDRM.mult(axes, weight, encode);
        CommonOps_DDRM.mult(axes, inverse, query);
        float[] variances = new float[used];
        for (int i = 0; i < used; i++) {
            variances[i] = (float) values[order[i]];
        }
        float[] encoding = picked(encode, order);
        float[] levels;
        try (Products products = new Products(encoding, dimension)) {
            levels = levels(rows, cells, sample, products, starts, random.nextLong(), workers);
        }
        return of(dimension, encoding, picked(query, order), starts, levels, variances);
    }

    private static float[] levels(
            BuildRows rows, Cells cells, int[] sample, Products encoding, int[] starts, long seed, Workers workers) {
        int used = encoding.count();
        float[] coordinates = new float[sample.length * used];
        workers.run(sample.length, 1024, () -> {
            Products.Multiplier multiplier = encoding.new Multiplier();
            float[] one = new float[rows.dimension()];
            float[] out = new float[encoding.paddedCount()];
            return (from, to) -> {
                for (int i = from; i < to; i++) {
                    residual(rows, cells, sample[i], one);
                    multiplier.multiply(one, out);
                    System.arraycopy(out, 0, coordinates, i * used, used);
                }
            };
        });
        float[] levels = new float[used * LEVELS];
        workers.run(starts.length - 1, 1, () -> (from, to) -> {
            for (int group = from; group < to; group++) {
                trainLevels(coordinates, used, starts[group], starts[group + 1], new BuildRandom(seed + group), levels);
            }
        });
        return levels;
    }

    private static DMatrixRMaj covariance(DMatrixRMaj vectors) {
        DMatrixRMaj out = new DMatrixRMaj(vectors.numCols, vectors.numCols);
        CommonOps_DDRM.multInner(vectors, out);
        CommonOps_DDRM.scale(1.0 / vectors.numRows, out);
        return out;
    }

    /** The square root of a positive semi-definite matrix, and that root's inverse. */
    private static void roots(DMatrixRMaj matrix, DMatrixRMaj root, DMatrixRMaj inverse) {
        int n = matrix.numRows;
        double[] values = new double[n];
        DMatrixRMaj axes = principal(matrix, values);
        double least = WEIGHT_MIN * Arrays.stream(values).sum() / n;
        DMatrixRMaj stretched = axes.copy();
        DMatrixRMaj shrunk = axes.copy();
        for (int i = 0; i < n; i++) {
            double length = least > 0 ? Math.sqrt(Math.max(values[i], least)) : 1;
            for (int d = 0; d < n; d++) {
                stretched.data[i * n + d] *= length;
                shrunk.data[i * n + d] /= length;
            }
        }
        CommonOps_DDRM.multTransA(axes, stretched, root);
        CommonOps_DDRM.multTransA(axes, shrunk, inverse);
    }

    /** The eigenvectors of a symmetric matrix as rows, by falling eigenvalue. */
    private static DMatrixRMaj principal(DMatrixRMaj matrix, double[] values) {
        int n = matrix.numRows;
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
        if (!eigen.decompose(matrix.copy())) {
            throw new IllegalStateException("the rows' covariance has no eigenvectors: dimension=" + n);
        }
        Integer[] order = new Integer[n];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(eigen.getEigenvalue(b).real, eigen.getEigenvalue(a).real));
        DMatrixRMaj axes = new DMatrixRMaj(n, n);
        for (int i = 0; i < n; i++) {
            values[i] = Math.max(0, eigen.getEigenvalue(order[i]).real);
            System.arraycopy(eigen.getEigenVector(order[i]).data, 0, axes.data, i * n, n);
        }
        return axes;
    }

    /** The fewest codes, in pairs, that ideally leave at most {@link #DISTORTION}. */
    private static int codeCount(double[] values) {
        double all = Arrays.stream(values).sum();
        int count = 2;
        while (count < CODES_MAX && count < 2 * ((values.length + 1) / 2)) {
            double[] bits = bits(values, 4.0 * count);
            double left = 0;
            for (int i = 0; i < values.length; i++) {
                left += values[i] * Math.pow(4, -bits[i]);
            }
            if (left <= DISTORTION * all) {
                break;
            }
            count += 2;
        }
        return count;
    }

    /** Bits by coordinate that leave the least variance together. */
    private static double[] bits(double[] values, double total) {
        double low = 1e-30;
        double high = Math.max(low, values[0]);
        for (int step = 0; step < 100; step++) {
            double level = Math.sqrt(low * high);
            double sum = 0;
            for (double value : values) {
                sum += value > level ? Math.log(value / level) / Math.log(4) : 0;
            }
            if (sum > total) {
                low = level;
            } else {
                high = level;
            }
        }
        double[] bits = new double[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = values[i] > high ? Math.log(values[i] / high) / Math.log(4) : 0;
        }
        return bits;
    }

    /**
     * Puts coordinates together so that groups need about as many bits as each other, the largest first.
     *
     * @param order receives the coordinates, group by group.
     */
    private static int[] group(double[] bits, int used, int codeCount, int[] order) {
        double[] sums = new double[codeCount];
        int[] groupOf = new int[used];
        for (int i = 0; i < used; i++) {
            int least = 0;
            for (int g = 1; g < codeCount; g++) {
                least = sums[g] < sums[least] ? g : least;
            }
            groupOf[i] = least;
            sums[least] += bits[i];
        }
        int[] starts = new int[codeCount + 1];
        int at = 0;
        for (int g = 0; g < codeCount; g++) {
            starts[g] = at;
            for (int i = 0; i < used; i++) {
                if (groupOf[i] == g) {
                    order[at++] = i;
                }
            }
        }
        starts[codeCount] = at;
        return starts;
    }

    private static float[] picked(DMatrixRMaj matrix, int[] order) {
        float[] out = new float[order.length * matrix.numCols];
        for (int i = 0; i < order.length; i++) {
            for (int d = 0; d < matrix.numCols; d++) {
                out[i * matrix.numCols + d] = (float) matrix.get(order[i], d);
            }
        }
        return out;
    }

    /** Lloyd's algorithm on the coordinates {@code [from, to)} of the sample. */
    private static void trainLevels(
            float[] coordinates, int stride, int from, int to, BuildRandom random, float[] levels) {
        int count = coordinates.length / stride;
        int length = to - from;
        for (int level = 0; level < LEVELS; level++) {
            int row = random.nextInt(count);
            for (int e = 0; e < length; e++) {
                levels[(from + e) * LEVELS + level] = coordinates[row * stride + from + e];
            }
        }
        double[] sums = new double[LEVELS * length];
        int[] counts = new int[LEVELS];
        for (int round = 0; round < ROUNDS; round++) {
            Arrays.fill(sums, 0);
            Arrays.fill(counts, 0);
            for (int row = 0; row < count; row++) {
                int level = nearest(coordinates, row * stride, from, to, levels);
                counts[level]++;
                for (int e = 0; e < length; e++) {
                    sums[level * length + e] += coordinates[row * stride + from + e];
                }
            }
            for (int level = 0; level < LEVELS; level++) {
                int row = counts[level] == 0 ? random.nextInt(count) : 0;
                for (int e = 0; e < length; e++) {
                    levels[(from + e) * LEVELS + level] = counts[level] == 0
                            ? coordinates[row * stride + from + e]
                            : (float) (sums[level * length + e] / counts[level]);
                }
            }
        }
    }

    /** The level nearest to the coordinates {@code [from, to)} that begin at {@code at}. */
    private static int nearest(float[] coordinates, int at, int from, int to, float[] levels) {
        int best = 0;
        float least = Float.POSITIVE_INFINITY;
        for (int level = 0; level < LEVELS; level++) {
            float sum = 0;
            for (int c = from; c < to; c++) {
                float difference = coordinates[at + c] - levels[c * LEVELS + level];
                sum += difference * difference;
            }
            if (sum < least) {
                least = sum;
                best = level;
            }
        }
        return best;
    }

    /** Writes a row's code among those of a block, whose address is given. */
    static void put(byte[] code, long block, int inBlock) {
        long at = block + TableKernel.at(inBlock);
        for (int i = 0; i < code.length; i += 2) {
            UnsafeApi.putByte(at + (long) (i / 2) * TableKernel.ROWS, (byte) (code[i] | code[i + 1] << 4));
        }
    }

    /** Makes codes on one thread. */
    final class Encoder {
        private final Products.Multiplier multiplier = encoding.new Multiplier();
        private final float[] coordinates = new float[encoding.paddedCount()];

        /**
         * @param residual of {@code dimension} floats.
         * @param codes    receives {@link #codeCount} codes of 4 bits.
         */
        void encode(float[] residual, byte[] codes) {
            multiplier.multiply(residual, coordinates);
            for (int group = 0; group < codes.length; group++) {
                codes[group] = (byte) nearest(coordinates, 0, starts[group], starts[group + 1], levels);
            }
        }

        /** The product of a vector in query coordinates with what the codes stand for. */
        double product(float[] query, byte[] codes) {
            double sum = 0;
            for (int group = 0; group < codes.length; group++) {
                for (int c = starts[group]; c < starts[group + 1]; c++) {
                    sum += (double) query[c] * levels[c * LEVELS + codes[group]];
                }
            }
            return sum;
        }
    }

    /** A query's look-up tables; on one thread. */
    final class Tables {
        final byte[] bytes = new byte[TableKernel.tablesLength(pairs())];

        /** The product of query and decoded row is {@code offset + step × sum}. */
        float offset;

        float step;

        float perStep;

        private final EntryKernel kernel = EntryKernel.best();
        private final float[] entries = new float[codeCount() * LEVELS];
        private final float[] scaled = new float[coordinateCount()];
        private final float[] lowOf = new float[coordinateCount()];
        private final float[] widthOf = new float[coordinateCount()];
        private final float[] lows = new float[codeCount()];

        /** @param query in {@link #querying} coordinates. */
        @HotPath
        void make(float[] query) {
            for (int c = 0; c < widthOf.length; c++) {
                float reach = Math.abs(query[c]) * halves[c];
                lowOf[c] = query[c] * middles[c] - reach;
                widthOf[c] = 2 * reach;
            }
            // The range of a group's entries is taken to be the sum of its coordinates' ranges: a coarser step, which
            // recall
            // does not notice, and no search for the least entry.
            double least = 0;
            float widest = 0;
            for (int group = 0; group < lows.length; group++) {
                float low = 0;
                float width = 0;
                for (int c = starts[group]; c < starts[group + 1]; c++) {
                    low += lowOf[c];
                    width += widthOf[c];
                }
                lows[group] = low;
                least += low;
                widest = Math.max(widest, width);
            }
            float scale = Math.min(TableKernel.ENTRY_MAX / Math.max(widest, Float.MIN_NORMAL), 1e30f);
            offset = (float) least;
            step = 1 / scale;
            perStep = scale;
            for (int c = 0; c < scaled.length; c++) {
                scaled[c] = query[c] * scale;
            }
            for (int group = 0; group < lows.length; group++) {
                // Half an entry is added before truncation, which rounds.
                float shift = 0.5f - lows[group] * scale;
                kernel.entries(levels, starts[group], starts[group + 1], scaled, shift, entries, group * LEVELS);
            }
            for (int i = 0; i < entries.length; i++) {
                bytes[i] = (byte) (int) entries[i];
            }
        }
    }
}
