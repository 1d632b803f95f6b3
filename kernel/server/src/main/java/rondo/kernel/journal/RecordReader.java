package rondo.kernel.journal;

import java.io.IOException;
import org.agrona.DirectBuffer;

/** Receives the records of a replay; the payload is valid until the call returns. An exception ends the replay. */
@FunctionalInterface
public interface RecordReader {
    void onRecord(long sequence, int type, DirectBuffer payload, int offset, int length) throws IOException;
}
