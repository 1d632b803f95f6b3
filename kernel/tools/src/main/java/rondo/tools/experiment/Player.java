package rondo.tools.experiment;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Somebody who chooses actions and sees a reward of 0 or 1 for each. */
interface Player {
    int choose();

    void learn(int action, double reward);

    /** Told of a change: for oracles only; all others are told nothing. */
    default void onChange() {}

    /** A new player of one kind. */
    @FunctionalInterface
    interface Maker {
        /** @param steps the length of the game, for those players that may know it. */
        Player make(int actionCount, int steps, SplittableRandom random);
    }

    /**
     * What a game came to, in expected rewards: the chances of what was chosen, not the luck.
     *
     * @param earned  sum of the means of the chosen actions.
     * @param best    sum of the best means.
     * @param regrets regret so far at each hundredth of the game.
     */
    record Score(double earned, double best, double[] regrets) {
        double regret() {
            return best - earned;
        }

        /** Percent of what an oracle earns. */
        double share() {
            return 100 * earned / best;
        }
    }

    /**
     * Plays one game.
     *
     * @param luck decides rewards: the same uniform number for each step, whatever is chosen.
     */
    static Score play(Environment environment, Player player, int steps, SplittableRandom luck) {
        double earned = 0;
        double best = 0;
        double[] regrets = new double[101];
        for (int t = 0; t < steps; t++) {
            environment.advance(t);
            if (environment.hasChanged()) {
                player.onChange();
            }
            int action = player.choose();
            double mean = environment.means[action];
            player.learn(action, luck.nextDouble() < mean ? 1 : 0);
            earned += mean;
            best += environment.bestMean();
            regrets[(int) ((t + 1) * 100L / steps)] = best - earned;
        }
        return new Score(earned, best, regrets);
    }

    /** Plays repetition {@code r}: its game depends on the seed and {@code r} only, so that all players meet the same ones. */
    static Score repetition(
            Maker maker,
            Function<SplittableRandom, Environment> environment,
            int actionCount,
            int steps,
            long seed,
            int r) {
        SplittableRandom root = new SplittableRandom(seed * 1_000_003 + r);
        Environment game = environment.apply(root.split());
        SplittableRandom luck = root.split();
        return play(game, maker.make(actionCount, steps, root.split()), steps, luck);
    }

    /** Standard error of the mean of {@code values}. */
    static double standardError(double[] values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return Math.sqrt(squares / (values.length - 1) / values.length);
    }
}
