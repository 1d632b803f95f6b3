package rondo.reward;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.agents.Segment;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.agents.strategy.StrategyAgent;
import rondo.agents.traffic.Composition;
import rondo.reward.evaluation.HarmDetector;
import rondo.reward.evolution.Contest;
import rondo.reward.join.DecisionRecord;
import rondo.reward.monitor.Alarm;
import rondo.reward.monitor.ArticleMonitors;
import rondo.reward.monitor.HardenedMonitors;
import rondo.reward.monitor.MonitorConfig;
import rondo.reward.monitor.Signal;

/**
 * What watches the agents learn: feeds the monitors with every closed decision and all of its probabilities, and asks of each agent whether its policy
 * earns users less than its static action would, which its own exploration tells. One thread, a pure function of what it was given, as the reward ring is.
 */
final class Watch {
    /** Alarms and reversions kept to be looked at. */
    static final int INCIDENTS_MAX = 256;

    /** Of the source article's alarms, which are many and must not crowd out the others. */
    static final int ARTICLE_INCIDENTS_MAX = 64;

    /** Blocks of an agent and segment that a decision may have been drawn from when its record arrives. */
    private static final int BLOCKS_MAX = 64;

    private static final double EVENTS_PER_FALSE_REVERSION = 1e8;

    /** A policy that moved less than this from its parent cannot harm. */
    private static final double OWN_MIN = 0.01;

    /** Kinds whose policies did harm within {@link #HARM_WINDOW} closed decisions that are more than each kind's own mistake. */
    private static final int HARMFUL_KINDS = 3;

    private static final int HARM_WINDOW = 1_000;

    private final PolicyTable policies;
    private final Responses responses;
    private final HardenedMonitors monitors;
    private final @Nullable ArticleMonitors article;
    private final List<Deque<PolicyBlock>> blocks = new ArrayList<>();
    private final Long2ObjectHashMap<PolicyBlock[]> drawnFrom = new Long2ObjectHashMap<>();
    private final Map<AgentKind, HarmDetector> harms = new EnumMap<>(AgentKind.class);
    private final Deque<Incident> incidents = new ArrayDeque<>();
    private final Deque<Incident> articleIncidents = new ArrayDeque<>();
    private final boolean[] isDivergent = new boolean[AgentKind.COUNT];
    private final float[][] probabilities = new float[AgentKind.COUNT][];
    private final float[] shares = new float[AgentKind.COUNT];
    private final double[] floors = new double[AgentKind.COUNT];

    /** Which of the closed decisions showed a kind's harm last. */
    private final long[] harmedAt = new long[AgentKind.COUNT];

    // Written by the learner's thread alone; any thread reads them.
    private volatile List<Alarm> standing = List.of();
    private volatile boolean isDistrusted;

    private long closedCount;

    /** What the decision at hand was drawn from; null when nothing is to be concluded from it. */
    private PolicyBlock @Nullable [] closing;

    private long nowMs;
    private long alphaTicks;

    Watch(PolicyTable policies, RewardConfig config) {
        this.policies = policies;
        Arrays.fill(harmedAt, -HARM_WINDOW);
        this.responses = new Responses(policies, config.floor(), this::onSeparation);
        int[] actionCounts = new int[AgentKind.COUNT];
        for (AgentKind kind : AgentKind.values()) {
            int count = policies.space(kind).size();
            actionCounts[kind.code()] = count;
            probabilities[kind.code()] = new float[count];
            harms.put(kind, new HarmDetector(EVENTS_PER_FALSE_REVERSION));
            for (int segment = 0; segment < Segment.COUNT; segment++) {
                Deque<PolicyBlock> known = new ArrayDeque<>();
                known.add(policies.current(kind, segment));
                blocks.add(known);
            }
        }
        this.monitors = new HardenedMonitors(
                MonitorConfig.standard(config.randomDistance()).withAlpha(config.alphaMin(), config.alphaMax()),
                actionCounts,
                this::onAlarm);
        this.article = config.isArticleHeard() ? new ArticleMonitors(actionCounts, this::onArticleAlarm) : null;
    }

    private Deque<PolicyBlock> blocks(AgentKind kind, int segment) {
        return blocks.get(kind.code() * Segment.COUNT + segment);
    }

    private static String who(Alarm alarm) {
        String who = alarm.first() < 0 ? "" : AgentKind.ofCode(alarm.first()).label();
        if (alarm.second() >= 0) {
            who += alarm.signal() == Signal.ENTROPY
                    ? " in segment " + Segment.name(alarm.second())
                    : " and " + AgentKind.ofCode(alarm.second()).label();
        }
        return who;
    }

    /** Told, and nothing else: these alarms are wrong too often for anything to follow. */
    private void onArticleAlarm(Alarm alarm) {
        add(
                articleIncidents,
                ARTICLE_INCIDENTS_MAX,
                new Incident(
                        nowMs,
                        "ARTICLE_" + alarm.signal().name(),
                        who(alarm),
                        "by the article's formula: " + alarm.cause(),
                        alarm.value(),
                        alarm.threshold(),
                        "REPORT",
                        alarm.isRaised()));
    }

    private void onAlarm(Alarm alarm) {
        if (alarm.signal() == Signal.DIVERGENCE) {
            isDivergent[alarm.first()] = alarm.isRaised();
        }
        List<Alarm> next = new ArrayList<>(standing);
        next.removeIf(alarm::hasSubjectOf);
        if (alarm.isRaised()) {
            next.add(alarm);
        }
        standing = List.copyOf(next);
        boolean isHelpless = alarm.response() == Signal.Response.RAISE_DIVERSITY
                && alarm.isRaised()
                && !policies.isPromoted(AgentKind.FILTER);
        add(new Incident(
                nowMs,
                alarm.signal().name(),
                who(alarm),
                isHelpless ? alarm.cause() + "; nothing is done, the filter is no agent" : alarm.cause(),
                alarm.value(),
                alarm.threshold(),
                alarm.response().name(),
                alarm.isRaised()));
        responses.judge(standing);
        judgeWhole();
    }

    private void onSeparation(Responses.Separation separation, boolean isBegun) {
        AgentKind frozen = separation.frozen();
        AgentKind other = separation.other();
        if (isBegun) {
            monitors.pairSeparated(Math.min(frozen.code(), other.code()), Math.max(frozen.code(), other.code()));
        }
        add(new Incident(
                nowMs,
                "SEPARATION",
                frozen.label() + " and " + other.label(),
                frozen.label()
                        + (isBegun ? " is put back to its static action, " : " may learn again after a while, ")
                        + other.label()
                        + (isBegun ? " learns from the global reward alone" : " from its own reward too"),
                separation.frozenMoved(),
                separation.otherMoved(),
                "FREEZE",
                isBegun));
    }

    /** An agent's policy has cost what it may, or that has been earned again. */
    void onSpent(AgentKind kind, boolean isSpent, double share, double shareMax) {
        add(new Incident(
                nowMs,
                "LOSS",
                kind.label(),
                isSpent
                        ? "exploring has cost what it may; where it would cost more the static action is played until that is earned again"
                        : "what exploring cost is earned again",
                share,
                shareMax,
                "HOLD",
                isSpent));
    }

    /** A challenger's trial has come to its end: {@code before} is how it stood, {@code after} who decides now. */
    void onContestEnded(AgentKind kind, Contest.Standing before, Contest.Standing after) {
        boolean isWon = after.wins() > before.wins();
        boolean isLost = before.gainUpper() < 0;
        add(new Incident(
                nowMs,
                "CHALLENGER",
                kind.label(),
                before.challenger()
                        + (isWon
                                ? " earns more than " + before.champion() + " and decides from now on"
                                : isLost
                                        ? " earns less than " + before.champion()
                                        : " is not told from " + before.champion() + " by this trial"),
                before.gain(),
                before.gain() - before.gainLower(),
                isWon ? "ADOPT" : "RETIRE",
                isWon));
    }

    /** What is done while alarms stand. */
    Responses responses() {
        return responses;
    }

    private void add(Incident incident) {
        add(incidents, INCIDENTS_MAX, incident);
    }

    private void add(Deque<Incident> to, int most, Incident incident) {
        synchronized (incidents) {
            to.add(incident);
            if (to.size() > most) {
                to.remove();
            }
        }
    }

    /** The alarms that stand. Any thread. */
    List<Alarm> standing() {
        return standing;
    }

    /** True while agents collude whom separation does not part, or several kinds have lately done harm. Any thread. */
    boolean isDistrusted() {
        return isDistrusted;
    }

    /** Other kinds are agents now. */
    void onPromotion() {
        responses.judge(standing);
        judgeWhole();
    }

    private void judgeWhole() {
        int harmful = 0;
        for (long at : harmedAt) {
            harmful += closedCount - at < HARM_WINDOW ? 1 : 0;
        }
        isDistrusted = responses.isUnresolved() || harmful >= HARMFUL_KINDS;
    }

    /** The newest incidents, the oldest first. Any thread. */
    List<Incident> incidents() {
        synchronized (incidents) {
            List<Incident> all = new ArrayList<>(incidents);
            all.addAll(articleIncidents);
            all.sort(Comparator.comparingLong(Incident::timeMs));
            return List.copyOf(all);
        }
    }

    /** A block came into force. */
    void onPublish(PolicyBlock block) {
        Deque<PolicyBlock> known = blocks(block.kind(), block.segment());
        known.addFirst(block);
        if (known.size() > BLOCKS_MAX) {
            known.removeLast();
        }
    }

    /**
     * A request was served: remembers the blocks that its decisions were drawn from, and makes the probabilities again that they were drawn with.
     *
     * @return false when one of the blocks is no longer known; nothing is concluded from such a decision.
     */
    boolean onDecision(DecisionRecord record) {
        PolicyBlock[] of = new PolicyBlock[record.agentCount()];
        for (int i = 0; i < of.length; i++) {
            AgentKind kind = AgentKind.ofCode(record.agentKind(i));
            PolicyBlock block = find(kind, record.segment(), record.policyVersion(i), record.policyChecksum(i));
            if (block == null || record.action(i) >= block.actionCount()) {
                return false;
            }
            of[i] = block;
        }
        drawnFrom.put(record.decisionId(), of);
        makeProbabilities(record, of);
        return true;
    }

    /** The block of a version, or null when it is forgotten, or was another: one that was made under other settings, say, before the process began. */
    private @Nullable PolicyBlock find(AgentKind kind, int segment, long version, int checksum) {
        for (PolicyBlock block : blocks(kind, segment)) {
            if (block.version() == version) {
                return block.checksum() == checksum ? block : null;
            }
        }
        return null;
    }

    /** True while an agent's own metric rises without the global reward. */
    boolean isDivergent(AgentKind kind) {
        return isDivergent[kind.code()];
    }

    /** True while α does not follow its schedule. */
    boolean isAlphaStuck() {
        return monitors.raised(Signal.ALPHA_STUCK) > 0;
    }

    /** Alarms of a signal that stand now. */
    int raised(Signal signal) {
        return monitors.raised(signal);
    }

    void onAlpha(VolatilityAlpha alpha) {
        if (alpha.ticks() != alphaTicks) {
            alphaTicks = alpha.ticks();
            monitors.alphaTick(alpha.alpha(), alpha.volatility());
        }
    }

    void onTime(long timeMs) {
        nowMs = Math.max(nowMs, timeMs);
    }

    /**
     * A decision is about to be learnt from: makes the probabilities again that its actions were drawn from.
     *
     * @return false when they are not known: it was not drawn, or from a block that is forgotten.
     */
    boolean onClosing(DecisionRecord record) {
        closedCount++;
        if (isDistrusted || responses.isSeparating()) {
            // Harm grows old with decisions of the static chain too, and a separation has its time.
            judgeWhole();
        }
        PolicyBlock[] of = drawnFrom.remove(record.decisionId());
        closing = record.teaches() ? of : null;
        if (of == null || !record.teaches()) {
            return false;
        }
        makeProbabilities(record, of);
        return true;
    }

    private void makeProbabilities(DecisionRecord record, PolicyBlock[] of) {
        int traffic = policies.space(AgentKind.TRAFFIC).staticAction();
        int strategy = policies.space(AgentKind.STRATEGY).staticAction();
        for (int i = 0; i < of.length; i++) {
            traffic = of[i].kind() == AgentKind.TRAFFIC ? record.action(i) : traffic;
            strategy = of[i].kind() == AgentKind.STRATEGY ? record.action(i) : strategy;
        }
        float compositionShare = Composition.ofCode(traffic).explorationShare();
        for (PolicyBlock block : of) {
            AgentKind kind = block.kind();
            float share = StrategyAgent.explorationShare(kind, strategy, compositionShare);
            shares[kind.code()] = share;
            floors[kind.code()] = share * block.floor();
            float[] all = probabilities[kind.code()];
            for (int a = 0; a < all.length; a++) {
                all[a] = block.propensity(a, share);
            }
        }
    }

    /** The probabilities that an agent's action was drawn from, of the decision that {@link #onDecision} or {@link #onClosing} was told of last. */
    float[] drawnFrom(AgentKind kind) {
        return probabilities[kind.code()];
    }

    /** The share of {@link #drawnFrom} that is spread evenly over all actions. */
    double floor(AgentKind kind) {
        return floors[kind.code()];
    }

    /**
     * The decision that {@link #onClosing} was told of was learnt from.
     *
     * @param locals local reward by agent in the record, NaN for none.
     * @param mean   what was to be expected of the global reward, whatever was chosen.
     * @return bits of the kinds that have been shown to do harm; their detectors begin anew.
     */
    int onClosed(DecisionRecord record, double[] locals, double global, double alpha, double mean) {
        PolicyBlock[] of = closing;
        if (of == null) {
            return 0;
        }
        int harmful = 0;
        for (int i = 0; i < of.length; i++) {
            AgentKind kind = of[i].kind();
            float[] all = probabilities[kind.code()];
            monitors.decision(kind.code(), record.action(i), all, locals[i]);
            if (article != null) {
                article.decision(kind.code(), record.action(i), all, locals[i]);
            }
            // What a steered kind plays is not its policy's doing.
            if (!responses.isSteered(kind)
                    && isHarmful(of[i], record.action(i), all, shares[kind.code()], global, mean)) {
                HarmDetector harm = Objects.requireNonNull(harms.get(kind));
                add(new Incident(
                        nowMs,
                        "HARM",
                        kind.label(),
                        "its policy earns users less than its static action",
                        harm.evidence(),
                        EVENTS_PER_FALSE_REVERSION,
                        "REVERT",
                        true));
                harm.reset();
                harmful |= 1 << kind.code();
                harmedAt[kind.code()] = closedCount;
                judgeWhole();
            }
        }
        responses.onClosed();
        double distance = record.slateCount() < 2 ? Double.NaN : record.distance();
        monitors.request(record.segment(), global, alpha, distance);
        if (article != null) {
            article.request(global, distance);
        }
        return harmful;
    }

    /**
     * Compares the policy with its parent, the static action and the block's floor over all. What both explore alike is left out: a draw of another action
     * is the policy's own only for the probability that it has beyond the floor.
     */
    private boolean isHarmful(PolicyBlock block, int action, float[] all, float share, double global, double mean) {
        AgentKind kind = block.kind();
        int parent = policies.space(kind).staticAction();
        double floorEach = share * block.floor() / all.length;
        double own = 0;
        for (int a = 0; a < all.length; a++) {
            own += a == parent ? 0 : Math.max(0, all[a] - floorEach);
        }
        if (own < OWN_MIN) {
            return false;
        }
        double weight = action == parent ? 1 : Math.max(0, all[action] - floorEach) / all[action];
        HarmDetector harm = Objects.requireNonNull(harms.get(kind));
        harm.observe(action == parent, all[parent] / (all[parent] + own), weight, global, mean);
        return harm.isHarmful();
    }
}
