package rondo.tools.index;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rondo.ann.Similarity;
import rondo.ann.partitioned.BuildMemory;
import rondo.ann.partitioned.InterruptedBuildException;
import rondo.ann.partitioned.PartitionedVectorIndex;
import rondo.ann.partitioned.SearchPlans;
import rondo.ann.simd.RowFormat;
import rondo.kernel.cli.UsageException;
import rondo.tools.data.Progress;
import rondo.tools.data.VectorFile;

/** {@code rondo index build}: an index file from a file of vectors, searched by plans fitted for a recall; all of it or nothing. */
@Command(
        name = "build",
        description = {
            "Build an index from a file of vectors, which are called by their numbers, from 0; all of it or nothing.",
            "Plans are fitted for the recall on --queries or, without them, on queries made of the vectors. Of 300 queries or more a third is kept for "
                    + "the probe in the file, whose recall is then of queries that no plan was fitted on."
        })
final class IndexBuild extends IndexCommand {
    private static final int K_USUAL = 100;
    private static final int PROGRESS_STEPS = 1_000;

    /** What the JVM has for itself: classes, compilers and their code. */
    private static final long JVM_LENGTH = 128L << 20;

    @Option(
            names = "--vectors",
            required = true,
            paramLabel = "FILE",
            description = "The vectors: " + VectorFile.KNOWN + ".")
    private Path vectors = Path.of("");

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "The index; a file that is there is replaced when the new one is whole.")
    private Path out = Path.of("");

    @Mixin
    private KeptVectors kept = new KeptVectors();

    @Option(
            names = "--target-recall",
            paramLabel = "R",
            defaultValue = "0.95",
            description = "Recall@k that searches should have, for every k (default: ${DEFAULT-VALUE}).")
    private double targetRecall = PartitionedVectorIndex.RECALL_DEFAULT;

    @Option(
            names = "--k",
            paramLabel = "K",
            description = "The k whose plan and recall are printed; plans are fitted for all (default: 100).")
    private @Nullable Integer wantedK;

    @Option(
            names = "--queries",
            paramLabel = "FILE",
            description =
                    "Queries like those to come, of the types of --vectors; no figure should be reported on them.")
    private @Nullable Path queries;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "The same seed over the same files makes the same index (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that build (default: one for each CPU).")
    private int threads = Runtime.getRuntime().availableProcessors();

    private RowFormat rowFormat = RowFormat.FLOAT32;

    @Override
    boolean work(ObjectNode json) throws Exception {
        Similarity by = kept.similarity();
        rowFormat = kept.rowFormat();
        checkOptions();
        checkOut();
        Interruption interruption = new Interruption();
        try {
            build(json, by);
        } catch (InterruptedBuildException | ClosedByInterruptException e) {
            InterruptedException interrupted = new InterruptedException();
            interrupted.initCause(e);
            throw interrupted;
        } finally {
            interruption.end();
        }
        return true;
    }

    private void build(ObjectNode json, Similarity by) throws IOException {
        try (VectorFile file = VectorFile.open(vectors)) {
            int count = file.count();
            if (count == 0) {
                throw new IOException(vectors + ": there are no vectors to build an index of: rows=0");
            }
            int k = wantedK == null ? Math.min(K_USUAL, count) : wantedK;
            if (k > count) {
                throw new UsageException(
                        vectors + ": --k is larger than the number of vectors: k=" + k + ", vectors=" + count);
            }
            if (queries == null) {
                build(json, file, by, k, FittingQueries.NONE);
            } else {
                try (VectorFile given = VectorFile.open(queries)) {
                    require(need(file, given), vectors.toString());
                    build(json, file, by, k, FittingQueries.of(given, file.dimension()));
                }
            }
        }
    }

    private void checkOptions() {
        if (!(targetRecall > 0 && targetRecall <= 1)) {
            throw new UsageException("--target-recall outside (0, 1]: targetRecall=" + targetRecall);
        }
        if (wantedK != null && wantedK < 1) {
            throw new UsageException("--k is at least 1: k=" + wantedK);
        }
        if (threads < 1) {
            throw new UsageException("--threads is at least 1: threads=" + threads);
        }
    }

    /** Finds out now, and not after the build, that the file cannot be written. */
    private void checkOut() throws IOException {
        Path folder = Objects.requireNonNull(out.toAbsolutePath().getParent());
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new UsageException(out + ": there is no folder to write the index into: folder=" + folder);
        }
        if (Files.isDirectory(out)) {
            throw new UsageException(out + ": the index is a file, and this is a folder");
        }
        for (Path input : queries == null ? new Path[] {vectors} : new Path[] {vectors, queries}) {
            if (Files.exists(out) && Files.exists(input) && Files.isSameFile(out, input)) {
                throw new UsageException(out + ": the index would replace what it is built from");
            }
        }
    }

    private MemoryNeed need(VectorFile file, @Nullable VectorFile given) {
        BuildMemory most = BuildMemory.of(file.count(), file.dimension(), rowFormat, threads);
        return new MemoryNeed(most.heapLength(), most.nativeLength() + JVM_LENGTH)
                .plus((long) file.count() * file.dimension() * Float.BYTES, 0)
                // Once as they are read, and once more those that are used.
                .plus(given == null ? 0 : 2L * given.count() * given.dimension() * Float.BYTES, 0);
    }

    private void build(ObjectNode json, VectorFile file, Similarity by, int k, FittingQueries given)
            throws IOException {
        MemoryNeed most = need(file, null).plus(given.length(), 0);
        System.err.println("building an index of " + file.count() + " vectors of " + file.dimension()
                + " dimensions takes at most " + most);
        json.putObject("memory").put("heapBytes", most.heapLength()).put("nativeBytes", most.nativeLength());
        require(most, vectors.toString());
        float[] values = file.values();
        long startNs = System.nanoTime();
        try (PartitionedVectorIndex index = index(values, file.dimension(), by, given)) {
            double buildSeconds = (System.nanoTime() - startNs) / 1e9;
            startNs = System.nanoTime();
            save(index, given);
            describe(index, json);
            SearchPlans.Plan plan = index.plans().of(k);
            PartitionedVectorIndex.RecallProbe probe = probe(index, json);
            json.put("vectors", vectors.toString());
            json.put("file", out.toString());
            json.put("fileBytes", Files.size(out));
            json.put("buildSeconds", buildSeconds);
            json.put("saveSeconds", (System.nanoTime() - startNs) / 1e9);
            json.put("seed", seed);
            json.put("threads", threads);
            json.put("targetRecall", targetRecall);
            json.put("k", k);
            json.put("planRecall", plan.recall());
            json.putObject("queries")
                    .put("fitted", given.fittedCount())
                    .put("probed", given.probedCount())
                    .put("heldOut", given.areHeldOut());
            print(index, json, plan, probe, given);
        }
    }

    private PartitionedVectorIndex index(float[] values, int dimension, Similarity by, FittingQueries given)
            throws IOException {
        try (Progress progress = new Progress("index", PROGRESS_STEPS)) {
            return PartitionedVectorIndex.build(
                    values,
                    dimension,
                    by,
                    rowFormat,
                    seed,
                    threads,
                    targetRecall,
                    given.fitted(),
                    share -> progress.at((long) (share * PROGRESS_STEPS)));
        } catch (IllegalArgumentException e) {
            throw new IOException(vectors + ": " + e.getMessage(), e);
        }
    }

    private void save(PartitionedVectorIndex index, FittingQueries given) throws IOException {
        try (Progress progress = new Progress("probe", PROGRESS_STEPS)) {
            index.save(out, given.probed(), threads, share -> progress.at((long) (share * PROGRESS_STEPS)));
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            // What the file system says is often no more than a path.
            throw new IOException(out + ": the index cannot be written, nothing was left there: reason=" + e, e);
        }
    }

    private void print(
            PartitionedVectorIndex index,
            ObjectNode json,
            SearchPlans.Plan plan,
            PartitionedVectorIndex.RecallProbe probe,
            FittingQueries given) {
        out().printf(
                        Locale.ROOT,
                        "%s: %d vectors, %d dimensions, %s, %s, %d bytes, %.1f for each vector; built in %.1f s, saved in %.1f s%n",
                        out,
                        index.count(),
                        index.dimension(),
                        label(index.similarity()),
                        label(index.rowFormat()),
                        index.length(),
                        (double) index.length() / index.count(),
                        json.path("buildSeconds").asDouble(),
                        json.path("saveSeconds").asDouble());
        out().println("plan for k = " + json.path("k").asInt() + ": " + text(plan));
        out().printf(Locale.ROOT, "recall@%d %.4f on the probe: %s%n", probe.k(), probe.recall(), whose(given));
    }

    private static String whose(FittingQueries given) {
        if (given.probedCount() == 0) {
            return "queries made of the vectors";
        }
        return given.areHeldOut()
                ? given.probedCount() + " of the queries, on which no plan was fitted"
                : "the queries that plans were fitted on, too few to keep some apart";
    }
}
