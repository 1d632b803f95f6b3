package rondo.jmh.ann;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rondo.ann.simd.RowFormat;
import rondo.kernel.cli.UsageException;

/**
 * Question: how many queries a second does each index answer at which recall, over the same vectors, on one thread?
 *
 * <p>Each query is asked in several passes and counts with its quickest. A rate is queries over the sum of these; of several threads, the sum of theirs. Rivals
 * are swept over their own knob; ours is fitted on probes, which are not among the queries reported.
 */
public final class AnnBench {
    private static final int[] KS = {10, 100, 500};
    /** So long at least, that the compiler may know the code of an index in Java; ours or theirs. */
    private static final long WARM_NS = 500_000_000;

    /** A knob is not turned further once this is reached; what a setting costs is known by then. */
    private static final double RECALL_ENOUGH = 0.996;

    /** Nor when a query takes so long. */
    private static final double ENOUGH_US = 20_000;

    private static final List<String> PEERS =
            List.of("hnswlib", "faiss", "usearch", "lucene", "jvector", "hnswlib-core");

    private final AnnData data;
    private final List<String> peers;
    private final boolean hasHalves;
    private final int threads;
    private final long leastNs;
    private final Progress progress;

    /**
     * @param folder   with a data set, or null.
     * @param generate name of one that is generated or fetched, or null.
     * @param peers    names of the rivals; {@code all}, or {@code none}.
     * @param hasHalves whether our index is measured with rows in bfloat16 too.
     * @param threads  that build, and, when more than one, search our own index side by side in rows of their own.
     * @param progress is told what is measured.
     */
    public AnnBench(
            @Nullable Path folder,
            @Nullable String generate,
            List<String> peers,
            boolean hasHalves,
            int threads,
            Progress progress)
            throws IOException, InterruptedException {
        this(read(folder, generate), peers, hasHalves, threads, WARM_NS, progress);
    }

    AnnBench(AnnData data, List<String> peers, boolean hasHalves, int threads, long leastNs, Progress progress) {
        this.hasHalves = hasHalves;
        this.peers = peers.contains("all") ? PEERS : peers.contains("none") ? List.of() : peers;
        for (String peer : this.peers) {
            if (!PEERS.contains(peer)) {
                throw new UsageException("no such peer: " + peer + "; there are " + PEERS + ", all and none");
            }
        }
        this.data = data;
        this.threads = threads;
        this.leastNs = leastNs;
        this.progress = progress;
    }

    private static AnnData read(@Nullable Path folder, @Nullable String generate)
            throws IOException, InterruptedException {
        if ((folder == null) == (generate == null)) {
            throw new UsageException("bench ann needs either --data DIR or --generate NAME");
        }
        return folder != null ? AnnData.load(folder) : generated(String.valueOf(generate));
    }

    private static AnnData generated(String name) throws IOException, InterruptedException {
        return switch (name) {
            case "two-tower-200k" -> TwoTower.make(name, 200_000, false);
            case "two-tower-1m" -> TwoTower.make(name, 1_000_000, false);
            case "two-tower-1m-unit" -> TwoTower.make(name, 1_000_000, true);
            case "glove-340k" -> Glove.load(name, NpmPackage.cache());
            default ->
                throw new UsageException("no such set to generate: " + name
                        + "; there are two-tower-200k, two-tower-1m, two-tower-1m-unit and glove-340k");
        };
    }

    /** Measures, and adds a row for each index, setting, k and filter. */
    public void run(ObjectNode json, ArrayNode rows) throws Exception {
        json.put("dataset", data.name());
        progress.line("%s: %,d rows x %d, %d queries", data.name(), data.count(), data.dimension(), data.queryCount());
        progress.now("finding the exact answers");
        data.solve();
        measure(new RondoEngine(null), rows);
        measure(new RondoEngine(RowFormat.FLOAT32), rows);
        if (hasHalves) {
            measure(new RondoEngine(RowFormat.BFLOAT16), rows);
        }
        for (String peer : peers) {
            switch (peer) {
                case "lucene" -> measure(new LuceneEngine(), rows);
                case "jvector" -> measure(new JVectorEngine(), rows);
                case "hnswlib-core" -> measure(new HnswlibCoreEngine(), rows);
                default -> new NativePeers(data, peer, leastNs, progress).run(rows);
            }
        }
        progress.end();
    }

    /** What a build took. */
    private record Built(double seconds, double cpuSeconds) {}

    private void measure(Engine engine, ArrayNode rows) throws Exception {
        try (engine) {
            OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            progress.now("%s %s: building", engine.engine(), engine.index());
            long cpuNs = system.getProcessCpuTime();
            long startNs = System.nanoTime();
            engine.build(data, threads);
            Built built = new Built((System.nanoTime() - startNs) / 1e9, (system.getProcessCpuTime() - cpuNs) / 1e9);
            progress.line("%s %s: built in %.1f s", engine.engine(), engine.index(), built.seconds());
            if (engine instanceof RondoEngine ours) {
                progress.now("%s %s: fitting plans on the probes", engine.engine(), engine.index());
                ours.fit(data, threads);
            }
            for (int filter = 0; filter < data.filters().size(); filter++) {
                for (int k : KS) {
                    curve(engine, built, k, filter, rows);
                }
            }
        }
    }

    private void curve(Engine engine, Built built, int k, int filter, ArrayNode rows) throws Exception {
        int searchers = engine instanceof RondoEngine ? threads : 1;
        List<List<Engine.Setting>> settings = new ArrayList<>();
        for (int searcher = 0; searcher < searchers; searcher++) {
            settings.add(engine.settings(data, k, filter));
        }
        for (int i = 0; i < settings.getFirst().size(); i++) {
            int at = i;
            String params = settings.getFirst().get(at).params();
            String filterName = data.filters().get(filter).name();
            progress.now("%s %s: k=%d, filter=%s, %s", engine.engine(), engine.index(), k, filterName, params);
            List<Engine.Finder> finders =
                    settings.stream().map(each -> each.get(at).finder()).toList();
            Figures alone = QueryLoop.measure(data, finders.subList(0, 1), k, filter, leastNs);
            write(rows, engine, built, params, k, filter, 1, alone);
            if (searchers > 1) {
                Figures together = QueryLoop.measure(data, finders, k, filter, leastNs);
                write(rows, engine, built, params, k, filter, searchers, together);
            }
            if (alone.recall() >= RECALL_ENOUGH || alone.p50Us() > ENOUGH_US) {
                break;
            }
        }
    }

    /** What one setting reached. */
    record Figures(double recall, double qps, double p50Us, double p99Us) {
        /** @param bestUs of each query; sorted here. */
        static Figures of(double recall, double[] bestUs) {
            double sum = Arrays.stream(bestUs).sum();
            Arrays.sort(bestUs);
            return new Figures(
                    recall,
                    bestUs.length / sum * 1e6,
                    bestUs[bestUs.length / 2],
                    bestUs[Math.min(bestUs.length - 1, bestUs.length * 99 / 100)]);
        }
    }

    private void write(
            ArrayNode rows,
            Engine engine,
            Built built,
            String params,
            int k,
            int filter,
            int searchers,
            Figures figures) {
        write(rows, data, engine.engine(), engine.index(), params, k, filter, figures)
                .put("threads", searchers)
                .put("bytesPerVector", (double) engine.bytes() / data.count())
                .put("buildSeconds", built.seconds())
                .put("buildCpuSeconds", built.cpuSeconds());
    }

    /** Adds a row with what every engine has to say. */
    static ObjectNode write(
            ArrayNode rows,
            AnnData data,
            String engine,
            String index,
            String params,
            int k,
            int filter,
            Figures figures) {
        AnnData.Filter by = data.filters().get(filter);
        return rows.addObject()
                .put("engine", engine)
                .put("index", index)
                .put("params", params)
                .put("dim", data.dimension())
                .put("count", data.count())
                .put("similarity", data.similarity().name())
                .put("k", k)
                .put("filter", by.share())
                .put("filterName", by.name())
                .put("recall", figures.recall())
                .put("qps", figures.qps())
                .put("p50Us", figures.p50Us())
                .put("p99Us", figures.p99Us())
                .put("threads", 1);
    }

    /** A graph's knob: candidates that a search keeps, from k on. */
    static List<Integer> efs(int k) {
        List<Integer> efs = new ArrayList<>();
        for (double factor : new double[] {1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64}) {
            int ef = (int) Math.ceil(k * factor);
            if (ef <= Math.max(640, 4 * k)) {
                efs.add(ef);
            }
        }
        return efs;
    }
}
