package rondo.kernel.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HexFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import rondo.client.FrameLayout;
import rondo.client.ReplyHandler;
import rondo.client.RondoClient;
import rondo.reward.join.OutcomeKind;
import rondo.reward.join.OutcomeStatus;
import rondo.wire.ReplyCode;

/** {@code rondo outcome}: reports what a user did with a slate. */
@Command(name = "outcome", description = "Report what a user did with a slate.")
final class OutcomeVerb extends Verb {
    @Mixin
    private final Endpoint endpoint = new Endpoint();

    @Option(names = "--token", required = true, description = "The decision token that 'rondo call' printed.")
    private String token = "";

    @Option(names = "--item", defaultValue = "0", description = "Item consumed.")
    private long itemId;

    @Option(
            names = "--position",
            defaultValue = "-1",
            description = "Its place in the slate from 0; -1 when it was not in it.")
    private int position = -1;

    @Option(
            names = "--kind",
            defaultValue = "click",
            description = "none, view, click, like or purchase (default: ${DEFAULT-VALUE}).")
    private String kind = "click";

    @Option(names = "--value", defaultValue = "1", description = "In [0, 1] (default: ${DEFAULT-VALUE}).")
    private float value = 1f;

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        byte[] bytes;
        OutcomeKind outcomeKind;
        try {
            bytes = HexFormat.of().parseHex(token);
            outcomeKind = OutcomeKind.valueOf(kind.toUpperCase(java.util.Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    "--token must be hex and --kind one of none, view, click, like, purchase: kind=" + kind);
        }
        if (bytes.length != FrameLayout.TOKEN_LENGTH) {
            throw new UsageException("a token is " + FrameLayout.TOKEN_LENGTH + " bytes: bytes=" + bytes.length);
        }
        try (RondoClient client = endpoint.connect()) {
            client.sendOutcome(1, bytes, itemId, position, outcomeKind.code(), value, System.currentTimeMillis(), true);
            OutcomeStatus[] answer = new OutcomeStatus[1];
            long[] sequence = new long[1];
            ReplyHandler handler = new ReplyHandler() {
                @Override
                public void onAck(long correlationId, int index, int status, long journalSequence) {
                    answer[0] = OutcomeStatus.ofCode(status);
                    sequence[0] = journalSequence;
                }

                @Override
                public void onError(long correlationId, ReplyCode code, String message) {
                    throw new IllegalArgumentException("the server refused the outcome: " + message);
                }
            };
            long deadlineNs = System.nanoTime() + 5_000_000_000L;
            while (answer[0] == null) {
                if (System.nanoTime() > deadlineNs) {
                    throw new java.io.IOException("no acknowledgement within 5 s");
                }
                client.poll(handler, 100);
            }
            json.put("status", answer[0].name().toLowerCase(java.util.Locale.ROOT));
            json.put("sequence", sequence[0]);
            out().println(answer[0].name().toLowerCase(java.util.Locale.ROOT)
                    + (sequence[0] >= 0 ? ", journal sequence " + sequence[0] : ""));
            return answer[0] == OutcomeStatus.ACCEPTED || answer[0] == OutcomeStatus.DUPLICATE;
        }
    }
}
