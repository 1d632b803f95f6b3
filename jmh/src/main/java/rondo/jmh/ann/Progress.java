package rondo.jmh.ann;

import java.io.PrintWriter;
import java.util.Locale;

/** What a comparison says while it runs: lines that stay, and, where somebody watches, one line that changes. Thread of the comparison only. */
@SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency for two methods
public final class Progress {
    private static final String CLEAR = "\r\033[K";
    private static final int WIDTH_MAX = 100;

    private final PrintWriter out;
    private final boolean isWatched;
    private final long startNs = System.nanoTime();

    /** @param isWatched whether {@code out} is a terminal. */
    public Progress(PrintWriter out, boolean isWatched) {
        this.out = out;
        this.isWatched = isWatched;
    }

    /** Says what stays. */
    void line(String format, Object... arguments) {
        end();
        out.printf(Locale.ROOT, format + "%n", arguments);
        out.flush();
    }

    /** Says what is done just now. */
    void now(String format, Object... arguments) {
        if (isWatched) {
            long seconds = (System.nanoTime() - startNs) / 1_000_000_000;
            String text = String.format(Locale.ROOT, "%d:%02d  ", seconds / 60, seconds % 60)
                    + String.format(Locale.ROOT, format, arguments);
            out.print(CLEAR + text.substring(0, Math.min(text.length(), WIDTH_MAX)));
            out.flush();
        }
    }

    /** Takes the changing line away. */
    void end() {
        if (isWatched) {
            out.print(CLEAR);
            out.flush();
        }
    }
}
