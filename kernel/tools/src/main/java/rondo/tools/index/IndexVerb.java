package rondo.tools.index;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import rondo.kernel.cli.UsageException;
import rondo.kernel.cli.Verb;

/** {@code rondo index build|stats|check|compare}: vector indexes in files. */
@Command(
        name = "index",
        description = "Build a vector index from a file of vectors; describe, check or compare one.",
        synopsisSubcommandLabel = "build|stats|check|compare",
        subcommands = {IndexBuild.class, IndexStats.class, IndexCheck.class, IndexCompare.class})
public final class IndexVerb extends Verb {
    @Override
    protected boolean run(ObjectNode json) {
        throw new UsageException("what to do with an index is missing: build, stats, check or compare");
    }

    /** True when {@code --json} stands before the name of what to do. */
    boolean isJsonBefore() {
        return isJson();
    }
}
