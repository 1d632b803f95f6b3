package rondo.tools.replay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rondo.kernel.Replay;
import rondo.kernel.ServingKernel;
import rondo.kernel.cli.UsageException;
import rondo.kernel.cli.Verb;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.tools.data.Progress;

/** {@code rondo replay}: makes every logged action, propensity, policy block and reward again, and compares bit for bit. */
@Command(
        name = "replay",
        description = "Make a stopped server's logged actions, propensities, policies and rewards again and compare.")
public final class ReplayVerb extends Verb {
    /** Rough bytes that a request leaves in the journal with its rewards; only the progress bar believes it. */
    private static final long REQUEST_LENGTH = 1_500;

    @Option(names = "--directory", required = true, paramLabel = "DIR", description = "Data directory.")
    private Path directory = Path.of("");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings to replay with; without it those that the directory was last served with.")
    private @Nullable Path file;

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        Path settings = file == null ? directory.resolve(ServingKernel.SETTINGS_FILE) : file;
        if (!Files.isRegularFile(settings)) {
            throw new UsageException("no settings to replay with: file=" + settings
                    + "; name a data directory that was served, or the file with --config");
        }
        Config config = Config.load(settings).with(Setting.DIRECTORY, directory);
        Replay.Result result;
        try (Progress progress = new Progress("replay", journalLength() / REQUEST_LENGTH)) {
            result = Replay.run(config, progress::at);
        }
        json.put("requests", result.requests());
        json.put("decisions", result.decisions());
        json.put("rewards", result.rewards());
        json.put("unlogged", result.unlogged());
        json.put("blocks", result.blocks());
        json.put("differences", result.differences());
        json.put("firstDifference", result.firstDifference());
        out().println(result.requests() + " requests with " + result.decisions() + " decisions and " + result.rewards()
                + " rewards made again over " + result.blocks() + " policy blocks: " + result.differences()
                + " differ from the log");
        if (result.differences() > 0) {
            out().println("first: " + result.firstDifference());
        }
        return result.differences() == 0;
    }

    private long journalLength() throws java.io.IOException {
        Path journal = directory.resolve("journal");
        if (!Files.isDirectory(journal)) {
            return 0;
        }
        long length = 0;
        try (var files = Files.newDirectoryStream(journal)) {
            for (Path path : files) {
                length += Files.size(path);
            }
        }
        return length;
    }
}
