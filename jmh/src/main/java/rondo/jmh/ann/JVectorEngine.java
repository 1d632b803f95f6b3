package rondo.jmh.ann;

import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.ImmutableGraphIndex;
import io.github.jbellis.jvector.graph.ListRandomAccessVectorValues;
import io.github.jbellis.jvector.graph.SearchResult;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.util.Bits;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import io.github.jbellis.jvector.vector.types.VectorTypeSupport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** JVector's graph over float vectors in memory. */
final class JVectorEngine implements Engine {
    private static final int LINKS = 32;
    private static final int BEAM = 200;
    private static final float OVERFLOW = 1.2f;
    private static final float ALPHA = 1.2f;

    private final VectorTypeSupport types = VectorizationProvider.getInstance().getVectorTypeSupport();
    private @Nullable GraphIndexBuilder builder;
    private @Nullable ListRandomAccessVectorValues vectors;
    private @Nullable ImmutableGraphIndex graph;

    @Override
    public String engine() {
        return "jvector";
    }

    @Override
    public String index() {
        return "graph M=" + LINKS + " beam=" + BEAM;
    }

    private static VectorSimilarityFunction function(AnnData data) {
        return switch (data.similarity()) {
            case INNER_PRODUCT, COSINE -> VectorSimilarityFunction.DOT_PRODUCT;
            case L2 -> VectorSimilarityFunction.EUCLIDEAN;
        };
    }

    @Override
    public void build(AnnData data, int threads) {
        List<VectorFloat<?>> all = new ArrayList<>();
        for (int row = 0; row < data.count(); row++) {
            all.add(types.createFloatVector(
                    Arrays.copyOfRange(data.base(), row * data.dimension(), (row + 1) * data.dimension())));
        }
        vectors = new ListRandomAccessVectorValues(all, data.dimension());
        builder = GraphIndexBuilder.builder(vectors, function(data), LINKS)
                .withBeamWidth(BEAM)
                .withNeighborOverflow(OVERFLOW)
                .withAlpha(ALPHA)
                .build();
        graph = builder.build(vectors);
    }

    @Override
    public long bytes() {
        ListRandomAccessVectorValues all = Objects.requireNonNull(vectors);
        return Objects.requireNonNull(builder).ramBytesUsed() + (long) all.size() * all.dimension() * Float.BYTES;
    }

    @Override
    @SuppressWarnings("resource") // the searcher lives as long as the bench
    public List<Setting> settings(AnnData data, int k, int filter) {
        BitSet passes = data.filters().get(filter).passes();
        Bits bits = filter == 0 ? Bits.ALL : passes::get;
        ListRandomAccessVectorValues all = Objects.requireNonNull(vectors);
        VectorSimilarityFunction function = function(data);
        GraphSearcher searcher = new GraphSearcher(Objects.requireNonNull(graph));
        List<Setting> settings = new ArrayList<>();
        for (int ef : AnnBench.efs(k)) {
            settings.add(new Setting("rerankK=" + ef, (query, out) -> {
                SearchResult found = searcher.search(
                        DefaultSearchScoreProvider.exact(types.createFloatVector(query.clone()), function, all),
                        k,
                        ef,
                        0f,
                        0f,
                        bits);
                int count = Math.min(out.length, found.getNodes().length);
                for (int i = 0; i < count; i++) {
                    out[i] = found.getNodes()[i].node;
                }
                return count;
            }));
        }
        return settings;
    }

    @Override
    public void close() throws IOException {
        if (builder != null) {
            builder.close();
        }
    }
}
