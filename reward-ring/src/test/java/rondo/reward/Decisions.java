package rondo.reward;

import org.agrona.concurrent.UnsafeBuffer;
import rondo.agents.AgentKind;
import rondo.agents.policy.PolicyBlock;
import rondo.reward.join.DecisionRecord;

/** Makes records of requests in which one agent decided about a slate of one item. */
final class Decisions {
    private static final long ITEM = 100;

    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[DecisionRecord.length(1, 1)]);
    private final DecisionRecord record = new DecisionRecord();

    /** A request, decided at the time of its id; the record is valid until the next call. */
    DecisionRecord made(
            long id, long userId, AgentKind kind, int segment, int action, PolicyBlock block, float localContext) {
        record.wrap(bytes, 0)
                .requestId(id)
                .userId(userId)
                .decidedAtMs(id)
                .decisionId(id)
                .catalogVersion(1)
                .slateHash(id)
                .segment(segment)
                .agentCount(1)
                .flags(0)
                .slateCount(1);
        record.agent(
                0, kind.code(), action, block.propensity(action, 1f), block.version(), block.checksum(), localContext);
        record.slate(0, ITEM, 0, 0, 0);
        return record;
    }
}
