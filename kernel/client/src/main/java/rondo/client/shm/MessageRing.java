package rondo.client.shm;

import java.lang.invoke.VarHandle;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;

/**
 * Messages from one thread to another, which may belong to another process. The header of a message says that it is there: a reader that polls reads one cache
 * line, and that line already holds the first bytes of what comes (as in Giacomoni, Moseley and Vachharajani, FastForward for efficient pipeline parallelism,
 * PPoPP 2008).
 *
 * <pre>
 *   0  read       int64  bytes that were read; written by the reader, read by the writer when it seems full    release / acquire
 *  64  sleeping   int32  1 while the reader wants to be woken; written by both                                 volatile
 * 128  data       capacity bytes; a record begins at each multiple of 64
 *        0  header  int64  0 = not there yet; else, of a message its length; of the bytes up to the end of the
 *                          ring that are left unused, minus their number                                      release / acquire
 *        8  message
 * </pre>
 *
 * The header after a record is made 0 before the record's own is written, so no reader takes old bytes for a header. What is read is not trusted: a header that
 * makes no sense ends the ring. One writer, one reader; each has an object of its own over the same memory.
 */
public final class MessageRing {
    private static final int READ = 0;
    private static final int SLEEPING = 64;
    private static final int DATA = 128;
    private static final int ALIGNMENT = 64;
    private static final int HEADER = Long.BYTES;

    private final AtomicBuffer buffer;
    private final int capacity;
    private final int lengthMax;

    /** Bytes written or read so far, by the side that this object is. */
    private long position;

    /** What the writer last knew of the reader. */
    private long known;

    private int current;

    /**
     * @param buffer of {@link #length} bytes, aligned to a cache line.
     * @param capacity a power of two.
     */
    public MessageRing(AtomicBuffer buffer, int capacity) {
        if (!BitUtil.isPowerOfTwo(capacity) || capacity < 8 * ALIGNMENT || buffer.capacity() != length(capacity)) {
            throw new IllegalArgumentException(
                    "a ring's capacity is a power of two and its buffer as long as it takes: capacity=" + capacity
                            + ", bufferLength=" + buffer.capacity());
        }
        this.buffer = buffer;
        this.capacity = capacity;
        this.lengthMax = capacity / 2 - 2 * ALIGNMENT;
    }

    /** Bytes that a ring of a capacity takes. */
    public static int length(int capacity) {
        return DATA + capacity;
    }

    /** The longest message, in bytes. */
    public int lengthMax() {
        return lengthMax;
    }

    private static int aligned(int length) {
        return (HEADER + length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /**
     * Writes a message; the writer's thread.
     *
     * @param length from 1 to {@link #lengthMax}.
     * @return false when there is no room for it.
     * @throws BrokenRingException when the reader's position makes no sense.
     */
    public boolean write(DirectBuffer message, int offset, int length) {
        if (length < 1 || length > lengthMax) {
            throw new IllegalArgumentException(
                    "message length outside [1, " + lengthMax + "]: messageLength=" + length);
        }
        int record = aligned(length);
        int at = (int) position & (capacity - 1);
        int toEnd = capacity - at;
        int unused = record > toEnd ? toEnd : 0;
        if (!hasRoom(unused + record + ALIGNMENT)) {
            return false;
        }
        if (unused > 0) {
            buffer.putLong(DATA, 0);
            buffer.putLongRelease(DATA + at, -unused);
            position += unused;
            at = 0;
        }
        buffer.putBytes(DATA + at + HEADER, message, offset, length);
        buffer.putLong(DATA + ((at + record) & (capacity - 1)), 0);
        buffer.putLongRelease(DATA + at, length);
        position += record;
        return true;
    }

    private boolean hasRoom(int length) {
        if (position + length - known <= capacity) {
            return true;
        }
        long read = buffer.getLongVolatile(READ);
        if (read < known || read > position) {
            throw new BrokenRingException("read=" + read + ", expected within=" + known + " … " + position);
        }
        known = read;
        return position + length - known <= capacity;
    }

    /** True once when the reader sleeps: the writer has to wake it. After a {@link #write}. */
    public boolean takeSleeper() {
        // The reader says that it sleeps and then looks once more; here it is the other way round.
        VarHandle.fullFence();
        return buffer.getInt(SLEEPING) != 0 && buffer.compareAndSetInt(SLEEPING, 1, 0);
    }

    /** Says that the reader will sleep unless {@link #poll} finds something now, or that it does no longer. */
    public void sleep(boolean isSleeping) {
        buffer.putIntVolatile(SLEEPING, isSleeping ? 1 : 0);
    }

    /**
     * Whether there is a message; the reader's thread.
     *
     * @return its length, or 0. It begins at {@link #messageOffset} and stays until {@link #done}.
     * @throws BrokenRingException when what is there is no message.
     */
    public int poll() {
        int at = (int) position & (capacity - 1);
        long header = buffer.getLongVolatile(DATA + at);
        if (header < 0) {
            if (header != at - capacity) {
                throw broken(at, header);
            }
            position += capacity - at;
            at = 0;
            header = buffer.getLongVolatile(DATA);
        }
        if (header == 0) {
            return 0;
        }
        if (header < 0 || header > lengthMax || aligned((int) header) > capacity - at) {
            throw broken(at, header);
        }
        current = aligned((int) header);
        return (int) header;
    }

    private static BrokenRingException broken(int at, long header) {
        return new BrokenRingException("offset=" + at + ", header=" + header);
    }

    /** Where the message that {@link #poll} found begins in {@link #buffer}. */
    public int messageOffset() {
        return DATA + ((int) position & (capacity - 1)) + HEADER;
    }

    /** Copies the message that {@link #poll} found; whoever wrote it may still change it where it lies. */
    public void copy(MutableDirectBuffer to, int offset, int length) {
        to.putBytes(offset, buffer, messageOffset(), length);
    }

    /** The memory that messages lie in. */
    public DirectBuffer buffer() {
        return buffer;
    }

    /** Gives the room of the message that {@link #poll} found back to the writer. */
    public void done() {
        position += current;
        buffer.putLongRelease(READ, position);
    }
}
