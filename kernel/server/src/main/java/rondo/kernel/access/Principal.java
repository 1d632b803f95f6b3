package rondo.kernel.access;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;

/**
 * Somebody who has connections: an address, a user of this host, or the subject of a certificate. What one of them asks for over all of its connections is counted
 * here. Belongs to the transport's thread.
 */
public final class Principal {
    private final Set<Role> roles;

    /** Null for any number of requests. */
    private final @Nullable TokenBucket requests;

    private int connections;

    /**
     * @param requestsPerSecond that it may ask for, a second's worth of them at once; 0 for any number.
     * @param nowNs             of the monotonic clock.
     */
    public Principal(Set<Role> roles, long requestsPerSecond, long nowNs) {
        this.roles = Set.copyOf(roles);
        this.requests = requestsPerSecond == 0 ? null : new TokenBucket(requestsPerSecond, nowNs);
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
        return requests == null ? 0 : requests.take(nowNs);
    }
}
