package rondo.kernel.pipeline;

import java.util.Objects;
import rondo.agents.AgentKind;
import rondo.agents.catalog.Popularity;
import rondo.agents.feature.FeatureAgent;
import rondo.agents.model.ModelAgent;
import rondo.agents.model.TasteProfile;
import rondo.agents.ranking.RankingAgent;
import rondo.ann.HotPath;

/**
 * Lets the ranking agent choose its weights, the feature agent which of the features behind them are computed, the model agent how taste is measured;
 * then orders the candidates. An agent whose choice cannot matter does not decide.
 */
final class RankStage implements Stage {
    private final Deciding deciding;
    private final NanoClock clock;
    private final RankingAgent ranking = new RankingAgent(RequestSlot.CANDIDATES_MAX);
    private final FeatureAgent features = new FeatureAgent();
    private final ModelAgent models = new ModelAgent();
    private final TasteProfile profile = new TasteProfile();

    RankStage(Deciding deciding, NanoClock clock) {
        this.deciding = deciding;
        this.clock = clock;
    }

    @Override
    @HotPath
    public void process(RequestSlot slot) {
        if (slot.isRefused()) {
            return;
        }
        long startNs = clock.nanoTime();
        ServingState state = Objects.requireNonNull(slot.state);
        int action = deciding.draw(AgentKind.RANKING, slot);
        int groups = ranking.groups(action);
        if (groups != 0) {
            groups &= features.mask(deciding.draw(AgentKind.FEATURE, slot));
            slot.decisions[AgentKind.FEATURE.code()].localContext(features.cost(groups));
        }
        if ((groups & FeatureAgent.POPULARITY) != 0) {
            popularity(slot, state.sources().popularity());
        }
        if ((groups & FeatureAgent.TASTE) != 0) {
            int window = models.window(deciding.draw(AgentKind.MODEL, slot));
            profile.read(state.catalog(), state.sources().audience(), slot.userId, window);
            taste(slot);
        }
        ranking.rank(
                action,
                groups,
                slot.candidates.scores(),
                slot.popularity,
                slot.taste,
                slot.candidates.count(),
                slot.order,
                slot.rankScores);
        slot.rankingNs = clock.nanoTime() - startNs;
    }

    @HotPath
    private static void popularity(RequestSlot slot, Popularity popularity) {
        int count = slot.candidates.count();
        for (int i = 0; i < count; i++) {
            slot.popularity[i] = popularity.score(slot.candidates.row(i));
        }
    }

    @HotPath
    private void taste(RequestSlot slot) {
        int count = slot.candidates.count();
        for (int i = 0; i < count; i++) {
            slot.taste[i] = profile.of(slot.candidateCategories[i]);
        }
    }
}
