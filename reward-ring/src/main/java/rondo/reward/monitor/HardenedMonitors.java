package rondo.reward.monitor;

import java.util.Arrays;
import java.util.function.Consumer;
import rondo.agents.Segment;
import rondo.ann.HotPath;

/**
 * The monitors in force. They alarm on what cannot be chance or honest learning: at most one false alarm in a million requests is the aim, and an alarm
 * within three epochs of the cause.
 *
 * <p>Call {@link #decision} for each agent that took part in a request, then {@link #request} once. Agents are numbered from 0 as the constructor got them.
 * One thread; memory is fixed at construction.
 */
public final class HardenedMonitors {
    private static final double BASELINE_STEP = 1.0 / 200;

    /** Mean variance of an agent's own draw, Σ π(1−π), below which it holds no chance worth the name. */
    private static final double CHANCE_MIN = 0.005;

    /** Spread that must be exceeded, up or down: half as much again. */
    private static final double LOG_VARIANCE_MIN = Math.log(1.5);

    /** Standard errors of the mean within which it counts as constant. */
    private static final double MEAN_CONSTANT = 4;

    /** How much of a local rise the global reward must share for the rise to be honest. */
    private static final double SHARED = 0.5;

    private static final double ALPHA_GAP = 0.2;

    /** Ticks after which an honest α, that moves by 0.15 a tick, has long arrived. */
    private static final int ALPHA_TICKS = 6;

    private final MonitorConfig config;
    private final int agentCount;
    private final int[] actionCounts;
    private final EntropyWatch[] entropies;
    private final PairWatch[] pairs;
    private final RewardSeries[] locals;
    private final RewardSeries globals = new RewardSeries();
    private final double logInverse;

    private final AlarmBoard entropy;
    private final AlarmBoard collusion;
    private final AlarmBoard frozen;
    private final AlarmBoard coalition;
    private final AlarmBoard divergence;
    private final AlarmBoard diversity;
    private final AlarmBoard alphaStuck;
    private final AlarmBoard variance;
    private final AlarmBoard jump;
    private final AlarmBoard[] boards;

    /** Of the request at hand, by agent: whether it took part, its action, probabilities, residuals and own reward. */
    private final boolean[] isPresent;

    private final int[] actions;
    private final float[][] probabilities;
    private final double[][] residuals;
    private final double[][] deviations;
    private final double[] rewards;

    /** Of the epoch at hand, by agent: chance in its draws, and how far its actions are from what it said it would draw. */
    private final double[] chances;

    private final int[] decisions;
    private final double[][] drifts;
    private final double[][] driftVariances;
    private final double[] localBaselines;
    private double globalBaseline = Double.NaN;
    private double distanceSum;
    private int distanceCount;
    private int requests;
    private long epoch;
    private long tick;

    /**
     * @param actionCounts actions of each agent; at least one agent.
     * @param listener     receives every alarm that is raised or cleared, on the caller's thread.
     */
    public HardenedMonitors(MonitorConfig config, int[] actionCounts, Consumer<Alarm> listener) {
        this.config = config;
        this.agentCount = actionCounts.length;
        this.actionCounts = actionCounts.clone();
        this.entropies = new EntropyWatch[agentCount * Segment.COUNT];
        this.pairs = new PairWatch[agentCount * agentCount];
        this.locals = new RewardSeries[agentCount];
        this.isPresent = new boolean[agentCount];
        this.actions = new int[agentCount];
        this.probabilities = new float[agentCount][];
        this.residuals = new double[agentCount][];
        this.deviations = new double[agentCount][];
        this.rewards = new double[agentCount];
        this.chances = new double[agentCount];
        this.decisions = new int[agentCount];
        this.drifts = new double[agentCount][];
        this.driftVariances = new double[agentCount][];
        this.localBaselines = new double[agentCount];
        Arrays.fill(localBaselines, Double.NaN);
        int tests = 0;
        for (int a = 0; a < agentCount; a++) {
            int count = actionCounts[a];
            if (count < 1) {
                throw new IllegalArgumentException(
                        "an agent has at least one action: agent=" + a + ", actions=" + count);
            }
            locals[a] = new RewardSeries();
            probabilities[a] = new float[count];
            residuals[a] = new double[count];
            deviations[a] = new double[count];
            drifts[a] = new double[count];
            driftVariances[a] = new double[count];
            tests += count;
            for (int s = 0; s < Segment.COUNT; s++) {
                entropies[a * Segment.COUNT + s] = new EntropyWatch(count);
            }
            for (int b = a + 1; b < agentCount; b++) {
                PairWatch pair = new PairWatch(count, actionCounts[b]);
                pairs[a * agentCount + b] = pair;
                tests += 2 * pair.cells();
            }
        }
        this.logInverse = Math.log(2 * tests / config.falseAlarmsPerEpoch());
        this.entropy = new AlarmBoard(Signal.ENTROPY, agentCount * Segment.COUNT, 2, listener);
        this.collusion = new AlarmBoard(Signal.COLLUSION, agentCount * agentCount, 1, listener);
        this.frozen = new AlarmBoard(Signal.FROZEN, agentCount, 1, listener);
        this.coalition = new AlarmBoard(Signal.COALITION, agentCount * agentCount, 1, listener);
        this.divergence = new AlarmBoard(Signal.DIVERGENCE, agentCount, 1, listener);
        this.diversity = new AlarmBoard(Signal.DIVERSITY, 1, 1, listener);
        this.alphaStuck = new AlarmBoard(Signal.ALPHA_STUCK, 1, ALPHA_TICKS, listener);
        this.variance = new AlarmBoard(Signal.VARIANCE, agentCount + 1, 1, listener);
        this.jump = new AlarmBoard(Signal.JUMP, agentCount + 1, 1, listener);
        this.boards = new AlarmBoard[] {
            entropy, collusion, frozen, coalition, divergence, diversity, alphaStuck, variance, jump
        };
    }

    /**
     * An agent's part in the request at hand.
     *
     * @param action        what it chose.
     * @param propensities  probability of each of its actions there and then; copied.
     * @param local         its own reward, in [0, 1], or NaN when it has none.
     */
    @HotPath
    public void decision(int agent, int action, float[] propensities, double local) {
        int count = actionCounts[agent];
        if (action < 0 || action >= count) {
            throw new IllegalArgumentException(
                    "action outside [0, " + (count - 1) + "]: agent=" + agent + ", action=" + action);
        }
        isPresent[agent] = true;
        actions[agent] = action;
        rewards[agent] = local;
        decisions[agent]++;
        for (int a = 0; a < count; a++) {
            double p = propensities[a];
            double residual = (a == action ? 1 : 0) - p;
            double chance = Math.max(0, p * (1 - p));
            probabilities[agent][a] = propensities[a];
            residuals[agent][a] = residual;
            deviations[agent][a] = Math.sqrt(chance);
            chances[agent] += chance;
            drifts[agent][a] += residual;
            driftVariances[agent][a] += chance;
        }
    }

    /**
     * The request at hand is complete.
     *
     * @param segment  of the request.
     * @param global   what the user did, in [0, 1].
     * @param alpha    weight of local rewards, in [0, 1].
     * @param distance intra-list distance of the slate, in [0, 1], or NaN for a slate that has none.
     */
    @HotPath
    public void request(int segment, double global, double alpha, double distance) {
        globalBaseline = step(globalBaseline, global);
        globals.record(global);
        for (int a = 0; a < agentCount; a++) {
            if (!isPresent[a]) {
                continue;
            }
            boolean hasLocal = !Double.isNaN(rewards[a]);
            double total = hasLocal ? alpha * rewards[a] + (1 - alpha) * global : global;
            entropies[a * Segment.COUNT + segment].record(actions[a], probabilities[a], total);
            if (hasLocal) {
                locals[a].record(rewards[a]);
                localBaselines[a] = step(localBaselines[a], rewards[a]);
            }
        }
        for (int a = 0; a < agentCount; a++) {
            for (int b = a + 1; b < agentCount && isPresent[a]; b++) {
                if (isPresent[b]) {
                    double own = (above(a) + above(b)) / 2;
                    pairs[a * agentCount + b].record(
                            residuals[a], deviations[a], residuals[b], deviations[b], own, global - globalBaseline);
                }
            }
        }
        Arrays.fill(isPresent, false);
        if (!Double.isNaN(distance)) {
            distanceSum += distance;
            // Distances vary little: half an epoch says as much as a whole one, and says it sooner.
            if (++distanceCount >= config.epochRequests() / 2) {
                judgeDiversity();
            }
        }
        if (++requests == config.epochRequests()) {
            closeEpoch();
        }
    }

    private double above(int agent) {
        return Double.isNaN(rewards[agent]) ? 0 : rewards[agent] - localBaselines[agent];
    }

    private static double step(double baseline, double value) {
        return Double.isNaN(baseline) ? value : baseline + BASELINE_STEP * (value - baseline);
    }

    /** A new policy of an agent is in force: what its rewards are measured against starts anew. */
    public void policyActivated(int agent) {
        locals[agent] = new RewardSeries();
    }

    /** Something was done about a pair, the lower number first: whether it helped, only what the two do from here on can say. */
    public void pairSeparated(int first, int second) {
        pairs[first * agentCount + second] = new PairWatch(actionCounts[first], actionCounts[second]);
    }

    /** α has been looked at again; {@code volatility} is what it follows. */
    public void alphaTick(double alpha, double volatility) {
        double due = config.alphaMin()
                + (config.alphaMax() - config.alphaMin()) * Math.exp(-volatility / config.alphaScale());
        boolean isHigh = alpha - due > ALPHA_GAP;
        alphaStuck.judge(0, isHigh, !isHigh, -1, -1, "α stays above its schedule", alpha, due + ALPHA_GAP, ++tick);
    }

    private void closeEpoch() {
        epoch++;
        globals.close();
        for (int a = 0; a < agentCount; a++) {
            if (decisions[a] >= MonitorConfig.EPOCH_MIN) {
                judgeDraws(a);
            }
            for (int s = 0; s < Segment.COUNT; s++) {
                EntropyWatch watch = entropies[a * Segment.COUNT + s];
                if (watch.count() > 0) {
                    watch.close();
                    if (watch.count() >= MonitorConfig.EPOCH_MIN) {
                        judgeEntropy(a, s, watch);
                    }
                    watch.nextEpoch();
                }
            }
            if (locals[a].count() >= MonitorConfig.EPOCH_MIN) {
                locals[a].close();
                judgeDivergence(a);
                judgeSeries(a, locals[a]);
                // What is suspected must not become what is usual.
                locals[a].nextEpoch(!divergence.isRaised(a));
            }
            for (int b = a + 1; b < agentCount; b++) {
                PairWatch pair = pairs[a * agentCount + b];
                if (pair.count() >= MonitorConfig.EPOCH_MIN) {
                    judgePair(a, b, pair);
                }
                pair.nextEpoch();
            }
            chances[a] = 0;
            decisions[a] = 0;
            Arrays.fill(drifts[a], 0);
            Arrays.fill(driftVariances[a], 0);
        }
        judgeSeries(agentCount, globals);
        globals.nextEpoch(true);
        requests = 0;
    }

    private void judgeDiversity() {
        double ratio = distanceSum / distanceCount / config.randomDistance();
        distanceSum = 0;
        distanceCount = 0;
        diversity.judge(
                0,
                ratio < config.diversityMin(),
                ratio > config.diversityClear(),
                -1,
                -1,
                "slates vary too little beside random ones",
                ratio,
                config.diversityMin(),
                epoch);
    }

    private void judgeEntropy(int agent, int segment, EntropyWatch watch) {
        double pulls = watch.pullsLeast() * config.epochRequests() / watch.count();
        double value = watch.entropy();
        boolean isHalted = pulls < config.pullsMin();
        boolean isUnjustified = value < config.entropyMin()
                && watch.isUnjustified(config.harmlessGap(), config.contradiction(), config.errorMax());
        entropy.judge(
                agent * Segment.COUNT + segment,
                isHalted || isUnjustified,
                !isHalted && !isUnjustified,
                agent,
                segment,
                isHalted
                        ? "an action is all but never drawn"
                        : "the policy closed without a better action to show for it",
                isHalted ? pulls : value,
                isHalted ? config.pullsMin() : config.entropyMin(),
                epoch);
    }

    /** An agent without chance in its draws, or whose draws are not what it says they are. */
    private void judgeDraws(int agent) {
        double chance = chances[agent] / decisions[agent];
        double most = 0;
        for (int k = 0; k < actionCounts[agent]; k++) {
            double bound = Math.sqrt(2 * driftVariances[agent][k] * logInverse) + logInverse / 3;
            most = Math.max(most, Math.abs(drifts[agent][k]) / bound);
        }
        boolean isStill = actionCounts[agent] > 1 && chance < CHANCE_MIN;
        frozen.judge(
                agent,
                isStill || most > 1,
                !isStill && most < 0.5,
                agent,
                -1,
                isStill ? "its draws hold no chance" : "its actions are not drawn with the logged propensities",
                isStill ? chance : most,
                isStill ? CHANCE_MIN : 1,
                epoch);
    }

    private void judgePair(int a, int b, PairWatch pair) {
        int subject = a * agentCount + b;
        double dependence = pair.dependence(logInverse);
        double correlation = pair.correlation();
        collusion.judge(
                subject,
                dependence > 1 && Math.abs(correlation) > config.dependenceMin(),
                dependence < 0.5,
                a,
                b,
                correlation > 0 ? "they explore together" : "they explore apart",
                correlation,
                config.dependenceMin(),
                epoch);
        double gain = pair.jointGain(logInverse);
        coalition.judge(
                subject,
                gain > 1,
                gain < 0.5,
                a,
                b,
                "acting together pays the two and costs the whole",
                gain,
                1,
                epoch);
    }

    private void judgeDivergence(int agent) {
        RewardSeries local = locals[agent];
        double up = local.standardisedShift();
        double apart = up - globals.standardisedShift();
        boolean isBad = local.isWarm()
                && globals.isWarm()
                && local.shiftErrors() > config.deviations()
                && apart > config.divergenceMax()
                && globals.standardisedShift() < SHARED * up;
        divergence.judge(
                agent,
                isBad,
                apart < config.divergenceMax() / 2,
                agent,
                -1,
                globals.shiftErrors() < -MEAN_CONSTANT
                        ? "its own metric rises while the global reward falls"
                        : "its own metric rises and the global reward does not follow",
                apart,
                config.divergenceMax(),
                epoch);
    }

    private void judgeSeries(int subject, RewardSeries series) {
        int agent = subject == agentCount ? -1 : subject;
        boolean isWarm = series.isWarm();
        double spread = series.logVariance();
        boolean isMeanConstant = Math.abs(series.shiftErrors()) < MEAN_CONSTANT;
        variance.judge(
                subject,
                isWarm
                        && isMeanConstant
                        && Math.abs(spread) > LOG_VARIANCE_MIN
                        && Math.abs(series.varianceErrors()) > config.deviations(),
                Math.abs(spread) < LOG_VARIANCE_MIN / 2,
                agent,
                -1,
                "rewards spread differently around the same mean",
                Math.exp(spread),
                1.5,
                epoch);
        double size = series.jump();
        jump.judge(
                subject,
                isWarm && Math.abs(size) > config.deviations(),
                Math.abs(size) < config.deviations() / 2,
                agent,
                -1,
                "the mean jumped from one epoch to the next",
                size,
                config.deviations(),
                epoch);
    }

    /** Epochs that have ended. */
    public long epochs() {
        return epoch;
    }

    /** Alarms of a signal that stand now. */
    public int raised(Signal signal) {
        return boards[signal.code()].raisedCount();
    }
}
