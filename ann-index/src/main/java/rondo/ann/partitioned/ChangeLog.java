package rondo.ann.partitioned;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * What changed since a version was built, one record behind the other. One writer.
 *
 * <pre>
 * little endian
 *  0  magic      8 bytes  "RONDOCHG"
 *  8  format     int32    1
 * 12  dimension  int32
 * then for each change
 *  0  crc32c     int32    over the rest of the record
 *  4  kind       int32    1 put, 2 delete
 *  8  id         int64
 * 16  vector     dimension × float32, of a put only
 * </pre>
 *
 * A change is written before the call that makes it returns, so it survives the process; {@link #force} makes it survive the machine. A record that the end
 * of the file cuts short, or that is followed by zeros only, was never acknowledged and is dropped; any other damage is refused.
 */
final class ChangeLog implements AutoCloseable {
    private static final byte[] MAGIC = {'R', 'O', 'N', 'D', 'O', 'C', 'H', 'G'};
    private static final int FORMAT_VERSION = 1;
    private static final int HEADER_LENGTH = 16;
    private static final int FIXED_LENGTH = 16;
    private static final int PUT = 1;
    private static final int DELETE = 2;

    private final Path file;
    private FileChannel channel;
    private final ByteBuffer record;
    private final CRC32C crc = new CRC32C();
    private long length;

    private ChangeLog(Path file, FileChannel channel, int dimension, long length) {
        this.file = file;
        this.channel = channel;
        this.record = ByteBuffer.allocateDirect(FIXED_LENGTH + dimension * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        this.length = length;
    }

    /** Receives changes in their order. */
    interface Changes {
        void put(long id, float[] vector);

        void delete(long id);
    }

    /** A new, empty one in the place of any that is there. */
    static ChangeLog create(Path file, int dimension) throws IOException {
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            ByteBuffer header = ByteBuffer.allocate(HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            header.put(MAGIC).putInt(FORMAT_VERSION).putInt(dimension).flip();
            while (header.hasRemaining()) {
                channel.write(header);
            }
            return new ChangeLog(file, channel, dimension, HEADER_LENGTH);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Hands every change on and goes on behind the last.
     *
     * @throws IOException naming file and offset, when it is of another kind or dimension, or damaged before its end.
     */
    static ChangeLog resume(Path file, int dimension, Changes to) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            ChangeLog log = new ChangeLog(file, channel, dimension, HEADER_LENGTH);
            log.readHeader(dimension);
            log.replay(dimension, to);
            channel.truncate(log.length);
            return log;
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    private void readHeader(int dimension) throws IOException {
        ByteBuffer header = read(0, HEADER_LENGTH);
        byte[] magic = new byte[MAGIC.length];
        if (header.remaining() == HEADER_LENGTH) {
            header.get(magic);
        }
        if (!Arrays.equals(magic, MAGIC)) {
            throw new IOException(file + ": this is no log of changes: offset=0, expected=RONDOCHG");
        }
        int format = header.getInt();
        int found = header.getInt();
        if (format != FORMAT_VERSION || found != dimension) {
            throw new IOException(file + ": the log is of another format or dimension: format=" + format + ", expected="
                    + FORMAT_VERSION + ", dimension=" + found + ", expected=" + dimension);
        }
    }

    private void replay(int dimension, Changes to) throws IOException {
        float[] vector = new float[dimension];
        long end = channel.size();
        while (length < end) {
            ByteBuffer bytes = read(length, record.capacity());
            int kind = bytes.remaining() >= FIXED_LENGTH ? bytes.getInt(4) : 0;
            int recordLength = kind == DELETE ? FIXED_LENGTH : record.capacity();
            if ((kind != PUT && kind != DELETE)
                    || bytes.remaining() < recordLength
                    || crc32c(bytes.slice(4, recordLength - 4)) != bytes.getInt(0)) {
                requireUnacknowledged(kind, end);
                return;
            }
            long id = bytes.getLong(8);
            if (kind == PUT) {
                bytes.position(FIXED_LENGTH).limit(recordLength);
                bytes.asFloatBuffer().get(vector);
                to.put(id, vector);
            } else {
                to.delete(id);
            }
            length += recordLength;
        }
    }

    /** What follows the last whole record may be the start of one, or zeros. */
    private void requireUnacknowledged(int kind, long end) throws IOException {
        if (end - length < (kind == DELETE ? FIXED_LENGTH : record.capacity())) {
            return;
        }
        for (long at = length; at < end; at += record.capacity()) {
            ByteBuffer bytes = read(at, record.capacity());
            while (bytes.hasRemaining()) {
                if (bytes.get() != 0) {
                    throw new IOException(file + ": damaged change: offset=" + length + ", bytes after it="
                            + (end - length) + ", expected a record whose crc32c is right");
                }
            }
        }
    }

    private ByteBuffer read(long offset, int most) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(most).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
            // Until there is no more.
        }
        return bytes.flip();
    }

    private int crc32c(ByteBuffer bytes) {
        crc.reset();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** @throws IOException when it cannot be written; the log is as it was. */
    void put(long id, float[] vector) throws IOException {
        record.clear().putInt(0).putInt(PUT).putLong(id);
        for (float value : vector) {
            record.putFloat(value);
        }
        append();
    }

    /** As {@link #put}. */
    void delete(long id) throws IOException {
        record.clear().putInt(0).putInt(DELETE).putLong(id);
        append();
    }

    private void append() throws IOException {
        record.flip();
        record.putInt(0, crc32c(record.duplicate().position(4)));
        if (!channel.isOpen()) {
            // A thread that was interrupted while it wrote has closed it.
            channel = FileChannel.open(file, StandardOpenOption.WRITE);
            channel.truncate(length);
        }
        try {
            while (record.hasRemaining()) {
                channel.write(record, length + record.position());
            }
        } catch (IOException e) {
            if (channel.isOpen()) {
                channel.truncate(length);
            }
            throw e;
        }
        length += record.limit();
    }

    void force() throws IOException {
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
