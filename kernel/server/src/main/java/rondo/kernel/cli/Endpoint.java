package rondo.kernel.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import rondo.client.RondoClient;

/** Options that name a running server. */
final class Endpoint {
    private static final long TIMEOUT_MS = 2_000;

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Server address (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(names = "--port", defaultValue = "7400", description = "Server port (default: ${DEFAULT-VALUE}).")
    private int port = 7400;

    @Option(
            names = "--unix",
            paramLabel = "FILE",
            description = "Unix-domain socket of a server on this host, instead.")
    private @Nullable Path unix;

    @Option(names = "--shared", description = "Talk through shared memory, to a server on this host.")
    private boolean isShared;

    RondoClient connect() {
        String where = unix == null ? host + ":" + port : unix.toString();
        try {
            SocketAddress address = unix == null ? new InetSocketAddress(host, port) : UnixDomainSocketAddress.of(unix);
            return isShared ? RondoClient.connectShared(address, TIMEOUT_MS) : RondoClient.connect(address, TIMEOUT_MS);
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException("no Rondo server answers on " + where + ": start one with 'rondo serve'"
                    + (isShared ? "; shared memory: " + e.getMessage() : ""));
        }
    }
}
