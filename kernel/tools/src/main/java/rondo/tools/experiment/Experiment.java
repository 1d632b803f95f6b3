package rondo.tools.experiment;

/** One question with a table for an answer. The same seed gives the same figures, those that measure time excepted. */
interface Experiment {
    /** Its name on the command line, for example {@code E1}. */
    String id();

    /** What it asks, in one sentence. */
    String question();

    /**
     * Runs it.
     *
     * @param seed  of every random draw.
     * @param scale share of the full number of repetitions, in (0, 1]; below 1 the figures are for trying things out.
     */
    void run(Report report, long seed, double scale) throws Exception;

    /** So many of {@code full} repetitions, at least 2. */
    static int repetitions(int full, double scale) {
        return Math.max(2, (int) Math.round(full * scale));
    }
}
