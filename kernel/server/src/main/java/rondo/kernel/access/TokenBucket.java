package rondo.kernel.access;

import rondo.ann.HotPath;

/** So many of something in a second, a second's worth of them at once. Belongs to one thread. */
public final class TokenBucket {
    private static final double NS_PER_S = 1e9;

    private final double perNs;
    private final double burst;
    private double tokens;
    private long refilledNs;

    /**
     * @param perSecond above 0.
     * @param nowNs     of the monotonic clock.
     */
    public TokenBucket(long perSecond, long nowNs) {
        this.perNs = perSecond / NS_PER_S;
        this.burst = perSecond;
        this.tokens = perSecond;
        this.refilledNs = nowNs;
    }

    /**
     * Takes one, if there is one.
     *
     * @return nanoseconds until there is; 0 when it was taken.
     */
    @HotPath
    public long take(long nowNs) {
        tokens = Math.min(burst, tokens + (nowNs - refilledNs) * perNs);
        refilledNs = nowNs;
        if (tokens >= 1) {
            tokens--;
            return 0;
        }
        return (long) Math.ceil((1 - tokens) / perNs);
    }
}
