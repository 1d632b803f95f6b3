package rondo.kernel.access;

import static rondo.kernel.access.Transport.ADMIN;
import static rondo.kernel.access.Transport.SHARED;
import static rondo.kernel.access.Transport.TCP;
import static rondo.kernel.access.Transport.TLS;
import static rondo.kernel.access.Transport.UNIX;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import rondo.ann.HotPath;

/**
 * Everything that can be asked for, the role that it takes, and the transports that carry it. What does not stand here is denied.
 *
 * <pre>
 * operation     role      shared  unix  tcp  tls  admin
 * HEALTH        none      x       x     x    x    x
 * RECOMMEND     serve     x       x     x    x    x
 * ATTACH        serve             x     x
 * OUTCOME       outcome   x       x     x    x    x
 * INTERACTION   outcome   x       x     x    x
 * METRICS       observe                           x
 * AGENTS        observe                           x
 * REWARDS       observe                           x
 * PLAN          observe                           x
 * POLICY        policy                            x
 * </pre>
 */
public enum Operation {
    HEALTH(null, SHARED, UNIX, TCP, TLS, ADMIN),
    RECOMMEND(Role.SERVE, SHARED, UNIX, TCP, TLS, ADMIN),
    ATTACH(Role.SERVE, UNIX, TCP),
    OUTCOME(Role.OUTCOME, SHARED, UNIX, TCP, TLS, ADMIN),
    INTERACTION(Role.OUTCOME, SHARED, UNIX, TCP, TLS),
    METRICS(Role.OBSERVE, ADMIN),
    AGENTS(Role.OBSERVE, ADMIN),
    REWARDS(Role.OBSERVE, ADMIN),
    PLAN(Role.OBSERVE, ADMIN),
    POLICY(Role.POLICY, ADMIN);

    private final @Nullable Role role;
    private final int transports;

    Operation(@Nullable Role role, Transport... transports) {
        this.role = role;
        int bits = 0;
        for (Transport transport : transports) {
            bits |= 1 << transport.ordinal();
        }
        this.transports = bits;
    }

    /** The operations, as bits of their ordinals, that these roles allow over a transport. */
    public static int allowed(Transport transport, Set<Role> roles) {
        int bits = 0;
        for (Operation operation : values()) {
            boolean isCarried = (operation.transports >>> transport.ordinal() & 1) != 0;
            if (isCarried && (operation.role == null || roles.contains(operation.role))) {
                bits |= operation.bit();
            }
        }
        return bits;
    }

    /** Its bit in {@link #allowed}. */
    @HotPath
    public int bit() {
        return 1 << ordinal();
    }

    /** What to tell somebody who may not. */
    public String refusal(Transport transport) {
        String what = name().toLowerCase(Locale.ROOT);
        return (transports >>> transport.ordinal() & 1) == 0 || role == null
                ? what + " is not for this transport"
                : what + " takes the role " + role.label() + ", which this client does not have";
    }
}
