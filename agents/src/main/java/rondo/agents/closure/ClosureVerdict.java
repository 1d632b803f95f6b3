package rondo.agents.closure;

/**
 * What the gate found.
 *
 * <pre>
 * evaluable  decision space  closed loop   verdict
 * PASS       PASS            PASS          PASS      may be promoted
 * PASS       PASS            PARTIAL       PARTIAL   stays a function; give it a signal of its own and ask again
 * anything else                            FAIL      stays a function
 * </pre>
 *
 * Without a metric there is nothing to learn from, and without choices nothing to learn, so neither can be made up for by the rest; a loop that was
 * claimed and does not contract is worse than none.
 *
 * @param metric          what was measured; the only reward that may be registered for the module.
 * @param successRate     share of iterations that passed; 0 when none were run.
 * @param successLower    what the true rate exceeds with the spec's confidence.
 * @param iterations      held-out iterations run.
 * @param distinctActions actions that act differently, matter, and can be chosen.
 * @param contraction     share of perturbations that were corrected from the module's own output.
 * @param evidenceHash    SHA-256 over spec, seed and everything measured, in hexadecimal.
 */
public record ClosureVerdict(
        String id,
        String metric,
        Mark verdict,
        Finding evaluable,
        Finding decisionSpace,
        Finding closedLoop,
        double successRate,
        double successLower,
        int iterations,
        int distinctActions,
        double contraction,
        String evidenceHash,
        int criteriaVersion) {
    /** What a criterion, or all together, came to. */
    public enum Mark {
        PASS,
        PARTIAL,
        FAIL
    }

    /** One criterion: its mark and, in words, why. */
    public record Finding(Mark mark, String reason) {
        static Finding ineligible(String what) {
            return new Finding(Mark.FAIL, "INELIGIBLE(" + what + ")");
        }

        /** True when there was nothing to measure. */
        public boolean isIneligible() {
            return reason.startsWith("INELIGIBLE(");
        }

        @Override
        public String toString() {
            return mark + ": " + reason;
        }
    }

    /** The verdict on three criteria. */
    static Mark verdict(Mark evaluable, Mark decisionSpace, Mark closedLoop) {
        if (evaluable != Mark.PASS || decisionSpace != Mark.PASS) {
            return Mark.FAIL;
        }
        return closedLoop;
    }

    /** True when the module may become an agent. */
    public boolean isPromotable() {
        return verdict == Mark.PASS;
    }

    /** All three findings in one line. */
    public String reasons() {
        return "evaluable " + evaluable + "; decision space " + decisionSpace + "; closed loop " + closedLoop;
    }

    /**
     * Refuses a reward that the gate has not seen: an agent is rewarded by the metric it was examined on, or not at all.
     *
     * @throws IllegalArgumentException when the module was not promoted, or {@code rewardMetric} is not the gate's metric.
     */
    public void requireReward(String rewardMetric) {
        if (!isPromotable()) {
            throw new IllegalArgumentException(
                    "only a module that passed the closure gate has a reward: module=" + id + ", verdict=" + verdict);
        }
        if (!rewardMetric.equals(metric)) {
            throw new IllegalArgumentException(
                    "the local reward must be the metric that the closure gate examined: module=" + id + ", reward="
                            + rewardMetric + ", examined=" + metric);
        }
    }
}
