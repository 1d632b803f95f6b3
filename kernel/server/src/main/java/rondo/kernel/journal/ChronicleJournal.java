package rondo.kernel.journal;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The journal in a Chronicle Queue; our own record stands in each excerpt.
 *
 * <pre>
 * little endian
 *  0  length    int32   bytes of the payload
 *  4  crc32c    int32   over bytes 8 … 24+length
 *  8  epoch     int64   one more with each opening
 * 16  sequence  int64
 * 24  type      int32   28 reserved int32
 * 32  payload
 * </pre>
 *
 * <p>What was appended survives the death of the process. Opening starts a new epoch, written as a record of type 0. The caller holds the
 * directory's lock, so that a lock of Chronicle's own that a dead process left behind may be broken.
 */
public final class ChronicleJournal implements JournalCarrier {
    /** The first record of every epoch; has no payload. */
    public static final int TYPE_EPOCH = 0;

    private static final int HEADER_LENGTH = 32;
    private static final int RECORD_LENGTH_MAX = 64 * 1024;

    private final ChronicleQueue queue;
    private final @Nullable ExcerptAppender appender;
    private final CRC32C crc = new CRC32C();
    private byte[] record = new byte[4096];
    private final UnsafeBuffer view = new UnsafeBuffer(record);
    private long epoch;
    private long sequence;

    private ChronicleJournal(ChronicleQueue queue, @Nullable ExcerptAppender appender) {
        this.queue = queue;
        this.appender = appender;
    }

    /**
     * Opens a journal to be read; nothing in the directory changes.
     *
     * @throws IOException when there is none.
     */
    public static ChronicleJournal openReadOnly(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException("there is no journal here: directory=" + directory);
        }
        return new ChronicleJournal(
                SingleChronicleQueueBuilder.binary(directory.toFile())
                        .readOnly(true)
                        .build(),
                null);
    }

    /**
     * Opens or makes the journal in a directory, and begins an epoch.
     *
     * @throws IOException when a record is damaged.
     */
    public static ChronicleJournal open(Path directory) throws IOException {
        System.setProperty("queue.force.unlock.mode", "ALWAYS");
        ChronicleQueue queue = SingleChronicleQueueBuilder.binary(directory.toFile())
                .timeoutMS(2_000)
                .build();
        ExcerptAppender appender = queue.createAppender();
        // Opened by one thread and handed to the ledger's before that starts; never used by two at a time.
        ((net.openhft.chronicle.core.io.SingleThreadedChecked) appender).singleThreadedCheckDisabled(true);
        ChronicleJournal journal = new ChronicleJournal(queue, appender);
        journal.replay((sequence, type, payload, offset, length) -> {});
        journal.epoch++;
        journal.append(TYPE_EPOCH, journal.view, 0, 0);
        return journal;
    }

    @Override
    public long append(int type, DirectBuffer payload, int offset, int length) {
        if (length < 0 || length > RECORD_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "record length outside [0, " + RECORD_LENGTH_MAX + "]: length=" + length);
        }
        ensure(HEADER_LENGTH + length);
        view.putInt(0, length, ByteOrder.LITTLE_ENDIAN);
        view.putLong(8, epoch, ByteOrder.LITTLE_ENDIAN);
        view.putLong(16, sequence + 1, ByteOrder.LITTLE_ENDIAN);
        view.putInt(24, type, ByteOrder.LITTLE_ENDIAN);
        view.putInt(28, 0, ByteOrder.LITTLE_ENDIAN);
        view.putBytes(HEADER_LENGTH, payload, offset, length);
        view.putInt(4, checksum(length), ByteOrder.LITTLE_ENDIAN);
        if (appender == null) {
            throw new IllegalStateException("the journal was opened to be read: type=" + type);
        }
        DocumentContext document = appender.writingDocument();
        boolean isWhole = false;
        try {
            document.wire().bytes().write(record, 0, HEADER_LENGTH + length);
            isWhole = true;
        } finally {
            // Whatever was thrown, a half-written excerpt must not be committed.
            if (!isWhole) {
                document.rollbackOnClose();
            }
            document.close();
        }
        return ++sequence;
    }

    private void ensure(int length) {
        if (record.length < length) {
            record = new byte[Integer.highestOneBit(length - 1) << 1];
            view.wrap(record);
        }
    }

    private int checksum(int payloadLength) {
        crc.reset();
        crc.update(record, 8, HEADER_LENGTH - 8 + payloadLength);
        return (int) crc.getValue();
    }

    @Override
    public void replay(RecordReader reader) throws IOException {
        long expected = 1;
        String damage = "";
        try (ExcerptTailer tailer = queue.createTailer()) {
            while (true) {
                try (DocumentContext document = tailer.readingDocument()) {
                    if (!document.isPresent()) {
                        break;
                    }
                    Bytes<?> source = document.wire().bytes();
                    int available = (int) Math.min(Integer.MAX_VALUE, source.readRemaining());
                    ensure(available);
                    source.read(record, 0, available);
                    String problem = problem(available, expected);
                    if (!damage.isEmpty()) {
                        throw new IOException(damage);
                    }
                    if (!problem.isEmpty()) {
                        // The last record may be torn; a good one after it makes this corruption.
                        damage = "journal " + queue.fileAbsolutePath() + ": a record is damaged: sequence=" + expected
                                + ", " + problem;
                        continue;
                    }
                    epoch = Math.max(epoch, view.getLong(8, ByteOrder.LITTLE_ENDIAN));
                    int type = view.getInt(24, ByteOrder.LITTLE_ENDIAN);
                    if (type != TYPE_EPOCH) {
                        reader.onRecord(expected, type, view, HEADER_LENGTH, view.getInt(0, ByteOrder.LITTLE_ENDIAN));
                    }
                    expected++;
                }
            }
        }
        sequence = expected - 1;
    }

    private String problem(int available, long expected) {
        if (available < HEADER_LENGTH) {
            return "expected at least " + HEADER_LENGTH + " bytes, found " + available;
        }
        int length = view.getInt(0, ByteOrder.LITTLE_ENDIAN);
        if (length < 0 || HEADER_LENGTH + length > available) {
            return "expected length within " + (available - HEADER_LENGTH) + ", found " + length;
        }
        int stored = view.getInt(4, ByteOrder.LITTLE_ENDIAN);
        int computed = checksum(length);
        if (stored != computed) {
            return "expected crc32c=" + Integer.toHexString(stored) + ", found " + Integer.toHexString(computed);
        }
        long found = view.getLong(16, ByteOrder.LITTLE_ENDIAN);
        return found == expected ? "" : "expected sequence " + expected + ", found " + found;
    }

    @Override
    public long lastSequence() {
        return sequence;
    }

    @Override
    public void close() {
        if (appender != null) {
            appender.close();
        }
        queue.close();
    }
}
