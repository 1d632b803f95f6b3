package rondo.tools.index;

import picocli.CommandLine.Option;
import rondo.ann.Similarity;
import rondo.ann.simd.RowFormat;
import rondo.kernel.cli.UsageException;

/** Options of verbs that an index's vectors are described to. */
final class KeptVectors {
    @Option(
            names = "--similarity",
            paramLabel = "ip|cosine|l2",
            defaultValue = "ip",
            description = "Inner product, cosine or Euclidean distance (default: ${DEFAULT-VALUE}).")
    private String similarity = "ip";

    @Option(
            names = "--rows",
            paramLabel = "float32|bfloat16",
            defaultValue = "float32",
            description = "How the vectors are kept: as they are, or in half as much, to eight significant bits "
                    + "(default: ${DEFAULT-VALUE}).")
    private String rows = "float32";

    Similarity similarity() {
        for (Similarity one : Similarity.values()) {
            if (IndexCommand.label(one).equals(similarity)) {
                return one;
            }
        }
        throw new UsageException("--similarity is ip, cosine or l2: similarity=" + similarity);
    }

    RowFormat rowFormat() {
        for (RowFormat format : RowFormat.values()) {
            if (IndexCommand.label(format).equals(rows)) {
                return format;
            }
        }
        throw new UsageException("--rows is float32 or bfloat16: rows=" + rows);
    }
}
