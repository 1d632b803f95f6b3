package rondo.client.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Goal: a file that a server, or somebody in its place, names as shared memory is mapped when it is that, or refused by a message that names it, and then left alone. Method:
 * the input lies over the beginning of a segment, which is cut or lengthened by as many bytes as its first byte says: 0 for none, 1 to 127 longer, above that shorter.
 */
class SharedSegmentFuzzTest {
    private static final int HEADER = 40;

    private static Path folder = Path.of(".");
    private static Path segment = Path.of(".");
    private static long length;
    private static byte[] sound = new byte[HEADER];
    private static int attachedCount;
    private static int refusedCount;

    @BeforeAll
    static void makeSegment() throws IOException {
        folder = Files.createTempDirectory("rondo-segment-");
        segment = folder.resolve("segment");
        SharedSegment.create(segment).close();
        length = Files.size(segment);
        sound = Arrays.copyOf(Files.readAllBytes(segment), HEADER);
        Files.delete(segment);
    }

    @FuzzTest
    void shouldAttachToASegmentOrSayWhatItIs(byte[] input) throws IOException {
        byte[] header = sound.clone();
        int more = input.length == 0 ? 0 : input[0];
        for (int i = 1; i < Math.min(input.length, HEADER + 1); i++) {
            header[i - 1] = input[i];
        }
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(header), 0);
            channel.write(ByteBuffer.allocate(1), length + more - 1);
        }
        try (SharedSegment attached = SharedSegment.attach(segment)) {
            attachedCount++;
            assertEquals(0, more);
            // All that decides where the rings lie.
            assertArrayEquals(Arrays.copyOf(sound, 20), Arrays.copyOf(header, 20));
            assertEquals(0, attached.requests().poll());
            assertTrue(Files.notExists(segment), "nobody else opens it");
        } catch (IOException e) {
            refusedCount++;
            assertTrue(String.valueOf(e.getMessage()).startsWith(segment.toString()), e::getMessage);
            assertTrue(Files.exists(segment), "it belongs to somebody else");
            Files.delete(segment);
        }
    }

    @AfterAll
    static void shouldHaveSeenBoth() throws IOException {
        Files.delete(folder);
        assertTrue(attachedCount > 0 && refusedCount > 0, "attached=" + attachedCount + ", refused=" + refusedCount);
    }
}
