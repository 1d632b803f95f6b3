package rondo.kernel.pipeline;

import java.util.Objects;
import org.agrona.concurrent.UnsafeBuffer;
import rondo.agents.AgentKind;
import rondo.agents.Decision;
import rondo.agents.catalog.Catalog;
import rondo.agents.retrieval.Candidates;
import rondo.ann.HotPath;
import rondo.reward.join.DecisionRecord;

/**
 * Logs the decision and encodes the reply, in that order: an outcome can only come back for a slate whose decision was handed over before it left.
 */
final class ReplyStage implements Stage {
    private final DecisionLog log;
    private final ReplyEncoder encoder;
    private final DecisionRecord record = new DecisionRecord();
    private final UnsafeBuffer recordBytes =
            new UnsafeBuffer(new byte[DecisionRecord.length(AgentKind.COUNT, RequestSlot.SLATE_MAX)]);
    private final UnsafeBuffer token = new UnsafeBuffer(new byte[ReplyEncoder.TOKEN_LENGTH]);

    ReplyStage(DecisionLog log, NanoClock clock) {
        this.log = log;
        this.encoder = new ReplyEncoder(log::snapshotVersion, clock);
    }

    @Override
    @HotPath
    public void process(RequestSlot slot) {
        token.setMemory(0, ReplyEncoder.TOKEN_LENGTH, (byte) 0);
        if (!slot.isRefused() && !Float.isFinite(slot.distance)) {
            throw new IllegalStateException("the slate's diversity is not finite");
        }
        if (!slot.isRefused() && !slot.isDryRun && slot.pinnedRoute < 0) {
            try {
                slot.isUnlogged = !logDecision(slot);
            } catch (RuntimeException e) {
                // The slate is whole and leaves, without a token: what cannot be logged cannot be learnt from.
                slot.isUnlogged = true;
                token.setMemory(0, ReplyEncoder.TOKEN_LENGTH, (byte) 0);
                encoder.encode(slot, token);
                throw e;
            }
        }
        encoder.encode(slot, token);
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
                .agentCount(slot.takenCount())
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
}
