package rondo.agents.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import rondo.agents.AgentKind;

class PolicyTest {
    private static final long SEED = 11;

    @Test
    void shouldDrawWithThePropensitiesItStates() {
        PolicyBlock block = new PolicyBlock(AgentKind.RANKING, 3, 1, new float[] {0.1f, 0.2f, 0.5f, 0.2f}, 0.4);
        for (float share : new float[] {1f, 0.25f, 0f}) {
            int[] drawn = new int[4];
            double sum = 0;
            for (int a = 0; a < 4; a++) {
                sum += block.propensity(a, share);
            }
            for (int request = 0; request < 200_000; request++) {
                drawn[block.draw(CounterRandom.uniform(SEED, request, 2), share)]++;
            }
            assertEquals(1, sum, 1e-6);
            for (int a = 0; a < 4; a++) {
                assertEquals(
                        block.propensity(a, share), drawn[a] / 200_000.0, 0.005, "action=" + a + ", share=" + share);
            }
        }
    }

    @Test
    void shouldReplayEveryDrawBitForBit() {
        for (int request = 0; request < 1_000; request++) {
            assertEquals(CounterRandom.bits(SEED, request, 1), CounterRandom.bits(SEED, request, 1));
            assertTrue(CounterRandom.bits(SEED, request, 1) != CounterRandom.bits(SEED, request, 2));
        }
    }

    @Test
    void shouldNeverMoveFurtherThanItsBudgetWhateverTheRewardsAre() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int stream = 0; stream < 1_000; stream++) {
            ExplorationBudget budget = new ExplorationBudget(0.02, 0.1);
            PolicyBlock start = PolicyBlock.initial(AgentKind.FILTER, 0, 5, 0, 0.02);
            PolicyBlock current = start;
            for (int step = 0; step < 20; step++) {
                double[] wanted = new double[5];
                wanted[random.nextInt(5)] = 1;
                current = budget.next(start, current, wanted);
                double deviation = 0;
                double sum = 0;
                for (int a = 0; a < 5; a++) {
                    deviation += Math.abs(current.probability(a) - start.probability(a)) / 2;
                    sum += current.probability(a);
                    assertTrue(current.probability(a) >= 0.02 / 5 * 0.999, "floor");
                }
                assertTrue(deviation <= 0.1, "deviation=" + deviation);
                assertEquals(1, sum, 1e-6);
            }
            assertTrue(budget.used() <= budget.limit());
        }
    }

    private static double variation(PolicyBlock one, PolicyBlock other) {
        double sum = 0;
        for (int a = 0; a < one.actionCount(); a++) {
            sum += Math.abs((double) one.probability(a) - other.probability(a)) / 2;
        }
        return sum;
    }

    private static double least(PolicyBlock block) {
        double least = 1;
        for (int a = 0; a < block.actionCount(); a++) {
            least = Math.min(least, block.probability(a));
        }
        return least;
    }

    @Test
    void shouldRaiseAndLowerTheFloorBeforeItDoesWhatTheLearnerWants() {
        ExplorationBudget budget = new ExplorationBudget(0.02, 0.1);
        PolicyBlock start = PolicyBlock.initial(AgentKind.FILTER, 0, 4, 0, 0.02);
        double[] wanted = {0, 0, 0, 1};
        PolicyBlock raised = budget.next(start, start, wanted, 0.1);
        assertEquals(0.1, raised.floor(), 0);
        assertEquals(0.1 / 4, least(raised), 1e-6);
        assertEquals(0.1, variation(start, raised), 1e-4, "what is left of the bound is the learner's");
        assertTrue(raised.probability(3) > 0.1 / 4 + 0.03, "p=" + raised.probability(3));

        PolicyBlock lowered = budget.next(raised, raised, wanted);
        assertEquals(0.02, lowered.floor(), 0);
        assertEquals(0.02 / 4, least(lowered), 1e-6);
        assertTrue(variation(raised, lowered) <= 0.1);
    }

    @Test
    void shouldReachAFloorThatIsBeyondTheBoundInSeveralEpochs() {
        ExplorationBudget budget = new ExplorationBudget(0.02, 0.02);
        PolicyBlock block = PolicyBlock.initial(AgentKind.FILTER, 0, 4, 0, 0.02);
        double[] wanted = {1, 0, 0, 0};
        for (int epoch = 1; epoch <= 4; epoch++) {
            PolicyBlock next = budget.next(block, block, wanted, 0.1);
            // Each hundredth of a floor moves three quarters of it away from the static action.
            assertEquals(Math.min(0.1, 0.02 + epoch * 0.02 * 4 / 3), next.floor(), 1e-5, "epoch=" + epoch);
            assertEquals(next.floor() / 4, least(next), 1e-6, "it says what it has");
            assertTrue(variation(block, next) <= 0.02);
            block = next;
        }
        assertEquals(0.1, block.floor(), 0);
    }

    @Test
    void shouldFollowRewardsThatSwitch() {
        // Eight actions with means redrawn every 1,000 events or so; the learner is told nothing.
        SplittableRandom random = new SplittableRandom(SEED);
        double earned = 0;
        double best = 0;
        for (int repetition = 0; repetition < 3; repetition++) {
            ChangePointThompson learner = new ChangePointThompson(8);
            double[] means = new double[8];
            double[] wanted = new double[8];
            for (int t = 0; t < 10_000; t++) {
                if (t == 0 || random.nextInt(1_000) == 0) {
                    for (int a = 0; a < 8; a++) {
                        means[a] = random.nextDouble();
                    }
                }
                if (t % 10 == 0) {
                    learner.bestProbabilities(wanted);
                }
                double u = random.nextDouble();
                int action = 0;
                while (action < 7 && (u -= wanted[action]) > 0) {
                    action++;
                }
                double reward = random.nextDouble() < means[action] ? 1 : 0;
                learner.learn(action, reward, 0.5);
                earned += means[action];
                best += java.util.Arrays.stream(means).max().orElseThrow();
            }
        }
        assertTrue(earned / best >= 0.9, "share of oracle=" + earned / best);
    }

    @Test
    void shouldKeepItsBeliefsExactlyWhenWrittenAndRead() {
        ChangePointThompson learner = new ChangePointThompson(3);
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 500; i++) {
            learner.learn(random.nextInt(3), random.nextInt(2), 0.1 + random.nextDouble() / 2);
        }
        ByteBuffer bytes = ByteBuffer.allocate(ChangePointThompson.encodedLength(3));
        learner.write(bytes);
        ChangePointThompson copy = new ChangePointThompson(3);
        copy.read(bytes.flip());
        for (int i = 0; i < 100; i++) {
            int action = random.nextInt(3);
            learner.learn(action, 1, 0.4);
            copy.learn(action, 1, 0.4);
        }
        ByteBuffer a = ByteBuffer.allocate(ChangePointThompson.encodedLength(3));
        ByteBuffer b = ByteBuffer.allocate(ChangePointThompson.encodedLength(3));
        learner.write(a);
        copy.write(b);
        assertArrayEquals(a.array(), b.array());
    }
}
