package rondo.kernel.transport;

import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import rondo.kernel.access.Principals;

/**
 * How the door is.
 *
 * @param spinNs              how long its thread looks for more work before it sleeps.
 * @param principals          who its clients are; the door's from then on.
 * @param unixPath            of the Unix-domain socket that it listens on too; null for none.
 * @param sharedBase          folder to make shared memory below; null for none.
 * @param tls                 to be shown certificates over TCP; null for TCP in the clear.
 * @param handshakesPerSecond that may begin over TLS.
 */
public record DoorConfig(
        long spinNs,
        DoorLimits limits,
        Principals principals,
        @Nullable Path unixPath,
        @Nullable Path sharedBase,
        @Nullable SSLContext tls,
        int handshakesPerSecond) {}
