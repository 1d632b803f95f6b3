package rondo.jmh.ann;

import com.github.jelmerk.hnswlib.core.DistanceFunctions;
import com.github.jelmerk.hnswlib.core.Item;
import com.github.jelmerk.hnswlib.core.SearchResult;
import com.github.jelmerk.hnswlib.core.hnsw.HnswIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import rondo.ann.Similarity;

/** The Java port of hnswlib. */
final class HnswlibCoreEngine implements Engine {
    private static final int LINKS = 16;
    private static final int BEAM = 200;

    private @Nullable HnswIndex<Integer, float[], Row, Float> index;

    /** A vector and its number. */
    private static final class Row implements Item<Integer, float[]> {
        private static final long serialVersionUID = 1L;

        private final int number;
        private final float[] vector;

        Row(int number, float[] vector) {
            this.number = number;
            this.vector = vector;
        }

        @Override
        public Integer id() {
            return number;
        }

        @Override
        public float[] vector() {
            return vector;
        }

        @Override
        public int dimensions() {
            return vector.length;
        }
    }

    @Override
    public String engine() {
        return "hnswlib-core";
    }

    @Override
    public String index() {
        return "hnsw M=" + LINKS + " efC=" + BEAM;
    }

    @Override
    public void build(AnnData data, int threads) {
        HnswIndex<Integer, float[], Row, Float> made = HnswIndex.newBuilder(
                        data.dimension(),
                        data.similarity() == Similarity.L2
                                ? DistanceFunctions.FLOAT_EUCLIDEAN_DISTANCE
                                : DistanceFunctions.FLOAT_INNER_PRODUCT,
                        data.count())
                .withM(LINKS)
                .withEfConstruction(BEAM)
                .build();
        for (int row = 0; row < data.count(); row++) {
            made.add(new Row(
                    row, Arrays.copyOfRange(data.base(), row * data.dimension(), (row + 1) * data.dimension())));
        }
        index = made;
    }

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public List<Setting> settings(AnnData data, int k, int filter) {
        if (filter != 0) {
            return List.of();
        }
        HnswIndex<Integer, float[], Row, Float> graph = Objects.requireNonNull(index);
        List<Setting> settings = new ArrayList<>();
        for (int ef : AnnBench.efs(k)) {
            settings.add(new Setting("ef=" + ef, (query, out) -> {
                graph.setEf(ef);
                List<SearchResult<Row, Float>> found = graph.findNearest(query, k);
                for (int i = 0; i < found.size(); i++) {
                    out[i] = found.get(i).item().id();
                }
                return found.size();
            }));
        }
        return settings;
    }

    @Override
    public void close() {
        index = null;
    }
}
