package rondo.tools.index;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import rondo.ann.partitioned.PartitionedVectorIndex;
import rondo.ann.store.IndexFile;

/** {@code rondo index stats}: what an index file holds, how it is searched, and what searches find. */
@Command(name = "stats", description = "Print what an index file holds, how it is searched, and what searches find.")
final class IndexStats extends IndexCommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "An index file.")
    private Path file = Path.of("");

    @Option(
            names = "--on-disk",
            description = "Leave the vectors in the file, and read from there what a search scores exactly.")
    private boolean isOnDisk;

    @Override
    boolean work(ObjectNode json) throws Exception {
        try (PartitionedVectorIndex index = open(file, isOnDisk, json)) {
            // Files of another format were refused.
            json.put("version", IndexFile.FORMAT_VERSION);
            describe(index, json);
            // An index in a file was built anew from what there was.
            json.put("deleted", 0);
            PartitionedVectorIndex.RecallProbe probe = probe(index, json);
            out().printf(
                            Locale.ROOT,
                            "%s: format %d, %d vectors, 0 deleted, %d dimensions, %s, %s%n%d bytes in memory, %.1f for each vector; "
                                    + "%d in the file, opened and checked in %.3f s%n",
                            file,
                            IndexFile.FORMAT_VERSION,
                            index.count(),
                            index.dimension(),
                            label(index.similarity()),
                            label(index.rowFormat()),
                            index.length(),
                            (double) index.length() / index.count(),
                            json.path("fileBytes").asLong(),
                            json.path("openSeconds").asDouble());
            index.plans().plans().forEach(plan -> out().println(text(plan)));
            out().printf(Locale.ROOT, "recall@%d %.4f on the probe in the file%n", probe.k(), probe.recall());
        }
        return true;
    }
}
