package rondo.kernel.pipeline;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.Segment;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.strategy.StrategyAgent;
import rondo.agents.traffic.Composition;
import rondo.reward.join.DecisionRecord;

/**
 * Makes logged decisions again from nothing but the request's id, the seed and the blocks that were in force, and says where the log differs. One
 * thread.
 */
public final class DecisionReplay {
    /** Blocks of an agent and segment that a decision may have been made with before the log came to it. */
    private static final int REMEMBERED_MAX = 1024;

    private final DecisionSpace[] spaces;
    private final long seed;
    private final Deque<PolicyBlock>[] blocks;
    private long checkedCount;

    /**
     * @param spaces decision spaces by agent code.
     * @param floor  exploration floor that the first blocks have.
     */
    @SuppressWarnings({"unchecked", "rawtypes"})
    public DecisionReplay(DecisionSpace[] spaces, double floor, long seed) {
        this.spaces = spaces.clone();
        this.seed = seed;
        this.blocks = new Deque[AgentKind.COUNT * Segment.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            DecisionSpace space = spaces[kind.code()];
            for (int segment = 0; segment < Segment.COUNT; segment++) {
                blocks[index(kind, segment)] = new ArrayDeque<>();
                onPublish(PolicyBlock.initial(kind, segment, space.size(), space.staticAction(), floor));
            }
        }
    }

    private static int index(AgentKind kind, int segment) {
        return kind.code() * Segment.COUNT + segment;
    }

    /** A block came into force. */
    public void onPublish(PolicyBlock block) {
        Deque<PolicyBlock> known = blocks[index(block.kind(), block.segment())];
        known.addFirst(block);
        if (known.size() > REMEMBERED_MAX) {
            known.removeLast();
        }
    }

    /** Decisions made again so far, one for each agent that decided. */
    public long checkedCount() {
        return checkedCount;
    }

    /** What is different from the log in the decisions of one request; empty when action, propensity and block are the same, bit for bit. */
    public String difference(DecisionRecord logged) {
        Composition composition = Composition.ofCode(action(logged, AgentKind.TRAFFIC));
        int slotAction = action(logged, AgentKind.STRATEGY);
        for (int i = 0; i < logged.agentCount(); i++) {
            AgentKind kind = AgentKind.ofCode(logged.agentKind(i));
            PolicyBlock block = block(kind, logged.segment(), logged.policyVersion(i));
            String where = "requestId=" + logged.requestId() + ", agent=" + kind.label() + ", segment="
                    + logged.segment() + ", policyVersion=" + logged.policyVersion(i);
            checkedCount++;
            if (block == null) {
                return "no such policy block was published: " + where;
            }
            if (block.checksum() != logged.policyChecksum(i)) {
                return "the policy block has other probabilities: " + where;
            }
            int action = spaces[kind.code()].staticAction();
            float propensity = 1f;
            if (!logged.isStatic() && !(logged.isLate() && isAfterRetrieval(kind))) {
                float share = StrategyAgent.explorationShare(kind, slotAction, composition.explorationShare());
                action = Deciding.draw(block, seed, logged.requestId(), share);
                propensity = block.propensity(action, share);
            }
            if (action != logged.action(i)) {
                return "another action: " + where + ", logged=" + logged.action(i) + ", replayed=" + action;
            }
            if (Float.floatToRawIntBits(propensity) != Float.floatToRawIntBits(logged.propensity(i))) {
                return "another propensity: " + where + ", logged=" + logged.propensity(i) + ", replayed=" + propensity;
            }
        }
        return "";
    }

    /** The kinds that decide after a request is known to be late play their static action on it. */
    private static boolean isAfterRetrieval(AgentKind kind) {
        return kind != AgentKind.TRAFFIC && kind != AgentKind.STRATEGY && kind != AgentKind.RETRIEVAL;
    }

    private int action(DecisionRecord logged, AgentKind kind) {
        for (int i = 0; i < logged.agentCount(); i++) {
            if (logged.agentKind(i) == kind.code()) {
                return logged.action(i);
            }
        }
        return spaces[kind.code()].staticAction();
    }

    private @Nullable PolicyBlock block(AgentKind kind, int segment, long version) {
        for (PolicyBlock block : blocks[index(kind, segment)]) {
            if (block.version() == version) {
                return block;
            }
        }
        return null;
    }
}
