package rondo.ann.partitioned;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import rondo.ann.Similarity;
import rondo.ann.simd.RowFormat;

/** Changes an index in a folder until it is killed, and says after each change that it was made. Which changes follows from their numbers. */
final class ChangingProcess {
    static final int DIMENSION = 4;
    static final int IDS = 600;
    static final LiveOptions OPTIONS = new LiveOptions(
            1,
            RowFormat.FLOAT32,
            1,
            0.5,
            new SearchPlans(List.of(new SearchPlans.Plan(Integer.MAX_VALUE, Float.POSITIVE_INFINITY, 1e6f, 1))),
            0.3,
            150,
            3);

    private ChangingProcess() {}

    /** What a change does: the id's new vector, or null when it goes, if it is there. */
    static float[] vector(long change) {
        SplittableRandom random = new SplittableRandom(change);
        float[] vector = new float[DIMENSION];
        for (int d = 0; d < DIMENSION; d++) {
            vector[d] = (float) random.nextGaussian();
        }
        return vector;
    }

    static long id(long change) {
        return new SplittableRandom(~change).nextInt(IDS);
    }

    static boolean isDelete(long change) {
        return (new SplittableRandom(change * 31 + 7).nextInt() & 3) == 0;
    }

    /** An index of the first few ids. */
    static LiveVectorIndex create(Path folder) throws IOException {
        long[] ids = new long[IDS / 2];
        float[] rows = new float[ids.length * DIMENSION];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i;
            System.arraycopy(vector(-1L - i), 0, rows, i * DIMENSION, DIMENSION);
        }
        return LiveVectorIndex.create(folder, ids, rows, DIMENSION, Similarity.INNER_PRODUCT, OPTIONS);
    }

    static void change(VectorAppender appender, long change) {
        long id = id(change);
        if (isDelete(change)) {
            appender.delete(id);
        } else if (appender.contains(id)) {
            appender.update(id, vector(change));
        } else {
            appender.insert(id, vector(change));
        }
    }

    /** @param arguments the folder, and the number of the first change. */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        try (LiveVectorIndex live = LiveVectorIndex.open(Path.of(arguments[0]), OPTIONS);
                VectorAppender appender = live.appender()) {
            for (long change = Long.parseLong(arguments[1]); ; change++) {
                change(appender, change);
                out.println(change + " " + live.version());
            }
        }
    }
}
