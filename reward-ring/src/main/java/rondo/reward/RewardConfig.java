package rondo.reward;

import java.util.Map;
import rondo.agents.AgentKind;
import rondo.reward.evolution.Challenger;
import rondo.reward.join.GlobalReward;

/**
 * What the reward ring needs to know.
 *
 * @param isLearning      false freezes every policy at its first block.
 * @param windowMs        how long a decision waits for its outcome.
 * @param rememberedMax   closed decisions that are told apart from unknown ones.
 * @param floor           exploration floor, in [0, 1].
 * @param deviationMax    bound on a policy's total variation per epoch.
 * @param epochOutcomes   outcomes of a segment that make an epoch.
 * @param refreshOutcomes outcomes of a segment between two blocks.
 * @param isWatched       false lets no monitor look; for policies that do not learn.
 * @param alphaMin        where the schedule of α ends; when it equals {@code alphaMax}, α is that, whatever happens.
 * @param randomDistance  mean category distance of two items of the catalogue, in (0, 1]; what slates are compared with.
 * @param global          what the global reward is made of; its session gap, where there is one, is at most {@code windowMs}.
 * @param isArticleHeard  true lets the source article's monitors look too; their alarms are told, and nothing follows.
 * @param lossMax         how far an agent's policy may be believed to be behind its static action, as a share of what that earns, in [0, 1].
 * @param challengers     the learners that challenge agents' own, at most one each.
 */
public record RewardConfig(
        boolean isLearning,
        long windowMs,
        int rememberedMax,
        double floor,
        double deviationMax,
        int epochOutcomes,
        int refreshOutcomes,
        double alphaMin,
        double alphaMax,
        double randomDistance,
        boolean isWatched,
        GlobalReward global,
        boolean isArticleHeard,
        double lossMax,
        Map<AgentKind, Challenger> challengers) {

    public RewardConfig {
        challengers = Map.copyOf(challengers);
    }

    /** With a global reward of outcomes alone, without the article's monitors without challengers, and whatever policies cost. */
    public RewardConfig(
            boolean isLearning,
            long windowMs,
            int rememberedMax,
            double floor,
            double deviationMax,
            int epochOutcomes,
            int refreshOutcomes,
            double alphaMin,
            double alphaMax,
            double randomDistance,
            boolean isWatched) {
        this(
                isLearning,
                windowMs,
                rememberedMax,
                floor,
                deviationMax,
                epochOutcomes,
                refreshOutcomes,
                alphaMin,
                alphaMax,
                randomDistance,
                isWatched,
                GlobalReward.STANDARD,
                false,
                1,
                Map.of());
    }

    /** The same, with a bound on what policies cost and with challengers. */
    public RewardConfig with(double loss, Map<AgentKind, Challenger> learners) {
        return new RewardConfig(
                isLearning,
                windowMs,
                rememberedMax,
                floor,
                deviationMax,
                epochOutcomes,
                refreshOutcomes,
                alphaMin,
                alphaMax,
                randomDistance,
                isWatched,
                global,
                isArticleHeard,
                loss,
                learners);
    }

    /** False when α is fixed. */
    boolean isAlphaScheduled() {
        return alphaMin < alphaMax;
    }
}
