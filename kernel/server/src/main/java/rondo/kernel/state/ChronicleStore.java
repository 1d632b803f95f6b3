package rondo.kernel.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import net.openhft.chronicle.map.ChronicleMap;
import org.jspecify.annotations.Nullable;

/**
 * A {@link CompactedStore} in a Chronicle Map.
 *
 * <p>A put that kill -9 interrupts can destroy the value that was there, and a lock it held stays held; so a map without the mark of a clean end is
 * deleted, not repaired. Values have a constant size, because larger ones would be refused only once they come, and a checksum, because the map does
 * not notice a flipped bit.
 *
 * <pre>
 * agents.map   Chronicle Map: key int64 → value
 * CLEAN        "rondo-state 1 valueLength" and a line feed; there only while nobody writes
 *
 * value, little endian, padded with zeros to the constant length
 *  0  crc32c    int32    over bytes 4 … 16+length
 *  4  length    int32    bytes of the state
 *  8  sequence  int64
 * 16  state
 * </pre>
 */
public final class ChronicleStore implements CompactedStore {
    private static final String MAP_FILE = "agents.map";
    private static final String CLEAN_FILE = "CLEAN";
    private static final int HEADER_LENGTH = 16;

    private final Path directory;
    private final int valueLength;
    private final ChronicleMap<Long, byte[]> map;
    private final ByteBuffer value;

    private ChronicleStore(Path directory, int valueLength, ChronicleMap<Long, byte[]> map) {
        this.directory = directory;
        this.valueLength = valueLength;
        this.map = map;
        this.value = ByteBuffer.allocate(valueLength).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Opens or makes the store; the caller holds the data directory's lock.
     *
     * @param keyCountMax    keys that will be put; the map gets room for twice as many.
     * @param stateLengthMax bytes of the longest state.
     */
    public static ChronicleStore open(Path directory, int keyCountMax, int stateLengthMax) throws IOException {
        Files.createDirectories(directory);
        int valueLength = HEADER_LENGTH + stateLengthMax;
        Path file = directory.resolve(MAP_FILE);
        Path clean = directory.resolve(CLEAN_FILE);
        boolean isClean = Files.exists(file)
                && Files.exists(clean)
                && Files.readString(clean, StandardCharsets.US_ASCII).equals(mark(valueLength));
        // From here on an end without close() must not look clean.
        Files.deleteIfExists(clean);
        force(directory);
        if (!isClean) {
            Files.deleteIfExists(file);
        }
        ChronicleMap<Long, byte[]> map = ChronicleMap.of(Long.class, byte[].class)
                .name("rondo-state")
                .entries(2L * keyCountMax)
                .constantValueSizeBySample(new byte[valueLength])
                .createPersistedTo(file.toFile());
        return new ChronicleStore(directory, valueLength, map);
    }

    private static String mark(int valueLength) {
        return "rondo-state 1 " + valueLength + "\n";
    }

    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void put(long key, long sequence, ByteBuffer state) {
        int length = state.remaining();
        if (HEADER_LENGTH + length > valueLength) {
            throw new IllegalArgumentException("the state is longer than the store's values: length=" + length
                    + ", lengthMax=" + (valueLength - HEADER_LENGTH));
        }
        value.clear();
        value.putInt(0, 0).putInt(4, length).putLong(8, sequence);
        value.put(HEADER_LENGTH, state, state.position(), length);
        for (int i = HEADER_LENGTH + length; i < valueLength; i++) {
            value.put(i, (byte) 0);
        }
        value.putInt(0, checksum(value.array(), length));
        map.put(key, value.array());
    }

    @Override
    public @Nullable Entry get(long key) throws IOException {
        byte[] bytes = map.get(key);
        if (bytes == null) {
            return null;
        }
        ByteBuffer held = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int length = held.getInt(4);
        if (length < 0 || HEADER_LENGTH + length > bytes.length) {
            throw new IOException(directory.resolve(MAP_FILE) + ": a state is damaged: key=" + key
                    + ", expected length within " + (bytes.length - HEADER_LENGTH) + ", found=" + length);
        }
        int expected = held.getInt(0);
        int found = checksum(bytes, length);
        if (expected != found) {
            throw new IOException(directory.resolve(MAP_FILE) + ": a state is damaged: key=" + key
                    + ", expected crc32c=" + Integer.toHexString(expected) + ", found=" + Integer.toHexString(found));
        }
        return new Entry(held.getLong(8), held.slice(HEADER_LENGTH, length).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static int checksum(byte[] bytes, int stateLength) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 4, HEADER_LENGTH - 4 + stateLength);
        return (int) crc.getValue();
    }

    @Override
    public int size() {
        return map.size();
    }

    @Override
    public void close() throws IOException {
        map.close();
        try (FileChannel channel = FileChannel.open(directory.resolve(MAP_FILE), StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.writeString(directory.resolve(CLEAN_FILE), mark(valueLength), StandardCharsets.US_ASCII);
        force(directory);
    }
}
