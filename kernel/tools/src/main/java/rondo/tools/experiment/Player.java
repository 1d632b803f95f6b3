package rondo.tools.experiment;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

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

    /** What a game came to, in expected rewards: the chances of what was chosen, not the luck. */
    final class Score {
        private final double[] regrets = new double[101];
        private double earned;
        private double best;

        private Score() {}

        double regret() {
            return best - earned;
        }

        /** Percent of what an oracle earns. */
        double share() {
            return 100 * earned / best;
        }

        /** Regret when so many hundredths of the game were over. */
        double regret(int hundredths) {
            return regrets[hundredths];
        }
    }

    /**
     * Plays one game.
     *
     * @param luck decides rewards: the same uniform number for each step, whatever is chosen.
     */
    static Score play(Environment environment, Player player, int steps, SplittableRandom luck) {
        Score score = new Score();
        for (int t = 0; t < steps; t++) {
            environment.advance(t);
            if (environment.hasChanged()) {
                player.onChange();
            }
            int action = player.choose();
            double mean = environment.means[action];
            player.learn(action, luck.nextDouble() < mean ? 1 : 0);
            score.earned += mean;
            score.best += environment.bestMean();
            score.regrets[(int) ((t + 1) * 100L / steps)] = score.regret();
        }
        return score;
    }

    /** Plays repetition {@code r}: its game depends on the seed and {@code r} only, so that all players meet the same ones. */
    private static Score repetition(
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

    /** Plays so many repetitions on all processors; the scores are in order, and the same whatever their number. */
    static Score[] repetitions(
            Maker maker,
            Function<SplittableRandom, Environment> environment,
            int actionCount,
            int steps,
            long seed,
            int count) {
        return IntStream.range(0, count)
                .parallel()
                .mapToObj(r -> repetition(maker, environment, actionCount, steps, seed, r))
                .toArray(Score[]::new);
    }

    /** Standard error of the mean of {@code values}. */
    static double standardError(double[] values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return Math.sqrt(squares / (values.length - 1) / values.length);
    }
}
