package rondo.jmh.micro;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.HdrHistogram.Histogram;
import org.agrona.UnsafeApi;
import rondo.ann.RowFilter;
import rondo.ann.Similarity;
import rondo.ann.TopK;
import rondo.ann.VectorIndex;
import rondo.ann.VectorSearcher;
import rondo.ann.flat.FlatVectorIndex;
import rondo.ann.store.NativeMemory;

/**
 * Question: what share of the memory bandwidth that a plain read loop reaches does exact retrieval reach over the same number of bytes?
 *
 * <p>Baselines: a vector loop that sums as many floats with eight accumulators, and a loop that sums them as longs. All take turns of some passes
 * each, so that a disturbance meets all of them; the first pass of a turn brings its own bytes back into the caches and is not counted. The share is of
 * medians.
 */
public final class ScanBench {
    private static final int DIMENSION = 64;
    private static final int PASSES = 20;
    private static final int WARM_TURNS = 80;
    private static final int QUERIES = 64;
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final long STEP = 8L * SPECIES.vectorByteSize();

    private final int count;
    private final int seconds;
    private final float[][] queries = new float[QUERIES][DIMENSION];
    private int queryIndex;
    private double sink;

    /**
     * @param count   rows.
     * @param seconds of measurement, after warming up.
     */
    public ScanBench(int count, int seconds) {
        this.count = count / 64 * 64;
        this.seconds = seconds;
    }

    /** Measures, and adds a row for each loop; the share goes into {@code json}. */
    public void run(ObjectNode json, ArrayNode rows) {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[count * DIMENSION];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        for (float[] query : queries) {
            for (int d = 0; d < DIMENSION; d++) {
                query[d] = (float) random.nextGaussian();
            }
        }
        long length = (long) values.length * Float.BYTES;
        try (NativeMemory plain = new NativeMemory(length);
                FlatVectorIndex index = FlatVectorIndex.build(values, DIMENSION, Similarity.INNER_PRODUCT)) {
            MemorySegment.copy(MemorySegment.ofArray(values), 0, plain.segment(), 0, length);
            Loop[] loops = {
                new Loop("plain read, vectors, 8 accumulators", true, () -> readVectors(plain.segment(), length)),
                new Loop("plain read, longs", true, () -> readLongs(plain.address(), length)),
                new Loop("exact search, k=200", false, search(index, 200)),
                new Loop("exact search, k=500", false, search(index, 500)),
            };
            measure(loops);
            double best = Math.max(loops[0].gigabytesPerSecond(length), loops[1].gigabytesPerSecond(length));
            for (Loop loop : loops) {
                loop.write(rows, length, best);
            }
            json.put("bytes", length);
            json.put("share", loops[2].gigabytesPerSecond(length) / best);
            json.put("checksum", sink);
        }
    }

    private LongSupplier search(VectorIndex index, int k) {
        VectorSearcher searcher = index.newSearcher(k);
        RowFilter filter = new RowFilter(count);
        TopK found = new TopK(k);
        return () -> {
            searcher.search(queries[queryIndex++ % QUERIES], k, filter, found);
            return found.row(0);
        };
    }

    private void measure(Loop[] loops) {
        for (int turn = 0; turn < WARM_TURNS; turn++) {
            for (Loop loop : loops) {
                turn(loop);
            }
        }
        for (Loop loop : loops) {
            loop.reset();
        }
        long endNs = System.nanoTime() + seconds * 1_000_000_000L;
        do {
            for (Loop loop : loops) {
                turn(loop);
            }
        } while (System.nanoTime() < endNs);
    }

    private void turn(Loop loop) {
        sink += loop.body.getAsLong();
        long allocated = Loop.BEAN.getCurrentThreadAllocatedBytes();
        for (int pass = 0; pass < PASSES; pass++) {
            long startNs = System.nanoTime();
            long result = loop.body.getAsLong();
            loop.times.recordValue(System.nanoTime() - startNs);
            sink += result;
        }
        loop.bytes += Loop.BEAN.getCurrentThreadAllocatedBytes() - allocated;
    }

    private static long readVectors(MemorySegment bytes, long length) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        long step = SPECIES.vectorByteSize();
        for (long at = 0; at + STEP <= length; at += STEP) {
            a = a.add(FloatVector.fromMemorySegment(SPECIES, bytes, at, ByteOrder.LITTLE_ENDIAN));
            b = b.add(FloatVector.fromMemorySegment(SPECIES, bytes, at + step, ByteOrder.LITTLE_ENDIAN));
            c = c.add(FloatVector.fromMemorySegment(SPECIES, bytes, at + 2 * step, ByteOrder.LITTLE_ENDIAN));
            d = d.add(FloatVector.fromMemorySegment(SPECIES, bytes, at + 3 * step, ByteOrder.LITTLE_ENDIAN));
            e = e.add(FloatVector.fromMemorySegment(SPECIES, bytes, at + 4 * step, ByteOrder.LITTLE_ENDIAN));
            f = f.add(FloatVector.fromMemorySegment(SPECIES, bytes, at + 5 * step, ByteOrder.LITTLE_ENDIAN));
            g = g.add(FloatVector.fromMemorySegment(SPECIES, bytes, at + 6 * step, ByteOrder.LITTLE_ENDIAN));
            h = h.add(FloatVector.fromMemorySegment(SPECIES, bytes, at + 7 * step, ByteOrder.LITTLE_ENDIAN));
        }
        return (long) a.add(b).add(c.add(d)).add(e.add(f)).add(g.add(h)).reduceLanes(VectorOperators.ADD);
    }

    private static long readLongs(long address, long length) {
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (long at = address; at + 32 <= address + length; at += 32) {
            a += UnsafeApi.getLong(at);
            b += UnsafeApi.getLong(at + 8);
            c += UnsafeApi.getLong(at + 16);
            d += UnsafeApi.getLong(at + 24);
        }
        return a + b + c + d;
    }

    /** One thing measured. */
    private static final class Loop {
        static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        final LongSupplier body;
        /** Of fixed range: one that grows would allocate on the thread that is measured. */
        final Histogram times = new Histogram(60_000_000_000L, 3);

        private final String name;
        private final boolean isRival;
        long bytes;

        Loop(String name, boolean isRival, LongSupplier body) {
            this.name = name;
            this.isRival = isRival;
            this.body = body;
        }

        void reset() {
            times.reset();
            bytes = 0;
        }

        double gigabytesPerSecond(long length) {
            return (double) length / times.getValueAtPercentile(50);
        }

        void write(ArrayNode rows, long length, double best) {
            double rate = gigabytesPerSecond(length);
            rows.addObject()
                    .put("name", name)
                    .put("rival", isRival)
                    .put("p50Us", times.getValueAtPercentile(50) / 1e3)
                    .put("p99Us", times.getValueAtPercentile(99) / 1e3)
                    .put("p999Us", times.getValueAtPercentile(99.9) / 1e3)
                    .put("maxUs", times.getMaxValue() / 1e3)
                    .put("bytesPerOp", (double) bytes / times.getTotalCount())
                    .put("gigabytesPerSecond", rate)
                    .put("share", rate / best)
                    .put("note", String.format(Locale.ROOT, "%.1f GB/s, %.0f %%", rate, 100 * rate / best));
        }
    }
}
