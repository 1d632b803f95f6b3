package rondo.client;

/**
 * How often a client may ask again: every request earns a share of a retry, and at most {@value #SAVED_MAX} are saved up. Retries without such a bound multiply
 * the load just when it is too much already.
 */
final class RetryBudget {
    private static final int SAVED_MAX = 10;
    private static final int WHOLE = 100;

    private int percent;
    private int saved;

    /** @param allowed retries for a hundred requests; 0 for none. */
    void percent(int allowed) {
        percent = Math.clamp(allowed, 0, WHOLE);
        saved = percent == 0 ? 0 : WHOLE;
    }

    void onRequest() {
        saved = Math.min(SAVED_MAX * WHOLE, saved + percent);
    }

    /** True when there is one, which is spent. */
    boolean tryTake() {
        if (saved < WHOLE) {
            return false;
        }
        saved -= WHOLE;
        return true;
    }
}
