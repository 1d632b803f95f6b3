package rondo.kernel.orchestration;

/** The catalogue's side of the ledger: turns items into categories and keeps the dynamic tables; called on the ledger's thread. */
public interface Consumption {
    /** The item's first category, −1 for none or an unknown item. */
    int category(long itemId);

    /** A user consumed an item. */
    void consumed(long userId, long itemId, long timeMs);

    /** Imported history is about to be followed by the journal's; called once, before a replay. */
    void start();
}
