package rondo.client.shm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A file that one client and the server map: two rings. The server makes it, the client maps it and deletes its name, so that nobody else can open, cut or
 * replace it, and the memory goes when both have.
 *
 * <pre>
 *    0  magic            8 bytes  "RONDOSHM"
 *    8  layoutVersion    int32    1
 *   12  requestCapacity  int32    bytes, a power of two
 *   16  replyCapacity    int32    bytes, a power of two
 *   20  zero             int32
 *   24  serverPid        int64
 *   32  clientPid        int64    0 before the client has mapped it
 * 4096  requests         {@link MessageRing} from client to server
 *  ...  replies          {@link MessageRing} from server to client
 * </pre>
 *
 * Little endian. What holds a client's place is the socket over which it asked for this: when either process ends, however it ends, the other one's end of that
 * socket says so.
 */
public final class SharedSegment implements AutoCloseable {
    /** Bytes of requests under way. */
    public static final int REQUEST_CAPACITY = 1 << 18;

    /** Bytes of replies that a client has not read yet. */
    public static final int REPLY_CAPACITY = 1 << 20;

    private static final long MAGIC = 0x4D48534F444E4F52L;
    private static final int LAYOUT_VERSION = 1;
    private static final int RINGS = 4096;
    private static final int LENGTH = RINGS + MessageRing.length(REQUEST_CAPACITY) + MessageRing.length(REPLY_CAPACITY);

    private final FileChannel channel;
    private final MappedByteBuffer mapped;
    private final MessageRing requests;
    private final MessageRing replies;

    private SharedSegment(FileChannel channel) throws IOException {
        this.channel = channel;
        this.mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, LENGTH);
        UnsafeBuffer whole = new UnsafeBuffer(mapped);
        int requestLength = MessageRing.length(REQUEST_CAPACITY);
        this.requests = new MessageRing(new UnsafeBuffer(whole, RINGS, requestLength), REQUEST_CAPACITY);
        this.replies = new MessageRing(
                new UnsafeBuffer(whole, RINGS + requestLength, MessageRing.length(REPLY_CAPACITY)), REPLY_CAPACITY);
    }

    /**
     * Makes a segment for one client, which only this user can open.
     *
     * @throws IOException when there is one of that name, or the file cannot be made.
     */
    public static SharedSegment create(Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            SharedSegment segment = new SharedSegment(channel);
            UnsafeBuffer header = new UnsafeBuffer(segment.mapped);
            // Every page now, while a full file system still is an exception and not the end of the process.
            for (int at = 0; at < LENGTH; at += RINGS) {
                channel.write(ByteBuffer.allocate(1), at);
            }
            header.putInt(8, LAYOUT_VERSION, ByteOrder.LITTLE_ENDIAN);
            header.putInt(12, REQUEST_CAPACITY, ByteOrder.LITTLE_ENDIAN);
            header.putInt(16, REPLY_CAPACITY, ByteOrder.LITTLE_ENDIAN);
            header.putLong(24, ProcessHandle.current().pid(), ByteOrder.LITTLE_ENDIAN);
            header.putLongVolatile(0, MAGIC);
            return segment;
        } catch (IOException | RuntimeException e) {
            channel.close();
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /**
     * Maps the segment that a server made, and deletes its name.
     *
     * @throws IOException saying what is wrong when it is none, or of another layout.
     */
    public static SharedSegment attach(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.size() != LENGTH) {
                throw new IOException(file + ": the shared memory has another length: bytes=" + channel.size()
                        + ", expected=" + LENGTH);
            }
            SharedSegment segment = new SharedSegment(channel);
            UnsafeBuffer header = new UnsafeBuffer(segment.mapped);
            int version = header.getInt(8, ByteOrder.LITTLE_ENDIAN);
            if (header.getLongVolatile(0) != MAGIC || version != LAYOUT_VERSION) {
                throw new IOException(file + ": this is no shared memory of this layout: layoutVersion=" + version
                        + ", expected=" + LAYOUT_VERSION);
            }
            if (header.getInt(12, ByteOrder.LITTLE_ENDIAN) != REQUEST_CAPACITY
                    || header.getInt(16, ByteOrder.LITTLE_ENDIAN) != REPLY_CAPACITY) {
                throw new IOException(file + ": the shared memory's rings have another length");
            }
            header.putLong(32, ProcessHandle.current().pid(), ByteOrder.LITTLE_ENDIAN);
            Files.delete(file);
            return segment;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** From client to server. */
    public MessageRing requests() {
        return requests;
    }

    /** From server to client. */
    public MessageRing replies() {
        return replies;
    }

    /** Whether the file is as long as it was: memory beyond its end cannot be touched. */
    public boolean isWhole() {
        try {
            return channel.size() == LENGTH;
        } catch (IOException e) {
            return false;
        }
    }

    /** Unmaps the memory; nobody may use the rings any more. */
    @Override
    public void close() throws IOException {
        channel.close();
        BufferUtil.free(mapped);
    }
}
