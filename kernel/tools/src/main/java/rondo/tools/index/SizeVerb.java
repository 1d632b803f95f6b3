package rondo.tools.index;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
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

/** {@code rondo size}: what an index of so many vectors takes, before there is one. */
@Command(
        name = "size",
        description =
                "Say how much memory an index of so many vectors takes, and at most to build it; nothing is built.")
public final class SizeVerb extends Verb {
    @Option(names = "--vectors", required = true, paramLabel = "N", description = "How many vectors.")
    private int count;

    @Option(names = "--dimension", required = true, paramLabel = "D", description = "Values of each, 1 to 4096.")
    private int dimension;

    @Mixin
    private KeptVectors kept = new KeptVectors();

    @Option(names = "--threads", paramLabel = "N", description = "Threads that build (default: one for each CPU).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    protected boolean run(ObjectNode json) {
        Similarity by = kept.similarity();
        RowFormat format = kept.rowFormat();
        if (count < 1 || dimension < 1 || dimension > FlatVectorIndex.DIMENSION_MAX || threads < 1) {
            throw new UsageException("--vectors and --threads are at least 1, --dimension in [1, "
                    + FlatVectorIndex.DIMENSION_MAX + "]: vectors=" + count + ", dimension=" + dimension + ", threads="
                    + threads);
        }
        long length = PartitionedVectorIndex.estimatedLength(count, dimension, by, format);
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
}
