package rondo.agents.ranking;

import java.util.List;
import rondo.agents.AgentKind;
import rondo.agents.DecisionAgent;
import rondo.agents.DecisionSpace;
import rondo.agents.feature.FeatureAgent;
import rondo.ann.HotPath;
import rondo.ann.LongSort;
import rondo.ann.ScoreKey;

/**
 * Orders candidates by a weighted sum of three features, each in [0, 1]; an action is a weight vector.
 *
 * <pre>
 * feature     what it is
 * retrieval   the retrieval score, scaled by the request's smallest and largest
 * popularity  logarithm of the item's decayed consumption, scaled by the request's largest
 * taste       share of the user's recent consumption that lies in the item's categories
 * </pre>
 *
 * <p>One ranker belongs to one thread. Equal scores keep retrieval's order, so the static weights (1, 0, 0) leave candidates as they came.
 */
public final class RankingAgent implements DecisionAgent {
    private static final DecisionSpace SPACE =
            new DecisionSpace(List.of("as-retrieved", "popular", "taste", "novel", "balanced"), 0);

    /** Rows: actions. Columns: retrieval, popularity, taste. */
    private static final float[][] WEIGHTS = {
        {1f, 0f, 0f}, {1f, 0.35f, 0f}, {1f, 0f, 0.35f}, {1f, -0.25f, 0.1f}, {1f, 0.15f, 0.15f}
    };

    private final long[] keys;

    /** @param candidateCountMax most candidates a request can bring. */
    public RankingAgent(int candidateCountMax) {
        this.keys = new long[candidateCountMax];
    }

    @Override
    public AgentKind kind() {
        return AgentKind.RANKING;
    }

    @Override
    public DecisionSpace decisionSpace() {
        return SPACE;
    }

    /** The feature groups that {@code action} looks at beside retrieval's score, as bits of {@link FeatureAgent}. */
    @HotPath
    public int groups(int action) {
        return (WEIGHTS[action][1] != 0f ? FeatureAgent.POPULARITY : 0)
                | (WEIGHTS[action][2] != 0f ? FeatureAgent.TASTE : 0);
    }

    /**
     * Scores and orders.
     *
     * @param action     index into the decision space.
     * @param groups     feature groups that may be used; the weight of any other is 0.
     * @param retrieval  retrieval scores, best first, all finite.
     * @param popularity raw popularity per candidate, not negative; not read when its group is off.
     * @param taste      in [0, 1] per candidate; not read when its group is off.
     * @param count      candidates.
     * @param order      receives indexes into the candidate arrays, best first.
     * @param scores     receives the score of {@code order[i]} at {@code i}.
     */
    @HotPath
    public void rank(
            int action,
            int groups,
            float[] retrieval,
            float[] popularity,
            float[] taste,
            int count,
            int[] order,
            float[] scores) {
        if (count == 0) {
            return;
        }
        float[] weights = WEIGHTS[action];
        float low = retrieval[count - 1];
        // The inverse of a denormal is infinite, and infinity times zero is no score.
        float scale = retrieval[0] - low >= Float.MIN_NORMAL ? 1f / (retrieval[0] - low) : 0f;
        boolean usesPopularity = (groups & FeatureAgent.POPULARITY) != 0;
        boolean usesTaste = (groups & FeatureAgent.TASTE) != 0;
        float popularityScale = usesPopularity ? scaleOf(popularity, count) : 0f;
        for (int i = 0; i < count; i++) {
            float score = weights[0] * ((retrieval[i] - low) * scale);
            if (usesPopularity) {
                score += weights[1] * (float) Math.log1p(popularity[i]) * popularityScale;
            }
            if (usesTaste) {
                score += weights[2] * taste[i];
            }
            keys[i] = ScoreKey.of(score, i);
        }
        LongSort.sort(keys, count);
        for (int i = 0; i < count; i++) {
            order[i] = ScoreKey.index(keys[i]);
            scores[i] = ScoreKey.score(keys[i]);
        }
    }

    private static float scaleOf(float[] popularity, int count) {
        float max = 0f;
        for (int i = 0; i < count; i++) {
            max = Math.max(max, popularity[i]);
        }
        float range = (float) Math.log1p(max);
        return range >= Float.MIN_NORMAL ? 1f / range : 0f;
    }
}
