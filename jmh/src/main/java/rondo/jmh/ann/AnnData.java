package rondo.jmh.ann;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.GZIPInputStream;
import rondo.ann.RowFilter;
import rondo.ann.Similarity;
import rondo.ann.TopK;
import rondo.ann.flat.FlatVectorIndex;
import rondo.kernel.cli.UsageException;

/**
 * Vectors to search, queries to search them by, filters, and the exact answers. Every other query is a probe: parameters are fitted on these, and figures are
 * reported on the rest. Rows and queries are unit vectors under cosine.
 */
final class AnnData {
    /** Largest k there are answers for. */
    static final int K_MAX = 500;

    private static final int QUERIES_MAX = 2_000;
    private static final Path FASHION = Path.of("/usr/share/datasets/fashion-mnist");

    /** Rows that may be returned. */
    record Filter(String name, double share, BitSet passes) {}

    private final String name;
    private final int dimension;
    private final Similarity similarity;
    private final float[] base;
    private final float[] queries;
    private final float[] probes;
    private final List<Filter> filters = new ArrayList<>();
    private final List<int[]> truths = new ArrayList<>();

    AnnData(String name, int dimension, Similarity similarity, float[] base, float[] all) {
        this.name = name;
        this.dimension = dimension;
        this.similarity = similarity;
        this.base = base;
        if (similarity == Similarity.COSINE) {
            normalise(base, dimension);
            normalise(all, dimension);
        }
        int count = Math.min(QUERIES_MAX, all.length / dimension);
        this.probes = new float[(count + 1) / 2 * dimension];
        this.queries = new float[count / 2 * dimension];
        for (int i = 0; i < count; i++) {
            System.arraycopy(all, i * dimension, i % 2 == 0 ? probes : queries, i / 2 * dimension, dimension);
        }
        BitSet every = new BitSet();
        every.set(0, count());
        filters.add(new Filter("none", 1, every));
        hashed("half", 0.5);
    }

    private static void normalise(float[] vectors, int dimension) {
        for (int at = 0; at < vectors.length; at += dimension) {
            double square = 0;
            for (int d = 0; d < dimension; d++) {
                square += (double) vectors[at + d] * vectors[at + d];
            }
            double scale = square > 0 ? 1 / Math.sqrt(square) : 1;
            for (int d = 0; d < dimension; d++) {
                vectors[at + d] = (float) (vectors[at + d] * scale);
            }
        }
    }

    /** Adds a filter that has nothing to do with where rows lie. */
    void hashed(String filterName, double share) {
        BitSet passes = new BitSet();
        for (int row = 0; row < count(); row++) {
            long mixed = (row + 1) * 0x9E3779B97F4A7C15L;
            mixed = (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L;
            passes.set(row, ((mixed ^ mixed >>> 32) >>> 11) * 0x1p-53 < share);
        }
        filters.add(new Filter(filterName, share, passes));
    }

    void add(Filter filter) {
        filters.add(filter);
    }

    /** Finds the exact answers. */
    void solve() {
        TopK top = new TopK(K_MAX);
        float[] query = new float[dimension];
        try (FlatVectorIndex index = FlatVectorIndex.build(base, dimension, similarity)) {
            for (Filter filter : filters) {
                RowFilter rows = rowFilter(filter);
                int[] truth = new int[queryCount() * K_MAX];
                Arrays.fill(truth, -1);
                var searcher = index.newSearcher(K_MAX);
                for (int q = 0; q < queryCount(); q++) {
                    query(q, query);
                    searcher.search(query, K_MAX, rows, top);
                    for (int i = 0; i < top.count(); i++) {
                        truth[q * K_MAX + i] = top.row(i);
                    }
                }
                truths.add(truth);
            }
        }
    }

    RowFilter rowFilter(Filter filter) {
        RowFilter rows = new RowFilter(count());
        for (int row = 0; row < count(); row++) {
            if (!filter.passes().get(row)) {
                rows.clear(row);
            }
        }
        return rows;
    }

    String name() {
        return name;
    }

    int dimension() {
        return dimension;
    }

    Similarity similarity() {
        return similarity;
    }

    float[] base() {
        return base;
    }

    float[] queries() {
        return queries;
    }

    float[] probes() {
        return probes;
    }

    List<Filter> filters() {
        return filters;
    }

    int count() {
        return base.length / dimension;
    }

    int queryCount() {
        return queries.length / dimension;
    }

    void query(int index, float[] out) {
        System.arraycopy(queries, index * dimension, out, 0, dimension);
    }

    /** The exact answers under a filter: {@link #K_MAX} rows for each query, -1 where there are fewer. */
    int[] truth(int filter) {
        return truths.get(filter);
    }

    /** The share of the true neighbours of {@code asked} queries from {@code first} on among what was found: recall@k. */
    double recall(int filter, int k, int[] found, int[] counts, int first, int asked) {
        int[] truth = truths.get(filter);
        int[] seen = new int[count()];
        Arrays.fill(seen, -1);
        long hits = 0;
        long all = 0;
        for (int asking = 0; asking < asked; asking++) {
            int q = (first + asking) % queryCount();
            for (int i = 0; i < counts[q]; i++) {
                seen[found[q * k + i]] = q;
            }
            for (int i = 0; i < k; i++) {
                int row = truth[q * K_MAX + i];
                if (row >= 0) {
                    all++;
                    hits += seen[row] == q ? 1 : 0;
                }
            }
        }
        return (double) hits / Math.max(1, all);
    }

    /** The data set of a folder, by what lies in it. */
    static AnnData load(Path folder) throws IOException {
        String folderName = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        Path items = folder.resolve("ials64_items.f32.gz");
        if (Files.isReadable(items)) {
            return new AnnData(
                    folderName,
                    64,
                    Similarity.INNER_PRODUCT,
                    floats(items),
                    floats(folder.resolve("ials64_users.f32.gz")));
        }
        return switch (folderName) {
            case "glove40k" ->
                new AnnData(
                        folderName,
                        100,
                        Similarity.COSINE,
                        floats(folder.resolve("base.f32.gz")),
                        floats(folder.resolve("query.f32.gz")));
            case "sift5k" ->
                new AnnData(
                        folderName,
                        128,
                        Similarity.L2,
                        bytes(folder.resolve("base.u8.gz"), 0),
                        bytes(folder.resolve("query.u8.gz"), 0));
            case "fashion-mnist-gt" ->
                new AnnData(
                        folderName,
                        784,
                        Similarity.L2,
                        bytes(fashion("train-images-idx3-ubyte.gz"), 16),
                        Arrays.copyOf(bytes(fashion("t10k-images-idx3-ubyte.gz"), 16), 784 * 1_000));
            default ->
                throw new UsageException("no vectors that bench ann knows: folder=" + folder
                        + "; it knows gowalla, ml-latest-small, glove40k, sift5k and fashion-mnist-gt");
        };
    }

    private static Path fashion(String file) {
        Path path = FASHION.resolve(file);
        if (!Files.isReadable(path)) {
            throw new UsageException("the images of Fashion-MNIST are not installed: " + path
                    + " is missing; on Debian: apt-get install dataset-fashion-mnist");
        }
        return path;
    }

    private static byte[] inflated(Path file) throws IOException {
        try (InputStream in = new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file)), 1 << 16)) {
            return in.readAllBytes();
        }
    }

    private static float[] floats(Path file) throws IOException {
        FloatBuffer buffer =
                ByteBuffer.wrap(inflated(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private static float[] bytes(Path file, int skipped) throws IOException {
        byte[] from = inflated(file);
        float[] values = new float[from.length - skipped];
        for (int i = 0; i < values.length; i++) {
            values[i] = from[skipped + i] & 255;
        }
        return values;
    }
}
