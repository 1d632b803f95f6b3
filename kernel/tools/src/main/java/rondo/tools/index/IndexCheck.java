package rondo.tools.index;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import rondo.ann.partitioned.PartitionedVectorIndex;
import rondo.tools.data.InputFile;

/** {@code rondo index check}: is an index file whole, and do searches find what they should? */
@Command(
        name = "check",
        description =
                "Read every byte of an index file, and search for the queries in it; exit code 1 when it is damaged "
                        + "or searches find less than its plan says.")
final class IndexCheck extends IndexCommand {
    /** What the probe's recall may lack of the plan's: they are of different queries. */
    private static final double RECALL_LACK_MAX = 0.02;

    @Parameters(index = "0", paramLabel = "FILE", description = "An index file.")
    private Path file = Path.of("");

    @Override
    boolean work(ObjectNode json) throws Exception {
        // That there is no such file says nothing of an index: bad input.
        InputFile.type(file);
        PartitionedVectorIndex opened;
        try {
            opened = open(file, json);
        } catch (IOException e) {
            return failed(json, String.valueOf(e.getMessage()));
        }
        try (PartitionedVectorIndex index = opened) {
            describe(index, json);
            PartitionedVectorIndex.RecallProbe probe = probe(index, json);
            double planned = index.plans().of(probe.k()).recall();
            json.put("planRecall", planned);
            json.put("recallLackMax", RECALL_LACK_MAX);
            if (probe.recall() < planned - RECALL_LACK_MAX) {
                return failed(
                        json,
                        String.format(
                                Locale.ROOT,
                                "%s: searches find less than the plan says: k=%d, recall=%.4f, expected at least=%.4f",
                                file,
                                probe.k(),
                                probe.recall(),
                                planned - RECALL_LACK_MAX));
            }
            out().printf(
                            Locale.ROOT,
                            "%s: whole, %d vectors of %d dimensions; recall@%d %.4f on the probe, %.4f when its plan was fitted%n",
                            file,
                            index.count(),
                            index.dimension(),
                            probe.k(),
                            probe.recall(),
                            planned);
            return true;
        }
    }

    private static boolean failed(ObjectNode json, String message) {
        json.put("error", message);
        System.err.println("rondo index check: " + message);
        return false;
    }
}
