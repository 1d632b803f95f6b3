package rondo.tools.index;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rondo.ann.Similarity;
import rondo.ann.flat.FlatVectorIndex;
import rondo.ann.partitioned.PartitionedVectorIndex;
import rondo.kernel.cli.UsageException;
import rondo.tools.data.VectorFile;

/** {@code rondo index compare}: recall and time of an index beside exact search over the vectors that it was built from. */
@Command(
        name = "compare",
        description = {
            "Compare an index with exact search over the vectors it was built from: recall@k and microseconds a search, on one thread.",
            "At most 1,000 queries are used, evenly spread over --queries or, without them, over the vectors; that a vector finds itself does not count."
        })
final class IndexCompare extends IndexCommand {
    private static final int QUERIES_MAX = 1_000;
    private static final List<Integer> KS_USUAL = List.of(10, 100);

    /** How far unit vectors may differ that were made from the same vector. */
    private static final float UNIT_DIFFERENCE_MAX = 1e-6f;

    @Parameters(index = "0", paramLabel = "FILE", description = "An index file.")
    private Path file = Path.of("");

    @Option(
            names = "--vectors",
            required = true,
            paramLabel = "FILE",
            description = "The vectors that it was built from: " + VectorFile.KNOWN + ".")
    private Path vectors = Path.of("");

    @Option(names = "--queries", paramLabel = "FILE", description = "Queries, of the types of --vectors.")
    private @Nullable Path queries;

    @Option(
            names = "--k",
            paramLabel = "K",
            split = ",",
            description = "Rows to find, several separated by commas (default: 10,100).")
    private @Nullable List<Integer> wantedKs;

    @Option(
            names = "--on-disk",
            description = "Leave the vectors in the file, and read from there what a search scores exactly.")
    private boolean isOnDisk;

    @Override
    boolean work(ObjectNode json) throws Exception {
        try (PartitionedVectorIndex index = open(file, isOnDisk, json);
                VectorFile given = VectorFile.open(vectors)) {
            describe(index, json);
            int[] ks = ks(index.count());
            require(
                    new MemoryNeed(0, index.length())
                            .plus(2L * given.count() * given.dimension() * Float.BYTES, 2L * index.length()),
                    vectors.toString());
            requireShape(index, given, json);
            float[] rows = given.values();
            requireSame(index, rows, json);
            Comparison.Queries asked = queries(rows, index.dimension());
            json.put("queries", asked.count());
            json.put("queriesFrom", queries == null ? "vectors" : "file");
            try (FlatVectorIndex exact = FlatVectorIndex.build(rows, index.dimension(), index.similarity())) {
                print(new Comparison(index, exact, asked).run(ks), json, asked);
            } catch (IllegalArgumentException e) {
                throw new IOException(vectors + ": " + e.getMessage(), e);
            }
        }
        return true;
    }

    private int[] ks(int count) {
        List<Integer> ks = wantedKs == null
                ? KS_USUAL.stream().map(k -> Math.min(k, count)).distinct().toList()
                : wantedKs;
        for (int k : ks) {
            if (k < 1 || k > count) {
                throw new UsageException(
                        file + ": --k is at least 1 and at most what the index holds: k=" + k + ", count=" + count);
            }
        }
        return ks.stream().mapToInt(Integer::intValue).toArray();
    }

    private void requireShape(PartitionedVectorIndex index, VectorFile given, ObjectNode json) {
        if (given.count() != index.count() || given.dimension() != index.dimension()) {
            throw others(
                    json,
                    ": rows=" + given.count() + ", expected=" + index.count() + ", dimension=" + given.dimension()
                            + ", expected=" + index.dimension());
        }
    }

    private UsageException others(ObjectNode json, String how) {
        json.put("sameVectors", false);
        return new UsageException(vectors + ": these are not the vectors that " + file + " was built from" + how);
    }

    /** Refuses vectors of which a row differs, naming the first. */
    private void requireSame(PartitionedVectorIndex index, float[] rows, ObjectNode json) {
        int dimension = index.dimension();
        float[] kept = new float[dimension];
        float[] given = new float[dimension];
        long first = Long.MAX_VALUE;
        String difference = "";
        for (int row = 0; row < index.count(); row++) {
            long id = index.id(row);
            if (id < 0 || id >= index.count()) {
                throw others(json, ": an index of vectors in a file calls them by their numbers: id=" + id);
            }
            index.copyRow(row, kept);
            stored(index.similarity(), rows, (int) id, given);
            int d = difference(index.similarity(), kept, given);
            if (d >= 0 && id < first) {
                first = id;
                difference = ", dimension=" + d + ", value=" + given[d] + ", expected=" + kept[d];
            }
        }
        if (first < Long.MAX_VALUE) {
            json.put("firstDifferentId", first);
            throw others(json, ": first id that differs=" + first + difference);
        }
        json.put("sameVectors", true);
    }

    /** Writes a row as an index keeps it. */
    private static void stored(Similarity similarity, float[] rows, int row, float[] out) {
        System.arraycopy(rows, row * out.length, out, 0, out.length);
        if (similarity == Similarity.COSINE) {
            double square = 0;
            for (float value : out) {
                square += (double) value * value;
            }
            float scale = square == 0 ? 1 : (float) (1 / Math.sqrt(square));
            for (int d = 0; d < out.length; d++) {
                out[d] *= scale;
            }
        }
    }

    /** The first dimension in which two rows differ, or −1. */
    private static int difference(Similarity similarity, float[] kept, float[] given) {
        float most = similarity == Similarity.COSINE ? UNIT_DIFFERENCE_MAX : 0;
        for (int d = 0; d < kept.length; d++) {
            if (!(Math.abs(kept[d] - given[d]) <= most)) {
                return d;
            }
        }
        return -1;
    }

    private Comparison.Queries queries(float[] rows, int dimension) throws IOException {
        if (queries == null) {
            return Comparison.Queries.of(rows, dimension, QUERIES_MAX, true);
        }
        try (VectorFile asked = VectorFile.open(queries)) {
            return Comparison.Queries.of(FittingQueries.values(asked, dimension), dimension, QUERIES_MAX, false);
        }
    }

    private void print(List<Comparison.Row> rows, ObjectNode json, Comparison.Queries asked) {
        out().printf(
                        Locale.ROOT,
                        "%s beside exact search, %d queries%s, microseconds a search%n%6s %9s %12s %10s %10s %12s %10s %10s%n",
                        file,
                        asked.count(),
                        queries == null ? " from the vectors" : "",
                        "k",
                        "recall@k",
                        "index mean",
                        "p50",
                        "p99",
                        "exact mean",
                        "p50",
                        "p99");
        ArrayNode out = json.putArray("rows");
        for (Comparison.Row row : rows) {
            ObjectNode node = out.addObject().put("k", row.k()).put("recall", row.recall());
            row.index().write(node.putObject("index"));
            row.exact().write(node.putObject("exact"));
            out().printf(
                            Locale.ROOT,
                            "%6d %9.4f %12.1f %10.1f %10.1f %12.1f %10.1f %10.1f%n",
                            row.k(),
                            row.recall(),
                            row.index().meanUs(),
                            row.index().p50Us(),
                            row.index().p99Us(),
                            row.exact().meanUs(),
                            row.exact().p50Us(),
                            row.exact().p99Us());
        }
    }
}
