package rondo.jmh.ann;

import java.io.IOException;
import java.util.List;

/** An index under measurement, in this process. */
interface Engine extends AutoCloseable {
    /** A way to search, from quick to thorough. */
    record Setting(String params, Finder finder) {}

    /** Searches on one thread. */
    interface Finder {
        /**
         * @param out receives the rows found, as the data set numbers them.
         * @return how many.
         */
        int find(float[] query, int[] out) throws Exception;
    }

    String engine();

    String index();

    void build(AnnData data, int threads) throws Exception;

    /** Bytes that the index takes, vectors included; 0 when it does not say. */
    long bytes();

    /** The ways to search for k rows under a filter; none when it cannot. */
    List<Setting> settings(AnnData data, int k, int filter) throws Exception;

    @Override
    void close() throws IOException;
}
