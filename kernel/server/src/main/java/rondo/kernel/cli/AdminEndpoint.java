package rondo.kernel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Options that name the admin door of a running server. */
final class AdminEndpoint {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @Option(
            names = "--admin-host",
            defaultValue = "127.0.0.1",
            description = "Address of the admin door (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--admin-port",
            defaultValue = "7401",
            description = "Port of the admin door (default: ${DEFAULT-VALUE}).")
    private int port = 7401;

    /** What the server says about its agents. */
    JsonNode agents() throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + "/v1/agents"))
                    .timeout(TIMEOUT)
                    .build();
            HttpResponse<String> answer;
            try {
                answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                throw new UsageException("no Rondo server answers on http://" + host + ":" + port
                        + ": start one with 'rondo serve', or name its admin.port with --admin-port");
            }
            if (answer.statusCode() != 200) {
                throw new IOException("the server answered " + answer.statusCode() + ": " + answer.body());
            }
            return new ObjectMapper().readTree(answer.body());
        }
    }
}
