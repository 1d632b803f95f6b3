package rondo.kernel.journal;

import java.io.IOException;
import org.agrona.DirectBuffer;

/** An append-only sequence of typed records; one thread. */
public interface JournalCarrier extends AutoCloseable {
    /**
     * Appends a record.
     *
     * @return its sequence, one more than the record's before it; from 1.
     */
    long append(int type, DirectBuffer payload, int offset, int length);

    /**
     * Hands every record from the first to the newest to {@code reader}.
     *
     * @throws IOException naming the sequence, expected and found, when a record is damaged and good ones follow.
     */
    void replay(RecordReader reader) throws IOException;

    /** The newest sequence, 0 when there is none. */
    long lastSequence();

    @Override
    void close();
}
