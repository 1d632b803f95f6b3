package rondo.jmh.micro;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the JMH benchmarks of this room with its gc profiler; methods that begin with {@code baseline} are the rivals in their class. */
public final class MicroBench {
    private static final int ITERATIONS = 3;

    private final int forks;
    private final PrintStream log;

    /**
     * @param forks JVMs for each benchmark; 0 runs all in this one, which is quick and less to be trusted.
     * @param log   receives JMH's own output.
     */
    public MicroBench(int forks, PrintStream log) {
        this.forks = forks;
        this.log = log;
    }

    /** Measures, and adds a row for each benchmark. */
    public void run(ArrayNode rows) throws RunnerException {
        TimeValue length = forks == 0 ? TimeValue.milliseconds(20) : TimeValue.seconds(1);
        Options options = new OptionsBuilder()
                .include("^rondo\\.jmh\\.micro\\.")
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(forks)
                .warmupIterations(ITERATIONS)
                .warmupTime(length)
                .measurementIterations(ITERATIONS)
                .measurementTime(length)
                .addProfiler(GCProfiler.class)
                .build();
        Collection<RunResult> results =
                new Runner(options, OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL)).run();
        for (RunResult result : results) {
            row(rows.addObject(), result);
        }
    }

    private static void row(ObjectNode row, RunResult result) {
        String benchmark = result.getParams().getBenchmark();
        String method = benchmark.substring(benchmark.lastIndexOf('.') + 1);
        Result<?> time = result.getPrimaryResult();
        Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
        row.put("name", benchmark.substring("rondo.jmh.micro.".length()))
                .put("rival", method.startsWith("baseline"))
                .put("meanUs", time.getScore() / 1e3)
                .put("errorUs", time.getScoreError() / 1e3)
                .put("note", String.format(Locale.ROOT, "mean %.1f ns", time.getScore()));
        if (bytes != null) {
            row.put("bytesPerOp", Math.round(bytes.getScore()));
        }
    }
}
