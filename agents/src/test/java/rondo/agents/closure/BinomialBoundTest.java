package rondo.agents.closure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Test;

class BinomialBoundTest {
    @Test
    void shouldNeedMoreThan8559Of10000At95Percent() {
        // 8,559 is the 95 % quantile at rate 0.85: P(X >= 8,559) = 0.05009, a hair too likely; P(X >= 8,560) = 0.04724.
        assertEquals(0.05009267699, BinomialBound.atLeast(8_559, 10_000, 0.85), 1e-11);
        assertEquals(0.85, BinomialBound.lower(8_559, 10_000, 0.05), 1e-5);
        assertTrue(BinomialBound.lower(8_559, 10_000, 0.05) <= 0.85);
        assertTrue(BinomialBound.lower(8_560, 10_000, 0.05) > 0.85);
    }

    @Test
    void shouldNeed8610Of10000InForce() {
        ClosureSpec spec = ClosureSpec.standard();
        assertTrue(!spec.isEvaluable(8_609) && spec.isEvaluable(8_610));
    }

    @Test
    void shouldAgreeWithTheExactSum() {
        MathContext digits = new MathContext(60);
        for (int n : new int[] {1, 2, 7, 40, 300}) {
            for (double share : new double[] {0.01, 0.3, 0.5, 0.85, 0.99}) {
                BigDecimal p = new BigDecimal(share);
                BigDecimal term = BigDecimal.ONE.subtract(p).pow(n, digits);
                BigDecimal below = BigDecimal.ZERO;
                for (int k = 0; k <= n; k++) {
                    double expected = BigDecimal.ONE.subtract(below).doubleValue();
                    assertEquals(expected, BinomialBound.atLeast(k, n, share), 1e-11, "k=" + k + ", n=" + n);
                    below = below.add(term);
                    term = term.multiply(BigDecimal.valueOf(n - k), digits)
                            .multiply(p, digits)
                            .divide(BigDecimal.valueOf(k + 1).multiply(BigDecimal.ONE.subtract(p)), digits);
                }
            }
        }
    }

    @Test
    void shouldKnowTheEnds() {
        assertEquals(0, BinomialBound.lower(0, 100, 0.05));
        assertEquals(0, BinomialBound.lower(0, 0, 0.05));
        assertEquals(Math.pow(0.05, 0.01), BinomialBound.lower(100, 100, 0.05), 1e-12);
    }

    @Test
    void shouldRefuseMoreSuccessesThanTrials() {
        assertThrows(IllegalArgumentException.class, () -> BinomialBound.lower(11, 10, 0.05));
    }
}
