package rondo.tools.index;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rondo.ann.Similarity;
import rondo.ann.flat.FlatVectorIndex;
import rondo.ann.partitioned.BuildMemory;
import rondo.ann.partitioned.PartitionedVectorIndex;
import rondo.ann.simd.RowFormat;
import rondo.kernel.cli.UsageException;
import rondo.kernel.cli.Verb;
import rondo.tools.data.VectorFile;

/** {@code rondo size}: what an index of so many vectors takes, before there is one. */
@Command(
        name = "size",
        description =
                "Say how much memory an index of so many vectors takes, and at most to build it, before there is one.")
public final class SizeVerb extends Verb {
    /** Of the vectors in a file: so few that no plan is fitted to them. */
    private static final int SAMPLE = 8_000;

    @Option(names = "--vectors", paramLabel = "N", description = "How many vectors (default: as many as --like has).")
    private int count;

    @Option(
            names = "--dimension",
            paramLabel = "D",
            description = "Values of each, 1 to 4096 (default: as --like has).")
    private int dimension;

    @Option(
            names = "--like",
            paramLabel = "FILE",
            description =
                    "Vectors like them, some of which say how long codes will be: then the figure holds to 5 %%, else to 5 %% "
                            + "with float32 and 10 %% with bfloat16. Types: " + VectorFile.KNOWN + ".")
    private @Nullable Path like;

    @Mixin
    private KeptVectors kept = new KeptVectors();

    @Option(names = "--threads", paramLabel = "N", description = "Threads that build (default: one for each CPU).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        Similarity by = kept.similarity();
        RowFormat format = kept.rowFormat();
        int codeLength = like == null ? -1 : codeLength(like, by);
        if (count < 1 || dimension < 1 || dimension > FlatVectorIndex.DIMENSION_MAX || threads < 1) {
            throw new UsageException(
                    "--vectors and --dimension are given, or --like; --vectors and --threads at least 1, --dimension in [1, "
                            + FlatVectorIndex.DIMENSION_MAX + "]: vectors=" + count + ", dimension=" + dimension
                            + ", threads="
                            + threads);
        }
        long length = like == null
                ? PartitionedVectorIndex.estimatedLength(count, dimension, by, format)
                : PartitionedVectorIndex.estimatedLength(count, dimension, by, format, codeLength);
        BuildMemory build = BuildMemory.of(count, dimension, format, threads);
        long given = (long) count * dimension * Float.BYTES;
        json.put("count", count);
        json.put("dim", dimension);
        json.put("similarity", by.name());
        json.put("rows", IndexCommand.label(format));
        json.put("bytes", length);
        json.put("bytesPerVector", (double) length / count);
        json.putObject("build").put("heapBytes", build.heapLength() + given).put("nativeBytes", build.nativeLength());
        out().printf(
                        Locale.ROOT,
                        "%d vectors of %d dimensions, %s, %s: about %.1f MB, %.1f bytes for each vector%n"
                                + "to build it, at most %.1f MB on the heap, the vectors included, and %.1f MB beside it%n",
                        count,
                        dimension,
                        IndexCommand.label(by),
                        IndexCommand.label(format),
                        length / 1e6,
                        (double) length / count,
                        (build.heapLength() + given) / 1e6,
                        build.nativeLength() / 1e6);
        return true;
    }

    /** Bytes of a row's codes among vectors like some of a file; takes number and dimension from there unless they were given. */
    private int codeLength(Path path, Similarity by) throws IOException {
        try (VectorFile file = VectorFile.open(path)) {
            count = count == 0 ? file.count() : count;
            dimension = dimension == 0 ? file.dimension() : dimension;
            if (dimension != file.dimension()) {
                throw new UsageException(path + ": --dimension is not that of the vectors: dimension=" + dimension
                        + ", of the file=" + file.dimension());
            }
            if (file.count() == 0) {
                throw new IOException(path + ": there are no vectors: rows=0");
            }
            try (PartitionedVectorIndex index =
                    PartitionedVectorIndex.build(file.sample(SAMPLE), dimension, by, 1, Math.max(1, threads))) {
                return index.codeLength();
            } catch (IllegalArgumentException e) {
                throw new IOException(path + ": " + e.getMessage(), e);
            }
        }
    }
}
