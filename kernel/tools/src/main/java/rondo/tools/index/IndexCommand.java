package rondo.tools.index;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import rondo.ann.Similarity;
import rondo.ann.partitioned.PartitionedVectorIndex;
import rondo.ann.partitioned.SearchPlans;
import rondo.ann.simd.RowFormat;
import rondo.kernel.cli.UsageException;
import rondo.kernel.cli.Verb;
import rondo.tools.data.InputFile;

/** What the verbs of an index share: their full names, what they say when memory runs out, and how an index is described. */
abstract class IndexCommand extends Verb {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @ParentCommand
    private @Nullable IndexVerb parent;

    /** What the work needs as far as is known yet; for the message when even that was too little. */
    private MemoryNeed need = new MemoryNeed(0, 0);

    /** As {@link #run}, without what all share. */
    abstract boolean work(ObjectNode json) throws Exception;

    @Override
    protected final boolean run(ObjectNode json) throws Exception {
        // Both the object and the refusal name the verb and what to do.
        String name = "index " + getClass().getAnnotation(Command.class).name();
        spec.name(name);
        json.put("command", name);
        if (parent != null && parent.isJsonBefore()) {
            throw new UsageException("--json comes after what to do: rondo " + name + " --json …");
        }
        try {
            return work(json);
        } catch (OutOfMemoryError e) {
            throw new UsageException("there is less memory than the work takes, nothing was written: expected at most="
                    + need + "; a larger heap is RONDO_OPTS=-Xmx8g, heapBytes="
                    + Runtime.getRuntime().maxMemory());
        }
    }

    /** Refuses work that takes more memory than there is. */
    final void require(MemoryNeed what, String whose) {
        need = what;
        what.require(MemoryNeed.Limit.here(), whose);
    }

    /** Opens an index, checking every byte, and says how long that took. */
    final PartitionedVectorIndex open(Path file, ObjectNode json) throws IOException {
        return open(file, false, json);
    }

    /** @param isOnDisk true to leave the vectors in the file. */
    final PartitionedVectorIndex open(Path file, boolean isOnDisk, ObjectNode json) throws IOException {
        InputFile.type(file);
        long length = Files.size(file);
        if (!isOnDisk) {
            require(new MemoryNeed(0, length), file.toString());
        }
        long startNs = System.nanoTime();
        PartitionedVectorIndex index =
                isOnDisk ? PartitionedVectorIndex.openOnDisk(file) : PartitionedVectorIndex.open(file);
        json.put("onDisk", isOnDisk);
        json.put("openSeconds", (System.nanoTime() - startNs) / 1e9);
        json.put("file", file.toString());
        json.put("fileBytes", length);
        return index;
    }

    /** Writes what an index is. */
    static void describe(PartitionedVectorIndex index, ObjectNode json) {
        json.put("count", index.count());
        json.put("dim", index.dimension());
        json.put("similarity", index.similarity().name());
        json.put("rows", label(index.rowFormat()));
        json.put("bytes", index.length());
        json.put("bytesPerVector", (double) index.length() / index.count());
        json.put("plan", text(index.plans().plans()));
        ArrayNode plans = json.putArray("plans");
        for (SearchPlans.Plan plan : index.plans().plans()) {
            ObjectNode row = plans.addObject();
            if (!isForEveryK(plan)) {
                row.put("k", plan.k());
            }
            if (!isExhaustive(plan)) {
                row.put("reach", plan.reach()).put("candidates", plan.candidates());
            }
            row.put("recall", plan.recall());
        }
    }

    /** Searches for the probe's queries and writes what was found. */
    static PartitionedVectorIndex.RecallProbe probe(PartitionedVectorIndex index, ObjectNode json) {
        PartitionedVectorIndex.RecallProbe probe = index.recallProbe();
        if (probe == null) {
            throw new IllegalStateException("an index that was read or saved has a probe");
        }
        json.putObject("recallProbe").put("k", probe.k()).put("recall", probe.recall());
        return probe;
    }

    static String text(List<SearchPlans.Plan> plans) {
        return plans.stream().map(IndexCommand::text).collect(Collectors.joining("; "));
    }

    static String text(SearchPlans.Plan plan) {
        String whose = isForEveryK(plan) ? "every k" : "k to " + plan.k();
        return isExhaustive(plan)
                ? whose + ": every row is scored"
                : String.format(
                        Locale.ROOT,
                        "%s: reach %.2f, %.2f candidates for each row, recall %.4f on the probes it was fitted on",
                        whose,
                        plan.reach(),
                        plan.candidates(),
                        plan.recall());
    }

    private static boolean isForEveryK(SearchPlans.Plan plan) {
        return plan.k() == Integer.MAX_VALUE;
    }

    private static boolean isExhaustive(SearchPlans.Plan plan) {
        return Float.isInfinite(plan.reach());
    }

    /** What people call it. */
    static String label(Similarity similarity) {
        return switch (similarity) {
            case INNER_PRODUCT -> "ip";
            case COSINE -> "cosine";
            case L2 -> "l2";
        };
    }

    /** What people call it. */
    static String label(RowFormat format) {
        return format.name().toLowerCase(Locale.ROOT);
    }
}
