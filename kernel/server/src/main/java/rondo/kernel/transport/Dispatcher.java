package rondo.kernel.transport;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;
import rondo.client.FrameLayout;
import rondo.kernel.access.Operation;
import rondo.kernel.transport.DoorCounters.Kind;
import rondo.wire.AckEncoder;
import rondo.wire.AttachDecoder;
import rondo.wire.AttachedEncoder;
import rondo.wire.ErrorReplyEncoder;
import rondo.wire.HealthDecoder;
import rondo.wire.HealthReplyEncoder;
import rondo.wire.HelloDecoder;
import rondo.wire.InteractionBatchDecoder;
import rondo.wire.MessageHeaderDecoder;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.OutcomeBatchDecoder;
import rondo.wire.RecommendDecoder;
import rondo.wire.ReplyCode;
import rondo.wire.WakeDecoder;
import rondo.wire.WelcomeEncoder;

/**
 * Checks frames and what is in them, sees that whoever sent them may, hands them to those who answer, and sends what is to be said back. Belongs to the door's
 * thread; knows no sockets.
 */
final class Dispatcher implements Replies {
    /** Longest frame before Hello. */
    static final int UNKNOWN_FRAME_LENGTH_MAX = 1024;

    private static final int STATUS_RETRY = 7;
    private static final int STATUS_INVALID = 6;
    private static final int ORIGIN_INDEX_SHIFT = 48;
    private static final long ORIGIN_CONNECTION_MASK = (1L << ORIGIN_INDEX_SHIFT) - 1;

    /** The clients there are. */
    interface Peers {
        /** The client of this id, or null when it has gone. */
        @Nullable
        Peer find(long id);

        /** Lets a client go. */
        void drop(Peer peer);

        /**
         * Gives a client of this host memory of its own.
         *
         * @return its file.
         * @throws IOException with the reason when it gets none.
         */
        String attach(Peer peer) throws IOException;
    }

    private final Requests requests;
    private final DoorCounters counters;
    private final Peers peers;

    /** Where most bytes are read to: room for a begun frame of any length and more behind it. */
    private final ChunkPool.Chunk inbox =
            ChunkPool.Chunk.ofLength(2 * (FrameLayout.PREFIX_LENGTH + FrameLayout.FRAME_LENGTH_MAX));

    /** What is being taken lies here. */
    private DirectBuffer in = inbox.view();

    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[4096]);
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final OutcomeBatchDecoder outcomes = new OutcomeBatchDecoder();
    private final InteractionBatchDecoder interactions = new InteractionBatchDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private final HealthDecoder health = new HealthDecoder();
    private final AckEncoder ack = new AckEncoder();
    private final ErrorReplyEncoder error = new ErrorReplyEncoder();
    private final WelcomeEncoder welcome = new WelcomeEncoder();
    private final HealthReplyEncoder healthReply = new HealthReplyEncoder();
    private final AttachedEncoder attached = new AttachedEncoder();

    /** The client whose frames are being taken; its replies leave together. */
    private long taking;

    Dispatcher(Requests requests, DoorCounters counters, Peers peers) {
        this.requests = requests;
        this.counters = counters;
        this.peers = peers;
    }

    ChunkPool.Chunk inbox() {
        return inbox;
    }

    /**
     * Takes the whole frames among the first {@code end} bytes of {@code from}.
     *
     * @return how many bytes they were.
     */
    @HotPath
    int takeFrames(Peer peer, DirectBuffer from, int end, long receivedNs) {
        taking = peer.id;
        int at = 0;
        while (!peer.isClosing && end - at >= FrameLayout.PREFIX_LENGTH) {
            if (!FrameLayout.isSoundPrefix(from, at)) {
                breakOff(peer, "the frame's length, magic or version is wrong");
                break;
            }
            int length = FrameLayout.frameLength(from, at);
            if (length > UNKNOWN_FRAME_LENGTH_MAX && !peer.isWelcomed) {
                breakOff(peer, "before Hello a frame has at most 1024 bytes");
                break;
            }
            if (end - at < FrameLayout.PREFIX_LENGTH + length) {
                break;
            }
            take(peer, from, at + FrameLayout.PREFIX_LENGTH, length, receivedNs);
            at += FrameLayout.PREFIX_LENGTH + length;
        }
        taking = 0;
        return at;
    }

    /** Takes one message. */
    @HotPath
    void take(Peer peer, DirectBuffer from, int offset, int length, long receivedNs) {
        in = from;
        header.wrap(in, offset);
        int block = header.blockLength();
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID
                || MessageHeaderDecoder.ENCODED_LENGTH + block > length) {
            breakOff(peer, "the message header is of another schema or does not fit its frame");
            return;
        }
        int template = header.templateId();
        if (!peer.isWelcomed && template != HelloDecoder.TEMPLATE_ID) {
            breakOff(peer, "the first message is Hello");
            return;
        }
        int body = offset + MessageHeaderDecoder.ENCODED_LENGTH;
        int bodyLength = length - MessageHeaderDecoder.ENCODED_LENGTH;
        switch (template) {
            case RecommendDecoder.TEMPLATE_ID -> onRecommend(peer, offset, length, receivedNs);
            case OutcomeBatchDecoder.TEMPLATE_ID -> onOutcomes(peer, body, bodyLength, block, receivedNs);
            case InteractionBatchDecoder.TEMPLATE_ID -> onInteractions(peer, body, bodyLength, block, receivedNs);
            case HelloDecoder.TEMPLATE_ID -> onHello(peer, body, block);
            case HealthDecoder.TEMPLATE_ID -> onHealth(peer, body, block);
            case AttachDecoder.TEMPLATE_ID -> onAttach(peer);
            // It has done what it is for.
            case WakeDecoder.TEMPLATE_ID -> counters.add(Kind.WAKES, 1);
            default -> {
                counters.add(Kind.UNKNOWN_TEMPLATES, 1);
                sendError(peer, ReplyCode.UNSUPPORTED, "unknown template");
            }
        }
    }

    /** True when the client may; else it was told. */
    @HotPath
    private boolean isAllowed(Peer peer, Operation operation) {
        if (peer.may(operation)) {
            return true;
        }
        counters.add(Kind.DENIED, 1);
        sendError(peer, ReplyCode.UNSUPPORTED, operation.refusal(peer.transport));
        return false;
    }

    @HotPath
    private void onRecommend(Peer peer, int offset, int length, long receivedNs) {
        if (!isAllowed(peer, Operation.RECOMMEND)) {
            return;
        }
        counters.add(Kind.REQUESTS, 1);
        long waitNs = peer.principal.take(receivedNs);
        if (waitNs > 0) {
            counters.add(Kind.RATE_LIMITED, 1);
            requests.refuse(peer.id, in, offset, length, waitNs, this);
            return;
        }
        switch (requests.recommend(peer.id, in, offset, length, Math.min(peer.emptyNs, receivedNs), receivedNs, this)) {
            case QUEUED -> {}
            case ANSWERED -> counters.add(Kind.STATIC_SLATES, 1);
            case REFUSED -> counters.add(Kind.OVERLOADED, 1);
        }
    }

    @HotPath
    private boolean isOverRate(Peer peer, long receivedNs) {
        if (peer.principal.take(receivedNs) == 0) {
            return false;
        }
        counters.add(Kind.RATE_LIMITED, 1);
        return true;
    }

    private void onOutcomes(Peer peer, int body, int bodyLength, int block, long receivedNs) {
        if (!isAllowed(peer, Operation.OUTCOME)) {
            return;
        }
        int groupAt = block;
        if (block < OutcomeBatchDecoder.BLOCK_LENGTH
                || !groupFits(in, body, bodyLength, groupAt, OutcomeBatchDecoder.OutcomesDecoder.sbeBlockLength())) {
            sendError(peer, ReplyCode.BAD_REQUEST, "the outcomes do not fit their frame");
            return;
        }
        outcomes.wrap(in, body, block, header.version());
        long correlationId = outcomes.correlationId();
        OutcomeBatchDecoder.OutcomesDecoder group = outcomes.outcomes();
        int elementLength = group.actingBlockLength();
        int elementAt = body + groupAt + 4;
        int index = 0;
        while (group.hasNext()) {
            group.next();
            counters.add(Kind.OUTCOMES, 1);
            long origin = peer.id | (long) index << ORIGIN_INDEX_SHIFT;
            boolean taken = !isOverRate(peer, receivedNs)
                    && requests.outcome(
                            origin,
                            correlationId,
                            in,
                            elementAt + index * elementLength,
                            group.itemId(),
                            group.position(),
                            group.kind(),
                            group.value(),
                            group.timeMs(),
                            group.closes() == 1);
            if (!taken) {
                ack(origin, correlationId, STATUS_RETRY, 0, -1);
            }
            index++;
        }
    }

    private void onInteractions(Peer peer, int body, int bodyLength, int block, long receivedNs) {
        if (!isAllowed(peer, Operation.INTERACTION)) {
            return;
        }
        if (block < InteractionBatchDecoder.BLOCK_LENGTH
                || !groupFits(
                        in, body, bodyLength, block, InteractionBatchDecoder.InteractionsDecoder.sbeBlockLength())) {
            sendError(peer, ReplyCode.BAD_REQUEST, "the interactions do not fit their frame");
            return;
        }
        interactions.wrap(in, body, block, header.version());
        long correlationId = interactions.correlationId();
        InteractionBatchDecoder.InteractionsDecoder group = interactions.interactions();
        int index = 0;
        while (group.hasNext()) {
            group.next();
            counters.add(Kind.INTERACTIONS, 1);
            long origin = peer.id | (long) index << ORIGIN_INDEX_SHIFT;
            float weight = group.weight();
            if (!Float.isFinite(weight) || weight < 0) {
                ack(origin, correlationId, STATUS_INVALID, 0, -1);
            } else if (isOverRate(peer, receivedNs)
                    || !requests.interaction(
                            origin, correlationId, group.userId(), group.itemId(), weight, group.timeMs())) {
                ack(origin, correlationId, STATUS_RETRY, 0, -1);
            }
            index++;
        }
    }

    /** True when the group header at {@code groupAt} and all its elements lie inside the body. */
    private static boolean groupFits(DirectBuffer in, int body, int bodyLength, int groupAt, int elementLengthMin) {
        if (groupAt + 4 > bodyLength) {
            return false;
        }
        int elementLength = in.getShort(body + groupAt, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        int count = in.getShort(body + groupAt + 2, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        return elementLength >= elementLengthMin && groupAt + 4 + (long) elementLength * count <= bodyLength;
    }

    private void onHello(Peer peer, int body, int block) {
        if (block < HelloDecoder.BLOCK_LENGTH) {
            breakOff(peer, "Hello is too short");
            return;
        }
        hello.wrap(in, body, block, header.version());
        if (hello.protocolVersion() != FrameLayout.PROTOCOL_VERSION) {
            breakOff(peer, "the protocol version is not supported");
            return;
        }
        welcome.wrapAndApplyHeader(scratch, 0, headerEncoder)
                .protocolVersion(FrameLayout.PROTOCOL_VERSION)
                .dimension(requests.dimension())
                .itemCount(requests.itemCount())
                .catalogVersion(requests.catalogVersion())
                .retryPercent((short) requests.retryPercent());
        peer.isWelcomed = true;
        send(peer, scratch, 0, MessageHeaderEncoder.ENCODED_LENGTH + welcome.encodedLength());
    }

    private void onAttach(Peer peer) {
        if (!isAllowed(peer, Operation.ATTACH)) {
            return;
        }
        try {
            byte[] path = peers.attach(peer).getBytes(StandardCharsets.UTF_8);
            attached.wrapAndApplyHeader(scratch, 0, headerEncoder);
            attached.putFile(path, 0, path.length);
            send(peer, scratch, 0, MessageHeaderEncoder.ENCODED_LENGTH + attached.encodedLength());
        } catch (IOException e) {
            sendError(peer, ReplyCode.UNSUPPORTED, String.valueOf(e.getMessage()));
        }
    }

    private void onHealth(Peer peer, int body, int block) {
        long correlationId = 0;
        if (block >= HealthDecoder.BLOCK_LENGTH) {
            correlationId = health.wrap(in, body, block, header.version()).correlationId();
        }
        healthReply
                .wrapAndApplyHeader(scratch, 0, headerEncoder)
                .correlationId(correlationId)
                .requests(counters.get(Kind.REQUESTS))
                .ready((short) 1);
        send(peer, scratch, 0, MessageHeaderEncoder.ENCODED_LENGTH + healthReply.encodedLength());
    }

    /** Says what is wrong once, then closes: after a broken frame nobody knows where the next one begins. */
    private void breakOff(Peer peer, String message) {
        counters.add(Kind.BROKEN_FRAMES, 1);
        sendError(peer, ReplyCode.BAD_REQUEST, message);
        peer.isClosing = true;
        flush(peer);
        if (!peer.hasPendingOutput()) {
            peers.drop(peer);
        }
    }

    private void sendError(Peer peer, ReplyCode code, String message) {
        error.wrapAndApplyHeader(scratch, 0, headerEncoder).correlationId(0).code(code);
        int limit = error.limit();
        scratch.putShort(limit, (short) message.length(), ByteOrder.LITTLE_ENDIAN);
        scratch.putStringWithoutLengthAscii(limit + 2, message);
        error.limit(limit + 2 + message.length());
        send(peer, scratch, 0, MessageHeaderEncoder.ENCODED_LENGTH + error.encodedLength());
    }

    /** Sends a message now, or with those that follow at once; every message goes this way, for a client that sleeps is woken here. */
    @HotPath
    private void send(Peer peer, DirectBuffer message, int offset, int length) {
        if (!tryAppend(peer, message, offset, length)) {
            // One that had to go for want of room is gone and counted already.
            if (peers.find(peer.id) != null) {
                counters.add(Kind.SLOW_READERS, 1);
                peers.drop(peer);
            }
        } else if (peer.id != taking) {
            flush(peer);
        }
    }

    /** Many requests that are answered at once can have more to say than there is room for, and nobody has been given time to read it. */
    @HotPath
    private static boolean tryAppend(Peer peer, DirectBuffer message, int offset, int length) {
        if (peer.append(message, offset, length)) {
            return true;
        }
        try {
            peer.flush();
        } catch (IOException e) {
            return false;
        }
        return peer.append(message, offset, length);
    }

    @Override
    @HotPath
    public void message(long connectionId, DirectBuffer message, int offset, int length) {
        Peer peer = peers.find(connectionId);
        if (peer == null) {
            return;
        }
        counters.add(Kind.REPLIES, 1);
        send(peer, message, offset, length);
    }

    @Override
    @HotPath
    public void ack(long origin, long correlationId, int status, int mode, long sequence) {
        Peer peer = peers.find(origin & ORIGIN_CONNECTION_MASK);
        if (peer == null) {
            return;
        }
        ack.wrapAndApplyHeader(scratch, 0, headerEncoder)
                .correlationId(correlationId)
                .sequence(sequence)
                .index((int) (origin >>> ORIGIN_INDEX_SHIFT))
                .status((short) status)
                .mode((short) mode);
        send(peer, scratch, 0, MessageHeaderEncoder.ENCODED_LENGTH + ack.encodedLength());
    }

    @HotPath
    private void flush(Peer peer) {
        try {
            peer.flush();
        } catch (IOException e) {
            peers.drop(peer);
        }
    }
}
