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
    private static final Duration EXAMINATION_TIMEOUT = Duration.ofSeconds(60);
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int REFUSED = 409;

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
        return send(request("/v1/agents", TIMEOUT));
    }

    /** Asks the server to make a stage an agent or a function; the answer says {@code refused} when the closure gate did not pass it. */
    JsonNode policy(String agent, boolean isPromoted, String who) throws IOException, InterruptedException {
        String body = MAPPER.createObjectNode()
                .put("agent", agent)
                .put("promoted", isPromoted)
                .put("who", who)
                .toString();
        return send(request("/v1/policy", EXAMINATION_TIMEOUT).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** Who earned a request's reward; {@code status} is unknown when the server does not know the request. */
    JsonNode rewards(long requestId) throws IOException, InterruptedException {
        return send(request("/v1/requests/" + requestId + "/rewards", TIMEOUT));
    }

    private HttpRequest.Builder request(String path, Duration timeout) {
        return HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + path))
                .timeout(timeout);
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
            HttpResponse<String> answer;
            try {
                answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                throw new UsageException("no Rondo server answers on http://" + host + ":" + port
                        + ": start one with 'rondo serve', or name its admin.port with --admin-port");
            }
            if (answer.statusCode() == BAD_REQUEST) {
                throw new UsageException(
                        MAPPER.readTree(answer.body()).path("error").asText());
            }
            if (answer.statusCode() != OK && answer.statusCode() != NOT_FOUND && answer.statusCode() != REFUSED) {
                throw new IOException("the server answered " + answer.statusCode() + ": " + answer.body());
            }
            return MAPPER.readTree(answer.body());
        }
    }
}
