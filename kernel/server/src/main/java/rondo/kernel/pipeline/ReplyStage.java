package rondo.kernel.pipeline;

import java.util.Objects;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.agents.AgentKind;
import rondo.agents.Decision;
import rondo.agents.catalog.Catalog;
import rondo.agents.retrieval.Candidates;
import rondo.ann.HotPath;
import rondo.reward.join.DecisionRecord;
import rondo.wire.MessageHeaderEncoder;
import rondo.wire.SlateReplyEncoder;

/**
 * Logs the decision and encodes the reply, in that order: an outcome can only come back for a slate whose decision was handed over before it left.
 */
final class ReplyStage implements Stage {
    private static final int TOKEN_LENGTH = 40;

    private final DecisionLog log;
    private final NanoClock clock;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final SlateReplyEncoder encoder = new SlateReplyEncoder();
    private final DecisionRecord record = new DecisionRecord();
    private final UnsafeBuffer recordBytes =
            new UnsafeBuffer(new byte[DecisionRecord.length(AgentKind.COUNT, RequestSlot.SLATE_MAX)]);
    private final UnsafeBuffer token = new UnsafeBuffer(new byte[TOKEN_LENGTH]);

    ReplyStage(DecisionLog log, NanoClock clock) {
        this.log = log;
        this.clock = clock;
    }

    @Override
    @HotPath
    public void process(RequestSlot slot) {
        token.setMemory(0, TOKEN_LENGTH, (byte) 0);
        if (!slot.isRefused() && !slot.isDryRun && slot.pinnedRoute < 0) {
            try {
                slot.isUnlogged = !logDecision(slot);
            } catch (RuntimeException e) {
                // The slate is whole and leaves, without a token: what cannot be logged cannot be learnt from.
                slot.isUnlogged = true;
                token.setMemory(0, TOKEN_LENGTH, (byte) 0);
                encode(slot);
                throw e;
            }
        }
        encode(slot);
    }

    @HotPath
    private static int takenCount(RequestSlot slot) {
        int count = 0;
        for (int i = 0; i < slot.decisions.length; i++) {
            count += slot.decisions[i].isTaken() ? 1 : 0;
        }
        return count;
    }

    @HotPath
    private boolean logDecision(RequestSlot slot) {
        Catalog catalog = Objects.requireNonNull(slot.state).catalog();
        Candidates candidates = slot.candidates;
        long decisionId = log.nextDecisionId();
        record.wrap(recordBytes, 0)
                .requestId(slot.requestId)
                .userId(slot.userId)
                .decidedAtMs(log.nowMs())
                .decisionId(decisionId)
                .catalogVersion(catalog.version())
                .segment(slot.segment)
                .agentCount(takenCount(slot))
                .flags((slot.isStatic ? DecisionRecord.FLAG_STATIC : 0) | (slot.isLate ? DecisionRecord.FLAG_LATE : 0))
                .slateCount(slot.slateCount)
                .distance(slot.distance);
        int index = 0;
        for (int i = 0; i < slot.decisions.length; i++) {
            Decision decision = slot.decisions[i];
            if (!decision.isTaken()) {
                continue;
            }
            record.agent(
                    index++,
                    decision.kind().code(),
                    decision.action(),
                    decision.propensity(),
                    decision.policyVersion(),
                    decision.policyChecksum(),
                    decision.localContext());
        }
        long hash = decisionId;
        for (int i = 0; i < slot.slateCount; i++) {
            int rank = slot.selected[i];
            int candidate = slot.order[rank];
            long itemId = catalog.itemId(candidates.row(candidate));
            record.slate(i, itemId, candidate, rank, candidates.route(candidate));
            hash = (hash ^ itemId) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 29;
        }
        record.slateHash(hash);
        if (!log.offer(recordBytes, 0, record.length())) {
            return false;
        }
        log.mintToken(decisionId, hash, token, 0);
        return true;
    }

    @HotPath
    private void encode(RequestSlot slot) {
        Candidates candidates = slot.candidates;
        Catalog catalog = Objects.requireNonNull(slot.state).catalog();
        encoder.wrapAndApplyHeader(slot.reply, 0, header)
                .requestId(slot.requestId)
                .catalogVersion(catalog.version())
                .snapshotVersion(log.snapshotVersion())
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
        SlateReplyEncoder.AgentsEncoder agents = encoder.agentsCount(takenCount(slot));
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
        slot.reply.putShort(limit, (short) length, java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < length; i++) {
            char c = message.charAt(i);
            slot.reply.putByte(limit + 2 + i, c < 128 ? (byte) c : (byte) '?');
        }
        encoder.limit(limit + 2 + length);
        slot.replyLength = MessageHeaderEncoder.ENCODED_LENGTH + encoder.encodedLength();
    }
}
