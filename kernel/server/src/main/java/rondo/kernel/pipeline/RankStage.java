package rondo.kernel.pipeline;

import java.util.Objects;
import rondo.agents.AgentKind;
import rondo.agents.catalog.Audience;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.Popularity;
import rondo.agents.feature.FeatureAgent;
import rondo.agents.model.ModelAgent;
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
    private final int[] history = new int[ModelAgent.WINDOW_MAX];
    private final float[] categoryShare = new float[Long.SIZE];

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
            taste(slot, state.catalog(), state.sources().audience(), window);
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

    /** Share of the newest items of the user that lies in each candidate's categories. */
    @HotPath
    private void taste(RequestSlot slot, Catalog catalog, Audience audience, int window) {
        int historyCount = Math.min(window, audience.history(slot.userId, history));
        for (int c = 0; c < categoryShare.length; c++) {
            categoryShare[c] = 0f;
        }
        for (int i = 0; i < historyCount; i++) {
            long bits = catalog.categories(history[i]);
            float share = 1f / (historyCount * Math.max(1, Long.bitCount(bits)));
            for (long left = bits; left != 0; left &= left - 1) {
                categoryShare[Long.numberOfTrailingZeros(left)] += share;
            }
        }
        int count = slot.candidates.count();
        for (int i = 0; i < count; i++) {
            float sum = 0f;
            for (long left = slot.candidateCategories[i]; left != 0; left &= left - 1) {
                sum += categoryShare[Long.numberOfTrailingZeros(left)];
            }
            slot.taste[i] = Math.min(1f, sum);
        }
    }
}
