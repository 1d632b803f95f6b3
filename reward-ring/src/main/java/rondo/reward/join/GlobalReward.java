package rondo.reward.join;

/**
 * What the global reward of a decision is made of, and what each part weighs. In [0, 1]:
 *
 * <pre>
 * global = (1 − sessionWeight − diversityWeight) · outcomes + sessionWeight · session + diversityWeight · diversity
 *
 * outcomes    the worth of each reported outcome times its value, summed, at most 1
 * session     1 when the user came back within the session gap, else 0; see {@link SessionWait}
 * diversity   category distance of the slate over that of random slates, at most 1; 0 for a slate of fewer than two items
 * </pre>
 *
 * With both weights 0 it is the outcomes, to the last bit.
 *
 * @param viewWorth       what a view is worth, in [0, 1]; likewise the others. What is worth nothing does not count as consumption to local rewards.
 * @param sessionWeight   weight of the session part; above 0 a decision waits until that part is known.
 * @param diversityWeight weight of the diversity part.
 * @param sessionGapMs    how soon a user must come back; not read when {@code sessionWeight} is 0.
 */
public record GlobalReward(
        double viewWorth,
        double clickWorth,
        double likeWorth,
        double purchaseWorth,
        double sessionWeight,
        double diversityWeight,
        long sessionGapMs) {
    /** The outcomes alone: a view is worth a fifth of anything else. */
    public static final GlobalReward STANDARD = new GlobalReward(0.2, 1, 1, 1, 0, 0, 60_000);

    public GlobalReward {
        check("viewWorth", viewWorth);
        check("clickWorth", clickWorth);
        check("likeWorth", likeWorth);
        check("purchaseWorth", purchaseWorth);
        check("sessionWeight", sessionWeight);
        check("diversityWeight", diversityWeight);
        if (sessionWeight + diversityWeight > 1) {
            throw new IllegalArgumentException("sessionWeight and diversityWeight add up to at most 1: sessionWeight="
                    + sessionWeight + ", diversityWeight=" + diversityWeight);
        }
        if (sessionGapMs < 1) {
            throw new IllegalArgumentException("sessionGapMs below 1: sessionGapMs=" + sessionGapMs);
        }
    }

    private static void check(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " outside [0, 1]: " + name + "=" + value);
        }
    }

    /** What one outcome of a kind is worth, before it is multiplied by its value. */
    double worth(OutcomeKind kind) {
        return switch (kind) {
            case NONE -> 0;
            case VIEW -> viewWorth;
            case CLICK -> clickWorth;
            case LIKE -> likeWorth;
            case PURCHASE -> purchaseWorth;
        };
    }

    /** True when decisions wait for their session part. */
    boolean hasSession() {
        return sessionWeight > 0;
    }

    /**
     * The global reward of a closed decision.
     *
     * @param randomDistance mean category distance of random slates, in (0, 1].
     */
    public double of(PendingDecision decision, double randomDistance) {
        DecisionRecord record = decision.record();
        double diversity = record.slateCount() < 2 ? 0 : Math.min(1, record.distance() / randomDistance);
        double global = (1 - (sessionWeight + diversityWeight)) * decision.outcomes()
                + sessionWeight * (decision.hasReturned() ? 1 : 0)
                + diversityWeight * diversity;
        // The weights may add up to one rounding more than 1.
        return Math.min(1, global);
    }
}
