package rondo.kernel.access;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everybody who has connections, or had some lately: who leaves and comes back has no more to ask for than who stays. Belongs to the transport's thread.
 */
public final class Principals {
    /** Of those without connections, how many are remembered. */
    private static final int REMEMBERED_MAX = 4096;

    private final Map<Transport, Set<Role>> roles;
    private final Map<String, Set<Role>> certificates;
    private final int connectionsMax;
    private final long requestsPerSecond;
    /** By transport and name: a user and a certificate may be called the same. */
    private final Map<Key, Principal> known = new LinkedHashMap<>();

    private record Key(Transport transport, String name) {}

    /**
     * @param roles             that everybody has who comes by a transport; nobody has any by another.
     * @param certificates      roles by the name in a certificate, for {@link Transport#TLS}.
     * @param connectionsMax    of each.
     * @param requestsPerSecond of each; 0 for any number.
     */
    public Principals(
            Map<Transport, Set<Role>> roles,
            Map<String, Set<Role>> certificates,
            int connectionsMax,
            long requestsPerSecond) {
        this.roles = Map.copyOf(roles);
        this.certificates = Map.copyOf(certificates);
        this.connectionsMax = connectionsMax;
        this.requestsPerSecond = requestsPerSecond;
    }

    /**
     * Whoever has this address or is this user.
     *
     * @return null when there are connections enough of it already.
     */
    public @Nullable Principal of(Transport transport, String name, long nowNs) {
        return limited(new Key(transport, name), roles.getOrDefault(transport, Set.of()), nowNs);
    }

    /**
     * Whoever has shown a certificate.
     *
     * @param names in it, the best first.
     * @return null when none of them has any role, or there are connections enough of it already.
     */
    public @Nullable Principal ofCertificate(Iterable<String> names, long nowNs) {
        for (String name : names) {
            Set<Role> own = certificates.get(name);
            if (own != null) {
                return limited(new Key(Transport.TLS, name), own, nowNs);
            }
        }
        return null;
    }

    private @Nullable Principal limited(Key key, Set<Role> own, long nowNs) {
        Principal principal = known.get(key);
        if (principal == null) {
            forgetSome();
            principal = new Principal(own, requestsPerSecond, nowNs);
            known.put(key, principal);
        }
        return principal.connections() < connectionsMax ? principal : null;
    }

    private void forgetSome() {
        if (known.size() < REMEMBERED_MAX) {
            return;
        }
        for (Iterator<Principal> all = known.values().iterator(); all.hasNext(); ) {
            if (all.next().connections() == 0) {
                all.remove();
                return;
            }
        }
    }
}
