package rondo.kernel.journal;

import org.agrona.DirectBuffer;

/** Receives the records of a replay; the payload is valid until the call returns. */
@FunctionalInterface
public interface RecordReader {
    void onRecord(long sequence, int type, DirectBuffer payload, int offset, int length);
}
