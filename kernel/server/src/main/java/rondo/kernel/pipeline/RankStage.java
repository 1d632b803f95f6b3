package rondo.kernel.pipeline;

import rondo.agents.AgentKind;
import rondo.agents.Decision;
import rondo.agents.policy.CounterRandom;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.agents.ranking.RankingAgent;
import rondo.ann.HotPath;

/** Lets the ranking agent choose its weights, and orders the candidates by them. */
final class RankStage implements Stage {
    private final PipelineConfig config;
    private final PolicyTable policies;
    private final NanoClock clock;
    private final RankingAgent agent = new RankingAgent(RequestSlot.CANDIDATES_MAX);

    RankStage(PipelineConfig config, PolicyTable policies, NanoClock clock) {
        this.config = config;
        this.policies = policies;
        this.clock = clock;
    }

    @Override
    @HotPath
    public void process(RequestSlot slot) {
        if (slot.isRefused()) {
            return;
        }
        long startNs = clock.nanoTime();
        Decision decision = slot.decisions[AgentKind.RANKING.code()];
        Deciding.draw(
                decision, policies, config.seed(), slot, agent.decisionSpace().staticAction());
        agent.rank(
                decision.action(),
                slot.candidates.scores(),
                slot.popularity,
                slot.taste,
                slot.candidates.count(),
                slot.order,
                slot.rankScores);
        slot.rankingNs = clock.nanoTime() - startNs;
    }

    /** The draw that ranking and filter share: the static action where the chain is fixed, else one uniform through the block in force. */
    static final class Deciding {
        private Deciding() {}

        @HotPath
        static void draw(Decision decision, PolicyTable policies, long seed, RequestSlot slot, int staticAction) {
            PolicyBlock block = policies.current(decision.kind(), slot.segment);
            if (slot.isStatic || slot.pinnedRoute >= 0 || slot.isLate) {
                decision.set(staticAction, 1f, block.version());
                return;
            }
            float share = slot.composition.explorationShare();
            int action = block.draw(
                    CounterRandom.uniform(seed, slot.requestId, decision.kind().code()), share);
            decision.set(action, block.propensity(action, share), block.version());
        }
    }
}
