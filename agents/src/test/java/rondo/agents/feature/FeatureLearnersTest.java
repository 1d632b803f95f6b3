package rondo.agents.feature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FeatureLearnersTest {
    private static final long SEED = 29;

    private static void learn(SubsetSearch search, int group, double mean, SplittableRandom random) {
        for (int i = 0; i < 200; i++) {
            search.learn(group, mean + random.nextDouble() * 0.2 - 0.1);
        }
    }

    @Test
    void shouldSwitchTheTwoBestGroupsAnEpochAndNoMore() {
        SplittableRandom random = new SplittableRandom(SEED);
        SubsetSearch search = new SubsetSearch(5, 1, 1, 100);
        for (int group = 1; group < 5; group++) {
            learn(search, group, group / 10.0, random);
        }
        assertEquals(2, search.endEpoch());
        assertEquals(0b11001, search.champion());
        assertEquals(0, search.endEpoch(), "scores beside the old champion are forgotten");
    }

    @Test
    void shouldAdoptNothingThatIsNotProven() {
        SplittableRandom random = new SplittableRandom(SEED);
        SubsetSearch search = new SubsetSearch(3, 0, 0b111, 100);
        for (int group = 0; group < 3; group++) {
            for (int i = 0; i < 5_000; i++) {
                search.learn(group, random.nextBoolean() ? 1 : -1);
            }
        }
        assertEquals(0, search.endEpoch());
        SubsetSearch young = new SubsetSearch(3, 0, 0b111, 100);
        for (int i = 0; i < SubsetSearch.PAIRS_MIN - 1; i++) {
            young.learn(1, 1);
        }
        assertEquals(0, young.endEpoch());
        young.learn(1, 1);
        assertEquals(1, young.endEpoch());
        assertEquals(0b101, young.mask());
    }

    @Test
    void shouldWakeEveryChallengerBeforeTheMostPromisingOne() {
        SplittableRandom random = new SplittableRandom(SEED);
        SubsetSearch search = new SubsetSearch(4, 0b1000, 0b1000, 100);
        int[] woken = new int[4];
        for (int i = 0; i < 3 * SubsetSearch.PAIRS_MIN; i++) {
            int group = search.nextChallenger();
            woken[group]++;
            search.learn(group, 0.1 * group + 0.01 * random.nextDouble());
        }
        for (int group = 0; group < 3; group++) {
            assertEquals(SubsetSearch.PAIRS_MIN, woken[group]);
        }
        assertEquals(0, woken[3], "the core is no challenger");
        assertEquals(2, search.nextChallenger());
    }

    @Test
    void shouldLeaveOutWhatIsTooOldButNeverTheCore() {
        SubsetSearch search = new SubsetSearch(3, 1, 0b111, 100);
        search.observeLag(0, 1e9);
        search.observeLag(1, 101);
        search.observeLag(2, 100);
        assertEquals(0b101, search.mask());
        search.observeLag(1, 0);
        assertEquals(0b111, search.mask());
    }

    @Test
    void shouldRefuseWhatIsOutOfBounds() {
        SubsetSearch search = new SubsetSearch(3, 1, 0b111, 100);
        assertThrows(IllegalArgumentException.class, () -> search.learn(0, 0.5));
        assertThrows(IllegalArgumentException.class, () -> search.learn(3, 0.5));
        assertThrows(IllegalArgumentException.class, () -> search.learn(1, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> search.learn(1, 1.01));
        assertThrows(IllegalArgumentException.class, () -> search.observeLag(1, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new SubsetSearch(25, 0, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new SubsetSearch(3, 1, 0b110, 1));
        assertEquals(0b111, search.mask());
        assertEquals(0, search.endEpoch());
    }

    @Test
    void shouldAgreeWithTheShapleyValuesOfAGloveGame() {
        // Group 0 is a left glove, 1 and 2 are right ones; a pair is worth 1: contributions 4/6, 1/6, 1/6.
        ShapleyAttribution shapley = new ShapleyAttribution(3);
        shapley.attribute(set -> (set & 1) != 0 && (set & 6) != 0 ? 1 : 0, 20_000, SEED);
        assertEquals(4.0 / 6, shapley.value(0), 0.01);
        assertEquals(1.0 / 6, shapley.value(1), 0.01);
        assertEquals(1.0 / 6, shapley.value(2), 0.01);
        assertEquals(0, shapley.efficiencyGap(), 1e-12);
        assertTrue(shapley.error(0) < 0.005 && shapley.error(0) > 0, "error=" + shapley.error(0));
    }

    @Test
    void shouldBeExactForPairsThatActTogetherAndNoneElse() {
        // With pairwise terms only, a permutation and its reverse share each term evenly: no error is left after one
        // pair.
        double[] alone = {0.1, 0.2, -0.3, 0.4};
        ShapleyAttribution shapley = new ShapleyAttribution(4);
        shapley.attribute(
                set -> {
                    double sum = (set & 3) == 3 ? 0.6 : 0;
                    for (int g = 0; g < 4; g++) {
                        sum += (set >>> g & 1) * alone[g];
                    }
                    return sum;
                },
                1,
                SEED);
        assertEquals(0.4, shapley.value(0), 1e-12);
        assertEquals(0.5, shapley.value(1), 1e-12);
        assertEquals(-0.3, shapley.value(2), 1e-12);
        assertEquals(0.4, shapley.value(3), 1e-12);
    }
}
