package rondo.kernel.pipeline;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Where a served decision goes before its reply leaves: the ledger. Called on the thread of the last stage; never blocks, never allocates. */
public interface DecisionLog {
    /** A new decision id, unique in the data directory. */
    long nextDecisionId();

    /** Writes the decision token into {@code out}. */
    void mintToken(long decisionId, long slateHash, MutableDirectBuffer out, int offset);

    /** Hands over one encoded decision record; false when the ledger is behind, and then the slate is served unlogged. */
    boolean offer(DirectBuffer record, int offset, int length);

    /** The clock of records, epoch milliseconds. */
    long nowMs();

    /** The version of the state that decisions made now see: the newest journal sequence applied to it. */
    long snapshotVersion();
}
