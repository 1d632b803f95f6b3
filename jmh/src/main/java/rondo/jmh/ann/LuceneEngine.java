package rondo.jmh.ann;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.AcceptDocs;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.Bits;
import org.jspecify.annotations.Nullable;

/** Lucene's graph over float vectors in one segment. */
final class LuceneEngine implements Engine {
    private static final String FIELD = "v";
    private static final int LINKS = 16;
    private static final int BEAM = 200;

    private final ByteBuffersDirectory directory = new ByteBuffersDirectory();
    private @Nullable DirectoryReader reader;
    private long bytes;

    @Override
    public String engine() {
        return "lucene";
    }

    @Override
    public String index() {
        return "hnsw M=" + LINKS + " beam=" + BEAM;
    }

    @Override
    public void build(AnnData data, int threads) throws IOException {
        VectorSimilarityFunction function = switch (data.similarity()) {
            case INNER_PRODUCT -> VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT;
            case COSINE -> VectorSimilarityFunction.DOT_PRODUCT;
            case L2 -> VectorSimilarityFunction.EUCLIDEAN;
        };
        IndexWriterConfig config = new IndexWriterConfig(null)
                .setCodec(new Lucene104Codec() {
                    @Override
                    public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
                        return new Lucene99HnswVectorsFormat(LINKS, BEAM);
                    }
                })
                .setMergeScheduler(new SerialMergeScheduler())
                .setRAMBufferSizeMB(1_900);
        try (IndexWriter writer = new IndexWriter(directory, config)) {
            float[] vector = new float[data.dimension()];
            for (int row = 0; row < data.count(); row++) {
                System.arraycopy(data.base(), row * data.dimension(), vector, 0, data.dimension());
                Document document = new Document();
                document.add(new KnnFloatVectorField(FIELD, vector.clone(), function));
                writer.addDocument(document);
            }
            writer.forceMerge(1);
        }
        reader = DirectoryReader.open(directory);
        for (String file : directory.listAll()) {
            bytes += directory.fileLength(file);
        }
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public List<Setting> settings(AnnData data, int k, int filter) {
        LeafReader leaf = Objects.requireNonNull(reader).leaves().getFirst().reader();
        BitSet passes = data.filters().get(filter).passes();
        Bits bits = new Bits() {
            @Override
            public boolean get(int index) {
                return passes.get(index);
            }

            @Override
            public int length() {
                return data.count();
            }
        };
        List<Setting> settings = new ArrayList<>();
        for (int ef : AnnBench.efs(k)) {
            settings.add(new Setting("ef=" + ef, (query, out) -> {
                TopDocs found = leaf.searchNearestVectors(
                        FIELD,
                        query.clone(),
                        ef,
                        AcceptDocs.fromLiveDocs(filter == 0 ? null : bits, leaf.maxDoc()),
                        Integer.MAX_VALUE);
                int count = Math.min(out.length, found.scoreDocs.length);
                for (int i = 0; i < count; i++) {
                    out[i] = found.scoreDocs[i].doc;
                }
                return count;
            }));
        }
        return settings;
    }

    @Override
    public void close() throws IOException {
        if (reader != null) {
            reader.close();
        }
        directory.close();
    }
}
