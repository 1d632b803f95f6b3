package rondo.tools.experiment;

import java.util.SplittableRandom;
import rondo.agents.AgentKind;
import rondo.agents.filter.PrimalDual;

/**
 * Four strengths of diversification: the weaker, the longer people stay and the more alike the slate is. The static action is the strongest, which keeps the
 * diversity bound with room to spare; the agent may spend that room and no more.
 */
final class FilterBench implements AgentBench {
    private static final double[] DWELL = {0.56, 0.52, 0.46, 0.40};
    private static final double[] DISTANCE = {0.15, 0.28, 0.42, 0.55};
    private static final int STATIC = 3;
    private static final int STEPS = 20_000;
    private static final double BOUND = 0.3;

    /** The price is asked for a little more than the bound: it acts on averages, and is still 0 when the first violations come. */
    private static final double MARGIN = 0.01;

    @Override
    public AgentKind kind() {
        return AgentKind.FILTER;
    }

    @Override
    public String learner() {
        return "primal-dual prices, change-point Thompson on the priced reward";
    }

    @Override
    public String primary() {
        return "dwell";
    }

    @Override
    public String secondary() {
        return "intra-list distance";
    }

    @Override
    public boolean isBoundAbove() {
        return false;
    }

    @Override
    public double bound() {
        return BOUND;
    }

    @Override
    public Played play(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        BlockLearner learner = new BlockLearner(kind(), 2, DWELL.length, STATIC, seed);
        PrimalDual prices = new PrimalDual(1);
        double[] violation = new double[1];
        double fixed = 0;
        double agent = 0;
        double distances = 0;
        for (int t = 0; t < STEPS; t++) {
            int segment = random.nextInt(2);
            double dwellNoise = 0.15 * random.nextGaussian();
            double distanceNoise = 0.08 * random.nextGaussian() + (segment == 0 ? 0.04 : -0.04);
            int action = learner.choose(segment);
            double dwell = unit(DWELL[action] + dwellNoise);
            double distance = unit(DISTANCE[action] + distanceNoise);
            violation[0] = BOUND + MARGIN - distance;
            learner.learn(segment, action, unit((prices.priced(dwell, violation) + 0.5) / 2));
            prices.learn(0, violation[0]);
            agent += dwell;
            distances += distance;
            fixed += unit(DWELL[STATIC] + dwellNoise);
        }
        return new Played(fixed / STEPS, agent / STEPS, distances / STEPS);
    }

    private static double unit(double value) {
        return Math.max(0, Math.min(1, value));
    }
}
