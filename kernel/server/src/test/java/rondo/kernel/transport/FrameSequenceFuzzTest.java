package rondo.kernel.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import rondo.kernel.access.Principal;
import rondo.kernel.access.Role;
import rondo.kernel.access.Transport;
import rondo.kernel.pipeline.Pipeline;
import rondo.kernel.transport.DoorCounters.Kind;

/**
 * Goal: what a client sends means the same however the network cuts it, and no bytes do more than end its connection. Method: an input is a number and a stream; the
 * stream goes through a connection whole, and through another in pieces drawn from the number, byte by byte for 0. What is handed on, what is answered and what is counted must
 * be equal, and every chunk comes back.
 */
class FrameSequenceFuzzTest {
    private static final int CHUNKS_MAX = 2;
    private static final int IN_LENGTH = 96 * 1024;
    private static final int OUT_LENGTH = 256 * 1024;
    private static final UnsafeBuffer ANSWER = new UnsafeBuffer(new byte[24]);
    private static final Map<Kind, Long> SEEN = new EnumMap<>(Kind.class);

    private static int handedOn;

    private final Side whole = new Side();
    private final Side pieces = new Side();

    @FuzzTest
    void shouldMeanTheSameHoweverItIsCut(byte[] input) throws IOException {
        if (input.length < 2) {
            return;
        }
        byte[] stream = Arrays.copyOfRange(input, 1, input.length);
        List<String> expected = whole.run(stream, stream.length, 0);
        List<String> found = pieces.run(stream, input[0] == 0 ? 1 : 0, input[0]);
        assertEquals(expected, found);
        handedOn += expected.size();
    }

    @AfterAll
    static void requireThatTheCorpusGetsEverywhere() {
        assertTrue(handedOn > 0, "nothing is handed on");
        for (Kind kind : List.of(
                Kind.REQUESTS,
                Kind.OUTCOMES,
                Kind.INTERACTIONS,
                Kind.BROKEN_FRAMES,
                Kind.UNKNOWN_TEMPLATES,
                Kind.DENIED)) {
            assertTrue(SEEN.getOrDefault(kind, 0L) > 0, "no input gets to " + kind);
        }
    }

    /** A dispatcher, and one connection after the other. */
    private static final class Side implements Dispatcher.Peers, Requests {
        private final ChunkPool inPool = new ChunkPool(IN_LENGTH, CHUNKS_MAX, this::drop);
        private final ChunkPool outPool = new ChunkPool(OUT_LENGTH, CHUNKS_MAX, this::drop);
        private final Principal principal = new Principal(Set.of(Role.SERVE, Role.OUTCOME), 0, 0);
        private final DoorCounters counters = new DoorCounters();
        private final long[] countsBefore = new long[Kind.values().length];
        private final Dispatcher dispatcher = new Dispatcher(this, counters, this);
        private List<String> said = new ArrayList<>();
        private @Nullable Connection current;
        private long nextId = 1;

        /** @param step bytes that come at a time; 0 for as many as {@code seed} says. */
        List<String> run(byte[] stream, int step, int seed) throws IOException {
            said = new ArrayList<>();
            Pipe pipe = new Pipe(stream);
            Connection connection = new Connection(1, Transport.TLS, principal, pipe, new Key(), inPool, outPool, 0);
            current = connection;
            int random = seed;
            while (pipe.at < stream.length && !connection.isClosing) {
                random = random * 1_103_515_245 + 12_345;
                pipe.next = step > 0 ? step : 1 + (random >>> 16 & 0xFF);
                connection.readFrames(dispatcher);
                if (current != null) {
                    connection.flush();
                }
            }
            drop(connection);
            for (Kind kind : Kind.values()) {
                long count = counters.get(kind) - countsBefore[kind.ordinal()];
                countsBefore[kind.ordinal()] += count;
                if (count > 0) {
                    said.add(kind + "=" + count);
                    SEEN.merge(kind, count, Long::sum);
                }
            }
            said.add("written " + Arrays.hashCode(Arrays.copyOf(pipe.out, pipe.outLength)));
            // As many as there are: one that was kept would be missing.
            for (ChunkPool pool : List.of(inPool, outPool)) {
                ChunkPool.Chunk first = Objects.requireNonNull(pool.take(connection));
                ChunkPool.Chunk second = Objects.requireNonNull(pool.take(connection));
                pool.giveBack(connection, second);
                pool.giveBack(connection, first);
            }
            return said;
        }

        private void say(String what, DirectBuffer bytes, int offset, int length) {
            byte[] copy = new byte[length];
            bytes.getBytes(offset, copy);
            said.add(what + " " + Arrays.hashCode(copy));
        }

        @Override
        public @Nullable Peer find(long id) {
            return id == 1 ? current : null;
        }

        @Override
        public void drop(Peer peer) {
            peer.isClosing = true;
            if (current == peer) {
                current = null;
                peer.close();
            }
        }

        @Override
        public String attach(Peer peer) {
            throw new IllegalStateException("TLS carries no such thing");
        }

        @Override
        public Pipeline.Taken recommend(
                long connectionId,
                DirectBuffer message,
                int offset,
                int length,
                long arrivedNs,
                long receivedNs,
                Replies replies) {
            say("recommend", message, offset, length);
            if (length % 2 == 0) {
                replies.message(connectionId, ANSWER, 0, ANSWER.capacity());
            }
            return Pipeline.Taken.QUEUED;
        }

        @Override
        public void refuse(
                long connectionId, DirectBuffer message, int offset, int length, long retryNs, Replies replies) {
            throw new IllegalStateException("there is no rate to keep");
        }

        @Override
        public boolean outcome(
                long origin,
                long correlationId,
                DirectBuffer token,
                int tokenOffset,
                long itemId,
                int position,
                int kind,
                float value,
                long timeMs,
                boolean closes) {
            say(
                    "outcome " + origin + correlationId + itemId + position + kind + value + timeMs + closes,
                    token,
                    tokenOffset,
                    40);
            return (itemId & 1) == 0;
        }

        @Override
        public boolean interaction(
                long origin, long correlationId, long userId, long itemId, float weight, long timeMs) {
            assertTrue(Float.isFinite(weight) && weight >= 0);
            said.add("interaction " + origin + correlationId + userId + itemId + weight + timeMs);
            return (itemId & 1) == 0;
        }

        @Override
        public int poll(Replies replies) {
            return 0;
        }

        @Override
        public long itemCount() {
            return 3;
        }

        @Override
        public int dimension() {
            return 2;
        }

        @Override
        public long catalogVersion() {
            return nextId;
        }

        @Override
        public int retryPercent() {
            return 10;
        }
    }

    /** Bytes to be read, some at a time; what is written is kept. */
    private static final class Pipe implements ByteChannel {
        private final byte[] stream;
        private int at;
        private int next;
        private byte[] out = new byte[1024];
        private int outLength;

        Pipe(byte[] stream) {
            this.stream = stream;
        }

        @Override
        public int read(ByteBuffer to) {
            int count = Math.min(Math.min(next, to.remaining()), stream.length - at);
            to.put(stream, at, count);
            at += count;
            return count;
        }

        @Override
        public int write(ByteBuffer from) {
            int count = from.remaining();
            if (outLength + count > out.length) {
                out = Arrays.copyOf(out, 2 * (outLength + count));
            }
            from.get(out, outLength, count);
            outLength += count;
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** Of no selector. */
    private static final class Key extends SelectionKey {
        private int interest;

        @Override
        public SelectableChannel channel() {
            throw new UnsupportedOperationException("of no channel and no selector");
        }

        @Override
        public Selector selector() {
            throw new UnsupportedOperationException("of no channel and no selector");
        }

        @Override
        public boolean isValid() {
            return true;
        }

        @Override
        public void cancel() {}

        @Override
        public int interestOps() {
            return interest;
        }

        @Override
        public SelectionKey interestOps(int ops) {
            interest = ops;
            return this;
        }

        @Override
        public int readyOps() {
            return 0;
        }
    }
}
