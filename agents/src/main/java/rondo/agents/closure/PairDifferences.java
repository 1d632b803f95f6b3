package rondo.agents.closure;

import java.util.Arrays;

/** How every two actions differed over the contexts seen: on how many, and by how much their values did in each stratum. */
final class PairDifferences {
    private final int count;
    private final int strata;
    private final double[][] outputs;
    private final double[] values;
    private final boolean[] isDefined;
    private final int[] differing;
    private final double[] sums;
    private final double[] squares;
    private final int[] contexts;

    PairDifferences(int count, int strata, int outputLength) {
        this.count = count;
        this.strata = strata;
        this.outputs = new double[count][outputLength];
        this.values = new double[count];
        this.isDefined = new boolean[count];
        this.differing = new int[count * count];
        this.sums = new double[count * count * strata];
        this.squares = new double[count * count * strata];
        this.contexts = new int[strata];
        Arrays.fill(isDefined, true);
    }

    /** Where an action's output for the context at hand goes; cleared, so that what an action leaves out is zero. */
    double[] output(int action) {
        Arrays.fill(outputs[action], 0);
        return outputs[action];
    }

    void value(int action, double value) {
        values[action] = value;
        isDefined[action] &= Double.isFinite(value);
    }

    /** The context at hand is complete. */
    void close(int stratum) {
        contexts[stratum]++;
        for (int a = 0; a < count; a++) {
            for (int b = a + 1; b < count; b++) {
                int pair = a * count + b;
                // By bits, with one NaN: an output that is not a number is the same output each time.
                differing[pair] += Arrays.equals(outputs[a], outputs[b]) ? 0 : 1;
                double difference = values[a] - values[b];
                sums[pair * strata + stratum] += difference;
                squares[pair * strata + stratum] += difference * difference;
            }
        }
    }

    boolean isDefined(int action) {
        return isDefined[action];
    }

    /** Contexts on which two actions, the smaller first, put out different things. */
    int differing(int a, int b) {
        return differing[a * count + b];
    }

    /** The largest gap between the mean values of two actions in any stratum, among those that stand {@code deviations} standard errors above noise. */
    double gap(int a, int b, double deviations) {
        double largest = 0;
        for (int s = 0; s < strata; s++) {
            int n = contexts[s];
            if (n > 1) {
                int at = (a * count + b) * strata + s;
                double mean = sums[at] / n;
                double variance = Math.max(0, (squares[at] - n * mean * mean) / (n - 1));
                double gap = Math.abs(mean);
                if (gap > largest && gap >= deviations * Math.sqrt(variance / n)) {
                    largest = gap;
                }
            }
        }
        return largest;
    }

    void addTo(Evidence evidence) {
        for (int n : contexts) {
            evidence.add(n);
        }
        for (int n : differing) {
            evidence.add(n);
        }
        for (int i = 0; i < sums.length; i++) {
            evidence.add(sums[i]).add(squares[i]);
        }
    }
}
