package rondo.kernel.pipeline;

import rondo.agents.AgentKind;
import rondo.agents.Decision;
import rondo.agents.policy.CounterRandom;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.agents.strategy.StrategyAgent;
import rondo.ann.HotPath;

/**
 * How every agent decides: one uniform, a hash of seed, request and kind, through the policy block in force. A kind that is no agent here plays its
 * static action and leaves no decision; on a request of the static chain every agent does, with propensity 1.
 */
final class Deciding {
    private final PolicyTable policies;
    private final long seed;

    Deciding(PolicyTable policies, long seed) {
        this.policies = policies;
        this.seed = seed;
    }

    /** Forgets what was decided in the slot before, and pins which kinds are agents. */
    @HotPath
    void clear(RequestSlot slot) {
        slot.promoted = policies.promoted();
        for (int i = 0; i < slot.decisions.length; i++) {
            Decision decision = slot.decisions[i];
            decision.clear(policies.space(decision.kind()).staticAction());
        }
    }

    /** Lets a kind decide, and returns its action. */
    @HotPath
    int draw(AgentKind kind, RequestSlot slot) {
        Decision decision = slot.decisions[kind.code()];
        if ((slot.promoted >>> kind.code() & 1) == 0) {
            return decision.action();
        }
        PolicyBlock block = policies.current(kind, slot.segment);
        if (slot.isStatic || slot.pinnedRoute >= 0 || slot.isLate) {
            decision.set(policies.space(kind).staticAction(), 1f, block.version(), block.checksum());
            return decision.action();
        }
        int slotAction = slot.decisions[AgentKind.STRATEGY.code()].action();
        float share = StrategyAgent.explorationShare(kind, slotAction, slot.composition.explorationShare());
        int action = draw(block, seed, slot.requestId, share);
        decision.set(action, block.propensity(action, share), block.version(), block.checksum());
        return action;
    }

    /** The draw itself: a function of the block, the seed and the request. */
    @HotPath
    static int draw(PolicyBlock block, long seed, long requestId, float share) {
        return block.draw(CounterRandom.uniform(seed, requestId, block.kind().code()), share);
    }
}
