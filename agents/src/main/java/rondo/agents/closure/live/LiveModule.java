package rondo.agents.closure.live;

import java.util.Arrays;
import rondo.agents.AgentKind;
import rondo.agents.DecisionSpace;
import rondo.agents.LocalReward;
import rondo.agents.Segment;
import rondo.agents.chain.Chain;
import rondo.agents.closure.ClosureModule;
import rondo.agents.closure.PreferenceLoop;
import rondo.agents.policy.CounterRandom;
import rondo.agents.policy.PolicyBlock;
import rondo.agents.strategy.StrategyAgent;
import rondo.agents.traffic.Composition;

/**
 * One live kind before the gate. Its action is varied and the others play static ones; traffic and strategy, which decide about the others, meet young
 * policies instead: static actions that still explore.
 *
 * <p>The metric is the kind's {@link LocalReward}, or the global reward where that is all it is paid by, in expectation over what the visitor would consume
 * of the slate. A score is the metric under the preferred action as a share of the best action's, over {@link #VISITS_PER_SCORE} visits. What is preferred
 * is settled on training visits; the gate sees held-out ones only.
 *
 * <pre>
 * output   of each request of the visit: item, rank among the candidates and rank after ranking of each place; then what the kind saw of its own work
 * </pre>
 */
final class LiveModule implements ClosureModule {
    private static final int VISITS_PER_SCORE = 8;
    private static final int FIELDS = 3;
    private static final int REQUEST_LENGTH = FIELDS * Chain.PLACES + 1;

    /** Requests of a visit to a kind that decides about the draws of others: what these draw is not its doing. */
    private static final int DRAWS = 2;

    /** Cases of a stratum that preferences are learnt from. */
    private static final int POOL = 128;

    /** Strata whose actions differ by less are left alone: a corrective step looks at a few dozen visits and cannot tell. */
    private static final double STAKE_MIN = 0.04;

    /** Share of its draws that a young policy spreads over all actions. */
    private static final double YOUNG_FLOOR = 0.6;

    private final AgentKind kind;
    private final DecisionSpace[] spaces;
    private final int[] base;
    private final HeldOutAudience audience;
    private final Chain chain;
    private final long seed;
    private final PolicyBlock[] young = new PolicyBlock[AgentKind.COUNT];
    private final Visits heldOut;
    private final double[][] policies = new double[HeldOutAudience.STRATA][];
    private final PreferenceLoop loop;

    /**
     * @param spaces   decision spaces by code.
     * @param base     what the other kinds play, by code.
     * @param training the first visits, that preferences are settled on; the {@code held} after them are for the gate.
     */
    LiveModule(
            AgentKind kind,
            DecisionSpace[] spaces,
            int[] base,
            HeldOutAudience audience,
            Chain chain,
            int training,
            int held,
            long seed) {
        this.kind = kind;
        this.spaces = spaces;
        this.base = base;
        this.audience = audience;
        this.chain = chain;
        this.seed = seed;
        for (AgentKind other : AgentKind.values()) {
            DecisionSpace space = spaces[other.code()];
            young[other.code()] =
                    PolicyBlock.initial(other, Segment.of(0, 0), space.size(), base[other.code()], YOUNG_FLOOR);
        }
        this.heldOut = new Visits(training, held);
        this.loop = new PreferenceLoop(new Visits(0, training), training, POOL, STAKE_MIN, seed);
        for (int s = 0; s < HeldOutAudience.STRATA; s++) {
            policies[s] = loop.settled(s);
        }
    }

    @Override
    public String id() {
        return kind.label();
    }

    @Override
    public String metric() {
        return LocalReward.metric(kind);
    }

    @Override
    public Origin origin() {
        return Origin.HELD_OUT;
    }

    @Override
    public long inputCount() {
        return heldOut.count;
    }

    @Override
    public Evaluation evaluation() {
        return this::score;
    }

    @Override
    public Choices choices() {
        return heldOut;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    private double score(long input) {
        double earned = 0;
        double attainable = 0;
        for (int i = 0; i < VISITS_PER_SCORE; i++) {
            long one = i == 0 ? input : Long.remainderUnsigned(CounterRandom.bits(seed, input, i), inputCount());
            earned += heldOut.valueOf(preferred(heldOut.stratum(one)), one);
            attainable += heldOut.best(one);
        }
        return attainable > 0 ? earned / attainable : 1;
    }

    private int preferred(int stratum) {
        double[] policy = policies[stratum];
        int best = 0;
        for (int a = 1; a < policy.length; a++) {
            best = policy[a] > policy[best] ? a : best;
        }
        return best;
    }

    /** A run of visits, each action of which is played when it is first asked for, and never again. */
    private final class Visits implements Choices {
        private final int from;
        private final int count;
        private final double[][] outputs;
        private final double[] values;
        private final int[] actions = new int[AgentKind.COUNT];
        private final int[] rows = new int[Chain.PLACES];
        private final double[] chances = new double[Chain.PLACES];

        Visits(int from, int count) {
            this.from = from;
            this.count = count;
            this.outputs = new double[count * count()][];
            this.values = new double[count * count()];
        }

        private double[] output(int action, long input) {
            int at = (int) input * count() + action;
            if (outputs[at] == null) {
                outputs[at] = play(action, from + (int) input);
                values[at] = value(outputs[at], input);
            }
            return outputs[at];
        }

        private double[] play(int action, int visit) {
            double[] output = new double[outputLength()];
            Arrays.fill(output, -1);
            System.arraycopy(base, 0, actions, 0, actions.length);
            actions[kind.code()] = action;
            for (int at = 0; at < output.length; at += REQUEST_LENGTH) {
                if (kind.isOuterOnly()) {
                    explore(CounterRandom.bits(seed, visit, at));
                }
                chain.run(visit, actions);
                for (int place = 0; place < chain.slateCount(); place++) {
                    output[at + FIELDS * place] = chain.row(place);
                    output[at + FIELDS * place + 1] = chain.retrievalRank(place);
                    output[at + FIELDS * place + 2] = chain.rankingRank(place);
                }
                output[at + REQUEST_LENGTH - 1] = chain.localContext(kind);
            }
            return output;
        }

        /** The other kinds draw as they do on a request. */
        private void explore(long request) {
            float composed =
                    Composition.ofCode(actions[AgentKind.TRAFFIC.code()]).explorationShare();
            int slot = actions[AgentKind.STRATEGY.code()];
            for (AgentKind other : AgentKind.values()) {
                if (!other.isOuterOnly()) {
                    actions[other.code()] = young[other.code()].draw(
                            CounterRandom.uniform(seed, request, other.code()),
                            StrategyAgent.explorationShare(other, slot, composed));
                }
            }
        }

        @Override
        public int count() {
            return spaces[kind.code()].size();
        }

        @Override
        public int outputLength() {
            return kind.isOuterOnly() ? DRAWS * REQUEST_LENGTH : REQUEST_LENGTH;
        }

        @Override
        public void act(int action, long input, double[] output) {
            System.arraycopy(output(action, input), 0, output, 0, output.length);
        }

        @Override
        public double value(double[] output, long input) {
            double sum = 0;
            for (int at = 0; at < output.length; at += REQUEST_LENGTH) {
                sum += value(output, at, from + (int) input);
            }
            return sum * REQUEST_LENGTH / output.length;
        }

        private double value(double[] output, int at, int visit) {
            int places = 0;
            while (places < Chain.PLACES && output[at + FIELDS * places] >= 0) {
                rows[places] = (int) output[at + FIELDS * places];
                places++;
            }
            audience.consumption(visit, rows, places, chances);
            float context = (float) output[at + REQUEST_LENGTH - 1];
            double none = 1;
            double value = 0;
            for (int place = 0; place < places; place++) {
                none -= chances[place];
                int field = at + FIELDS * place;
                value += chances[place] * paid((int) output[field + 1], (int) output[field + 2], context);
            }
            return value + none * (kind.isOuterOnly() ? 0 : paid(-1, -1, context));
        }

        private double paid(int retrievalRank, int rankingRank, float context) {
            return kind.isOuterOnly() ? 1 : LocalReward.of(kind, retrievalRank, rankingRank, context);
        }

        double valueOf(int action, long input) {
            output(action, input);
            return values[(int) input * count() + action];
        }

        double best(long input) {
            double best = 0;
            for (int a = 0; a < count(); a++) {
                best = Math.max(best, valueOf(a, input));
            }
            return best;
        }

        @Override
        public double propensity(int action, long input) {
            return policies[stratum(input)][action];
        }

        @Override
        public int stratumCount() {
            return HeldOutAudience.STRATA;
        }

        @Override
        public int stratum(long input) {
            return audience.stratum(from + (int) input);
        }
    }
}
