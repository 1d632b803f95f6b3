package rondo.reward.evolution;

import java.util.BitSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import rondo.agents.Segment;
import rondo.agents.policy.AgentLearner;

/**
 * The agent's own learner and one that challenges it; both learn from every outcome. The champion decides but for the challenger's share of the traffic,
 * which its {@link Trial} sets, so the policy block is a mixture of what the two want and its propensities are exact. When the challenger wins they change
 * places, and the former champion is the next challenger: what has become wrong can be undone by the same rules. Trials follow each other, the
 * k-th with error / k (k + 1), so that all of them together are wrong with the probability that one contest may be.
 *
 * <p>One thread; a pure function of what it was given, in its order.
 */
public final class Contest {
    /** Outcomes of an agent's first trial; an undecided one is followed by one of twice as many (leases: Wu et al., ChaCha for online AutoML, ICML 2021). */
    static final long LEASE_OUTCOMES = 50_000;

    private static final long LEASE_MAX = LEASE_OUTCOMES << 6;

    private static final double ERROR = 0.05;
    private static final String OWN_NAME = "thompson";

    private final AgentLearner own;
    private final String otherName;
    private final Supplier<AgentLearner> others;
    private final boolean isOtherGlobal;
    private final int actionCount;
    private final double error;

    /** How much likelier the challenger of the agent's own learner would have played an action than that learner; by segment and action. */
    private final float[] leads;

    private final BitSet wished = new BitSet(Segment.COUNT);
    private final double[] wish;
    private AgentLearner other;
    private boolean isOtherChampion;
    private long trials = 1;
    private long leaseOutcomes = LEASE_OUTCOMES;
    private long winCount;
    private Trial trial;

    // Any thread reads it; the learner's thread writes it, when the trial's rung changes and now and then.
    private volatile Standing standing;

    /**
     * How a contest stands.
     *
     * @param champion   name of the learner that decides.
     * @param challenger name of the other.
     * @param share      of the traffic that the challenger has.
     * @param outcomes   of this trial.
     * @param gain       what the challenger would earn more per request, with the ends of the interval that holds it.
     * @param lossShare  the most that this trial has plausibly cost, of what was earned.
     * @param trials     trials so far, this one included.
     * @param wins       trials that a challenger has won.
     */
    public record Standing(
            String champion,
            String challenger,
            double share,
            long outcomes,
            double gain,
            double gainLower,
            double gainUpper,
            double lossShare,
            long trials,
            long wins) {}

    /**
     * @param own      the agent's learner, which its owner teaches.
     * @param kind     what challenges it.
     * @param contests contests at the same time; the probability of a false verdict in any of them is shared.
     */
    public Contest(AgentLearner own, Challenger kind, int actionCount, int contests) {
        this(own, kind.label(), () -> kind.make(actionCount), kind.isGlobal(), actionCount, contests);
    }

    Contest(
            AgentLearner own,
            String otherName,
            Supplier<AgentLearner> others,
            boolean isOtherGlobal,
            int actionCount,
            int contests) {
        this.own = own;
        this.otherName = otherName;
        this.others = others;
        this.isOtherGlobal = isOtherGlobal;
        this.actionCount = actionCount;
        this.error = ERROR / contests;
        this.other = others.get();
        this.leads = new float[Segment.COUNT * actionCount];
        this.wish = new double[actionCount];
        this.trial = nextTrial();
        this.standing = stand();
    }

    private Trial nextTrial() {
        return new Trial(error / (trials * (trials + 1)), leaseOutcomes);
    }

    /** How it stands. Any thread. */
    public Standing standing() {
        return standing;
    }

    private Standing stand() {
        return new Standing(
                isOtherChampion ? otherName : OWN_NAME,
                isOtherChampion ? OWN_NAME : otherName,
                trial.share(),
                trial.outcomes(),
                trial.gain(),
                trial.gainLower(),
                trial.gainUpper(),
                trial.lossShare(),
                trials,
                winCount);
    }

    /**
     * Judges both by an outcome and teaches the challenger of the agent's own learner; that one is taught by its owner.
     *
     * @param propensity     with which the action was drawn, in (0, 1].
     * @param global         the global reward, in [0, 1].
     * @param expectedGlobal what was to be expected of it.
     * @param total          the agent's total reward, in [0, 1].
     * @param expectedTotal  what was to be expected of it.
     * @return the standing in which a trial ended, or null.
     */
    public @Nullable Standing onReward(
            int segment,
            int action,
            double propensity,
            double global,
            double expectedGlobal,
            double total,
            double expectedTotal) {
        Standing ended = null;
        if (wished.get(segment)) {
            double lead = leads[segment * actionCount + action] / propensity * (global - expectedGlobal);
            double before = trial.share();
            Trial.Verdict verdict = trial.record(isOtherChampion ? -lead : lead, global);
            if (verdict != Trial.Verdict.OPEN) {
                ended = stand();
                end(verdict);
            }
            if (ended != null || trial.share() != before || trial.outcomes() % Trial.RUNG_OUTCOMES == 0) {
                standing = stand();
            }
        }
        if (isOtherGlobal) {
            other.learn(segment, action, global, expectedGlobal);
        } else {
            other.learn(segment, action, total, expectedTotal);
        }
        return ended;
    }

    private void end(Trial.Verdict verdict) {
        if (verdict == Trial.Verdict.WON) {
            isOtherChampion = !isOtherChampion;
            winCount++;
            leaseOutcomes = LEASE_OUTCOMES;
        } else {
            leaseOutcomes = Math.min(LEASE_MAX, 2 * leaseOutcomes);
        }
        trials++;
        trial = nextTrial();
    }

    /**
     * What the two together play in a segment.
     *
     * @param out receives one probability per action; they sum to 1.
     */
    public void want(int segment, double[] out) {
        own.want(segment, out);
        other.want(segment, wish);
        wished.set(segment);
        double share = isOtherChampion ? 1 - trial.share() : trial.share();
        for (int a = 0; a < actionCount; a++) {
            double lead = wish[a] - out[a];
            leads[segment * actionCount + a] = (float) lead;
            out[a] += share * lead;
        }
    }

    /** The agent was put back: its own learner is champion again, and a challenger that has learnt nothing begins in the shadow. */
    public void restart() {
        other = others.get();
        isOtherChampion = false;
        wished.clear();
        trials++;
        trial = nextTrial();
        standing = stand();
    }
}
