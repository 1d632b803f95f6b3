package rondo.tools.experiment;

import java.util.SplittableRandom;

/** Actions with chances of success that change while somebody plays. Deterministic: the same seed gives the same means, whatever is played. */
abstract class Environment {
    final double[] means;

    Environment(int actionCount) {
        this.means = new double[actionCount];
    }

    /** Sets the means of step {@code t}, counted from 0; called once for each step, in order. */
    abstract void advance(int t);

    /** True when {@link #advance} has just changed a mean at a moment that a restarting oracle is told of. */
    boolean hasChanged() {
        return false;
    }

    final double bestMean() {
        double best = 0;
        for (double mean : means) {
            best = Math.max(best, mean);
        }
        return best;
    }

    /**
     * All means drawn from U(0, top) and all redrawn together with a chance per step: intent that shifts for everything at once.
     *
     * @param interval mean number of steps between shifts; infinity for never.
     */
    static Environment shifting(int actionCount, double top, double interval, SplittableRandom random) {
        return new Environment(actionCount) {
            @Override
            void advance(int t) {
                if (random.nextDouble() < 1 / interval || t == 0) {
                    for (int a = 0; a < means.length; a++) {
                        means[a] = top * random.nextDouble();
                    }
                }
            }
        };
    }

    /** Means from U(0, 1), each redrawn by itself with chance 1 / (actionCount · interval) per step. */
    static Environment independent(int actionCount, double interval, SplittableRandom random) {
        return new Environment(actionCount) {
            @Override
            void advance(int t) {
                for (int a = 0; a < means.length; a++) {
                    if (random.nextDouble() < 1 / (means.length * interval) || t == 0) {
                        means[a] = random.nextDouble();
                    }
                }
            }
        };
    }

    /** Means from U(0, 1) that walk: each step adds N(0, deviation²), reflected at 0 and 1. */
    static Environment drifting(int actionCount, double deviation, SplittableRandom random) {
        return new Environment(actionCount) {
            @Override
            void advance(int t) {
                for (int a = 0; a < means.length; a++) {
                    double mean = t == 0 ? random.nextDouble() : means[a] + deviation * random.nextGaussian();
                    means[a] = mean < 0 ? -mean : mean > 1 ? 2 - mean : mean;
                }
            }
        };
    }

    /**
     * Means that change at fixed steps.
     *
     * @param phases means of each phase; phase i begins at {@code starts[i]}, the first at 0.
     */
    static Environment phases(int[] starts, double[][] phases) {
        return new Environment(phases[0].length) {
            private int phase;
            private boolean changed;

            @Override
            void advance(int t) {
                changed = false;
                if (t == 0) {
                    phase = 0;
                } else if (phase + 1 < starts.length && t >= starts[phase + 1]) {
                    phase++;
                    changed = true;
                }
                System.arraycopy(phases[phase], 0, means, 0, means.length);
            }

            @Override
            boolean hasChanged() {
                return changed;
            }
        };
    }
}
