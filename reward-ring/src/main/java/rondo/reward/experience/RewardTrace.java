package rondo.reward.experience;

import java.util.List;

/**
 * Who earned a request's reward: the global reward taken apart into what was to be expected, a credit for each agent, and a residual.
 *
 * <pre>
 * global = expected + credits + residual
 * credit = expected · (merit of the action − mean merit of all actions, each as often as the policy drew it)
 * </pre>
 *
 * <p>A credit is a counterfactual advantage as in COMA (Foerster et al., Counterfactual multi-agent policy gradients, AAAI 2018), with the merits that the
 * agent's learner believed before this request taught it anything. Those are main effects of the agent's total reward: what agents do to each other, what the
 * learner does not know yet, and luck are in the residual; for an agent with α above 0 the merit is that of its mixed reward. Over an agent's draws its
 * credits have mean 0: they say which choices were good, not what the agent is worth.
 *
 * <p>Expectation and credits are whole multiples of one unit, so their sum is exact, and so is the whole for a global reward that is 0 or at least 2^-19.
 */
public final class RewardTrace {
    private final long requestId;
    private final long decisionId;
    private final List<ExperienceRow> rows;

    /**
     * @param rows of one decision, in its order; empty while its outcome is awaited.
     */
    public RewardTrace(long requestId, long decisionId, List<ExperienceRow> rows) {
        this.requestId = requestId;
        this.decisionId = decisionId;
        this.rows = List.copyOf(rows);
    }

    public long requestId() {
        return requestId;
    }

    public long decisionId() {
        return decisionId;
    }

    /** One for each agent that decided. */
    public List<ExperienceRow> rows() {
        return rows;
    }

    /** True while there is no reward yet; nothing below may be asked then. */
    public boolean isAwaited() {
        return rows.isEmpty();
    }

    /** True when the user said or did nothing within the window. */
    public boolean isDefaulted() {
        return rows.getFirst().isDefaulted();
    }

    public double global() {
        return rows.getFirst().globalReward();
    }

    /** What was to be expected of segment and user, whatever was chosen. */
    public double expected() {
        return rows.getFirst().expected();
    }

    /** The sum of all credits. */
    public double credits() {
        double sum = 0;
        for (ExperienceRow row : rows) {
            sum += row.credit();
        }
        return sum;
    }

    /** What neither expectation nor credits explain. */
    public double residual() {
        return global() - (expected() + credits());
    }
}
