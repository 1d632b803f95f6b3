package rondo.reward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rondo.agents.AgentKind;
import rondo.agents.Segment;
import rondo.agents.filter.FilterAgent;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.policy.PolicyTable;
import rondo.reward.monitor.Alarm;
import rondo.reward.monitor.Signal;

/**
 * What is done about the agents that alarms name, for as long as the alarms stand: a higher floor, a stronger diversification, one of a pair put back to
 * its static action. It says what is in force; the reward ring publishes the blocks. A kind that is no agent plays its static action and is left alone.
 *
 * <p>One thread; a pure function of the alarms, the promotions and the blocks at the time.
 */
final class Responses {
    /**
     * The floor while exploration is too little: every action of the largest live space, retrieval's eight routes, is drawn six times in an epoch of the
     * monitors, three times what counts as halted. On a stream of real visits, where such alarms come and go, 0.1 seemed to cost two percent of the hits.
     * From the standard floor of 0.02 it is one step inside the standard bound of 0.10 an epoch.
     */
    static final double RAISED_FLOOR = 0.05;

    /**
     * Requests of agents within which a separation has to clear the alarm. The monitors judge after each 1,000 and want three good epochs; one more is for
     * decisions that were in flight when the two were separated, and one to spare.
     */
    static final int SEPARATION_DECISIONS = 5_000;

    /** Pairs at once that are more than those pairs' own doing. */
    private static final int PAIRS_MAX = 2;

    /** In force of an agent and segment: the floor is {@link #RAISED_FLOOR}, which is above the configured one. */
    private static final int FLOOR = 1;

    /** In force of the filter agent: what is not strong gets the floor only. */
    private static final int DIVERSITY = 2;

    /** Kinds in the order in which they decide on a request. */
    private static final List<AgentKind> PIPELINE = List.of(
            AgentKind.TRAFFIC,
            AgentKind.STRATEGY,
            AgentKind.RESOURCE,
            AgentKind.RETRIEVAL,
            AgentKind.FUSION,
            AgentKind.RANKING,
            AgentKind.FEATURE,
            AgentKind.MODEL,
            AgentKind.FILTER);

    /** Rounding of a block's floats. */
    private static final double NOTHING = 1e-6;

    private final PolicyTable policies;
    private final double floor;
    private final SeparationListener listener;

    /** By agent and segment. */
    private final int[] inForce = new int[AgentKind.COUNT * Segment.COUNT];

    private List<Separation> separations = List.of();

    /** Bits of the kinds in them, which every decision asks for. */
    private int frozen;

    private int judgedAlone;
    private int toFreeze;
    private boolean isDue;
    private long decisions;

    /**
     * A pair of which one may not learn and the other learns from the global reward alone.
     *
     * @param frozenMoved how far the frozen one had come from its static policy; {@code otherMoved} likewise.
     * @param since       decisions that there had been.
     */
    record Separation(AgentKind frozen, AgentKind other, double frozenMoved, double otherMoved, long since) {
        boolean isOf(Alarm alarm) {
            return (frozen.code() == alarm.first() && other.code() == alarm.second())
                    || (frozen.code() == alarm.second() && other.code() == alarm.first());
        }
    }

    /** Receives every separation that begins or ends. */
    @FunctionalInterface
    interface SeparationListener {
        void onSeparation(Separation separation, boolean isBegun);
    }

    /** @param floor the configured one. */
    Responses(PolicyTable policies, double floor, SeparationListener listener) {
        this.policies = policies;
        this.floor = floor;
        this.listener = listener;
    }

    /** Other alarms stand, or other kinds are agents. */
    void judge(List<Alarm> standing) {
        Arrays.fill(inForce, 0);
        List<Separation> before = separations;
        List<Separation> next = new ArrayList<>();
        for (Alarm alarm : standing) {
            switch (alarm.response()) {
                case RAISE_FLOOR -> {
                    boolean isOfOne = alarm.signal() == Signal.ENTROPY;
                    int from = isOfOne ? alarm.second() : 0;
                    int to = isOfOne ? from + 1 : Segment.COUNT;
                    for (int segment = from; segment < to && floor < RAISED_FLOOR; segment++) {
                        require(AgentKind.ofCode(alarm.first()), segment, FLOOR);
                    }
                }
                case RAISE_DIVERSITY -> {
                    for (int segment = 0; segment < Segment.COUNT; segment++) {
                        require(AgentKind.FILTER, segment, DIVERSITY);
                    }
                }
                case SEPARATE_AGENTS -> {
                    // Collusion and coalition of the same pair are one separation.
                    if (policies.isPromoted(AgentKind.ofCode(alarm.first()))
                            && policies.isPromoted(AgentKind.ofCode(alarm.second()))
                            && of(alarm, next) == null) {
                        Separation known = of(alarm, before);
                        next.add(known == null ? separate(alarm, next) : known);
                    }
                }
                case LOWER_ALPHA, RESET_ALPHA, HOLD_PROMOTIONS -> {
                    // Done where α is made and where promotions are granted.
                }
            }
        }
        separations = next;
        frozen = 0;
        judgedAlone = 0;
        for (Separation one : next) {
            frozen |= 1 << one.frozen().code();
            judgedAlone |= 1 << one.other().code();
        }
        isDue = true;
        for (Separation one : before) {
            if (!next.contains(one)) {
                listener.onSeparation(one, false);
            }
        }
        for (Separation one : next) {
            if (!before.contains(one)) {
                listener.onSeparation(one, true);
            }
        }
    }

    private void require(AgentKind kind, int segment, int response) {
        if (policies.isPromoted(kind)) {
            inForce[kind.code() * Segment.COUNT + segment] |= response;
        }
    }

    private static @Nullable Separation of(Alarm alarm, List<Separation> among) {
        for (Separation one : among) {
            if (one.isOf(alarm)) {
                return one;
            }
        }
        return null;
    }

    /**
     * Freezes the one that has come farther from its static policy: it had the larger part in what the two came to do together, and most of that goes
     * with it. Of two that have come as far, the later in the pipeline, on whose choice fewer others build. One that is frozen already need not be joined
     * by another.
     */
    private Separation separate(Alarm alarm, List<Separation> others) {
        AgentKind first = AgentKind.ofCode(alarm.first());
        AgentKind second = AgentKind.ofCode(alarm.second());
        double firstMoved = moved(first);
        double secondMoved = moved(second);
        boolean isFirst = Math.abs(firstMoved - secondMoved) > NOTHING
                ? firstMoved > secondMoved
                : PIPELINE.indexOf(first) > PIPELINE.indexOf(second);
        boolean isFirstFrozen = isFrozen(first, others);
        if (isFirstFrozen || isFrozen(second, others)) {
            isFirst = isFirstFrozen;
        } else {
            toFreeze |= 1 << (isFirst ? first : second).code();
        }
        return isFirst
                ? new Separation(first, second, firstMoved, secondMoved, decisions)
                : new Separation(second, first, secondMoved, firstMoved, decisions);
    }

    /** Total variation between a kind's blocks and its static action under the same floor, summed over segments. */
    private double moved(AgentKind kind) {
        int staticAction = policies.space(kind).staticAction();
        double sum = 0;
        for (int segment = 0; segment < Segment.COUNT; segment++) {
            PolicyBlock block = policies.current(kind, segment);
            double parent = 1 - block.floor() + block.floor() / block.actionCount();
            double moved = parent - block.probability(staticAction);
            sum += moved > NOTHING ? moved : 0;
        }
        return sum;
    }

    /** An agent-made decision was learnt from. */
    void onClosed() {
        decisions++;
    }

    /** True once after anything may have changed: blocks that were made under other responses are to be made anew. */
    boolean takeDue() {
        boolean due = isDue;
        isDue = false;
        return due;
    }

    /** Bits of the kinds that are to be put back to their static action now; each is given once. */
    int takeFrozen() {
        int kinds = toFreeze;
        toFreeze = 0;
        return kinds;
    }

    /** What is in force of an agent and segment, to be compared with what was. */
    int inForce(AgentKind kind, int segment) {
        return inForce[kind.code() * Segment.COUNT + segment];
    }

    /** The floor of the blocks that are published now; never below the configured one. */
    double floor(AgentKind kind, int segment) {
        return (inForce(kind, segment) & FLOOR) != 0 ? RAISED_FLOOR : floor;
    }

    /** True while others than its learner say what a kind plays. */
    boolean isSteered(AgentKind kind) {
        return (inForce(kind, 0) & DIVERSITY) != 0;
    }

    /**
     * Leaves of what the learner wants only what may be played now, in the same proportions; evenly when nothing is left.
     *
     * @param wanted probabilities, sum 1; changed in place.
     */
    void steer(AgentKind kind, double[] wanted) {
        if (!isSteered(kind)) {
            return;
        }
        double sum = 0;
        int strong = 0;
        for (int a = 0; a < wanted.length; a++) {
            sum += FilterAgent.isStrong(a) ? wanted[a] : 0;
            strong += FilterAgent.isStrong(a) ? 1 : 0;
        }
        for (int a = 0; a < wanted.length && strong > 0; a++) {
            double share = sum > NOTHING ? wanted[a] / sum : 1.0 / strong;
            wanted[a] = FilterAgent.isStrong(a) ? share : 0;
        }
    }

    /** True while a kind may not learn because of what it did with another. */
    boolean isFrozen(AgentKind kind) {
        return (frozen >>> kind.code() & 1) != 0;
    }

    private static boolean isFrozen(AgentKind kind, List<Separation> among) {
        for (Separation one : among) {
            if (one.frozen() == kind) {
                return true;
            }
        }
        return false;
    }

    /** True while a kind's own metric must not count because another may have helped it. */
    boolean isJudgedAlone(AgentKind kind) {
        return (judgedAlone >>> kind.code() & 1) != 0;
    }

    /** True while two are kept apart. */
    boolean isSeparating() {
        return !separations.isEmpty();
    }

    /** True when keeping agents apart does not help, or too many would have to be. */
    boolean isUnresolved() {
        boolean isLong = false;
        for (Separation one : separations) {
            isLong |= decisions - one.since() >= SEPARATION_DECISIONS;
        }
        return isLong || separations.size() >= PAIRS_MAX;
    }
}
