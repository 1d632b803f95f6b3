package rondo.jmh.ann;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import rondo.ann.RowFilter;
import rondo.ann.TopK;
import rondo.ann.VectorSearcher;
import rondo.ann.flat.FlatVectorIndex;
import rondo.ann.partitioned.BuildProgress;
import rondo.ann.partitioned.PartitionedVectorIndex;
import rondo.ann.partitioned.SearchPlans;
import rondo.ann.simd.RowFormat;

/** The indexes of this project. */
final class RondoEngine implements Engine {
    private static final double[] TARGETS = {0.9, 0.95, 0.96, 0.97, 0.98, 0.99};
    private static final long SEED = 1;

    private final @Nullable RowFormat rowFormat;
    private @Nullable FlatVectorIndex flat;
    private @Nullable PartitionedVectorIndex partitioned;
    private final List<SearchPlans> plans = new ArrayList<>();
    private final List<RowFilter> filters = new ArrayList<>();

    /** @param rowFormat of the partitioned index; null for the exact one. */
    RondoEngine(@Nullable RowFormat rowFormat) {
        this.rowFormat = rowFormat;
    }

    @Override
    public String engine() {
        return "rondo";
    }

    @Override
    public String index() {
        if (rowFormat == null) {
            return "flat";
        }
        return rowFormat == RowFormat.FLOAT32 ? "partitioned" : "partitioned-bfloat16";
    }

    @Override
    public void build(AnnData data, int threads) {
        if (rowFormat == null) {
            flat = FlatVectorIndex.build(data.base(), data.dimension(), data.similarity());
        } else {
            partitioned = PartitionedVectorIndex.build(
                    data.base(),
                    data.dimension(),
                    data.similarity(),
                    rowFormat,
                    SEED,
                    threads,
                    PartitionedVectorIndex.RECALL_DEFAULT,
                    new float[0],
                    BuildProgress.NONE);
        }
    }

    /** Fits a plan for each recall on the probes; not part of the build, since a user asks for one. */
    void fit(AnnData data, int threads) {
        if (partitioned != null) {
            plans.addAll(partitioned.fit(data.probes(), TARGETS, threads));
        }
    }

    private RowFilter filter(AnnData data, int filter) {
        while (filters.size() <= filter) {
            BitSet passes = data.filters().get(filters.size()).passes();
            RowFilter rows = new RowFilter(data.count());
            for (int row = 0; row < data.count(); row++) {
                if (!passes.get(source(row))) {
                    rows.clear(row);
                }
            }
            filters.add(rows);
        }
        return filters.get(filter);
    }

    private int source(int row) {
        return partitioned == null ? row : (int) partitioned.id(row);
    }

    @Override
    public long bytes() {
        return partitioned == null ? Objects.requireNonNull(flat).length() : partitioned.length();
    }

    @Override
    public List<Setting> settings(AnnData data, int k, int filter) {
        RowFilter rows = filter(data, filter);
        if (flat != null) {
            return List.of(setting("exact", flat.newSearcher(k), k, rows));
        }
        PartitionedVectorIndex index = Objects.requireNonNull(partitioned);
        List<Setting> settings = new ArrayList<>();
        for (int i = 0; i < TARGETS.length; i++) {
            index.plan(plans.get(i));
            SearchPlans.Plan plan = plans.get(i).of(k);
            settings.add(setting(
                    String.format(Locale.ROOT, "for %.2f: z=%.2f, %.1f k", TARGETS[i], plan.reach(), plan.candidates()),
                    index.newSearcher(k),
                    k,
                    rows));
        }
        return settings;
    }

    private Setting setting(String params, VectorSearcher searcher, int k, RowFilter rows) {
        TopK top = new TopK(k);
        return new Setting(params, (query, out) -> {
            int count = searcher.search(query, k, rows, top);
            for (int i = 0; i < count; i++) {
                out[i] = source(top.row(i));
            }
            return count;
        });
    }

    @Override
    public void close() {
        if (flat != null) {
            flat.close();
        }
        if (partitioned != null) {
            partitioned.close();
        }
    }
}
