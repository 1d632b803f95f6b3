package rondo.reward.evolution;

import rondo.reward.evaluation.ConfidenceSequence;

/**
 * One challenger against the champion: how much of the traffic it may have now, and how it ended.
 *
 * <p>Every outcome tells of both, whoever chose: the difference of their probabilities of the action that was played, over the propensity it was played
 * with, times the reward, has the difference of their values as its mean (inverse propensity scoring: Horvitz and Thompson 1952; Bottou et al., JMLR 2013).
 * A challenger begins in the shadow, judged by what the champion's exploration happens to show of it. From there it climbs one rung of {@link #SHARES} at
 * a time, as high as the worst that is plausible of it allows: share × loss per request ≤ {@link #LOSS_MAX} of the reward. So what a trial costs is bounded
 * while it runs, not found out afterwards (conservative exploration: Kazerouni et al., NIPS 2017); the first rung is for everybody, since nobody earns less
 * than nothing. The first rungs begin a sequence of their own each, because what was seen of a challenger with less traffic is far noisier; what the rungs
 * below have proven stands until the one at hand contradicts it. It wins when its advantage is proven on the last rung, and retires when its disadvantage is, on
 * any, or when its lease ends without either.
 *
 * <p>One thread; a pure function of what it was given, in its order.
 */
final class Trial {
    /** Shares of the traffic, rung by rung; the first is the shadow. */
    private static final double[] SHARES = {0, 0.01, 0.05, 0.10, 0.25, 0.50};

    /** With less of the traffic, a challenger is seen too rarely for its numbers to be counted together with later ones. */
    private static final double NOISY_SHARE = 0.05;

    /** Outcomes between two looks at the rung. */
    static final int RUNG_OUTCOMES = 500;

    /** Share of the reward that a challenger may plausibly cost. */
    static final double LOSS_MAX = 0.01;

    private static final long TIGHT_AT = 10_000;

    private final double error;
    private final long leaseOutcomes;
    private ConfidenceSequence difference;
    private int sequences = 1;

    /** The lower end that the rungs below have proven. */
    private double provenLower = Double.NEGATIVE_INFINITY;

    private long outcomes;
    private double rewardSum;
    private double lossSum;
    private int rung;

    /** What an outcome made of the trial. */
    enum Verdict {
        OPEN,
        WON,
        LOST,
        UNDECIDED
    }

    /**
     * @param error         probability of a false verdict, in (0, 1).
     * @param leaseOutcomes outcomes after which it ends in any case.
     */
    Trial(double error, long leaseOutcomes) {
        this.error = error;
        this.leaseOutcomes = leaseOutcomes;
        this.difference = sequence();
    }

    private ConfidenceSequence sequence() {
        return new ConfidenceSequence(error / (sequences * (sequences + 1.0)), TIGHT_AT);
    }

    /**
     * Takes one outcome.
     *
     * @param gain   what the challenger would have earned of it more than the champion, by inverse propensity.
     * @param reward what was earned, in [0, 1].
     */
    Verdict record(double gain, double reward) {
        difference.add(gain);
        rewardSum += reward;
        outcomes++;
        if (rung > 0) {
            lossSum += share() * plausibleLoss();
        }
        if (outcomes % RUNG_OUTCOMES != 0) {
            return Verdict.OPEN;
        }
        if (difference.upper() < 0) {
            return Verdict.LOST;
        }
        if (rung == SHARES.length - 1 && difference.lower() > 0) {
            return Verdict.WON;
        }
        if (outcomes >= leaseOutcomes) {
            return Verdict.UNDECIDED;
        }
        climb();
        return Verdict.OPEN;
    }

    /** What the challenger may lose per request, for all that is known; nobody can lose more than is earned. */
    private double plausibleLoss() {
        return Math.min(rewardSum / outcomes, Math.max(0, -Math.max(provenLower, difference.lower())));
    }

    private void climb() {
        if (difference.upper() < provenLower) {
            provenLower = Double.NEGATIVE_INFINITY;
        }
        double loss = plausibleLoss();
        double allowed = LOSS_MAX * rewardSum / outcomes;
        int highest = 1;
        while (highest + 1 < SHARES.length && SHARES[highest + 1] * loss <= allowed) {
            highest++;
        }
        int next = Math.min(rung + 1, highest);
        if (next != rung) {
            boolean isClearer = next > rung && SHARES[rung] < NOISY_SHARE;
            rung = next;
            if (isClearer) {
                provenLower = Math.max(provenLower, difference.lower());
                sequences++;
                difference = sequence();
            }
        }
    }

    /** The challenger's share of the traffic now. */
    double share() {
        return SHARES[rung];
    }

    /** Outcomes so far. */
    long outcomes() {
        return outcomes;
    }

    /** What the challenger would have earned more per request than the champion on this rung; rewards in [0, 1] cannot differ by more than 1. */
    double gain() {
        return Math.max(-1, Math.min(1, difference.mean()));
    }

    double gainLower() {
        return Math.max(-1, difference.lower());
    }

    double gainUpper() {
        return Math.min(1, difference.upper());
    }

    /** The most that the trial has plausibly cost, as a share of what was earned meanwhile. */
    double lossShare() {
        return rewardSum > 0 ? lossSum / rewardSum : 0;
    }
}
