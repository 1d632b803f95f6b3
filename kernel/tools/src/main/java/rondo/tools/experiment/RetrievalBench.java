package rondo.tools.experiment;

import java.util.Arrays;
import java.util.SplittableRandom;
import rondo.agents.AgentKind;

/**
 * Five efforts of an index of cells: a true neighbour is found when its cell is among those that are looked at, and time grows with their number. Users of
 * the second segment ask for what is spread over more cells. A search that is late finds nothing.
 */
final class RetrievalBench implements AgentBench {
    private static final int[] CELLS = {4, 8, 16, 32, 64};
    private static final int STATIC = 1;
    private static final int STEPS = 20_000;
    private static final int NEIGHBOURS = 10;
    private static final double DEADLINE_US = 1_000;

    @Override
    public AgentKind kind() {
        return AgentKind.RETRIEVAL;
    }

    @Override
    public String learner() {
        return "change-point Thompson, policy block, budget";
    }

    @Override
    public String primary() {
        return "recall@10 in time";
    }

    @Override
    public String secondary() {
        return "p99 of a search, µs";
    }

    @Override
    public boolean isBoundAbove() {
        return true;
    }

    @Override
    public double bound() {
        return DEADLINE_US;
    }

    @Override
    public Played play(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        BlockLearner learner = new BlockLearner(kind(), 2, CELLS.length, STATIC, seed);
        double[] latencies = new double[STEPS];
        double[] luck = new double[NEIGHBOURS];
        double fixed = 0;
        double agent = 0;
        for (int t = 0; t < STEPS; t++) {
            int segment = random.nextInt(2);
            double noise = Math.exp(0.25 * random.nextGaussian());
            for (int i = 0; i < NEIGHBOURS; i++) {
                luck[i] = random.nextDouble();
            }
            int action = learner.choose(segment);
            double recall = recall(CELLS[action], segment, noise, luck);
            learner.learn(segment, action, recall);
            latencies[t] = latencyUs(CELLS[action], noise);
            agent += recall;
            fixed += recall(CELLS[STATIC], segment, noise, luck);
        }
        Arrays.sort(latencies);
        return new Played(fixed / STEPS, agent / STEPS, latencies[STEPS * 99 / 100]);
    }

    private static double latencyUs(int cells, double noise) {
        return (60 + 14 * cells) * noise;
    }

    private static double recall(int cells, int segment, double noise, double[] luck) {
        if (latencyUs(cells, noise) > DEADLINE_US) {
            return 0;
        }
        double found = 1 - Math.exp(-cells / (segment == 0 ? 4.0 : 10.0));
        int hits = 0;
        for (double l : luck) {
            hits += l < found ? 1 : 0;
        }
        return (double) hits / NEIGHBOURS;
    }
}
