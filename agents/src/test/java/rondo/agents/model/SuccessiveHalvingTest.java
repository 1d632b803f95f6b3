package rondo.agents.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SuccessiveHalvingTest {
    @Test
    void shouldHalveAndShareTheBudgetAsThePaperDoes() {
        SuccessiveHalving search = new SuccessiveHalving(5, 30);
        List<String> asked = new ArrayList<>();
        while (!search.isFinished()) {
            asked.add(search.next() + ":" + search.resource());
            search.learn(search.next(), 10 - search.next());
        }
        // Three rungs of ten units: 2 for each of 5, 3 for each of 3, 5 for each of 2.
        assertEquals(List.of("0:2", "1:2", "2:2", "3:2", "4:2", "2:5", "3:5", "4:5", "3:10", "4:10"), asked);
        assertEquals(4, search.next());
        assertEquals(10 + 9 + 10, search.spent());
    }

    @Test
    void shouldFindTheBestOfAThousandWithinItsBudget() {
        SplittableRandom random = new SplittableRandom(41);
        double[] limits = new double[SuccessiveHalving.CONFIGURATIONS_MAX];
        for (int i = 0; i < limits.length; i++) {
            limits[i] = 0.2 + random.nextDouble();
        }
        limits[617] = 0.1;
        SuccessiveHalving search = new SuccessiveHalving(limits.length, 40_000);
        while (!search.isFinished()) {
            int configuration = search.next();
            search.learn(configuration, limits[configuration] + 0.3 / search.resource());
        }
        assertEquals(617, search.next());
        assertTrue(search.spent() <= 40_000, "spent=" + search.spent());
    }

    @Test
    void shouldOutliveConfigurationsThatCannotBeTrained() {
        SuccessiveHalving search = new SuccessiveHalving(4, 8);
        while (!search.isFinished()) {
            search.learn(search.next(), search.next() == 2 ? 1 : Double.POSITIVE_INFINITY);
        }
        assertEquals(2, search.next());
        SuccessiveHalving single = new SuccessiveHalving(1, 1);
        assertTrue(single.isFinished());
        assertEquals(0, single.next());
    }

    @Test
    void shouldRefuseWhatIsOutOfBounds() {
        assertThrows(IllegalArgumentException.class, () -> new SuccessiveHalving(1_001, 1 << 20));
        assertThrows(IllegalArgumentException.class, () -> new SuccessiveHalving(8, 23));
        SuccessiveHalving search = new SuccessiveHalving(2, 2);
        assertThrows(IllegalArgumentException.class, () -> search.learn(1, 0));
        assertThrows(IllegalArgumentException.class, () -> search.learn(0, Double.NaN));
        assertEquals(0, search.next());
        search.learn(0, 1);
        search.learn(1, 0);
        assertThrows(IllegalStateException.class, () -> search.learn(1, 0));
        assertEquals(1, search.next());
    }
}
