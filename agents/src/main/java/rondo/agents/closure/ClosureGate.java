package rondo.agents.closure;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import rondo.agents.DecisionSpace;
import rondo.agents.closure.ClosureModule.Choices;
import rondo.agents.closure.ClosureModule.Evaluation;
import rondo.agents.closure.ClosureModule.Loop;
import rondo.agents.closure.ClosureVerdict.Finding;
import rondo.agents.closure.ClosureVerdict.Mark;
import rondo.agents.policy.CounterRandom;

/**
 * Examines whether a module may become an agent: it can be scored alone, it has choices that matter, and it corrects itself. What a module says of itself
 * counts for nothing; all three are measured.
 *
 * <p>A module that throws, scores NaN or has no input fails with a reason; it never makes the gate fail.
 */
public final class ClosureGate {
    private static final long STREAM_EVALUATION = 1;
    private static final long STREAM_CONTEXT = 2;
    private static final long STREAM_PERTURBATION = 3;
    private static final long STREAM_STEP = 4;

    /** Standard errors that a value gap must stand above noise; over every pair and stratum there can be, that is some hundreds of comparisons. */
    private static final double GAP_DEVIATIONS = 4;

    private static final double SUM_TOLERANCE = 1e-6;

    private final ClosureModule module;
    private final ClosureSpec spec;
    private final long seed;
    private final long inputCount;
    private final Evidence evidence = new Evidence();

    private double successRate;
    private double successLower;
    private int iterations;
    private int distinctActions;
    private double contraction;

    private ClosureGate(ClosureModule module, ClosureSpec spec, long seed) {
        this.module = module;
        this.spec = spec;
        this.seed = seed;
        this.inputCount = module.inputCount();
    }

    /**
     * Runs the examination.
     *
     * @param seed of every draw; the same module, spec and seed give the same verdict, evidence hash included.
     */
    public static ClosureVerdict examine(ClosureModule module, ClosureSpec spec, long seed) {
        return new ClosureGate(module, spec, seed).examine();
    }

    private ClosureVerdict examine() {
        // A record's text names every field with its value, and prints doubles so that they can be read back exactly.
        evidence.add(module.id())
                .add(module.metric())
                .add(module.origin().name())
                .add(inputCount)
                .add(spec.toString())
                .add(seed);
        Finding evaluable;
        Finding decisionSpace;
        Finding closedLoop;
        String refusal = refusal();
        if (refusal != null) {
            evaluable = Finding.ineligible(refusal);
            decisionSpace = evaluable;
            closedLoop = evaluable;
        } else {
            evaluable = evaluation(module.evaluation());
            decisionSpace = decisionSpace(module.choices());
            closedLoop = closedLoop();
        }
        Mark verdict = ClosureVerdict.verdict(evaluable.mark(), decisionSpace.mark(), closedLoop.mark());
        evidence.add(evaluable.toString())
                .add(decisionSpace.toString())
                .add(closedLoop.toString())
                .add(verdict.name());
        return new ClosureVerdict(
                module.id(),
                module.metric(),
                verdict,
                evaluable,
                decisionSpace,
                closedLoop,
                successRate,
                successLower,
                iterations,
                distinctActions,
                contraction,
                evidence.hash(),
                spec.criteriaVersion());
    }

    private @Nullable String refusal() {
        if (module.origin() == ClosureModule.Origin.PRODUCTION) {
            return "input is production traffic; the gate runs on held-out simulation only";
        }
        return inputCount <= 0 ? "no held-out input" : null;
    }

    private long input(long key, long stream) {
        return Long.remainderUnsigned(CounterRandom.bits(seed, key, stream), inputCount);
    }

    // Independent evaluability

    private Finding evaluation(@Nullable Evaluation evaluation) {
        if (evaluation == null) {
            return Finding.ineligible("no evaluation of its own");
        }
        int successes = 0;
        int undefined = 0;
        try {
            for (int i = 0; i < spec.iterations(); i++) {
                double score = evaluation.score(input(i, STREAM_EVALUATION));
                evidence.add(score);
                if (!Double.isFinite(score)) {
                    undefined++;
                } else if (score >= spec.passMark()) {
                    successes++;
                }
                iterations++;
            }
        } catch (RuntimeException e) {
            return new Finding(Mark.FAIL, "iteration " + iterations + " threw " + name(e));
        }
        successRate = (double) successes / iterations;
        successLower = spec.lowerBound(successes, iterations);
        if (undefined > 0) {
            return new Finding(Mark.FAIL, "the score was no finite number in " + undefined + " iterations");
        }
        boolean passes = successLower > spec.requiredRate();
        return new Finding(
                passes ? Mark.PASS : Mark.FAIL,
                String.format(
                        Locale.ROOT,
                        "P(score >= %.2f) > %.4f with confidence %.3f, required %.2f",
                        spec.passMark(),
                        successLower,
                        1 - spec.delta(),
                        spec.requiredRate()));
    }

    // Decision space

    private Finding decisionSpace(@Nullable Choices choices) {
        if (choices == null) {
            return Finding.ineligible("no decision space");
        }
        try {
            return measure(choices);
        } catch (RuntimeException e) {
            return new Finding(Mark.FAIL, "an action threw " + name(e));
        }
    }

    private Finding measure(Choices choices) {
        int count = choices.count();
        evidence.add(count);
        if (count < 1 || count > DecisionSpace.ACTIONS_MAX) {
            return new Finding(
                    Mark.FAIL, "declares " + count + " actions, outside [1, " + DecisionSpace.ACTIONS_MAX + "]");
        }
        int strata = choices.stratumCount();
        PairDifferences pairs = new PairDifferences(count, strata, choices.outputLength());
        int[] supported = new int[count];
        for (int c = 0; c < spec.contextCount(); c++) {
            long input = input(c, STREAM_CONTEXT);
            double sum = 0;
            for (int a = 0; a < count; a++) {
                double propensity = choices.propensity(a, input);
                if (!(propensity >= 0 && propensity <= 1)) {
                    return new Finding(Mark.FAIL, "action " + a + " has a propensity outside [0, 1]: " + propensity);
                }
                sum += propensity;
                supported[a] += propensity > 0 ? 1 : 0;
                double[] output = pairs.output(a);
                choices.act(a, input, output);
                pairs.value(a, choices.value(output, input));
            }
            if (Math.abs(sum - 1) > SUM_TOLERANCE) {
                return new Finding(Mark.FAIL, "propensities do not sum to 1: sum=" + sum);
            }
            pairs.close(choices.stratum(input));
        }
        pairs.addTo(evidence);
        return count(pairs, supported);
    }

    private Finding count(PairDifferences pairs, int[] supported) {
        double needed = spec.distinctShare() * spec.contextCount();
        int[] counted = new int[supported.length];
        int unsupported = 0;
        int undefined = 0;
        for (int a = 0; a < supported.length; a++) {
            evidence.add(supported[a]);
            if (supported[a] < needed) {
                unsupported++;
            } else if (!pairs.isDefined(a)) {
                undefined++;
            } else if (isNew(pairs, counted, a, needed)) {
                counted[distinctActions++] = a;
            }
        }
        String reason = distinctActions + " of " + supported.length + " declared actions act differently and matter";
        if (unsupported > 0) {
            reason += ", " + unsupported + " can never be chosen";
        }
        if (undefined > 0) {
            reason += ", " + undefined + " have no finite value";
        }
        return new Finding(distinctActions > 1 ? Mark.PASS : Mark.FAIL, reason);
    }

    private boolean isNew(PairDifferences pairs, int[] counted, int action, double needed) {
        for (int i = 0; i < distinctActions; i++) {
            if (pairs.differing(counted[i], action) < needed
                    || pairs.gap(counted[i], action, GAP_DEVIATIONS) < spec.valueGapMin()) {
                return false;
            }
        }
        return true;
    }

    // Closed loop

    private Finding closedLoop() {
        Loop loop = module.loop();
        Finding own = loop == null ? Finding.ineligible("no corrective step of its own") : contracts(loop, true);
        Loop outside = module.outsideLoop();
        if (own.mark() == Mark.PASS || outside == null) {
            return own;
        }
        Finding implicit = contracts(outside, false);
        return implicit.mark() == Mark.PASS
                ? new Finding(
                        Mark.PARTIAL, "implicit: corrected by an outside signal only; of its own, " + own.reason())
                : own;
    }

    private Finding contracts(Loop loop, boolean isOwn) {
        int corrected = 0;
        int still = 0;
        int trial = 0;
        try {
            double[] state = new double[loop.stateLength()];
            for (; trial < spec.perturbations(); trial++) {
                loop.perturb(state, CounterRandom.bits(seed, trial, STREAM_PERTURBATION));
                double start = loop.distance(state);
                evidence.add(start);
                // A disturbance that does not disturb tests nothing.
                if (!(start > 2 * spec.tolerance()) || !Double.isFinite(start)) {
                    still++;
                } else if (isCorrected(loop, state, start, trial)) {
                    corrected++;
                }
            }
        } catch (RuntimeException e) {
            return new Finding(Mark.FAIL, "perturbation " + trial + " threw " + name(e));
        }
        double rate = (double) corrected / spec.perturbations();
        double lower = spec.lowerBound(corrected, spec.perturbations());
        evidence.add(corrected).add(still);
        if (isOwn) {
            contraction = rate;
        }
        String reason = String.format(
                Locale.ROOT,
                "%.1f %% of perturbations corrected, rate > %.3f, required %.2f",
                100 * rate,
                lower,
                spec.contractionRate());
        if (still > 0) {
            reason += "; " + still + " did not move the metric measurably";
        }
        return new Finding(lower > spec.contractionRate() ? Mark.PASS : Mark.FAIL, reason);
    }

    /** True when the first step takes the required share away, no later one throws the metric beyond where it began, and the last ones rest. */
    private boolean isCorrected(Loop loop, double[] state, double start, int trial) {
        boolean isGood = true;
        int restFrom = spec.stepsMax() - spec.stepsMax() / 4;
        for (int step = 1; step <= spec.stepsMax() && isGood; step++) {
            loop.correct(state, input((long) trial * spec.stepsMax() + step, STREAM_STEP));
            double distance = loop.distance(state);
            evidence.add(distance);
            double limit = step == 1 ? (1 - spec.contractionMin()) * start : step > restFrom ? spec.tolerance() : start;
            // Written so that NaN is not good.
            isGood = distance <= limit;
        }
        return isGood;
    }

    private static String name(RuntimeException e) {
        return e.getClass().getSimpleName();
    }
}
