package rondo.agents;

import rondo.ann.HotPath;

/**
 * What each kind is paid for its own work on one request, beside the global reward: the one definition that learning rewards by and the closure gate
 * examines by (requirement B12).
 *
 * <pre>
 * kind               reward, in [0, 1]
 * retrieval, fusion  1 / log2(2 + rank of the consumed item among the candidates); 0 when nothing was consumed
 * ranking, model     the same of its rank after ranking
 * feature            the same, less {@link #FEATURE_PRICE} for computing every feature group
 * filter             the slate's category distance as a share of what is wanted
 * resource           1 less {@link #CANDIDATE_PRICE} for a request full of candidates
 * traffic, strategy  none: coordination is paid by the global reward alone
 * </pre>
 */
public final class LocalReward {
    /** What computing every feature group takes from the feature agent's gain. */
    private static final double FEATURE_PRICE = 0.05;

    /** What a request full of candidates takes from the resource agent's reward. */
    private static final double CANDIDATE_PRICE = 0.2;

    private LocalReward() {}

    /** The metric's name: what a verdict of the closure gate says it measured. */
    public static String metric(AgentKind kind) {
        return switch (kind) {
            case TRAFFIC, STRATEGY -> "global reward";
            case RETRIEVAL, FUSION -> "gain of the consumed item's rank among the candidates";
            case RANKING, MODEL -> "gain of the consumed item's rank after ranking";
            case FEATURE -> "gain of the consumed item's rank after ranking, less the price of the features";
            case FILTER -> "share of the wanted category distance";
            case RESOURCE -> "one less the price of the candidates granted";
        };
    }

    /**
     * The reward of a kind.
     *
     * @param retrievalRank of the consumed item among the candidates, from 0; negative when nothing was consumed.
     * @param rankingRank   of the consumed item after ranking, likewise.
     * @param localContext  what the agent saw of its own work, see {@link Decision#localContext()}.
     * @return NaN for a kind that is paid by the global reward alone.
     */
    @HotPath
    public static double of(AgentKind kind, int retrievalRank, int rankingRank, float localContext) {
        return switch (kind) {
            case TRAFFIC, STRATEGY -> Double.NaN;
            case RETRIEVAL, FUSION -> gain(retrievalRank);
            case RANKING, MODEL -> gain(rankingRank);
            case FEATURE -> gain(rankingRank) * (1 - FEATURE_PRICE * localContext);
            case FILTER -> localContext;
            case RESOURCE -> 1 - CANDIDATE_PRICE * localContext;
        };
    }

    /** The discount of NDCG at a rank that counts from 0. */
    @HotPath
    private static double gain(int rank) {
        return rank < 0 ? 0 : StrictMath.log(2) / StrictMath.log(2 + rank);
    }
}
