package rondo.reward;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.agents.LocalReward;
import rondo.agents.Segment;
import rondo.agents.filter.PrimalDual;
import rondo.agents.policy.ChangePointThompson;
import rondo.agents.policy.ExplorationBudget;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.agents.policy.SegmentedThompson;
import rondo.reward.evolution.Challenger;
import rondo.reward.evolution.Contest;
import rondo.reward.evolution.Promotion;
import rondo.reward.experience.ExperienceRow;
import rondo.reward.join.DecisionRecord;
import rondo.reward.join.Joiner;
import rondo.reward.join.Outcome;
import rondo.reward.join.OutcomeStatus;
import rondo.reward.join.PendingDecision;
import rondo.reward.monitor.Alarm;
import rondo.reward.monitor.Signal;

/**
 * From what happened to a better policy: joins outcomes to decisions, makes rewards, learns, and publishes policy blocks.
 *
 * <p>A deterministic state machine on one thread. The same records in the same order give the same experience rows, beliefs and blocks, bit for bit;
 * time is only what records and ticks carry. That is what makes the journal enough to rebuild everything.
 *
 * <pre>
 * decision ─► joiner ─► rewards ─► learner of (agent, segment) ─► budget ─► block
 * outcome  ─►    │          └────► experience row
 * interaction ─► α, joiner
 * </pre>
 *
 * <p>Total = α·local + (1 − α)·global. The global reward is what the user did, and what else {@link rondo.reward.join.GlobalReward} is made to look
 * at, in [0, 1]. Local rewards look at one stage only ({@link LocalReward}).
 * They are scaled to the mean of the global reward
 * before they are mixed, so that no agent lives on a larger scale; the scale is frozen for {@link #REFERENCE_OUTCOMES} outcomes at a time.
 * α is what the schedule says, at most the {@link SurrogateWeight} where the local reward stands in for the global one, and what the price of its aim is
 * worth for the filter ({@link PrimalDual}). What was used is in the experience row.
 */
public final class RewardRing {
    static final int REFERENCE_OUTCOMES = 200;

    /** Outcomes of a segment for which a reverted policy stands still. */
    static final int COOLDOWN_OUTCOMES = 200;

    /** What the filter's metric, the share of the wanted category distance, is held to on average. */
    private static final double FILTER_AIM = 0.95;

    private static final double REFERENCE_FADE = 1 - 1.0 / 2000;

    private final RewardConfig config;
    private final PolicyTable policies;
    private final Joiner joiner;
    private final VolatilityAlpha alpha;
    private final ExplorationBudget budget;
    private final Consumer<ExperienceRow> experiences;
    private final ExperienceRow row = new ExperienceRow();
    private final SegmentedThompson[] beliefs = new SegmentedThompson[AgentKind.COUNT];
    private final @Nullable Contest[] contests = new Contest[AgentKind.COUNT];
    private final Blocks[] blocks = new Blocks[AgentKind.COUNT * Segment.COUNT];
    private final RewardBaseline baseline = new RewardBaseline();
    private final double[] localSums = new double[AgentKind.COUNT];
    private final double[] localScales = new double[AgentKind.COUNT];
    private final double[] rewardMeans = new double[AgentKind.COUNT];
    private final double[] locals = new double[AgentKind.COUNT];
    private final @Nullable SurrogateWeight[] surrogates = new SurrogateWeight[AgentKind.COUNT];
    private final PrimalDual filterPrice = new PrimalDual(1);
    private final Watch watch;
    private final Responses responses;
    private double globalSum;
    private long outcomeCount;
    private final long spacesChecksum;
    private long spaces;
    private final AtomicLong strangeCount = new AtomicLong();
    private final BitSet changed = new BitSet();
    private final List<Promotion> promotions = new CopyOnWriteArrayList<>();

    /** The blocks of one (agent, segment): the one its epoch began with, and the counts that say when to publish the next. */
    private static final class Blocks {
        PolicyBlock epochStart;
        int sinceEpoch;

        /** Below 0 while the policy stands still. */
        int sinceBlock;

        /** {@link Responses#inForce} when the last block was made. */
        int responses;

        /** What was believed of the actions a few outcomes ago at most; looking is dear. */
        final double[] merits;

        int sinceMerits;

        Blocks(PolicyBlock epochStart) {
            this.epochStart = epochStart;
            this.merits = new double[epochStart.actionCount()];
            Arrays.fill(merits, 1);
        }
    }

    /**
     * @param experiences receives each finished row; the row is valid until the call returns.
     */
    public RewardRing(RewardConfig config, PolicyTable policies, Consumer<ExperienceRow> experiences) {
        this.config = config;
        this.policies = policies;
        this.experiences = experiences;
        this.joiner = new Joiner(config.windowMs(), config.rememberedMax(), config.global(), this::onClosed);
        this.alpha = new VolatilityAlpha(config.alphaMin(), config.alphaMax());
        this.watch = new Watch(policies, config);
        this.responses = watch.responses();
        this.budget = new ExplorationBudget(config.floor(), config.deviationMax(), config.lossMax());
        Arrays.fill(localScales, 1);
        for (AgentKind kind : AgentKind.values()) {
            int actionCount = policies.space(kind).size();
            beliefs[kind.code()] = new SegmentedThompson(actionCount);
            Challenger challenger = config.challengers().get(kind);
            if (challenger != null) {
                contests[kind.code()] = new Contest(
                        beliefs[kind.code()],
                        challenger,
                        actionCount,
                        config.challengers().size());
            }
            if (config.isAlphaScheduled() && isSurrogate(kind)) {
                surrogates[kind.code()] = new SurrogateWeight(actionCount);
            }
        }
        long checksum = 1;
        for (AgentKind kind : AgentKind.values()) {
            checksum = 31 * checksum + policies.space(kind).checksum();
        }
        this.spacesChecksum = checksum;
        this.spaces = checksum;
    }

    /** A stage becomes an agent, or a function again; requests admitted from here on see it. */
    public void onPromotion(Promotion promotion) {
        policies.promote(promotion.kind(), promotion.isPromoted());
        promotions.add(promotion);
        watch.onPromotion();
        respond();
    }

    /** Every promotion and demotion so far, the oldest first. Any thread. */
    public List<Promotion> promotions() {
        return List.copyOf(promotions);
    }

    /** Differs, but for chance, from that of a ring in whose decisions a number means another action. */
    public long spacesChecksum() {
        return spacesChecksum;
    }

    /**
     * Decisions from here on were made in the decision spaces of this {@link #spacesChecksum}. While they are not this ring's, as after a catalogue that
     * offered other routes, decisions are strange: their actions cannot be told.
     */
    public void onSpaces(long checksum) {
        spaces = checksum;
    }

    /**
     * A request was served. A record that names a segment, an agent or a policy block that this ring cannot know, an agent twice, a decision id below 0, or what
     * is no number, was not made here, or with another catalogue: it is counted and forgotten, and an outcome of it is {@link OutcomeStatus#UNKNOWN}.
     */
    public void onDecision(DecisionRecord record) {
        watch.onTime(record.decidedAtMs());
        joiner.onTime(record.decidedAtMs());
        if (isStrange(record)) {
            strangeCount.incrementAndGet();
            return;
        }
        if (joiner.isKnown(record.decisionId())) {
            // It would never be closed, and what it was drawn from would be kept for the next of that id.
            return;
        }
        if (config.isWatched() && watch.onDecision(record) && record.teaches()) {
            for (int i = 0; i < record.agentCount(); i++) {
                spend(AgentKind.ofCode(record.agentKind(i)), record.segment(), record.userId());
            }
        }
        joiner.onDecision(record);
    }

    /**
     * Counts in the ledger what an agent was believed to lose by its policy against its parent, the static action with the floor, in the decision that was
     * just made; not before anything is believed, and not while an alarm says what is played, since that costs whatever the learner wants.
     */
    private void spend(AgentKind kind, int segment, long userId) {
        Blocks of = blocks[kind.code() * Segment.COUNT + segment];
        if (of == null || responses.isSteered(kind)) {
            return;
        }
        double[] merits = of.merits;
        double parent = parentMerit(kind, watch.floor(kind), merits);
        double expected = baseline.expectedGlobal(segment, userId);
        boolean wasSpent = budget.isSpent(kind);
        budget.record(kind, expected * (parent - mean(watch.drawnFrom(kind), merits)), expected * parent);
        if (budget.isSpent(kind) != wasSpent) {
            watch.onSpent(kind, !wasSpent, budget.lossShare(kind), config.lossMax());
            if (!wasSpent && config.isLearning()) {
                hold(kind);
            }
        }
    }

    /** The mean merit of what is drawn with these probabilities. */
    private static double mean(float[] probabilities, double[] merits) {
        double mean = 0;
        for (int a = 0; a < probabilities.length; a++) {
            mean += probabilities[a] * merits[a];
        }
        return mean;
    }

    private boolean isStrange(DecisionRecord record) {
        boolean isStrange = spaces != spacesChecksum || record.segment() >= Segment.COUNT || record.decisionId() < 0;
        int seen = 0;
        for (int i = 0; i < record.agentCount() && !isStrange; i++) {
            int kind = record.agentKind(i);
            isStrange = kind >= AgentKind.COUNT
                    || (seen >>> kind & 1) != 0
                    || !Float.isFinite(record.propensity(i))
                    || Float.isInfinite(record.localContext(i))
                    || record.policyVersion(i)
                            > policies.current(AgentKind.ofCode(kind), record.segment())
                                    .version();
            seen |= 1 << kind;
        }
        return isStrange;
    }

    /** Decisions of which nothing was learnt because they name a segment, agent, action or policy block that is not there. Any thread. */
    public long strangeCount() {
        return strangeCount.get();
    }

    /** What {@link #onOutcome} would answer; nothing changes. */
    public OutcomeStatus check(Outcome outcome) {
        return joiner.check(outcome);
    }

    /** The decision that waits under this id, or null. */
    public @Nullable PendingDecision waiting(long decisionId) {
        return joiner.waiting(decisionId);
    }

    /**
     * Something was reported about a decision.
     *
     * @param category of the consumed item, −1 for none.
     */
    public OutcomeStatus onOutcome(Outcome outcome, int category) {
        OutcomeStatus status = joiner.onOutcome(outcome);
        if (status == OutcomeStatus.ACCEPTED && outcome.kind() != 0) {
            onInteraction(category);
        }
        return status;
    }

    /**
     * A user consumed something outside any slate: it moves α, and the user has come back to decisions that wait for their session part.
     *
     * @param category of the item, −1 for none.
     * @param timeMs   when it happened.
     */
    public void onInteraction(long userId, int category, long timeMs) {
        joiner.onInteraction(userId, timeMs);
        onInteraction(category);
    }

    /** Somebody consumed something outside any slate; moves α, never a policy. */
    public void onInteraction(int category) {
        alpha.record(category);
        if (config.isWatched()) {
            watch.onAlpha(alpha);
        }
    }

    /** Time has passed. */
    public void onTime(long nowMs) {
        watch.onTime(nowMs);
        joiner.onTime(nowMs);
    }

    private void onClosed(PendingDecision decision) {
        DecisionRecord record = decision.record();
        float global = (float) config.global().of(decision, config.randomDistance());
        int place = decision.consumedPlace();
        double expected = baseline.expectedGlobal(record.segment(), record.userId());
        boolean isDrawnKnown = watch.onClosing(record);
        if (record.teaches()) {
            globalSum = globalSum * REFERENCE_FADE + global;
        }
        for (int i = 0; i < record.agentCount(); i++) {
            AgentKind kind = AgentKind.ofCode(record.agentKind(i));
            double raw = local(kind, record, i, place);
            locals[i] = raw;
            boolean hasLocal = !kind.isOuterOnly() && !Double.isNaN(raw);
            float weight = hasLocal ? (float) alpha(kind) : 0f;
            float localReward = 0f;
            if (hasLocal) {
                if (record.teaches()) {
                    localSums[kind.code()] = localSums[kind.code()] * REFERENCE_FADE + raw;
                    if (kind == AgentKind.FILTER) {
                        filterPrice.learn(0, FILTER_AIM - Math.max(0, Math.min(1, raw)));
                    }
                }
                localReward = (float) Math.max(0, Math.min(1, raw * localScales[kind.code()]));
            }
            row.fill(
                    record.decisionId(),
                    record.requestId(),
                    record.decidedAtMs(),
                    record.policyVersion(i),
                    localReward,
                    global,
                    weight,
                    record.propensity(i),
                    kind.code(),
                    record.action(i),
                    record.segment(),
                    !decision.hasOutcome(),
                    !record.teaches(),
                    expected,
                    isDrawnKnown ? expected * advantage(kind, record.segment(), record.action(i)) : Double.NaN);
            experiences.accept(row);
            if (record.teaches()) {
                SurrogateWeight surrogate = surrogates[kind.code()];
                if (surrogate != null && record.action(i) < policies.space(kind).size()) {
                    surrogate.record(
                            record.action(i), raw, global, record.segment(), baseline.userRatio(record.userId()));
                }
                learn(kind, record, i, row.totalReward(), global, expected);
            }
        }
        int harmful = watch.onClosed(record, locals, global, alpha.alpha(), expected);
        if (harmful != 0) {
            revert(harmful);
        }
        respond();
        if (record.teaches()) {
            baseline.recordGlobal(record.segment(), record.userId(), global);
            if (++outcomeCount % REFERENCE_OUTCOMES == 0) {
                rescale();
            }
        }
    }

    /**
     * The merit of what an agent played over that of what it would have played otherwise, each action as often as it was drawn (the counterfactual
     * advantage of COMA: Foerster et al., Counterfactual multi-agent policy gradients, AAAI 2018). Merits are what the agent lately believed, not looking at
     * this decision, of its total reward.
     */
    private double advantage(AgentKind kind, int segment, int action) {
        double[] merits = blocks(kind, segment).merits;
        return merits[action] - mean(watch.drawnFrom(kind), merits);
    }

    /**
     * α of an agent now: the schedule's, at most its {@link SurrogateWeight}, or for the filter what the price of its aim makes of it: a diversity that comes by
     * itself needs no reward. Of the least there is when the agent's metric has come loose from the global
     * reward, and for everybody while α is stuck; 0 for one whose metric another agent may have raised for it. Ledger's thread.
     */
    public double alpha(AgentKind kind) {
        if (responses.isJudgedAlone(kind)) {
            return 0;
        }
        double scheduled = watch.isDivergent(kind) || watch.isAlphaStuck()
                ? Math.min(config.alphaMin(), alpha.alpha())
                : alpha.alpha();
        if (kind == AgentKind.FILTER && config.isAlphaScheduled()) {
            double price = filterPrice.multiplier(0);
            return Math.min(scheduled, price / (1 + price));
        }
        SurrogateWeight surrogate = surrogates[kind.code()];
        return surrogate == null ? scheduled : Math.min(scheduled, surrogate.weight());
    }

    /**
     * True for kinds whose local reward stands in for the global one. That of the others is an aim or a price of its own, which nobody expects to agree.
     */
    private static boolean isSurrogate(AgentKind kind) {
        return switch (kind) {
            case RETRIEVAL, FUSION, RANKING, MODEL -> true;
            case TRAFFIC, STRATEGY, FILTER, FEATURE, RESOURCE -> false;
        };
    }

    /** Puts kinds back to what they started from, and leaves them there for {@link #COOLDOWN_OUTCOMES} outcomes of a segment. */
    private void revert(int kinds) {
        for (AgentKind kind : AgentKind.values()) {
            if ((kinds >>> kind.code() & 1) == 0) {
                continue;
            }
            beliefs[kind.code()].forget();
            Contest contest = contests[kind.code()];
            if (contest != null) {
                contest.restart();
            }
            for (int segment = 0; segment < Segment.COUNT; segment++) {
                int index = kind.code() * Segment.COUNT + segment;
                if (blocks[index] != null) {
                    PolicyBlock parent = budget.reverted(
                            policies.current(kind, segment), policies.space(kind), responses.floor(kind, segment));
                    put(parent);
                    blocks[index] = new Blocks(parent);
                    blocks[index].sinceBlock = -COOLDOWN_OUTCOMES;
                    blocks[index].responses = responses.inForce(kind, segment);
                    changed.set(index);
                }
            }
        }
    }

    /** Does at once what alarms that were raised or cleared ask for, where there is a learner; a segment's first outcome does it elsewhere. */
    private void respond() {
        if (!responses.takeDue() || !config.isLearning()) {
            return;
        }
        revert(responses.takeFrozen());
        for (AgentKind kind : AgentKind.values()) {
            for (int segment = 0; segment < Segment.COUNT; segment++) {
                Blocks of = blocks[kind.code() * Segment.COUNT + segment];
                if (of != null && isOutdated(of, kind, segment)) {
                    publish(kind, segment, of);
                    changed.set(kind.code() * Segment.COUNT + segment);
                }
            }
        }
    }

    /** True when the block was made under other responses than are in force. A policy that stands still is left alone until it moves again. */
    private boolean isOutdated(Blocks of, AgentKind kind, int segment) {
        return of.sinceBlock >= 0 && of.responses != responses.inForce(kind, segment);
    }

    private void put(PolicyBlock block) {
        policies.publish(block);
        watch.onPublish(block);
    }

    private static double local(AgentKind kind, DecisionRecord record, int index, int place) {
        return LocalReward.of(
                kind,
                place < 0 ? -1 : record.retrievalRank(place),
                place < 0 ? -1 : record.rankingRank(place),
                record.localContext(index));
    }

    private void rescale() {
        for (int kind = 0; kind < AgentKind.COUNT; kind++) {
            localScales[kind] = localSums[kind] > 1e-9 ? globalSum / localSums[kind] : 1;
        }
    }

    private void learn(
            AgentKind kind, DecisionRecord record, int index, double total, double global, double expectedGlobal) {
        int action = record.action(index);
        int segment = record.segment();
        if (action >= policies.space(kind).size()) {
            // Retired while the decision was in flight. The other agents of the request learn from it.
            strangeCount.incrementAndGet();
            return;
        }
        rewardMeans[kind.code()] += 0.01 * (total - rewardMeans[kind.code()]);
        double reward = Math.max(0, Math.min(1, total));
        double expected = baseline.expected(kind, segment, record.userId());
        Contest contest = contests[kind.code()];
        if (contest != null) {
            Contest.Standing ended = contest.onReward(
                    segment, action, record.propensity(index), global, expectedGlobal, reward, expected);
            if (ended != null) {
                watch.onContestEnded(kind, ended, contest.standing());
            }
        }
        beliefs[kind.code()].learn(segment, action, reward, expected);
        baseline.record(kind, segment, reward);
        changed.set(kind.code() * Segment.COUNT + segment);
        Blocks of = blocks(kind, segment);
        if (++of.sinceMerits >= config.refreshOutcomes()) {
            of.sinceMerits = 0;
            beliefs[kind.code()].merits(segment, of.merits);
        }
        if (!config.isLearning()) {
            return;
        }
        of.sinceBlock = responses.isFrozen(kind) ? -COOLDOWN_OUTCOMES : of.sinceBlock + 1;
        if (++of.sinceEpoch >= config.epochOutcomes()) {
            of.sinceEpoch = 0;
            of.epochStart = policies.current(kind, segment);
        }
        boolean isRefreshed = of.sinceBlock >= config.refreshOutcomes();
        if (isRefreshed || isOutdated(of, kind, segment)) {
            of.sinceBlock = isRefreshed ? 0 : of.sinceBlock;
            publish(kind, segment, of);
        }
    }

    private void publish(AgentKind kind, int segment, Blocks of) {
        of.responses = responses.inForce(kind, segment);
        PolicyBlock current = policies.current(kind, segment);
        double[] wanted = new double[policies.space(kind).size()];
        Contest contest = contests[kind.code()];
        if (contest != null) {
            contest.want(segment, wanted);
        } else {
            beliefs[kind.code()].want(segment, wanted);
        }
        double floor = responses.floor(kind, segment);
        responses.steer(kind, wanted);
        PolicyBlock next = budget.next(of.epochStart, current, wanted, floor);
        if (budget.isSpent(kind) && !responses.isSteered(kind) && isCostly(next, of.merits)) {
            next = budget.reverted(current, policies.space(kind), floor);
        }
        put(next);
    }

    /** Puts an agent that has spent what it may back to its parent policy where it costs too much, at once; {@link #publish} keeps it there. */
    private void hold(AgentKind kind) {
        for (int segment = 0; segment < Segment.COUNT; segment++) {
            int index = kind.code() * Segment.COUNT + segment;
            PolicyBlock current = policies.current(kind, segment);
            if (blocks[index] != null && isCostly(current, blocks[index].merits)) {
                put(budget.reverted(current, policies.space(kind), responses.floor(kind, segment)));
                changed.set(index);
            }
        }
    }

    /** True when more is believed to be lost than may be in the long run. After a change of the audience, the static action may be what costs. */
    private boolean isCostly(PolicyBlock block, double[] merits) {
        double mean = 0;
        for (int a = 0; a < block.actionCount(); a++) {
            mean += block.probability(a) * merits[a];
        }
        return mean < (1 - config.lossMax()) * parentMerit(block.kind(), block.floor(), merits);
    }

    /** The mean merit of a kind's parent policy: its static action, with a floor over all. */
    private double parentMerit(AgentKind kind, double floor, double[] merits) {
        double even = 0;
        for (double merit : merits) {
            even += merit / merits.length;
        }
        return (1 - floor) * merits[policies.space(kind).staticAction()] + floor * even;
    }

    private Blocks blocks(AgentKind kind, int segment) {
        int index = kind.code() * Segment.COUNT + segment;
        if (blocks[index] == null) {
            blocks[index] = new Blocks(policies.current(kind, segment));
        }
        return blocks[index];
    }

    /** How an agent's learner stands against its challenger; null when it has none. Any thread. */
    public Contest.@Nullable Standing contest(AgentKind kind) {
        Contest contest = contests[kind.code()];
        return contest == null ? null : contest.standing();
    }

    /** α now, and the smallest and largest it has been. */
    public double alpha() {
        return alpha.alpha();
    }

    public double alphaLowest() {
        return alpha.lowest();
    }

    public double alphaHighest() {
        return alpha.highest();
    }

    /** The divergence that α follows, in [0, 1]. */
    public double volatility() {
        return alpha.volatility();
    }

    /** The newest alarms and reversions, the oldest first. Any thread. */
    public List<Incident> incidents() {
        return watch.incidents();
    }

    /** The alarms that stand. Any thread. */
    public List<Alarm> standing() {
        return watch.standing();
    }

    /**
     * True while agents collude although they were separated, or two pairs at once, or several kinds have lately done harm: no one of them is to blame. Any
     * thread; costs a volatile read.
     */
    public boolean isDistrusted() {
        return watch.isDistrusted();
    }

    /** Alarms of a signal that stand now. */
    public int raised(Signal signal) {
        return watch.raised(signal);
    }

    /** The exploration ledger. */
    public ExplorationBudget budget() {
        return budget;
    }

    /** The counts of the join. */
    public Joiner joiner() {
        return joiner;
    }

    /** Moving average of an agent's total reward. */
    public double rewardMean(AgentKind kind) {
        return rewardMeans[kind.code()];
    }

    /** Receives the agents and segments whose state has changed. */
    @FunctionalInterface
    public interface ChangeVisitor {
        void changed(AgentKind kind, int segment, ByteBuffer state);
    }

    /** Hands the {@link AgentState} of every agent and segment that has learnt since the last call to {@code visitor}. */
    public void drainChanges(ChangeVisitor visitor) {
        for (int index = changed.nextSetBit(0); index >= 0; index = changed.nextSetBit(index + 1)) {
            AgentKind kind = AgentKind.ofCode(index / Segment.COUNT);
            int segment = index % Segment.COUNT;
            visitor.changed(kind, segment, Objects.requireNonNull(state(kind, segment)));
        }
        changed.clear();
    }

    /** Bytes of the longest {@link AgentState} that {@link #drainChanges} hands out. */
    public int stateLengthMax() {
        int longest = 0;
        for (AgentKind kind : AgentKind.values()) {
            int actionCount = policies.space(kind).size();
            longest = Math.max(longest, AgentState.length(actionCount, ChangePointThompson.encodedLength(actionCount)));
        }
        return longest;
    }

    /** An agent's {@link AgentState} in a segment, or null when it has learnt nothing there. */
    public @Nullable ByteBuffer state(AgentKind kind, int segment) {
        ChangePointThompson learnt = beliefs[kind.code()].beliefs(segment);
        return learnt == null ? null : AgentState.encode(policies.current(kind, segment), learnt);
    }
}
