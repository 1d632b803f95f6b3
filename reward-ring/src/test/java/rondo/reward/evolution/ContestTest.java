package rondo.reward.evolution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import rondo.agents.policy.AgentLearner;

class ContestTest {
    private static final double FLOOR = 0.05;
    private static final int REFRESH = 10;

    /** A learner whose mind is made up. */
    private record Fixed(double first) implements AgentLearner {
        @Override
        public void learn(int segment, int action, double reward, double expected) {}

        @Override
        public void want(int segment, double[] out) {
            out[0] = first;
            out[1] = 1 - first;
        }
    }

    /** An audience that a contest decides for, with a floor under every action. */
    private static final class World {
        final Contest contest;
        final SplittableRandom random;
        final double[] wanted;
        double highestShare;
        double challengerLoss;
        double earned;
        Contest.@Nullable Standing ended;
        int events;

        World(Contest contest, int actionCount, long seed) {
            this.contest = contest;
            this.random = new SplittableRandom(seed);
            this.wanted = new double[actionCount];
            contest.want(0, wanted);
        }

        double propensity(int action) {
            return FLOOR / wanted.length + (1 - FLOOR) * wanted[action];
        }

        void play(int count, double... means) {
            for (int i = 0; i < count; i++) {
                double expected = 0;
                for (int a = 0; a < means.length; a++) {
                    expected += propensity(a) * means[a];
                }
                double uniform = random.nextDouble();
                int action = 0;
                double sum = propensity(0);
                while (action < means.length - 1 && uniform >= sum) {
                    sum += propensity(++action);
                }
                double reward = random.nextDouble() < means[action] ? 1 : 0;
                Contest.Standing now =
                        contest.onReward(0, action, propensity(action), reward, expected, reward, expected);
                ended = now == null ? ended : now;
                highestShare = Math.max(highestShare, contest.standing().share());
                challengerLoss += contest.standing().share() * (means[0] - means[1]);
                earned += expected;
                if (++events % REFRESH == 0) {
                    contest.want(0, wanted);
                }
            }
        }
    }

    private static Contest contest(double own, double other) {
        return new Contest(new Fixed(own), "fixed", () -> new Fixed(other), false, 2, 1);
    }

    @Test
    void shouldLetABetterOneClimbRungByRungAndBecomeChampion() {
        Contest contest = contest(0.9, 0.1);
        World world = new World(contest, 2, 1);
        world.play(Trial.RUNG_OUTCOMES - 1, 0.10, 0.15);
        assertEquals(0, contest.standing().share(), "nothing is known of it yet");
        double before = 0;
        while (contest.standing().wins() == 0 && world.events < 20_000) {
            world.play(Trial.RUNG_OUTCOMES, 0.10, 0.15);
            double share = contest.standing().share();
            assertTrue(share <= before + 0.25 && (before > 0 || share <= 0.01), "from rung " + before + " to " + share);
            before = share;
        }
        assertEquals(1, contest.standing().wins());
        assertEquals("fixed", contest.standing().champion());
        assertEquals("thompson", contest.standing().challenger());
        assertNotNull(world.ended);
        assertTrue(world.ended.gainLower() > 0);
        assertEquals(0.04, world.ended.gain(), 0.03, "0.8 of the difference of the means");
        contest.want(0, world.wanted);
        assertArrayEquals(new double[] {0.1, 0.9}, world.wanted, 1e-9, "the former champion is in the shadow");
    }

    @Test
    void shouldRetireAWorseOneBeforeItCostsMoreThanTheBound() {
        int retired = 0;
        for (int seed = 0; seed < 20; seed++) {
            World world = new World(contest(0.9, 0.1), 2, seed);
            world.play(40_000, 0.10, 0.05);
            assertEquals(0, world.contest.standing().wins());
            double loss = 0.8 * world.challengerLoss / world.earned;
            assertTrue(loss <= Trial.LOSS_MAX, "seed " + seed + " lost " + loss);
            retired += world.ended != null && world.ended.gainUpper() < 0 ? 1 : 0;
        }
        assertEquals(20, retired);
    }

    @Test
    void shouldLetAnEqualOneWinNoOftenerThanTheErrorSaysAndEndItsLease() {
        int wins = 0;
        int undecided = 0;
        for (int seed = 0; seed < 100; seed++) {
            World world = new World(contest(0.9, 0.1), 2, seed);
            world.play((int) Contest.LEASE_OUTCOMES + 1, 0.10, 0.10);
            wins += world.contest.standing().wins() > 0 ? 1 : 0;
            undecided += world.contest.standing().trials() == 2 ? 1 : 0;
        }
        assertTrue(wins <= 5, "wins without a reason: " + wins);
        assertTrue(undecided >= 90, "trials that ended with their lease: " + undecided);
    }

    @Test
    void shouldLetTheFormerChampionComeBackWhenTheAudienceTurns() {
        World world = new World(contest(0.9, 0.1), 2, 3);
        while (world.contest.standing().wins() < 1 && world.events < 40_000) {
            world.play(Trial.RUNG_OUTCOMES, 0.10, 0.15);
        }
        while (world.contest.standing().wins() < 2 && world.events < 200_000) {
            world.play(Trial.RUNG_OUTCOMES, 0.15, 0.10);
        }
        assertEquals("thompson", world.contest.standing().champion());
        assertEquals(2, world.contest.standing().wins());
    }

    @Test
    void shouldPlayAMixtureByTheShare() {
        Contest contest = contest(0.9, 0.1);
        World world = new World(contest, 2, 5);
        while (contest.standing().share() == 0 && world.events < 20_000) {
            world.play(Trial.RUNG_OUTCOMES, 0.10, 0.10);
        }
        double share = contest.standing().share();
        assertTrue(share > 0);
        contest.want(0, world.wanted);
        assertEquals(0.9 - 0.8 * share, world.wanted[0], 1e-9);
        assertEquals(1, world.wanted[0] + world.wanted[1], 1e-9);
    }

    @Test
    void shouldPutTheOwnLearnerBackAtARestart() {
        Contest contest = contest(0.9, 0.1);
        World world = new World(contest, 2, 1);
        while (contest.standing().wins() == 0 && world.events < 20_000) {
            world.play(Trial.RUNG_OUTCOMES, 0.10, 0.15);
        }
        contest.restart();
        assertEquals("thompson", contest.standing().champion());
        assertEquals(0, contest.standing().share());
        assertNull(contest.onReward(0, 0, 0.5, 1, 0.1, 1, 0.1), "a segment in which neither has said what it wants");
        contest.want(0, world.wanted);
        assertEquals(0.9, world.wanted[0], 1e-9);
    }

    @Test
    void shouldFindTheBestActionOfEachSegmentWithEveryLearner() {
        for (Challenger challenger : Challenger.values()) {
            AgentLearner learner = challenger.make(3);
            SplittableRandom random = new SplittableRandom(11);
            double[] wishes = new double[3];
            for (int i = 0; i < 12_000; i++) {
                int segment = random.nextInt(2);
                int action = random.nextInt(3);
                double mean = action == segment + 1 ? 0.5 : 0.2;
                learner.learn(segment, action, random.nextDouble() < mean ? 1 : 0, 0.3);
            }
            for (int segment = 0; segment < 2; segment++) {
                learner.want(segment, wishes);
                assertEquals(1, wishes[0] + wishes[1] + wishes[2], 1e-9);
                assertTrue(
                        wishes[segment + 1] > 0.9,
                        challenger.label() + " wants " + wishes[segment + 1] + " in segment " + segment);
            }
        }
    }
}
