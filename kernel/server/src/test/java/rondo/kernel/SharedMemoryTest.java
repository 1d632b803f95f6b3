package rondo.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import rondo.agents.catalog.CatalogBuilder;
import rondo.client.FrameLayout;
import rondo.client.RecommendRequest;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.client.SlateView;
import rondo.client.shm.MessageRing;
import rondo.client.shm.SharedSegment;
import rondo.kernel.config.Config;
import rondo.kernel.config.Setting;
import rondo.kernel.transport.DoorCounters.Kind;
import rondo.reward.join.OutcomeStatus;
import rondo.wire.AttachEncoder;
import rondo.wire.AttachedDecoder;
import rondo.wire.HealthEncoder;
import rondo.wire.HelloEncoder;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.OutcomeBatchEncoder;
import rondo.wire.ReplyCode;
import rondo.wire.WakeEncoder;

/** Clients that share memory with a real server, and what some of them may do to it. */
class SharedMemoryTest {
    private static final int ITEMS = 500;
    private static final long TIMEOUT_MS = 10_000;
    private static final long SEED = 20251127;

    /** Where the rings of a segment begin, and how long the first one is. */
    private static final int RINGS = 4_096;

    @TempDir
    Path directory;

    @TempDir
    Path memory;

    @BeforeEach
    void writeCatalog() throws IOException {
        SplittableRandom random = new SplittableRandom(SEED);
        CatalogBuilder catalog = new CatalogBuilder();
        float[] vectors = new float[ITEMS * 16];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < ITEMS; i++) {
            catalog.addItem(1000 + i, "item " + i, List.of("c" + i % 5), Map.of());
        }
        catalog.itemVectors(vectors, 16);
        for (int user = 0; user < 40; user++) {
            catalog.interaction(user, 1000 + random.nextInt(ITEMS));
        }
        catalog.writeTo(directory.resolve("catalog"), 1);
    }

    private Config config() {
        return Config.defaults()
                .with(Setting.DIRECTORY, directory)
                .with(Setting.TCP_PORT, 0)
                .with(Setting.SHM_DIRECTORY, memory)
                .with(Setting.DEADLINE_US, 10_000_000)
                .with(Setting.STATIC_SHARE, 0);
    }

    private static void await(BooleanSupplier condition) {
        long endNs = System.nanoTime() + TIMEOUT_MS * 1_000_000;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < endNs, "it did not happen");
            LockSupport.parkNanos(100_000);
        }
    }

    private static long[] slate(RondoClient client, long id) throws IOException {
        SlateView slate = client.recommend(
                new RecommendRequest().requestId(id).userId(id % 40).k(20).dryRun(true), TIMEOUT_MS);
        assertEquals(ReplyCode.OK, slate.code());
        long[] items = new long[slate.size()];
        for (int i = 0; i < items.length; i++) {
            items[i] = slate.itemId(i);
        }
        return items;
    }

    private List<Path> memoryFiles() throws IOException {
        try (Stream<Path> files = Files.walk(memory)) {
            return files.filter(file -> file.toString().endsWith(".shm")).toList();
        }
    }

    @Test
    void shouldServeTheSameAsOverASocket() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(config());
                RondoClient socket = RondoClient.connect(kernel.address(), TIMEOUT_MS)) {
            try (RondoClient first = RondoClient.connectShared(kernel.address(), TIMEOUT_MS);
                    RondoClient second = RondoClient.connectShared(kernel.address(), TIMEOUT_MS)) {
                assertEquals(List.of(), memoryFiles(), "no name is left that anybody could open");
                assertEquals(16, first.dimension());
                assertEquals(2, kernel.door().counters().get(Kind.SHARED_OPEN));
                for (int id = 1; id <= 3_000; id++) {
                    long[] items = slate(socket, id);
                    assertArrayEquals(items, slate(id % 2 == 0 ? first : second, id));
                    assertEquals(20, items.length);
                }
                SlateView slate = first.recommend(
                        new RecommendRequest().requestId(-1).userId(5).k(20), TIMEOUT_MS);
                byte[] token = new byte[FrameLayout.TOKEN_LENGTH];
                slate.copyToken(token);
                long item = slate.itemId(0);
                // Its acknowledgement comes from the ledger's thread, to whoever reported.
                int[] status = {-1};
                second.sendOutcome(7, token, item, 0, 2, 1f, 1, true);
                while (status[0] < 0) {
                    second.poll(
                            new ReplyHandler() {
                                @Override
                                public void onAck(long correlationId, int index, int code, long sequence) {
                                    status[0] = code;
                                }
                            },
                            TIMEOUT_MS);
                }
                assertEquals(OutcomeStatus.ACCEPTED.code(), status[0]);
                assertTrue(second.isReady(TIMEOUT_MS));
            }
            await(() -> kernel.door().counters().get(Kind.SHARED_OPEN) == 0);
            assertEquals(20, slate(socket, 1).length);
        }
    }

    /** Goal: neither side waits for a clock when the other sleeps. Method: pauses longer than either side looks; each ends with a word over the socket. */
    @Test
    void shouldWakeWhoeverSleeps() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(config());
                RondoClient client = RondoClient.connectShared(kernel.address(), TIMEOUT_MS)) {
            for (int id = 1; id <= 30; id++) {
                LockSupport.parkNanos(5_000_000);
                assertEquals(20, slate(client, id).length);
            }
            assertTrue(kernel.door().counters().get(Kind.WAKES) >= 10, "the server slept, and was woken");
        }
    }

    /** Goal: whoever sleeps is woken by any reply, also by those that are no slates. Method: memory that says that its client sleeps, before it asks. */
    @Test
    void shouldWakeForEveryKindOfReply() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(config());
                Raw raw = Raw.attach(kernel)) {
            int at = RINGS + 128;
            // Health is answered; an outcome that does not fit its frame, and what nobody knows, are refused.
            for (int template :
                    List.of(new HealthEncoder().sbeTemplateId(), new OutcomeBatchEncoder().sbeTemplateId(), 77)) {
                raw.memory.putIntVolatile(RINGS + MessageRing.length(SharedSegment.REQUEST_CAPACITY) + 64, 1);
                Raw.header(raw.memory, at + Long.BYTES, template);
                raw.memory.putLongVolatile(at, MessageHeaderEncoder.ENCODED_LENGTH);
                at += 64;
                raw.send(new WakeEncoder().sbeTemplateId());
                ByteBuffer word = assertTimeoutPreemptively(Duration.ofMillis(TIMEOUT_MS), () -> Raw.frame(raw.socket));
                assertEquals(
                        new WakeEncoder().sbeTemplateId(),
                        new MessageHeaderDecoder()
                                .wrap(new UnsafeBuffer(word), 0)
                                .templateId());
            }
        }
    }

    @Test
    void shouldLetAClientGoThatScribbles() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(config());
                RondoClient honest = RondoClient.connectShared(kernel.address(), TIMEOUT_MS)) {
            SplittableRandom random = new SplittableRandom(SEED);
            for (int round = 0; round < 40; round++) {
                try (Raw raw = Raw.attach(kernel)) {
                    switch (round % 4) {
                        // A record longer than the ring; one that is no message; one of another schema.
                        case 0 -> raw.memory.putLongVolatile(RINGS + 128, 1L << 40);
                        case 1 -> raw.memory.putLongVolatile(RINGS + 128, 3);
                        case 2 -> {
                            raw.memory.putLong(RINGS + 128 + 8, random.nextLong());
                            raw.memory.putLongVolatile(RINGS + 128, 64);
                        }
                        // A reader that is ahead of the writer: seen when a reply does not fit what the writer knows.
                        default -> {
                            raw.memory.putLongVolatile(RINGS + 128, -(1L << 18) - 64);
                        }
                    }
                    raw.requireEnd();
                }
                assertEquals(20, slate(honest, 1 + round).length);
            }
            assertTrue(kernel.door().counters().get(Kind.BROKEN_FRAMES) >= 40);
            await(() -> kernel.door().counters().get(Kind.SHARED_OPEN) == 1);
            assertEquals(List.of(), memoryFiles());
        }
    }

    @Test
    void shouldSurviveMemoryThatIsCutOff() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(config());
                RondoClient honest = RondoClient.connectShared(kernel.address(), TIMEOUT_MS)) {
            for (int round = 0; round < 10; round++) {
                try (Raw raw = Raw.attach(kernel)) {
                    raw.channel.truncate(round % 2 == 0 ? 0 : RINGS);
                    raw.requireEnd();
                }
                assertEquals(20, slate(honest, 1 + round).length);
            }
            await(() -> kernel.door().counters().get(Kind.SHARED_OPEN) == 1);
        }
    }

    @Test
    void shouldTakeClientsOverAUnixSocketToo() throws Exception {
        Path path = memory.resolve("door.sock");
        Config config = config().with(Setting.UNIX_PATH, path);
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        try (ServingKernel kernel = ServingKernel.launch(config);
                RondoClient client = RondoClient.connect(address, TIMEOUT_MS);
                RondoClient shared = RondoClient.connectShared(address, TIMEOUT_MS)) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            assertArrayEquals(slate(client, 1), slate(shared, 1));
            assertEquals(1, kernel.door().counters().get(Kind.SHARED_OPEN));
        }
        assertTrue(Files.notExists(path));
        // What a process left that was killed is taken over; what is no socket is not.
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(address);
        }
        assertTrue(Files.exists(path));
        ServingKernel.launch(config).close();
        Files.writeString(path, "mine");
        String message = String.valueOf(assertThrows(IOException.class, () -> ServingKernel.launch(config))
                .getMessage());
        assertTrue(message.contains("unix.path"), message);
        assertEquals("mine", Files.readString(path));
    }

    /** Goal: whoever reads PROTOCOL.md can talk to a server. Method: the C client, compiled here, asks over every transport, and ends without a word. */
    @Test
    void shouldUnderstandTheClientInC() throws Exception {
        Path root = Path.of(System.getProperty("rondo.root"));
        Path program = directory.resolve("client");
        Assumptions.assumeTrue(hasCompiler(), "there is no C compiler (cc)");
        run(
                "cc",
                "-std=gnu11",
                "-O2",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-I" + root.resolve("kernel/client/src/main/resources/rondo/c"),
                root.resolve("kernel/server/src/test/c/client.c").toString(),
                "-o",
                program.toString());
        Path path = memory.resolve("door.sock");
        try (ServingKernel kernel = ServingKernel.launch(config().with(Setting.UNIX_PATH, path))) {
            run(program.toString(), String.valueOf(kernel.port()), path.toString());
            assertEquals(1, kernel.outcomeCount(OutcomeStatus.ACCEPTED));
            await(() -> kernel.door().counters().get(Kind.SHARED_OPEN) == 0);
            assertEquals(
                    List.of(),
                    memoryFiles().stream().filter(file -> !file.equals(path)).toList());
        }
    }

    private static boolean hasCompiler() throws InterruptedException {
        try {
            return new ProcessBuilder("cc", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void run(String... command) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), command[0] + " does not end");
            assertEquals(0, process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly();
        }
    }

    /** A client that asks and never reads: it is let go when its replies have no room any more. */
    @Test
    void shouldLetAClientGoThatNeverReads() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(config());
                RondoClient honest = RondoClient.connectShared(kernel.address(), TIMEOUT_MS);
                RondoClient deaf = RondoClient.connectShared(kernel.address(), TIMEOUT_MS)) {
            RecommendRequest request = new RecommendRequest().userId(1).k(100).dryRun(true);
            assertThrows(IOException.class, () -> {
                for (int id = 1; id < 1_000_000; id++) {
                    deaf.send(request.requestId(id));
                }
            });
            assertEquals(1, kernel.door().counters().get(Kind.SLOW_READERS));
            assertEquals(20, slate(honest, 1).length);
        }
    }

    @Test
    void shouldSayWhyThereIsNoSharedMemory() throws Exception {
        try (ServingKernel kernel = ServingKernel.launch(config().with(Setting.SHM_DIRECTORY, "off"))) {
            String message = String.valueOf(
                    assertThrows(IOException.class, () -> RondoClient.connectShared(kernel.address(), TIMEOUT_MS))
                            .getMessage());
            assertTrue(message.contains("shm.directory"), message);
        }
        String message = String.valueOf(assertThrows(
                        IOException.class,
                        () -> ServingKernel.launch(config().with(Setting.SHM_DIRECTORY, directory.resolve("none"))))
                .getMessage());
        assertTrue(message.contains("folder=" + directory.resolve("none")), message);
        Path left = Files.createDirectories(memory.resolve("rondo-shm-999999999-x"));
        Files.writeString(left.resolve("1.shm"), "of a process that is no more");
        Files.writeString(left.resolve("LOCK"), "");
        Path others = Files.createDirectories(memory.resolve("rondo-shm-999999998-x"));
        try (ServingKernel kernel = ServingKernel.launch(config());
                Raw raw = Raw.attach(kernel)) {
            assertTrue(Files.notExists(left));
            assertTrue(Files.exists(others), "without a lock that says so, nobody knows that it was left");
            raw.send(new AttachEncoder().sbeTemplateId());
            assertTrue(raw.receive().contains("has shared memory already"));
        }
    }

    /** The least that a client can be: a socket, and the memory that it is given, to write into as one likes. */
    private static final class Raw implements AutoCloseable {
        private final SocketChannel socket;
        private final FileChannel channel;
        private final UnsafeBuffer memory;

        private Raw(SocketChannel socket, FileChannel channel, MappedByteBuffer mapped) {
            this.socket = socket;
            this.channel = channel;
            this.memory = new UnsafeBuffer(mapped);
        }

        static Raw attach(ServingKernel kernel) throws IOException {
            SocketChannel socket = SocketChannel.open(kernel.address());
            UnsafeBuffer hello = new UnsafeBuffer(new byte[64]);
            HelloEncoder body = new HelloEncoder()
                    .wrapAndApplyHeader(hello, FrameLayout.PREFIX_LENGTH, new MessageHeaderEncoder())
                    .protocolVersion(FrameLayout.PROTOCOL_VERSION);
            FrameLayout.writePrefix(hello, 0, MessageHeaderEncoder.ENCODED_LENGTH + body.encodedLength());
            socket.write(ByteBuffer.wrap(hello.byteArray(), 0, FrameLayout.HEADER_LENGTH + body.encodedLength()));
            frame(socket);
            send(socket, new AttachEncoder().sbeTemplateId());
            ByteBuffer reply = frame(socket);
            AttachedDecoder attached =
                    new AttachedDecoder().wrapAndApplyHeader(new UnsafeBuffer(reply), 0, new MessageHeaderDecoder());
            byte[] text = new byte[attached.fileLength()];
            attached.getFile(text, 0, text.length);
            Path file = Path.of(new String(text, StandardCharsets.UTF_8));
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            return new Raw(socket, channel, channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size()));
        }

        void send(int template) throws IOException {
            send(socket, template);
        }

        private static void send(SocketChannel socket, int template) throws IOException {
            UnsafeBuffer frame =
                    new UnsafeBuffer(new byte[FrameLayout.PREFIX_LENGTH + MessageHeaderEncoder.ENCODED_LENGTH]);
            FrameLayout.writePrefix(frame, 0, MessageHeaderEncoder.ENCODED_LENGTH);
            header(frame, FrameLayout.PREFIX_LENGTH, template);
            socket.write(ByteBuffer.wrap(frame.byteArray()));
        }

        private static void header(UnsafeBuffer to, int offset, int template) {
            new MessageHeaderEncoder()
                    .wrap(to, offset)
                    .blockLength(0)
                    .templateId(template)
                    .schemaId(MessageHeaderEncoder.SCHEMA_ID)
                    .version(MessageHeaderEncoder.SCHEMA_VERSION);
        }

        private static ByteBuffer frame(SocketChannel socket) throws IOException {
            ByteBuffer prefix = ByteBuffer.allocate(FrameLayout.PREFIX_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            while (prefix.hasRemaining()) {
                assertTrue(socket.read(prefix) >= 0);
            }
            ByteBuffer frame = ByteBuffer.allocate(prefix.getInt(0));
            while (frame.hasRemaining()) {
                assertTrue(socket.read(frame) >= 0);
            }
            return frame;
        }

        String receive() throws IOException {
            return new String(frame(socket).array(), StandardCharsets.UTF_8);
        }

        /** The server closes its end; until then it may say why, through memory or socket. */
        void requireEnd() throws IOException {
            ByteBuffer rest = ByteBuffer.allocate(4_096);
            while (socket.read(rest.clear()) >= 0) {
                assertTrue(rest.position() < 4_096);
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
            channel.close();
        }
    }
}
