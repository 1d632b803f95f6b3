package rondo.tools.experiment;

import java.util.SplittableRandom;
import rondo.agents.AgentKind;

/** Four segments, four compositions, and in each segment another one is best; half-way the segments' tastes change. */
final class TrafficBench implements AgentBench {
    private static final int SEGMENTS = 4;
    private static final int ACTIONS = 4;
    private static final int STEPS = 40_000;
    private static final double STATIC_MEAN = 0.3;

    @Override
    public AgentKind kind() {
        return AgentKind.TRAFFIC;
    }

    @Override
    public String learner() {
        return "change-point Thompson, policy block, budget";
    }

    @Override
    public String primary() {
        return "clicks per request";
    }

    @Override
    public String secondary() {
        return "largest policy movement in an epoch";
    }

    @Override
    public boolean isBoundAbove() {
        return true;
    }

    @Override
    public double bound() {
        return BlockLearner.DEVIATION_MAX;
    }

    @Override
    public Played play(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        BlockLearner learner = new BlockLearner(kind(), SEGMENTS, ACTIONS, 0, seed);
        double[][] means = new double[SEGMENTS][ACTIONS];
        double fixed = 0;
        double agent = 0;
        for (int t = 0; t < STEPS; t++) {
            if (t % (STEPS / 2) == 0) {
                for (double[] segment : means) {
                    segment[0] = STATIC_MEAN;
                    for (int a = 1; a < ACTIONS; a++) {
                        segment[a] = STATIC_MEAN - 0.15 + 0.3 * random.nextDouble();
                    }
                }
            }
            int segment = random.nextInt(SEGMENTS);
            double luck = random.nextDouble();
            int action = learner.choose(segment);
            double reward = luck < means[segment][action] ? 1 : 0;
            learner.learn(segment, action, reward);
            agent += reward;
            fixed += luck < means[segment][0] ? 1 : 0;
        }
        return new Played(fixed / STEPS, agent / STEPS, learner.deviation());
    }
}
