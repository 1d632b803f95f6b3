package rondo.agents.policy;

/**
 * The standard normal distribution function as a polynomial, absolute error below 5e-6: integrations ask for it a thousand times per block, and a loop of
 * nothing but products and sums is one that the compiler vectorises.
 */
final class Normal {
    /** Values beyond this are taken for this one. */
    private static final double END = 4.5;

    private static final double SCALE = 2 / (END * END);

    private Normal() {}

    /**
     * The probability of a value below {@code z}: 1/2 + z · P(2z²/END² − 1). P is the polynomial of the tenth degree with the least largest error, fitted
     * by reweighted least squares on Chebyshev polynomials (Lawson's algorithm).
     */
    static double cdf(double z) {
        double clamped = Math.max(-END, Math.min(END, z));
        double x = clamped * clamped * SCALE - 1;
        double p = -0.0022591612636051993 + 0.000819336103338715 * x;
        p = p * x + 0.0030792262543240284;
        p = p * x - 0.005413250394973011;
        p = p * x + 0.011157032940288488;
        p = p * x - 0.018914829416601775;
        p = p * x + 0.028372076384212786;
        p = p * x - 0.04013447427726563;
        p = p * x + 0.05469175214587509;
        p = p * x - 0.0771922822004528;
        p = p * x + 0.1569050876685199;
        return 0.5 + clamped * p;
    }
}
