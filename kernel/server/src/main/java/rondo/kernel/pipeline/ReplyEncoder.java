package rondo.kernel.pipeline;

import java.nio.ByteOrder;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import rondo.agents.Decision;
import rondo.agents.catalog.Catalog;
import rondo.agents.retrieval.Candidates;
import rondo.ann.HotPath;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.SlateReplyEncoder;

/** Writes a slot's slate, or why there is none, as the bytes of its reply. One encoder belongs to one thread. */
final class ReplyEncoder {
    static final int TOKEN_LENGTH = 40;

    private final LongSupplier snapshots;
    private final NanoClock clock;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final SlateReplyEncoder encoder = new SlateReplyEncoder();

    /** @param snapshots version of the agents' shared state. */
    ReplyEncoder(LongSupplier snapshots, NanoClock clock) {
        this.snapshots = snapshots;
        this.clock = clock;
    }

    /** @param token {@value #TOKEN_LENGTH} bytes, zeros for none. */
    @HotPath
    void encode(RequestSlot slot, DirectBuffer token) {
        Candidates candidates = slot.candidates;
        Catalog catalog = Objects.requireNonNull(slot.state).catalog();
        encoder.wrapAndApplyHeader(slot.reply, 0, header)
                .requestId(slot.requestId)
                .catalogVersion(catalog.version())
                .snapshotVersion(snapshots.getAsLong())
                .retrievalNs(Math.min(slot.retrievalNs, 0xFFFF_FFFFL))
                .rankingNs(Math.min(slot.rankingNs, 0xFFFF_FFFFL))
                .filterNs(Math.min(slot.filterNs, 0xFFFF_FFFFL))
                .serverNs(Math.min(clock.nanoTime() - slot.receivedNs, 0xFFFF_FFFFL))
                .segment(slot.segment)
                .code(slot.code)
                .level(slot.level);
        encoder.reasons()
                .clear()
                .underfilled(slot.isUnderfilled)
                .coldUser(slot.isColdUser)
                .deadline(slot.isLate)
                .agentFailed(slot.hasAgentFailed)
                .pinnedRoute(slot.pinnedRoute >= 0)
                .overload(slot.isOverloaded)
                .staticArm(slot.isStaticArm)
                .unlogged(slot.isUnlogged)
                .dryRun(slot.isDryRun);
        slot.reply.putBytes(encoder.offset() + SlateReplyEncoder.tokenEncodingOffset(), token, 0, TOKEN_LENGTH);
        if (slot.isRefused()) {
            encoder.agentsCount(0);
            encoder.itemsCount(0);
            encodeMessage(slot);
            return;
        }
        SlateReplyEncoder.AgentsEncoder agents = encoder.agentsCount(slot.takenCount());
        for (int i = 0; i < slot.decisions.length; i++) {
            Decision decision = slot.decisions[i];
            if (!decision.isTaken()) {
                continue;
            }
            agents.next()
                    .kind((short) decision.kind().code())
                    .action((short) decision.action())
                    .propensity(decision.propensity())
                    .policyVersion(decision.policyVersion());
        }
        SlateReplyEncoder.ItemsEncoder items = encoder.itemsCount(slot.slateCount);
        for (int i = 0; i < slot.slateCount; i++) {
            int rank = slot.selected[i];
            int candidate = slot.order[rank];
            items.next()
                    .itemId(catalog.itemId(candidates.row(candidate)))
                    .score(slot.rankScores[rank])
                    .route((short) candidates.route(candidate));
        }
        encodeMessage(slot);
    }

    private void encodeMessage(RequestSlot slot) {
        String message = slot.message;
        int limit = encoder.limit();
        int length = Math.min(message.length(), 1_000);
        slot.reply.putShort(limit, (short) length, ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < length; i++) {
            char c = message.charAt(i);
            slot.reply.putByte(limit + 2 + i, c < 128 ? (byte) c : (byte) '?');
        }
        encoder.limit(limit + 2 + length);
        slot.replyLength = MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }
}
