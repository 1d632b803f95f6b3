package rondo.tools.experiment;

import java.util.SplittableRandom;
import rondo.agents.AgentKind;
import rondo.agents.fusion.FusionWeights;
import rondo.agents.fusion.IsotonicCalibration;

/**
 * Four sources of scores and a constant; how much each tells about a click is unknown, drifts half-way, and the click rate is no logistic function of the
 * scores. The static action weighs all sources alike. Every prediction is made before its outcome is learnt.
 */
final class FusionBench implements AgentBench {
    private static final double[] STATIC = {1, 1, 1, 1, -1};
    private static final int SOURCES = 4;
    private static final int STEPS = 80_000;
    private static final int EPOCH = 1_000;
    private static final int REFIT = 10_000;
    private static final int BINS = 20;

    @Override
    public AgentKind kind() {
        return AgentKind.FUSION;
    }

    @Override
    public String learner() {
        return "FTRL weights, isotonic calibration";
    }

    @Override
    public String primary() {
        return "log-loss";
    }

    @Override
    public boolean isLessBetter() {
        return true;
    }

    @Override
    public String secondary() {
        return "calibration error, from the first refit on";
    }

    @Override
    public boolean isBoundAbove() {
        return true;
    }

    @Override
    public double bound() {
        return 0.02;
    }

    @Override
    public Played play(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        FusionWeights even = new FusionWeights(STATIC);
        FusionWeights weights = new FusionWeights(STATIC);
        IsotonicCalibration calibration = new IsotonicCalibration();
        double[] truth = new double[SOURCES];
        double[] scores = new double[SOURCES + 1];
        scores[SOURCES] = 1;
        double[] gaps = new double[BINS];
        double fixed = 0;
        double agent = 0;
        for (int t = 0; t < STEPS; t++) {
            if (t % (STEPS / 2) == 0) {
                for (int i = 0; i < SOURCES; i++) {
                    truth[i] = t == 0 ? 3 * random.nextDouble() - 0.5 : truth[i] + 0.4 * random.nextGaussian();
                }
            }
            double margin = -1;
            for (int i = 0; i < SOURCES; i++) {
                scores[i] = 2 * random.nextDouble() - 1;
                margin += truth[i] * scores[i];
            }
            double outcome = random.nextDouble() < 0.05 + 0.6 / (1 + Math.exp(-2 * margin)) ? 1 : 0;
            double raw = weights.predict(scores);
            double predicted = calibration.calibrated(raw);
            agent += logLoss(predicted, outcome);
            fixed += logLoss(even.predict(scores), outcome);
            if (t >= REFIT) {
                gaps[Math.min(BINS - 1, (int) (predicted * BINS))] += predicted - outcome;
            }
            weights.learn(scores, outcome);
            calibration.learn(raw, outcome);
            if (t % EPOCH == EPOCH - 1) {
                weights.endEpoch();
            }
            if (t % REFIT == REFIT - 1) {
                calibration.refit();
            }
        }
        double error = 0;
        for (double gap : gaps) {
            error += Math.abs(gap) / (STEPS - REFIT);
        }
        return new Played(fixed / STEPS, agent / STEPS, error);
    }

    private static double logLoss(double predicted, double outcome) {
        double p = Math.max(1e-3, Math.min(1 - 1e-3, predicted));
        return -(outcome * Math.log(p) + (1 - outcome) * Math.log(1 - p));
    }
}
