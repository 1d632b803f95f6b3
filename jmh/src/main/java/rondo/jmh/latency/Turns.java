package rondo.jmh.latency;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Lets contestants make round trips in turns of a second, so that what else the machine does falls on each; the first turns are forgotten. */
final class Turns {
    private static final long TURN_NS = 1_000_000_000;
    private static final int WARM_TURNS = 2;
    private static final long SERVER_UNKNOWN = -1;

    private Turns() {}

    /** Something that answers what it is asked. */
    interface Contestant extends AutoCloseable {
        String name();

        boolean isRival();

        /** Asks, and looks for the answer until it is there. */
        void roundTrip() throws IOException;

        /** Before its turn and after it: threads that look for work all the time must not do so while others have theirs. */
        default void begin() throws IOException {}

        default void end() throws IOException {}

        /** Bytes that the answering thread has allocated; negative when that is not known. */
        default long allocatedBytes() {
            return SERVER_UNKNOWN;
        }

        @Override
        void close() throws IOException;
    }

    /** Adds a row for each; returns the median of the first, in microseconds. */
    static double run(List<? extends Contestant> all, int turns, ArrayNode rows) throws IOException {
        Histogram[] times = new Histogram[all.size()];
        long[] bytes = new long[all.size()];
        for (int i = 0; i < times.length; i++) {
            times[i] = new Histogram(3);
        }
        for (int turn = -WARM_TURNS; turn < turns; turn++) {
            for (int i = 0; i < times.length; i++) {
                if (turn == 0) {
                    times[i].reset();
                    bytes[i] = 0;
                }
                Contestant one = all.get(i);
                one.begin();
                long before = one.allocatedBytes();
                turn(one, times[i]);
                bytes[i] += one.allocatedBytes() - before;
                one.end();
            }
        }
        for (int i = 0; i < times.length; i++) {
            Contestant one = all.get(i);
            ObjectNode row = rows.addObject()
                    .put("name", one.name())
                    .put("rival", one.isRival())
                    .put("p50Us", times[i].getValueAtPercentile(50) / 1e3)
                    .put("p99Us", times[i].getValueAtPercentile(99) / 1e3)
                    .put("p999Us", times[i].getValueAtPercentile(99.9) / 1e3)
                    .put("maxUs", times[i].getMaxValue() / 1e3)
                    .put("perSecond", times[i].getTotalCount() / (double) turns)
                    .put("note", "one after the other");
            if (one.allocatedBytes() >= 0) {
                row.put("bytesPerOp", bytes[i] / (double) times[i].getTotalCount());
            }
        }
        return times[0].getValueAtPercentile(50) / 1e3;
    }

    private static void turn(Contestant one, Histogram times) throws IOException {
        long startNs = System.nanoTime();
        for (long nowNs = startNs; nowNs - startNs < TURN_NS; ) {
            one.roundTrip();
            long doneNs = System.nanoTime();
            times.recordValue(doneNs - nowNs);
            nowNs = doneNs;
        }
    }
}
