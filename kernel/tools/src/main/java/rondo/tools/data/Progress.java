package rondo.tools.data;

/** A progress bar on stderr with the time that is left; silent when nobody watches. One thread. */
public final class Progress implements AutoCloseable {
    private static final long REDRAW_NS = 200_000_000;
    private static final int WIDTH = 30;

    private final String what;
    private final long total;
    private final boolean isShown = rondo.kernel.cli.Verb.isTerminal();
    private final long startNs = System.nanoTime();
    private long drawnNs;

    public Progress(String what, long total) {
        this.what = what;
        this.total = Math.max(1, total);
    }

    /** Says how much is done. */
    public void at(long done) {
        if (!isShown) {
            return;
        }
        long nowNs = System.nanoTime();
        if (nowNs - drawnNs < REDRAW_NS) {
            return;
        }
        drawnNs = nowNs;
        double share = (double) done / total;
        int filled = (int) (share * WIDTH);
        double leftSeconds = share > 0 ? (nowNs - startNs) / 1e9 * (1 - share) / share : 0;
        System.err.printf(
                java.util.Locale.ROOT,
                "\r%s [%s%s] %3.0f %%, %.0f s left ",
                what,
                "#".repeat(filled),
                ".".repeat(WIDTH - filled),
                share * 100,
                leftSeconds);
    }

    @Override
    public void close() {
        if (isShown) {
            System.err.printf(java.util.Locale.ROOT, "\r%80s\r", "");
        }
    }
}
