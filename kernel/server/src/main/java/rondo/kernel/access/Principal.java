package rondo.kernel.access;

import java.util.Set;
import rondo.ann.HotPath;

/**
 * Somebody who has connections: an address, a user of this host, or the subject of a certificate. What one of them asks for over all of its connections is counted
 * here. Belongs to the transport's thread.
 */
public final class Principal {
    private static final double NS_PER_S = 1e9;

    private final String name;
    private final Set<Role> roles;
    private final double perNs;
    private final double burst;
    private int connections;
    private double tokens;
    private long refilledNs;

    /**
     * @param requestsPerSecond that it may ask for, a second's worth of them at once; 0 for any number.
     * @param nowNs             of the monotonic clock.
     */
    public Principal(String name, Set<Role> roles, long requestsPerSecond, long nowNs) {
        this.name = name;
        this.roles = Set.copyOf(roles);
        this.perNs = requestsPerSecond / NS_PER_S;
        this.burst = requestsPerSecond;
        this.tokens = requestsPerSecond;
        this.refilledNs = nowNs;
    }

    public String name() {
        return name;
    }

    public Set<Role> roles() {
        return roles;
    }

    /** Connections that it has. */
    public int connections() {
        return connections;
    }

    public void connected() {
        connections++;
    }

    public void disconnected() {
        connections--;
    }

    /**
     * Takes one request out of what it may ask for.
     *
     * @return nanoseconds until it may ask again; 0 when it may now.
     */
    @HotPath
    public long take(long nowNs) {
        if (perNs == 0) {
            return 0;
        }
        tokens = Math.min(burst, tokens + (nowNs - refilledNs) * perNs);
        refilledNs = nowNs;
        if (tokens >= 1) {
            tokens--;
            return 0;
        }
        return (long) Math.ceil((1 - tokens) / perNs);
    }
}
