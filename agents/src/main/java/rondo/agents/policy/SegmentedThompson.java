package rondo.agents.policy;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import rondo.agents.Segment;

/**
 * {@link ChangePointThompson} for each segment. A segment borrows from what all of them together have seen, so that what holds everywhere is not learnt once
 * for each, and a segment that nobody has seen is not a stranger (partial pooling: Gelman and Hill, Data analysis using regression and multilevel models,
 * 2007, chapter 12).
 */
public final class SegmentedThompson implements AgentLearner {
    /** Successes per action that a segment borrows; its own outweigh them when there are more. */
    private static final double BORROWED_MAX = 300;

    private final int actionCount;
    private final ChangePointThompson[] beliefs = new ChangePointThompson[Segment.COUNT];
    private final double[] borrowedRewards;
    private final double[] borrowedExpectations;
    private ChangePointMerits pooled;

    /** Believes every action equally good everywhere. */
    public SegmentedThompson(int actionCount) {
        this.actionCount = actionCount;
        this.borrowedRewards = new double[actionCount];
        this.borrowedExpectations = new double[actionCount];
        this.pooled = new ChangePointMerits(actionCount);
    }

    /** The beliefs of a segment, or null when it has learnt nothing there. */
    public @Nullable ChangePointThompson beliefs(int segment) {
        return beliefs[segment];
    }

    @Override
    public void learn(int segment, int action, double reward, double expected) {
        own(segment).learn(action, reward, expected);
        pooled.learn(action, reward, expected);
    }

    private ChangePointThompson own(int segment) {
        if (beliefs[segment] == null) {
            beliefs[segment] = new ChangePointThompson(actionCount);
        }
        return Objects.requireNonNull(beliefs[segment]);
    }

    @Override
    public void want(int segment, double[] out) {
        pooled.sums(borrowedRewards, borrowedExpectations);
        for (int a = 0; a < actionCount; a++) {
            double scale = Math.min(1, BORROWED_MAX / borrowedRewards[a]);
            borrowedRewards[a] *= scale;
            borrowedExpectations[a] *= scale;
        }
        own(segment).bestProbabilities(out, borrowedRewards, borrowedExpectations);
    }

    /** The mean merits of a segment's actions; {@code out} may be longer. */
    public void merits(int segment, double[] out) {
        own(segment).merits(out);
    }

    /** Forgets everything; segments that had learnt something are known still. */
    public void forget() {
        pooled = new ChangePointMerits(actionCount);
        for (int s = 0; s < Segment.COUNT; s++) {
            if (beliefs[s] != null) {
                beliefs[s] = new ChangePointThompson(actionCount);
            }
        }
    }
}
