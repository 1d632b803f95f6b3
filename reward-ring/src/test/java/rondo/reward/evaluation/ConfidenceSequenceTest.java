package rondo.reward.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ConfidenceSequenceTest {
    private static final int BURN_IN = 300;
    private static final int EVENTS = 20_000;
    private static final int STREAMS = 400;

    /** Rare and large, as rewards over propensities are: 5 with probability 0.02. */
    private static double rare(SplittableRandom random) {
        return random.nextDouble() < 0.02 ? 5 : 0;
    }

    @Test
    void shouldLoseTheTruthInNoMoreStreamsThanTheErrorSaysWhereAPeekedIntervalLosesItOften() {
        int wrong = 0;
        int peeked = 0;
        for (int s = 0; s < STREAMS; s++) {
            SplittableRandom random = new SplittableRandom(s);
            ConfidenceSequence sequence = new ConfidenceSequence(0.05, 5_000);
            boolean isWrong = false;
            boolean isPeekedWrong = false;
            double sum = 0;
            double squares = 0;
            for (int i = 1; i <= EVENTS; i++) {
                double x = rare(random);
                sequence.add(x);
                sum += x;
                squares += x * x;
                isWrong |= sequence.lower() > 0.1 || sequence.upper() < 0.1;
                if (i >= BURN_IN) {
                    double mean = sum / i;
                    double z = Math.abs(mean - 0.1) / Math.sqrt((squares / i - mean * mean) / i);
                    isPeekedWrong |= z > 1.96;
                }
            }
            wrong += isWrong ? 1 : 0;
            peeked += isPeekedWrong ? 1 : 0;
        }
        assertTrue(wrong <= 0.05 * STREAMS, "streams that lost the truth: " + wrong);
        assertTrue(peeked > 0.3 * STREAMS, "a peeked interval should lose it often: " + peeked);
    }

    @Test
    void shouldNarrowWithTheNumbersAroundTheirMean() {
        SplittableRandom random = new SplittableRandom(7);
        ConfidenceSequence sequence = new ConfidenceSequence(0.01, 1_000);
        double earlier = Double.POSITIVE_INFINITY;
        for (int i = 1; i <= 100_000; i++) {
            sequence.add(random.nextDouble());
            if (i % 10_000 == 0) {
                assertTrue(sequence.radius() < earlier);
                earlier = sequence.radius();
            }
        }
        assertEquals(0.5, sequence.mean(), 0.005);
        assertTrue(earlier < 0.006, "radius=" + earlier);
    }

    @Test
    void shouldSayNothingUntilRareNumbersWereSeenOften() {
        ConfidenceSequence sequence = new ConfidenceSequence(0.05, 1_000);
        for (int i = 0; i < 1_000; i++) {
            sequence.add(i % 40 == 0 ? 5 : 0);
        }
        assertEquals(Double.POSITIVE_INFINITY, sequence.radius(), "25 of them");
        for (int i = 0; i < 1_000; i++) {
            sequence.add(i % 40 == 0 ? 5 : 0);
        }
        assertTrue(sequence.radius() < 0.2, "50 of them: " + sequence.radius());
    }

    @Test
    void shouldTakeNothingThatIsNotFinite() {
        ConfidenceSequence sequence = new ConfidenceSequence(0.05, 100);
        sequence.add(Double.NaN);
        sequence.add(Double.POSITIVE_INFINITY);
        assertEquals(0, sequence.count());
        assertEquals(Double.POSITIVE_INFINITY, sequence.radius());
        assertThrows(IllegalArgumentException.class, () -> new ConfidenceSequence(0, 100));
        assertThrows(IllegalArgumentException.class, () -> new ConfidenceSequence(0.05, 0));
    }
}
