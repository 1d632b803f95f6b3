package rondo.kernel.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import picocli.CommandLine.Option;
import rondo.client.RondoClient;

/** Options that name a running server. */
final class Endpoint {
    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Server address (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(names = "--port", defaultValue = "7400", description = "Server port (default: ${DEFAULT-VALUE}).")
    private int port = 7400;

    RondoClient connect() {
        try {
            return RondoClient.connect(new InetSocketAddress(host, port), 2_000);
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(
                    "no Rondo server answers on " + host + ":" + port + ": start one with 'rondo serve'");
        }
    }
}
