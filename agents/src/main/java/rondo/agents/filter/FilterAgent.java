package rondo.agents.filter;

import java.util.List;
import rondo.agents.AgentKind;
import rondo.agents.DecisionAgent;
import rondo.agents.DecisionSpace;
import rondo.ann.HotPath;
import rondo.ann.RowFilter;

/**
 * Picks the slate out of the ranked candidates: hard rules first, which no policy can bend, then maximal marginal relevance (Carbonell and
 * Goldstein, SIGIR 1998) with a chosen strength. Two items are as similar as their category sets (Jaccard).
 *
 * <p>One selector belongs to one thread.
 */
public final class FilterAgent implements DecisionAgent {
    private static final DecisionSpace SPACE = new DecisionSpace(List.of("off", "light", "medium", "strong"), 0);

    /** λ of MMR per action: the weight of relevance against novelty. */
    private static final float[] RELEVANCE_WEIGHT = {1f, 0.9f, 0.75f, 0.5f};

    /** Ranked candidates looked at for each place of the slate: deeper ones cannot win against the relevance they lack. */
    private static final int POOL_PER_PLACE = 5;

    /** The diversity ratio is of the slate's head, which is what people see; it also bounds its quadratic cost. */
    public static final int DIVERSITY_DEPTH = 20;

    /** Mean category distance below which a slate counts as collapsed (requirement G4); above it the agent's own metric is satisfied. */
    private static final float DISTANCE_FLOOR = 0.30f;

    private final float[] closeness;
    private final int[] pool;

    /** @param candidateCountMax most candidates a request can bring. */
    public FilterAgent(int candidateCountMax) {
        this.closeness = new float[candidateCountMax];
        this.pool = new int[candidateCountMax];
    }

    @Override
    public AgentKind kind() {
        return AgentKind.FILTER;
    }

    @Override
    public DecisionSpace decisionSpace() {
        return SPACE;
    }

    /**
     * Selects at most {@code wanted} of the ranked candidates.
     *
     * @param action     index into the decision space.
     * @param rows       candidate rows by candidate index.
     * @param categories category sets by candidate index.
     * @param order      candidate indexes, best first; {@code scores} runs parallel to it.
     * @param count      ranked candidates.
     * @param allowed    rows that the hard rules let through; a candidate outside it never reaches the slate.
     * @param selected   receives positions in {@code order}, in slate order.
     * @return how many were selected; fewer than {@code wanted} only when the hard rules left no more.
     */
    @HotPath
    public int select(
            int action,
            int[] rows,
            long[] categories,
            int[] order,
            float[] scores,
            int count,
            RowFilter allowed,
            int wanted,
            int[] selected) {
        float lambda = RELEVANCE_WEIGHT[action];
        int poolLimit = lambda == 1f ? wanted : wanted * POOL_PER_PLACE;
        int poolCount = 0;
        for (int i = 0; i < count && poolCount < poolLimit; i++) {
            if (allowed.passes(rows[order[i]])) {
                pool[poolCount] = i;
                closeness[poolCount] = 0f;
                poolCount++;
            }
        }
        int taken = Math.min(wanted, poolCount);
        if (lambda == 1f) {
            System.arraycopy(pool, 0, selected, 0, taken);
            return taken;
        }
        float low = poolCount == 0 ? 0f : scores[pool[poolCount - 1]];
        float high = poolCount == 0 ? 0f : scores[pool[0]];
        // The inverse of a denormal is infinite, and infinity times zero would poison every comparison.
        float scale = high - low >= Float.MIN_NORMAL ? 1f / (high - low) : 0f;
        for (int place = 0; place < taken; place++) {
            int best = -1;
            float bestScore = Float.NEGATIVE_INFINITY;
            for (int p = 0; p < poolCount; p++) {
                if (pool[p] < 0) {
                    continue;
                }
                float score = lambda * (scores[pool[p]] - low) * scale - (1f - lambda) * closeness[p];
                if (score > bestScore) {
                    bestScore = score;
                    best = p;
                }
            }
            selected[place] = pool[best];
            long chosen = categories[order[pool[best]]];
            pool[best] = -1;
            for (int p = 0; p < poolCount; p++) {
                if (pool[p] >= 0) {
                    closeness[p] = Math.max(closeness[p], similarity(chosen, categories[order[pool[p]]]));
                }
            }
        }
        return taken;
    }

    /**
     * Mean pairwise category distance of a slate, in [0, 1]; 0 when it has fewer than two items.
     *
     * @param categories category sets of the slate, in order.
     */
    @HotPath
    public float intraListDistance(long[] categories, int count) {
        if (count < 2) {
            return 0f;
        }
        float sum = 0f;
        for (int i = 1; i < count; i++) {
            for (int j = 0; j < i; j++) {
                sum += 1f - similarity(categories[i], categories[j]);
            }
        }
        return sum / (count * (count - 1) / 2f);
    }

    /** True for the stronger half of the actions: those that diversify at least as strongly as the median one. */
    public static boolean isStrong(int action) {
        int weaker = 0;
        for (float weight : RELEVANCE_WEIGHT) {
            weaker += weight > RELEVANCE_WEIGHT[action] ? 1 : 0;
        }
        return 2 * weaker >= RELEVANCE_WEIGHT.length - 1;
    }

    /** The agent's own metric of an {@link #intraListDistance}: the share of the wanted distance that the slate has, in [0, 1]. */
    @HotPath
    public static float satisfaction(float distance) {
        return Math.min(1f, distance / DISTANCE_FLOOR);
    }

    /** Jaccard index of two category sets; two items without any category count as unlike. */
    private static float similarity(long a, long b) {
        int union = Long.bitCount(a | b);
        return union == 0 ? 0f : (float) Long.bitCount(a & b) / union;
    }
}
